"""The ASGI application: routes, errors, the OpenAPI document, and the layers that every request passes."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from thau_desktop import __version__
from thau_desktop.api.access import OPEN, Guard
from thau_desktop.api.chat_routes import chat_routes
from thau_desktop.api.core import Api
from thau_desktop.api.docs import page
from thau_desktop.api.journal import Journal
from thau_desktop.api.limits import SECONDS, Limits
from thau_desktop.api.ollama_routes import ollama_routes
from thau_desktop.api.openai_routes import openai_routes
from thau_desktop.api.own_routes import own_routes
from thau_desktop.api.problems import MEDIA_TYPE, Problem, bug
from thau_desktop.errors import ThauError
from thau_desktop.translation import _

_ERRORS = 20  # of a request that are told one by one

_logger = logging.getLogger(__name__)


def application(api: Api, body_seconds: float = SECONDS) -> Journal:
    """Everything that answers a request."""
    inside = FastAPI(title="THAU", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    for routes in (own_routes(api), chat_routes(api), openai_routes(api), ollama_routes(api)):
        inside.include_router(routes)
    document = described(inside)
    _add_pages(inside, document)
    _add_errors(inside)
    journal = Journal(Guard(Limits(inside, body_seconds), api.token, api.rules), api.tell)
    api.statuses = journal.statuses
    return journal


def described(inside: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the token and the problems that every operation may answer with."""
    inside.description = _(
        "THAU on this computer. Every request but /health needs the header “Authorization: Bearer …” with the token"
        " that the settings and `thau api token` show. Problems come as application/problem+json with what to do."
    )
    document = FastAPI.openapi(inside)
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _problem_schema()
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    document["security"] = [{"token": []}]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"] |= {
                "4XX": {"description": "The request was refused; `advice` says what to do.", "content": content},
                "5XX": {"description": "THAU could not do it; `advice` says what to do.", "content": content},
            }
            if path in OPEN:
                operation["security"] = []
    return document


def _problem_schema() -> dict[str, Any]:
    words = {"type": "string"}
    example = Problem(
        404, "model_not_found", "The model big is not on this disk.", "Choose one of these: thau-nano-v1."
    )
    return {
        "type": "object",
        "description": "RFC 9457. `code` is stable; `error` is there under /v1 and /api, for their clients.",
        "required": ["type", "title", "status", "code", "detail", "advice"],
        "properties": {
            "type": words,
            "title": words,
            "status": {"type": "integer"},
            "code": words,
            "detail": {**words, "description": "What happened."},
            "advice": {**words, "description": "What to do now."},
            "errors": {"type": "array", "items": {"type": "object"}},
            "error": {},
        },
        "examples": [example.body()],
    }


def _add_pages(inside: FastAPI, document: dict[str, Any]) -> None:
    @inside.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(document)

    @inside.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        address = str(request.base_url).rstrip("/")
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return HTMLResponse(page(document, address), headers={"Content-Security-Policy": policy})


def _add_errors(inside: FastAPI) -> None:
    def answer(request: Request, problem: Problem) -> Response:
        content = problem.encoded(request.url.path)
        return Response(content, problem.status, dict(problem.headers), media_type=MEDIA_TYPE)

    @inside.exception_handler(Problem)
    async def refused(request: Request, problem: Problem) -> Response:
        return answer(request, problem)

    @inside.exception_handler(ThauError)
    async def failed(request: Request, error: ThauError) -> Response:
        _logger.warning("%s: %s\n%s", request.url.path, error, error.details)
        return answer(request, Problem.of(error))

    @inside.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, _invalid(error))

    @inside.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        return answer(request, _unknown(error))

    @inside.exception_handler(Exception)
    async def broken(request: Request, problem: Exception) -> Response:
        return answer(request, bug(problem))


def _invalid(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Problem(400, "no_json", _("The body is not JSON."), _("Send a JSON object as UTF-8."))
    told = tuple(
        {"where": ".".join(map(str, one["loc"])).encode("utf-8", "replace").decode(), "what": one["msg"]}
        for one in found[:_ERRORS]
    )
    first = told[0] if told else {"where": "", "what": ""}
    return Problem(
        422,
        "invalid",
        _("The request is not as it must be: {where}: {what}.").format(
            where=first["where"], what=str(first["what"]).rstrip(".")
        ),
        _("/docs tells how it must be."),
        errors=told,
    )


def _unknown(error: HTTPException) -> Problem:
    code = {404: "not_found", 405: "wrong_method", 400: "bad_request", 415: "wrong_media_type"}
    what = {
        404: _("There is nothing at this address."),
        405: _("This address takes another method."),
        400: _("The body can't be read."),
    }
    return Problem(
        error.status_code,
        code.get(error.status_code, "refused"),
        what.get(error.status_code, str(error.detail)),
        _("/docs lists what there is."),
        error.headers or {},
    )
