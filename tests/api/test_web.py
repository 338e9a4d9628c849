"""`thau web` as its user meets it: a real browser without a screen, the real model, and what strangers get."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import PATIENCE, SETTINGS
from tests.conftest import ROOT
from thau_desktop import web
from thau_desktop.errors import ThauError
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.records import StoredMessage

pytest.importorskip("gradio", reason="it is in the extra web")
sync_api = pytest.importorskip("playwright.sync_api", reason="nothing drives a browser")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ANSWER = "[data-testid=bot]"


@dataclass
class Web:
    """One running `thau web`."""

    home: Path
    process: subprocess.Popen[str]
    url: str
    token: str

    def path(self) -> list[StoredMessage]:
        """What the newest conversation holds."""
        with Database(self.home / "thau.db") as database:
            conversations = Conversations(database)
            return conversations.path(conversations.list()[0].id)

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """A database that takes no message meanwhile."""
        with contextlib.closing(sqlite3.connect(self.home / "thau.db")) as database:
            database.execute("CREATE TRIGGER no BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'no'); END")
            database.commit()
            yield
            database.execute("DROP TRIGGER no")
            database.commit()

    def siblings(self) -> int:
        return self.path()[-1].variants


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, pictures_folder: Path) -> Iterator[Web]:
    home = tmp_path_factory.mktemp("web")
    (home / "settings.toml").write_text(SETTINGS)
    (home / "models").mkdir()
    (home / "models" / "tiny").symlink_to(pictures_folder)
    (home / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "web", "--port", "0"],
        env={**os.environ, "THAU_HOME": str(home), "TMPDIR": str(home / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    told = process.stdout.readline()
    try:
        assert "http://127.0.0.1:" in told, process.stderr.read()
        url = next(word for word in told.split() if word.startswith("http")).rstrip(".")
        yield Web(home, process, url, (home / "api_token").read_text().strip())
    finally:
        process.terminate()
        _out, noise = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and noise == ""
    assert list((home / "tmp").glob("thau-web-*")) == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 401),
        ("/health", {}, 401),
        ("/gradio_api/info", {"Authorization": "Bearer thau-wrong"}, 401),
        ("/", {"Host": "evil.example"}, 403),
        ("/gradio_api/queue/join", {"Origin": "http://evil.example"}, 403),
    ],
)
def test_strangers_are_refused(running: Web, path: str, headers: dict[str, str], status: int) -> None:
    answer = httpx.get(running.url + path, headers=headers, trust_env=False)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_files_that_are_no_pictures_are_not_handed_out(running: Web) -> None:
    secrets = [running.home / "api_token", running.home / "thau.db", Path("/etc/passwd"), ROOT / "README.md"]
    with httpx.Client(base_url=running.url, auth=("thau", running.token), trust_env=False) as client:
        for spelling in ("{}", "{}%00", "generated_images/..{}"):
            for secret in secrets:
                answer = client.get("/gradio_api/file=" + spelling.format(secret))
                assert answer.status_code in (403, 404), (spelling, secret)
        assert client.get("/").headers["content-security-policy"] == web.POLICY


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_conversation_in_a_browser_with_a_picture_a_second_try_and_other_words(running: Web) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    with (
        sync_api.sync_playwright() as play,
        contextlib.closing(play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])) as browser,
    ):
        page = browser.new_context(http_credentials={"username": "thau", "password": running.token}).new_page()
        page.set_default_timeout(90_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(running.url)

        def say(words: str) -> None:
            page.fill("textarea", words)
            page.keyboard.press("Enter")

        def until(true: str) -> None:
            page.wait_for_function(f"() => {true}")

        with running.refusing():
            say("Hola")
            until(f"document.querySelector('{ANSWER}')?.innerText.includes('thau_service.log')")
        say("Hola")
        until("document.querySelectorAll('[data-testid=user]').length == 2")
        _wait(lambda: [message.state for message in running.path()] == ["complete"] * 2)  # it goes on where it failed
        page.get_by_role("button", name="Retry", exact=True).wait_for()  # what still streams would be broken off
        page.goto(running.url)
        say("Hola")
        until(f"document.querySelector('{ANSWER}')?.innerText.trim().length > 3")
        page.get_by_role("button", name="Retry", exact=True).wait_for()
        say("Dibuja un zorro rojo en la nieve")
        picture = page.locator(f"{ANSWER} img").first
        picture.wait_for()
        assert picture.get_attribute("alt")
        page.get_by_role("button", name="Retry", exact=True).wait_for()
        assert [message.role for message in running.path()] == ["user", "assistant"] * 2
        page.get_by_role("button", name="Retry", exact=True).click()
        _wait(lambda: running.siblings() == 2 and running.path()[-1].state != "streaming")
        assert [message.role for message in running.path()] == ["user", "assistant"] * 2
        page.get_by_role("button", name="Undo", exact=True).click()
        until("document.querySelectorAll('[data-testid=user]').length == 1")
        say("Hola otra vez")
        _wait(lambda: [message.text for message in running.path()][2:3] == ["Hola otra vez"])
        _wait(lambda: running.path()[-1].state == "complete")
        assert len(running.path()) == 4  # in the place of what was undone
        assert not page.get_by_role("button", name="Share").first.is_visible()
    assert [url for url in asked if not url.startswith((running.url, "data:", "blob:"))] == []
    assert complaints == []


def test_without_gradio_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(ThauError, match="needs Gradio") as problem:
        web._gradio()
    assert "thau-desktop[web]" in problem.value.advice


def _wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
