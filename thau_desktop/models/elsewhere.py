"""Models that other programs keep on this disk: LM Studio's, Ollama's and those of Hugging Face's cache."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OLLAMA_MODEL = "application/vnd.ollama.image.model"
_SMALLEST = 1_000_000  # bytes: vocabularies without weights are no models


@dataclass(frozen=True, slots=True)
class Found:
    """A model of another program. `path`: a GGUF file (Ollama's has no suffix) or a folder of transformers."""

    program: str
    name: str
    path: Path
    bytes: int


def elsewhere(home: Path | None = None) -> list[Found]:
    """Every model that lies where these programs keep theirs. Looks at names and sizes only; blocks for a moment."""
    home = home or Path.home()
    found: dict[Path, Found] = {}
    for each in (*_lm_studio(home), *_ollama(home), *_hugging_face(home)):
        found.setdefault(each.path.resolve(), each)
    return sorted(found.values(), key=lambda each: (each.program, each.name.lower()))


def _lm_studio(home: Path) -> Iterator[Found]:
    for root in (home / ".lmstudio" / "models", home / ".cache" / "lm-studio" / "models"):
        for path in sorted(root.glob("*/*/*.gguf")):
            if path.stat().st_size > _SMALLEST and "mmproj" not in path.name:
                yield Found("LM Studio", path.stem, path, path.stat().st_size)


def _ollama(home: Path) -> Iterator[Found]:
    """Ollama keeps a manifest for each tag, whose layers are files named by their hash (docs/api.md of Ollama)."""
    given = os.environ.get("OLLAMA_MODELS")
    for root in [Path(given)] if given else [home / ".ollama" / "models", Path("/usr/share/ollama/.ollama/models")]:
        manifests = root / "manifests"
        try:
            files = sorted(path for path in manifests.rglob("*") if path.is_file())
        except OSError:
            continue  # another user's
        for path in files:
            blob = _ollama_blob(root, path)
            if blob is not None and blob.is_file():
                name = path.parent.name + ("" if path.name == "latest" else f"-{path.name}")
                yield Found("Ollama", name, blob, blob.stat().st_size)


def _ollama_blob(root: Path, manifest: Path) -> Path | None:
    try:
        layers = json.loads(manifest.read_text(encoding="utf-8"))["layers"]
        digest = next(str(layer["digest"]) for layer in layers if layer["mediaType"] == _OLLAMA_MODEL)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
    return root / "blobs" / digest.replace(":", "-")


def _hugging_face(home: Path) -> Iterator[Found]:
    """The newest snapshot of each model in the cache of `huggingface_hub`."""
    home = Path(os.environ.get("HF_HOME") or home / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    for repo in sorted(cache.glob("models--*")):
        snapshots = [path for path in repo.glob("snapshots/*") if (path / "config.json").exists()]
        whole = [path for path in snapshots if any(path.glob("model*.safetensors"))]
        if whole:
            newest = max(whole, key=lambda path: path.stat().st_mtime)
            size = sum(file.stat().st_size for file in newest.iterdir() if file.is_file())
            yield Found("Hugging Face", repo.name.rpartition("--")[2], newest, size)
