"""A stand-in for servers of OpenAI's API on loopback, for what a tiny model does not say: calls, thoughts, refusals."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class OpenAIServer:
    """Attributes: `deltas`, the pieces of the next answers; `knows_tools` as vLLM without a parser of calls; `key`."""

    deltas: list[list[dict[str, Any]]] = field(default_factory=list)
    knows_tools: bool = True
    key: str = ""
    models: dict[str, int] = field(default_factory=lambda: {"qwen": 8192})
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(server: OpenAIServer) -> Iterator[OpenAIServer]:
    """Let it listen; its `url` says where."""
    handler = type("Handler", (_Handler,), {"server_state": server})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        listening.daemon_threads = False
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        server.url = f"http://127.0.0.1:{listening.server_port}/v1"
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_state: OpenAIServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            self._json(404, {"detail": "Not Found"})
            return
        if self._refuse_key():
            return
        listed = [
            {"id": name, "object": "model", "max_model_len": size} for name, size in self.server_state.models.items()
        ]
        self._json(200, {"object": "list", "data": listed})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._refuse_key():
            return
        self.server_state.requests.append(asked)
        if self.path == "/v1/embeddings":
            texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
            rows = [{"index": n, "embedding": [len(text), 0.5]} for n, text in enumerate(texts)]
            self._json(200, {"data": rows[::-1], "usage": {"prompt_tokens": 9}})  # vLLM keeps no order either
            return
        if asked.get("tools") and not self.server_state.knows_tools:
            why = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
            self._json(400, {"error": {"message": why, "type": "BadRequestError"}})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        *deltas, last = self.server_state.deltas.pop(0)
        self._event({"choices": [{"index": 0, "delta": {"role": "assistant"}}]})
        for delta in deltas:
            self._event(delta if "error" in delta else {"choices": [{"index": 0, "delta": delta}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": last["finish_reason"]}]})
        if asked.get("stream_options", {}).get("include_usage"):
            self._event({"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 7}})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _event(self, event: Any) -> None:
        self.wfile.write(b": a comment\n\ndata: " + json.dumps(event).encode() + b"\n\n")

    def _refuse_key(self) -> bool:
        if self.server_state.key and self.headers.get("Authorization") != f"Bearer {self.server_state.key}":
            self._json(401, {"error": {"message": "Incorrect API key provided"}})
            return True
        return False

    def _json(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        """Nothing on stderr."""
