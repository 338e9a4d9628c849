"""Hugging Face's hub on loopback: what the real `huggingface_hub` asks, and the accidents of a real network.

`GET /api/models/<id>[/revision/<r>]` lists files with sizes and hashes; `/<id>/resolve/<r>/<file>` gives small files,
and sends to another address for those in large file storage, which knows ranges. Errors carry `X-Error-Code`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c" * 40
LARGE = 4096  # bytes: what is larger lies in large file storage
TOKEN = "hf_let_me_in"
_API = re.compile(r"/api/models/([\w.-]+/[\w.-]+)(?:/revision/([^/]+))?")
_FILE = re.compile(r"/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)")
_CDN = re.compile(r"/cdn/([\w.-]+/[\w.-]+)/(.+)")


@dataclass
class Repo:
    """One model.

    Attributes:
        files: name → bytes.
        gated: only with `TOKEN`, and only where the token's account was let in (`let_in`).
        lengths: name → bytes that are claimed, where they are not those that are there.
        damaged: names of files whose bytes are not those of their hash.
        break_after: name → after how many bytes the connection breaks, each time.
        breaks: name → how often it still breaks; without a number for ever.
        hold_after: name → after how many bytes it waits until `released`.
        failing: how many answers are still errors of the server, and which.
        ranges: whether the storage knows how to go on in the middle.
    """

    files: dict[str, bytes]
    gated: bool = False
    let_in: bool = True
    lengths: dict[str, int] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    break_after: dict[str, int] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    hold_after: dict[str, int] = field(default_factory=dict)
    failing: int = 0
    status: int = 503
    ranges: bool = True
    holding: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, folder: Path, **more: Any) -> Repo:
        """The files of a folder."""
        return cls({str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}, **more)


class Hub:
    """The server. Attributes: `repos` by id; `address`; `asked`, every request as (method, path, range, token)."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.asked: list[tuple[str, str, str, str]] = []
        hub = self

        class Handler(_Handler):
            server_hub = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="hub", daemon=True)

    def ranges(self, name: str) -> list[str]:
        """The ranges with which a file was asked for, "" for the whole."""
        return [
            asked[2]
            for asked in self.asked
            if asked[0] == "GET" and asked[1].endswith(f"/{name}") and "cdn" in asked[1]
        ]

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        for repo in self.repos.values():
            repo.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_hub: Hub

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.server_hub.asked.append((self.command, path, self.headers.get("Range", ""), token))
        for pattern, answer in ((_API, self._model), (_CDN, self._stored), (_FILE, self._file)):
            match = pattern.fullmatch(path)
            if match is not None:
                self._of_repo(match, answer, token, body)
                return
        self._error(404, "", "no such page")

    def _of_repo(self, match: re.Match[str], answer: Any, token: str, body: bool) -> None:
        repo = self.server_hub.repos.get(match[1])
        if token and token != TOKEN:
            self._error(401, "", "Invalid credentials in Authorization header")
        elif repo is None:
            self._error(404 if token else 401, "RepoNotFound", "Repository not found")
        elif repo.failing > 0:
            repo.failing -= 1
            self._error(repo.status, "", "a bad day")
        else:
            answer(repo, match, token, body)

    def _model(self, repo: Repo, match: re.Match[str], _token: str, body: bool) -> None:
        siblings = [_sibling(name, repo) for name in repo.files]
        values = {
            "id": match[1],
            "modelId": match[1],
            "sha": COMMIT,
            "siblings": siblings,
            "gated": repo.gated,
            "tags": [],
        }
        self._send(json.dumps(values).encode(), {"Content-Type": "application/json"}, body)

    def _file(self, repo: Repo, match: re.Match[str], token: str, body: bool) -> None:
        name = match[3]
        if repo.gated and (token != TOKEN or not repo.let_in):
            self._error(403 if token else 401, "GatedRepo", "Access to this model is restricted")
            return
        if name not in repo.files:
            self._error(404, "EntryNotFound", "Entry not found")
            return
        content, sibling = repo.files[name], _sibling(name, repo)
        headers = {"X-Repo-Commit": COMMIT, "Content-Type": "application/octet-stream"}
        if "lfs" not in sibling:
            self._send(content, {**headers, "ETag": f'"{sibling["blobId"]}"'}, body)
            return
        headers |= {"X-Linked-Etag": f'"{sibling["lfs"]["sha256"]}"', "X-Linked-Size": str(sibling["lfs"]["size"])}
        elsewhere = self.server_hub.address.replace("127.0.0.1", "localhost")  # another host, as the real one's storage
        headers["Location"] = f"{elsewhere}/cdn/{match[1]}/{name}"
        self._send(b"", headers, body, 302)

    def _stored(self, repo: Repo, match: re.Match[str], _token: str, body: bool) -> None:
        name = match[2]
        content = repo.files[name]
        if name in repo.damaged:
            content = bytes([content[0] ^ 1]) + content[1:]
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked is not None and repo.ranges:
            start = int(asked[1])
            if start >= len(content):
                self._send(b"", {"Content-Range": f"bytes */{len(content)}"}, body, 416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if body:
            self._stream(repo, name, content[start:])

    def _stream(self, repo: Repo, name: str, content: bytes) -> None:
        if name in repo.hold_after and not repo.released.is_set():
            first, content = content[: repo.hold_after[name]], content[repo.hold_after[name] :]
            self.wfile.write(first)
            self.wfile.flush()
            repo.holding.set()
            repo.released.wait()
        if name in repo.break_after and repo.breaks.get(name, 1) > 0:
            if name in repo.breaks:
                repo.breaks[name] -= 1
            self.wfile.write(content[: repo.break_after[name]])
            self.close_connection = True
            return
        self.wfile.write(content)

    def _send(self, content: bytes, headers: dict[str, str], body: bool, status: int = 200) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def _error(self, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Message": message, "Content-Type": "application/json"}
        if code:
            headers["X-Error-Code"] = code
        self._send(json.dumps({"error": message}).encode(), headers, self.command != "HEAD", status)


def _sibling(name: str, repo: Repo) -> dict[str, Any]:
    content = repo.files[name]
    size = repo.lengths.get(name, len(content))
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
    made: dict[str, Any] = {"rfilename": name, "size": size, "blobId": blob}
    if len(content) > LARGE or name.endswith((".safetensors", ".gguf")):
        made["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": size, "pointerSize": 134}
    return made


@contextlib.contextmanager
def running() -> Iterator[Hub]:
    """A hub that is up."""
    with Hub() as hub:
        yield hub
