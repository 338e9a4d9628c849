"""What Hugging Face has of a model: which of its files are wanted, with sizes and checksums. Runs in a child.

Only safetensors and GGUF are taken: a `.bin` file may hold a program, and code from a model's page is never run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TypeVar

import httpx2
from huggingface_hub import HfApi
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoSibling

from thau_desktop.errors import Action, DownloadFailed, ModelGated, ModelMissing, ModelUnsupported, ThauError
from thau_desktop.models.downloading import TOKENS_PAGE, Plan, RemoteFile, Request
from thau_desktop.translation import _

T = TypeVar("T")

_ROOT = re.compile(
    r"(model(-\d+-of-\d+)?\.safetensors|model\.safetensors\.index\.json|config\.json|generation_config\.json"
    r"|tokenizer\.json|tokenizer_config\.json|tokenizer\.model|special_tokens_map\.json|added_tokens\.json"
    r"|vocab\.(json|txt)|merges\.txt|chat_template\.(jinja|json)|thau\.json|README\.md|(LICENSE|NOTICE)[\w.-]*)"
)
_PICTURES = re.compile(r"model_index\.json|[\w-]+/[\w.-]+\.(json|txt|model|safetensors)")
_VARIANT = re.compile(r"\.(fp16|bf16|non_ema|ema_only)\.")
_PART_OF_MANY = re.compile(r"-\d{5}-of-\d{5}")
_USUAL = ("q4_k_m", "q4_k_s", "q4_0", "q5_k_m", "q8_0", "f16")  # of several GGUF files, the first that is there
_AGAIN = (408, 429, 500, 502, 503, 504)


def plan(request: Request) -> Plan:
    """Ask the hub. Raises `ModelMissing`, `ModelGated`, `ModelUnsupported`, `DownloadFailed`, or the error of a
    connection, which may be tried again (`passes`)."""
    api = HfApi(endpoint=request.endpoint or None, token=request.token)
    with understood(request.repo):
        info = api.model_info(request.repo, files_metadata=True, timeout=20)
    files = {each.rfilename: each for each in info.siblings or ()}
    return Plan(request.repo, info.sha or "main", tuple(_remote(files[name]) for name in choose(list(files), request)))


def choose(names: Sequence[str], request: Request) -> list[str]:
    """The files of a model that are wanted. Raises `ModelUnsupported` where none can be used."""
    gguf = [n for n in names if n.endswith(".gguf") and not _PART_OF_MANY.search(n) and "mmproj" not in n]
    if request.quantisation or (gguf and not any(n.endswith(".safetensors") for n in names)):
        return [_one_gguf(gguf, request)]
    if "model_index.json" in names:
        wanted = [name for name in names if _PICTURES.fullmatch(name) and not _VARIANT.search(name)]
    else:
        wanted = [name for name in names if _ROOT.fullmatch(name)]
    if any(name.endswith(".safetensors") for name in wanted):
        return sorted(wanted)
    if any(name.endswith((".bin", ".pt", ".pth", ".ckpt", ".pickle")) for name in names):
        raise ModelUnsupported(
            _("{repo} has only .bin files, which may hold programs and are not opened.").format(repo=request.repo),
            _("Look for a version of it with .safetensors or .gguf files."),
        )
    raise ModelUnsupported(
        _("{repo} holds no model that THAU can run.").format(repo=request.repo),
        _("Look for one with .safetensors or .gguf files."),
    )


def _one_gguf(names: Sequence[str], request: Request) -> str:
    for wish in [request.quantisation] if request.quantisation else _USUAL:
        for name in sorted(names, key=len):
            if wish.lower() in PurePosixPath(name).name.lower():
                return name
    known = ", ".join(PurePosixPath(name).stem for name in sorted(names)) or "—"
    raise ModelUnsupported(
        _("{repo} has no GGUF file {wish}.").format(repo=request.repo, wish=request.quantisation or _USUAL[0]),
        _("It has these: {names}.").format(names=known),
    )


def _remote(file: RepoSibling) -> RemoteFile:
    if file.lfs is not None:
        return RemoteFile(file.rfilename, file.lfs.size, sha256=file.lfs.sha256)
    if file.size is None or file.blob_id is None:
        raise DownloadFailed(
            _("The server does not say how large {name} is.").format(name=file.rfilename),
            _("Use another mirror of Hugging Face, or none."),
        )
    return RemoteFile(file.rfilename, file.size, blob=file.blob_id)


def passes(error: Exception) -> bool:
    """Whether it may go well a moment later: a connection that broke, a server that is busy or fell over."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in _AGAIN
    return isinstance(error, httpx2.TransportError) and not isinstance(error, httpx2.UnsupportedProtocol)


@contextmanager
def understood(repo: str) -> Iterator[None]:
    """Says what the hub's refusals mean; what may pass is left as it is."""
    try:
        yield
    except (HfHubHTTPError, OfflineModeIsEnabled) as error:
        if passes(error):
            raise
        raise _meaning(error, repo) from error


def gave_up(error: Exception) -> DownloadFailed:
    """What is told when trying again did not help."""
    if isinstance(error, HfHubHTTPError):
        what = _("Hugging Face has a problem (error {status}).").format(status=error.response.status_code)
    else:
        what = _("Hugging Face can't be reached, or the connection broke.")
    return DownloadFailed(
        what, _("Try again later: it goes on from where it stopped."), details=f"{type(error).__name__}: {error}"
    )


def _meaning(error: Exception, repo: str) -> ThauError:
    if isinstance(error, OfflineModeIsEnabled):
        return DownloadFailed(
            _("{repo} is not fetched: this computer is told to stay offline.").format(repo=repo),
            _("Switch offline mode off in the settings, or unset HF_HUB_OFFLINE."),
        )
    assert isinstance(error, HfHubHTTPError)
    status, page = error.response.status_code, f"https://huggingface.co/{repo}"
    if isinstance(error, GatedRepoError) or status in (401, 403):
        unknown = isinstance(error, RepositoryNotFoundError) and not isinstance(error, GatedRepoError)
        what = _("{repo} is not there, or its makers only give it to accounts that they let in.")
        gated = _("The makers of {repo} only give it to accounts that they let in.")
        return ModelGated(
            (what if unknown else gated).format(repo=repo),
            _("Ask for it at {page}, make a token at {tokens}, and give it to THAU.").format(
                page=page, tokens=TOKENS_PAGE
            ),
            action=Action("hub_token", _("Give a token"), repo),
            details=str(error),
        )
    if status == 404:
        return ModelMissing(
            _("There is no model {repo} on Hugging Face.").format(repo=repo),
            _("Check its name: it is written owner/name."),
            details=str(error),
        )
    return DownloadFailed(
        _("Hugging Face refuses {repo} (error {status}).").format(repo=repo, status=status),
        _("The details say what it answered."),
        details=str(error),
    )


def tried(function: Callable[[], T], wait: Callable[[float], bool], delays: Sequence[float]) -> T | None:
    """`function()`, tried again after each of `delays` seconds while the error may pass; None when `wait` was told to
    stop. Raises `DownloadFailed` in the end."""
    for delay in (*delays, None):
        try:
            return function()
        except (HfHubHTTPError, httpx2.TransportError) as error:
            if delay is None or not passes(error):
                raise gave_up(error) from error
            if wait(delay):
                return None
    raise AssertionError("unreachable")
