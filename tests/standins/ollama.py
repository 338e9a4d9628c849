"""A stand-in for Ollama on loopback: a real HTTP server that holds to its rules (source of August 2026).

What it answers comes from whatever the test gives it; everything else it decides itself, and it remembers what it was
asked. Errors before an answer are a status and `{"error": …}`, errors within one are a line of it, as there.
"""

from __future__ import annotations

import hashlib
import json
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

QUANTIZE = {"q8_0", "q4_K_M", "q4_K_S"}
_FILE_TYPES = {0: "F32", 1: "F16", 7: "Q8_0", 14: "Q4_K_S", 15: "Q4_K_M", 32: "BF16"}
_PIECES = 64  # into which a download is cut

Piece = str | dict[str, Any]
Answer = Callable[[dict[str, Any]], Iterator[Piece]]
"""Pieces of an answer's words, or whole messages (`thinking`, `tool_calls`)."""


def echo(asked: dict[str, Any]) -> Iterator[Piece]:
    """Say the last message back, a word at a time."""
    words = asked["messages"][-1]["content"].split(" ")
    for number, word in enumerate(words):
        yield word if number == 0 else f" {word}"


@dataclass(frozen=True)
class Held:
    """A model that the stand-in holds."""

    files: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ("completion",)
    context: int = 32768
    bytes: int = 1_000
    family: str = "llama"
    quantization: str = "Q4_K_M"
    template: str = ""
    system: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass
class Ollama:
    """The stand-in's state.

    Attributes:
        models: by tag; `registry`: what can be pulled, with the bytes of its layer.
        requests: path and body of all that was asked.
        pause: called before each piece of a download or an answer: a test may wait there.
    """

    answer: Answer = echo
    version: str = "0.35.1"
    models: dict[str, Held] = field(default_factory=dict)
    registry: dict[str, int] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    pulled: dict[str, int] = field(default_factory=dict)
    requests: list[tuple[str, Any]] = field(default_factory=list)
    pause: Callable[[], None] = lambda: None
    url: str = ""

    def asked(self, path: str) -> list[Any]:
        """The bodies that came to `/api/<path>`."""
        return [body for where, body in self.requests if where == f"/api/{path}"]


def tag(name: str) -> str:
    """The name with its tag, "latest" by default."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


@contextmanager
def serving(ollama: Ollama) -> Iterator[Ollama]:
    """Let it listen; its `url` says where."""
    handler = type("Handler", (_Handler,), {"ollama": ollama})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = False
        server.block_on_close = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        ollama.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield ollama
        finally:
            server.shutdown()
            thread.join()


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    ollama: Ollama
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True  # the client went away

    def do_GET(self) -> None:
        self._serve({"/api/version": self._version, "/api/tags": self._tags})

    def do_HEAD(self) -> None:
        self.ollama.requests.append((self.path, None))
        self._send(200 if self.path.rpartition("/")[2] in self.ollama.blobs else 404, b"")

    def do_DELETE(self) -> None:
        self._serve({"/api/delete": self._delete})

    def do_POST(self) -> None:
        if self.path.startswith("/api/blobs/"):
            self._blob(self.path.rpartition("/")[2])
            return
        self._serve(
            {
                "/api/show": self._show,
                "/api/copy": self._copy,
                "/api/pull": self._pull,
                "/api/create": self._create,
                "/api/chat": self._chat,
                "/api/generate": self._generate,
                "/api/embed": self._embed,
            }
        )

    def _embed(self, asked: Any) -> Any:
        held = self.ollama.models.get(tag(asked["model"]))
        if held is None:
            raise _Refused(404, f"model '{asked['model']}' not found")
        if "embedding" not in held.capabilities:
            raise _Refused(501, "this model does not support embeddings")
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        size = asked.get("dimensions", 8)
        vectors = [[float(text.count(chr(97 + letter))) for letter in range(size)] for text in texts]
        return {"model": asked["model"], "embeddings": vectors, "prompt_eval_count": sum(map(len, texts))}

    # --- answers at once ------------------------------------------------------------------------------------

    def _version(self, asked: Any) -> Any:
        return {"version": self.ollama.version}

    def _tags(self, asked: Any) -> Any:
        return {
            "models": [
                {
                    "name": name,
                    "model": name,
                    "size": held.bytes,
                    "digest": hashlib.sha256(name.encode()).hexdigest(),
                    "details": {
                        "family": held.family,
                        "parameter_size": "1.5B",
                        "quantization_level": held.quantization,
                    },
                }
                for name, held in self.ollama.models.items()
            ]
        }

    def _show(self, asked: Any) -> Any:
        held = self._held(asked["model"])
        return {
            "capabilities": list(held.capabilities),
            "template": held.template,
            "system": held.system,
            "parameters": "\n".join(f"{key} {value}" for key, value in held.parameters.items()),
            "model_info": {"general.architecture": held.family, f"{held.family}.context_length": held.context},
            "details": {"family": held.family, "quantization_level": held.quantization},
        }

    def _copy(self, asked: Any) -> Any:
        self.ollama.models[tag(asked["destination"])] = self._held(asked["source"])

    def _delete(self, asked: Any) -> Any:
        self._held(asked["model"])
        del self.ollama.models[tag(asked["model"])]

    def _generate(self, asked: Any) -> Any:
        self._held(asked["model"])
        if asked.get("prompt") or asked.get("keep_alive") != 0:
            raise _Refused(400, "the stand-in only unloads")
        return {"done": True, "done_reason": "unload"}

    def _blob(self, digest: str) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.ollama.requests.append((self.path, len(data)))
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != digest:
            self._send(400, json.dumps({"error": "digest mismatch"}).encode())
            return
        self.ollama.blobs[digest] = data
        self._send(201, b"")

    # --- answers bit by bit ---------------------------------------------------------------------------------

    def _pull(self, asked: Any) -> Iterator[Any]:
        name = tag(asked["model"])
        yield {"status": "pulling manifest"}
        if name not in self.ollama.registry:
            yield {"error": "pull model manifest: file does not exist"}
            return
        size, digest = self.ollama.registry[name], f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        layer = {"status": f"pulling {digest[7:19]}", "digest": digest, "total": size}
        yield layer  # without `completed`, as there
        while (done := self.ollama.pulled.get(name, 0)) < size:
            self.ollama.pause()
            self.ollama.pulled[name] = min(size, done + -(-size // _PIECES))
            yield {**layer, "completed": self.ollama.pulled[name]}
        yield {"status": "verifying sha256 digest"}
        yield {"status": "writing manifest"}
        self.ollama.models[name] = Held(bytes=size)
        yield {"status": "success"}

    def _create(self, asked: Any) -> Iterator[Any]:
        files, adapters = asked.get("files") or {}, asked.get("adapters") or {}
        base = self._held(asked["from"]) if asked.get("from") else None
        if not files and base is None:
            raise _Refused(400, "neither 'from' or 'files' was specified")
        for digest in (*files.values(), *adapters.values()):
            if digest not in self.ollama.blobs:
                raise _Refused(400, f'the blob "{digest}" does not exist')
        held = base or Held()
        yield {"status": "parsing GGUF"}
        for digest in files.values():
            architecture, kind = gguf_facts(self.ollama.blobs[digest])
            if not architecture:
                yield {"error": "unsupported content type: unknown"}
                return
            held = replace(held, family=architecture, quantization=kind, files=(digest,), bytes=_bytes(self, digest))
        for name, digest in adapters.items():
            if not gguf_facts(self.ollama.blobs[digest])[0]:
                what = "unsupported architecture" if name.endswith(".safetensors") else "no Modelfile or safetensors"
                yield {"error": what}
                return
            held = replace(held, adapters=(digest,))
        if quantize := asked.get("quantize"):
            if quantize not in QUANTIZE:
                supported = "supported types are F32, F16, Q4_K_S, Q4_K_M, Q8_0"
                yield {"error": f"unsupported quantization type {quantize.upper()} - {supported}"}
                return
            if held.quantization not in ("F32", "F16", "BF16"):
                yield {"error": "quantization is only supported for F16 and F32 models"}
                return
            yield {"status": f"quantizing {held.quantization} model to {quantize}"}
            held = replace(held, quantization=quantize.upper())
        held = replace(
            held,
            template=asked.get("template") or held.template,
            system=asked.get("system") or held.system,
            parameters={**held.parameters, **(asked.get("parameters") or {})},
        )
        if "{{ .Tools" in held.template or "$.Tools" in held.template:
            held = replace(held, capabilities=(*held.capabilities, "tools"))
        yield {"status": "writing manifest"}
        self.ollama.models[tag(asked["model"])] = held
        yield {"status": "success"}

    def _chat(self, asked: Any) -> Iterator[Any]:
        held = self._held(asked["model"])
        if asked.get("think") and "thinking" not in held.capabilities:
            raise _Refused(400, f'"{asked["model"]}" does not support thinking')
        if asked.get("tools") and "tools" not in held.capabilities:
            raise _Refused(400, f"{asked['model']} does not support tools")
        for message in asked["messages"]:
            if message["role"] not in ("system", "user", "assistant", "tool"):
                raise _Refused(400, f"invalid role: {message['role']}")
        if not asked["messages"]:
            message = {"role": "assistant", "content": ""}
            yield {"model": asked["model"], "message": message, "done": True, "done_reason": "load"}
            return
        count = 0
        for piece in self.ollama.answer(asked):
            self.ollama.pause()
            message = {"content": piece} if isinstance(piece, str) else piece
            count += 1
            yield {
                "model": asked["model"],
                "message": {"role": "assistant", "content": "", **message},
                "done": False,
            }
        yield {
            "model": asked["model"],
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "stop",
            "eval_count": count,
            "prompt_eval_count": sum(len(message["content"]) for message in asked["messages"]),
        }

    # --- how they are sent ----------------------------------------------------------------------------------

    def _serve(self, routes: dict[str, Callable[[Any], Any]]) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        asked = json.loads(body) if body else {}
        self.ollama.requests.append((self.path, asked))
        try:
            if self.path not in routes:
                raise _Refused(404, "404 page not found")
            made = routes[self.path](asked)
            if isinstance(made, Iterator):
                self._send_lines(made)
            else:
                self._send(200, json.dumps(made).encode() if made is not None else b"")
        except _Refused as refused:
            self._send(refused.status, json.dumps({"error": str(refused)}).encode())

    def _send_lines(self, events: Iterator[Any]) -> None:
        first = next(events)  # what is refused, is refused before the first line
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._send_line(first)
        for event in events:
            self._send_line(event)
        self.wfile.write(b"0\r\n\r\n")

    def _send_line(self, event: Any) -> None:
        line = json.dumps(event).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _held(self, name: str) -> Held:
        held = self.ollama.models.get(tag(name))
        if held is None:
            raise _Refused(404, f"model '{name}' not found")
        return held

    def log_message(self, *_arguments: object) -> None:
        """Nothing on stderr."""


def _bytes(handler: _Handler, digest: str) -> int:
    return len(handler.ollama.blobs[digest])


def gguf_facts(data: bytes) -> tuple[str, str]:
    """Architecture and quantisation that a GGUF file's first values tell; empty where it is none."""
    if data[:4] != b"GGUF":
        return "", ""
    return _text_after(data, b"general.architecture"), _FILE_TYPES.get(_number_after(data, b"general.file_type"), "")


def _text_after(data: bytes, key: bytes) -> str:
    at = data.find(key) + len(key)
    kind, length = struct.unpack_from("<IQ", data, at)
    return data[at + 12 : at + 12 + length].decode() if kind == 8 else ""


def _number_after(data: bytes, key: bytes) -> int:
    at = data.find(key)
    return int(struct.unpack_from("<I", data, at + len(key) + 4)[0]) if at >= 0 else -1
