"""The page of the documentation, the document under it, and that nobody else pays for FastAPI."""

from __future__ import annotations

import base64
import re
import subprocess
import sys

import httpx
import pytest

from tests.api.conftest import Service
from tests.conftest import ROOT

CONTRACT = {
    "/health": "get",
    "/status": "get",
    "/stats": "get",
    "/training/add": "post",
    "/training/batch": "post",
    "/training/force": "post",
    "/examples/pending": "get",
    "/service/start": "post",
    "/service/stop": "post",
    "/vision/generate": "post",
    "/vision/image/{name}": "get",
    "/vision/examples": "get",
    "/v1/models": "get",
    "/v1/chat/completions": "post",
    "/v1/images/generations": "post",
    "/v1/embeddings": "post",
    "/api/chat": "post",
    "/api/tags": "get",
    "/api/version": "get",
}


def test_the_page_lists_every_address_and_asks_the_net_for_nothing(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200 and page.headers["content-security-policy"].startswith("default-src 'none'")
    for path in CONTRACT:
        assert f"<code>{path}</code>" in page.text
    assert not re.findall(r'(?:src|href)="(?!/openapi\.json)', page.text) and "<script" not in page.text


def test_a_browser_reads_it_with_the_token_as_its_password(service: Service) -> None:
    assert "Basic" in httpx.get(f"{service.url}/docs").headers["www-authenticate"]
    password = base64.b64encode(f"thau:{service.token}".encode()).decode()
    opened = {"Authorization": f"Basic {password}"}
    assert httpx.get(f"{service.url}/docs", headers=opened).status_code == 200
    assert httpx.get(f"{service.url}/status", headers=opened).status_code == 401  # for what is read, not for what acts


def test_the_document_is_complete_and_has_an_example_of_every_body(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path, method in CONTRACT.items():
        operation = document["paths"][path][method]
        assert operation["description"] and {"4XX", "5XX"} <= set(operation["responses"])
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and path != "/training/batch":  # its examples are those of /training/add
            name = body["schema"]["$ref"].rpartition("/")[2]
            assert document["components"]["schemas"][name]["examples"], path
    assert document["paths"]["/health"]["get"]["security"] == []


@pytest.mark.parametrize("start", ["import ui.application", "import thau_desktop.cli.commands"])
def test_neither_window_nor_command_line_pays_for_the_server(start: str) -> None:
    asked = f"import sys\n{start}\nprint([name for name in ('fastapi', 'uvicorn', 'segno') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
