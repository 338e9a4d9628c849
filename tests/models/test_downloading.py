"""Downloads from a hub on loopback through the real `huggingface_hub`: they stop, break, are killed, and go on."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import close_session

from tests.standins.hub import TOKEN, Hub, Repo
from thau_desktop.app import Thau
from thau_desktop.errors import (
    ChildCrashed,
    DiskFull,
    DownloadFailed,
    ModelGated,
    ModelMissing,
    ModelUnsupported,
    StoreError,
)
from thau_desktop.inference import model_folder
from thau_desktop.keys import HUB
from thau_desktop.models import fetching, incoming
from thau_desktop.models.events import DownloadFinished, DownloadProgress, DownloadStarted
from thau_desktop.translation import _

WEIGHTS = "model.safetensors"


@pytest.fixture
def thau(home: Path, hub: Hub) -> Iterator[Thau]:
    with Thau(home) as opened:
        yield opened


def download(thau: Thau, name: str = "lab/tiny") -> list[object]:
    return list(thau.library.download(name, threading.Event()))


def test_a_model_arrives_whole_and_says_where_it_came_from(thau: Thau, tiny_repo: Repo) -> None:
    del tiny_repo.files["thau.json"]
    events = download(thau)
    started, finished = events[0], events[-1]
    assert isinstance(started, DownloadStarted) and started.bytes == sum(map(len, tiny_repo.files.values()))
    assert isinstance(finished, DownloadFinished) and finished.state == "complete"
    assert finished.path == thau.paths.models / "tiny"
    for name, content in tiny_repo.files.items():
        assert (finished.path / name).read_bytes() == content
    manifest = model_folder.read_json(finished.path / "thau.json")
    assert manifest["source"] == {"repo": "lab/tiny", "commit": "c" * 40}
    model_folder.verify(finished.path)
    assert "tiny" in [model.name for model in thau.models.installed()]
    assert not list((thau.paths.models / ".part").glob("*/"))


def test_progress_counts_up_to_all_of_it(thau: Thau, tiny_repo: Repo) -> None:
    progress = [event for event in download(thau) if isinstance(event, DownloadProgress)]
    counts = [event.done for event in progress]
    assert counts == sorted(counts) and counts[-1] == progress[-1].total
    assert progress[-1].fraction == 1.0


def test_a_model_that_is_here_is_not_fetched_again(thau: Thau, hub: Hub, tiny_repo: Repo) -> None:
    del tiny_repo.files["thau.json"]
    download(thau)
    hub.asked.clear()
    (event,) = download(thau)
    assert isinstance(event, DownloadFinished) and event.model == "tiny"
    assert hub.asked == []


def test_programs_and_unsafe_weights_are_left_where_they_are(thau: Thau, tiny_repo: Repo) -> None:
    tiny_repo.files |= {
        "modeling_tiny.py": b"import os",
        "pytorch_model.bin": b"pickle",
        "../evil": b"",
        "x/y.json": b"{}",
    }
    download(thau)
    names = {path.name for path in (thau.paths.models / "tiny").iterdir()}
    assert names.isdisjoint({"modeling_tiny.py", "pytorch_model.bin", "evil", "x"}) and WEIGHTS in names


def test_a_model_with_only_unsafe_weights_is_refused(thau: Thau, hub: Hub) -> None:
    hub.repos["lab/old"] = Repo({"config.json": b"{}", "pytorch_model.bin": b"pickle"})
    with pytest.raises(ModelUnsupported, match="may hold programs"):
        download(thau, "lab/old")


def test_a_paused_download_goes_on_where_it_stopped(thau: Thau, hub: Hub, tiny_repo: Repo) -> None:
    tiny_repo.hold_after[WEIGHTS] = 50_000
    cancel = threading.Event()
    events = thau.library.download("lab/tiny", cancel)
    assert isinstance(next(events), DownloadStarted)
    tiny_repo.holding.wait()
    cancel.set()  # the network is silent: nothing comes that could wake the child
    *_more, last = events
    assert isinstance(last, DownloadFinished) and last.state == "paused"
    tiny_repo.released.set()
    (paused,) = thau.library.paused()
    assert paused.name == "lab/tiny" and 50_000 <= paused.done < paused.total
    left = (thau.paths.models / ".part" / paused.key / f"{WEIGHTS}.partial").stat().st_size
    assert "tiny" not in [model.name for model in thau.models.installed()]
    hub.asked.clear()
    finished = download(thau, paused.name)[-1]
    assert isinstance(finished, DownloadFinished) and finished.state == "complete"
    assert hub.ranges(WEIGHTS) == [f"bytes={left}-"]
    assert (finished.path / WEIGHTS).read_bytes() == tiny_repo.files[WEIGHTS]
    assert thau.library.paused() == []


def test_a_killed_download_goes_on_where_it_was_killed(thau: Thau, hub: Hub, tiny_repo: Repo) -> None:
    tiny_repo.hold_after[WEIGHTS] = 60_000
    events = thau.library.download("lab/tiny", threading.Event())
    assert isinstance(next(events), DownloadStarted)
    tiny_repo.holding.wait()
    part = thau.paths.models / ".part" / "lab--tiny" / f"{WEIGHTS}.partial"
    with pytest.raises(ChildCrashed):
        threading.Thread(target=kill_once_written, args=(part,)).start()
        list(events)
    tiny_repo.released.set()
    left = part.stat().st_size
    assert left > 0
    hub.asked.clear()
    finished = download(thau)[-1]
    assert isinstance(finished, DownloadFinished) and finished.state == "complete"
    assert hub.ranges(WEIGHTS) == [f"bytes={left}-"]
    assert (finished.path / WEIGHTS).read_bytes() == tiny_repo.files[WEIGHTS]


def kill_once_written(part: Path) -> None:
    """kill -9 for the child of this process that downloads, once bytes have reached the disk."""
    while not (part.exists() and part.stat().st_size):
        threading.Event().wait(0.01)
    (child,) = (one for one in multiprocessing.active_children() if one.name == _("The download"))
    child.kill()


def test_a_connection_that_breaks_is_taken_up_again(thau: Thau, hub: Hub, tiny_repo: Repo, quick: None) -> None:
    tiny_repo.break_after[WEIGHTS], tiny_repo.breaks[WEIGHTS] = 40_000, 2
    events = list(fetching.fetch(request(thau, hub), cancel=threading.Event()))
    assert any(isinstance(event, DownloadProgress) and event.stage == "waiting" for event in events)
    assert hub.ranges(WEIGHTS) == ["", "bytes=40000-", "bytes=80000-"]
    assert (thau.paths.models / "tiny" / WEIGHTS).read_bytes() == tiny_repo.files[WEIGHTS]


def test_a_server_that_knows_no_ranges_begins_again(thau: Thau, hub: Hub, tiny_repo: Repo, quick: None) -> None:
    tiny_repo.break_after[WEIGHTS], tiny_repo.breaks[WEIGHTS], tiny_repo.ranges = 40_000, 1, False
    last = list(fetching.fetch(request(thau, hub), cancel=threading.Event()))[-2]
    assert isinstance(last, DownloadProgress) and last.done == last.total
    assert (thau.paths.models / "tiny" / WEIGHTS).read_bytes() == tiny_repo.files[WEIGHTS]


def test_a_busy_server_is_asked_again(thau: Thau, hub: Hub, tiny_repo: Repo, quick: None) -> None:
    tiny_repo.failing = 3
    finished = list(fetching.fetch(request(thau, hub), cancel=threading.Event()))[-1]
    assert isinstance(finished, DownloadFinished) and finished.state == "complete"


def test_a_server_that_stays_broken_is_given_up_and_nothing_is_lost(
    thau: Thau, hub: Hub, tiny_repo: Repo, quick: None
) -> None:
    tiny_repo.break_after[WEIGHTS] = 0
    with pytest.raises(DownloadFailed, match="connection broke") as told:
        list(fetching.fetch(request(thau, hub), cancel=threading.Event()))
    assert "goes on from where it stopped" in told.value.advice
    assert (thau.paths.models / ".part" / "lab--tiny" / "config.json").exists()
    tiny_repo.failing = 100
    (thau.paths.models / ".part" / "lab--tiny" / "plan.json").unlink()
    with pytest.raises(DownloadFailed, match="error 503"):
        list(fetching.fetch(request(thau, hub), cancel=threading.Event()))


def test_a_truncated_file_is_never_taken_for_whole(thau: Thau, hub: Hub, tiny_repo: Repo, quick: None) -> None:
    tiny_repo.lengths[WEIGHTS] = len(tiny_repo.files[WEIGHTS]) + 1000
    with pytest.raises(DownloadFailed):
        list(fetching.fetch(request(thau, hub), cancel=threading.Event()))
    assert not (thau.paths.models / "tiny").exists()


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
def test_bytes_of_another_hash_are_thrown_away(thau: Thau, tiny_repo: Repo, name: str) -> None:
    tiny_repo.damaged.add(name)
    with pytest.raises(DownloadFailed, match=f"{name} arrived damaged"):
        download(thau)
    part = thau.paths.models / ".part" / "lab--tiny"
    assert not (part / name).exists() and not (part / f"{name}.partial").exists()
    tiny_repo.damaged.clear()
    assert isinstance(download(thau)[-1], DownloadFinished)


def test_a_gated_model_says_where_to_get_a_token_and_comes_with_one(thau: Thau, hub: Hub, tiny_repo: Repo) -> None:
    tiny_repo.gated = True
    with pytest.raises(ModelGated) as told:
        download(thau)
    assert "https://huggingface.co/settings/tokens" in told.value.advice
    assert told.value.action is not None and told.value.action.name == "hub_token"
    thau.keys.set(HUB, TOKEN)
    assert isinstance(download(thau)[-1], DownloadFinished)
    assert {token for _method, path, _range, token in hub.asked if "/resolve/" in path} == {"", TOKEN}
    assert {token for _method, path, _range, token in hub.asked if "/cdn/" in path} == {""}  # the storage gets none


def test_a_token_that_was_not_let_in_is_told_so(thau: Thau, tiny_repo: Repo) -> None:
    tiny_repo.gated, tiny_repo.let_in = True, False
    thau.keys.set(HUB, TOKEN)
    with pytest.raises(ModelGated, match="accounts that they let in"):
        download(thau)


def test_a_model_that_is_not_there_is_told_by_its_name(thau: Thau, hub: Hub) -> None:
    with pytest.raises(ModelGated, match="lab/nothing is not there, or"):
        download(thau, "lab/nothing")  # to a stranger the hub does not say which
    thau.keys.set(HUB, TOKEN)
    with pytest.raises(ModelMissing, match="no model lab/nothing"):
        download(thau, "lab/nothing")


def test_a_name_that_is_neither_of_the_catalog_nor_an_id_is_told(thau: Thau) -> None:
    with pytest.raises(ModelMissing, match="catalog has no model gpt-7"):
        download(thau, "gpt-7")


def test_the_disk_is_asked_before_the_first_byte(thau: Thau, hub: Hub, tiny_repo: Repo) -> None:
    tiny_repo.lengths[WEIGHTS] = 10**17
    with pytest.raises(DiskFull, match="takes 100000000"):
        download(thau)
    assert hub.ranges(WEIGHTS) == []


def test_offline_means_offline(thau: Thau, hub: Hub, tiny_repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DownloadFailed, match="stay offline"):
        download(thau)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    thau.change("model", "offline", True)
    with pytest.raises(DownloadFailed, match="stay offline"):
        download(thau)
    assert hub.asked == []


def test_the_mirror_of_the_settings_is_asked_instead(
    thau: Thau, hub: Hub, tiny_repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    thau.change("model", "hub", f"{hub.address}/")
    assert isinstance(download(thau)[-1], DownloadFinished)


def test_a_proxy_is_asked(thau: Thau, hub: Hub, tiny_repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers for `hub.example` is behind the proxy: the stand-in, which takes whole addresses, too."""
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    monkeypatch.setenv("HTTP_PROXY", hub.address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert isinstance(download(thau)[-1], DownloadFinished)
    assert any("/api/models/lab/tiny" in asked[1] for asked in hub.asked)


def test_a_gguf_file_comes_alone(thau: Thau, hub: Hub) -> None:
    files = {"tiny-Q4_K_M.gguf": b"GGUF" + bytes(9000), "tiny-f16.gguf": b"GGUF" + bytes(20_000), "README.md": b"#"}
    hub.repos["lab/tiny-GGUF"] = Repo(files)
    finished = download(thau, "lab/tiny-GGUF")[-1]
    assert isinstance(finished, DownloadFinished) and finished.model == "tiny-Q4_K_M"
    assert finished.path == thau.paths.models / "tiny-Q4_K_M.gguf"
    assert finished.path.read_bytes() == files["tiny-Q4_K_M.gguf"]
    assert isinstance(download(thau, "lab/tiny-GGUF:f16")[-1], DownloadFinished)
    assert (thau.paths.models / "tiny-f16.gguf").exists()
    with pytest.raises(ModelUnsupported, match="no GGUF file q2_k"):
        download(thau, "lab/tiny-GGUF:q2_k")


def test_a_download_that_runs_is_not_begun_twice(thau: Thau, tiny_repo: Repo) -> None:
    tiny_repo.hold_after[WEIGHTS] = 1000
    events = thau.library.download("lab/tiny", threading.Event())
    next(events)
    with pytest.raises(DownloadFailed, match="already"):
        download(thau)
    tiny_repo.released.set()
    assert isinstance(list(events)[-1], DownloadFinished)


def test_what_is_half_here_can_be_thrown_away(thau: Thau, tiny_repo: Repo) -> None:
    tiny_repo.damaged.add(WEIGHTS)
    with pytest.raises(DownloadFailed):
        download(thau)
    (paused,) = thau.library.paused()
    thau.library.discard(paused.key)
    assert thau.library.paused() == []


def test_a_downloaded_model_can_be_removed_and_one_in_use_not(thau: Thau, tiny_repo: Repo) -> None:
    download(thau)
    thau.change("model", "name", "tiny")
    with pytest.raises(StoreError, match="in use"):
        thau.library.remove("tiny")
    thau.change("model", "name", "thau-nano-v1")
    thau.library.remove("tiny")
    assert not (thau.paths.models / "tiny").exists()
    with pytest.raises(StoreError, match="stays"):
        thau.library.remove("thau-nano-v1")


def test_a_base_that_a_version_needs_stays(thau: Thau, tiny_repo: Repo) -> None:
    download(thau)
    thau.versions.add(
        "thau-tiny-v2",
        base="tiny",
        base_digest="",
        parent="tiny",
        folder="run",
        run_id=None,
        data_digest="",
        learned=1,
        scores={},
    )
    with pytest.raises(StoreError, match="thau-tiny-v2 were trained on tiny"):
        thau.library.remove("tiny")


def test_the_stand_in_speaks_to_the_librarys_own_download(
    hub: Hub, tiny_repo: Repo, tmp_path: Path, home: Path
) -> None:
    """The stand-in is only worth something if `huggingface_hub` itself understands it: HEAD, redirect, cache, tree."""
    import subprocess
    import sys

    program = (
        "import sys; from huggingface_hub import hf_hub_download;"
        f"print(hf_hub_download('lab/tiny', '{WEIGHTS}', cache_dir=sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).read_bytes() == tiny_repo.files[WEIGHTS]
    assert ("HEAD", f"/lab/tiny/resolve/main/{WEIGHTS}") in [asked[:2] for asked in hub.asked]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No waiting between tries; the download runs in this process."""
    for module in (fetching, incoming):
        monkeypatch.setattr(module, "DELAYS", (0.0, 0.0, 0.0, 0.0))
    yield
    close_session()


def request(thau: Thau, hub: Hub) -> fetching.Request:
    return fetching.Request("lab/tiny", thau.paths.models, endpoint=hub.address)
