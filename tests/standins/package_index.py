"""A package index on loopback that pip and our downloads really talk to, with tiny wheels of our own."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

GPU_TORCH = """
from types import SimpleNamespace as _Space
__version__ = "9.0+cu999"
version = _Space(cuda="99.9", hip=None)
cuda = _Space(get_device_name=lambda index: "RTX 4070", device_count=lambda: 1)
backends = _Space(cpu=_Space(get_cpu_capability=lambda: "AVX2"))
ones = lambda *shape, device="cpu": _Space(sum=lambda: _Space(item=lambda: 2))
get_num_threads = lambda: 1
"""


def wheel(name: str, version: str, module: str, filler: int = 0) -> tuple[str, bytes]:
    """The file name and bytes of a wheel with one module (a package) and as many bytes of data as wished."""
    made, info = io.BytesIO(), f"{name}-{version}.dist-info"
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(f"{name}/__init__.py", module)
        file.writestr(f"{name}/data.bin", bytes(filler))
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    return f"{name}-{version}-py3-none-any.whl", made.getvalue()


class PackageIndex:
    """Serves wheels by PEP 503 and their metadata by PEP 658. A context manager.

    Attributes: `wheels`, the bytes by file name; `damaged`, names whose bytes come changed; `down`, whether it answers
    with 503; `asked`, path and Range of each request for a wheel.
    """

    def __init__(self, *wheels: tuple[str, bytes]) -> None:
        self.wheels = dict(wheels)
        self.damaged: set[str] = set()
        self.down = False
        self.asked: list[tuple[str, str]] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/simple"

    def __enter__(self) -> PackageIndex:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Serve one request."""
        if self.down:
            _send(request, 503, b"")
            return
        name = request.path.strip("/").rpartition("/")[2]
        if request.path.startswith("/simple/"):
            links = [
                f'<a href="/files/{file}#sha256={_sha256(data)}" data-core-metadata="true"'
                f' data-dist-info-metadata="true">{file}</a>'
                for file, data in self.wheels.items()
                if file.partition("-")[0].replace("_", "-") == name
            ]
            _send(request, 200 if links else 404, "\n".join(links).encode(), "text/html")
            return
        if name.endswith(".metadata"):
            _send(request, 200, _metadata(self.wheels[name.removesuffix(".metadata")]))
            return
        wanted = request.headers.get("Range", "")
        self.asked.append((name, wanted))
        data = self.wheels[name]
        if name in self.damaged:
            data = bytes([data[0] ^ 1]) + data[1:]
        begin = int(re.findall(r"\d+", wanted)[0]) if wanted else 0
        _send(request, 206 if wanted else 200, data[begin:])


def _metadata(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read(next(name for name in file.namelist() if name.endswith("/METADATA")))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "application/octet-stream") -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    with contextlib.suppress(ConnectionError):  # who asked has had enough
        request.wfile.write(body)
