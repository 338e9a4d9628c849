"""How the starter image model is trained: the promises of each stage, then all in turn on the smallest of models."""

from __future__ import annotations

import argparse
import importlib
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tqdm.auto import tqdm

from tests.conftest import ROOT

pytest.importorskip("skia", reason="the pictures are drawn with skia-python")
FOLDER = ROOT / "packaging" / "starter" / "pictures"
NAMES = ["classifier", "drawings", "encode", "export", "learning", "networks", "prompts", "scenes", "shards", "tokens"]
NAMES += ["train", "vae"]
TINY = (8, 8, 8, 8, 8)


@pytest.fixture(scope="module")
def stages() -> Iterator[SimpleNamespace]:
    """The stages' modules by name."""
    known = set(sys.modules)
    path = list(sys.path)
    sys.path[:0] = [str(FOLDER), str(FOLDER.parent)]
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in NAMES})
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - known:
            if str(FOLDER.parent) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


class Halving:
    """A task that is learned in a second: half of what comes in. `before_batch` is called with each batch's number."""

    def start(self, seed: int, device: str) -> None:
        self.number = 0

    def before_batch(self, number: int) -> None:
        pass

    def batch(self) -> tuple[torch.Tensor, ...]:
        self.number += 1
        self.before_batch(self.number)
        return (torch.randn(4, 6),)

    def samples(self, batch: tuple[torch.Tensor, ...]) -> float:
        return len(batch[0])

    def loss(self, model: torch.nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return (model(batch[0]) - batch[0] / 2).square().mean()


def options(work: Path, minutes: float = 0.01) -> argparse.Namespace:
    return argparse.Namespace(
        minutes=minutes,
        work=work,
        lr=1e-2,
        step_samples=1,
        average=0.9,
        seed=1,
        processes=1,
        device="cpu",
        compile=False,
    )


@pytest.fixture
def one_core(stages: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's process keeps its cores, its threads and its signals."""
    monkeypatch.setattr(stages.learning, "stop_when_asked", lambda: lambda: False)
    monkeypatch.setattr(stages.learning, "settle", lambda _cpu: None)
    monkeypatch.setattr(stages.encode, "settle", lambda _cpu: None)


def test_the_same_seed_draws_the_same_pictures_and_prompts(stages: SimpleNamespace) -> None:
    (one, about), (other, same) = (stages.drawings.Drawer(5).next(128) for _ in range(2))
    assert one.shape == (128, 128, 3)
    assert (one == other).all()
    assert about == same
    assert len(about["prompts"]) == stages.prompts.EACH


def test_no_held_out_combination_is_drawn_to_learn_from(
    stages: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages.scenes, "draw", lambda scene, rng, side: torch.zeros(side, side, 3).numpy())
    for held_out in (False, True):
        drawer = stages.drawings.Drawer(3, held_out=held_out)
        for _ in range(150):
            subject, color, place, style = drawer.next(16)[1]["labels"]
            assert stages.scenes.held_out(stages.scenes.Scene(subject, color, place, style, 1)) is held_out


def test_an_unknown_subject_keeps_colour_and_place(stages: SimpleNamespace) -> None:
    scene = stages.scenes.Scene("fox", "red", "in the snow", "watercolor", 2)
    text = stages.prompts.unknown(scene, "two red foxes in the snow", random.Random(1))
    assert "fox" not in text
    assert text.startswith("two red ")
    assert text.endswith("es in the snow")


def test_shards_give_back_what_was_written(stages: SimpleNamespace, tmp_path: Path) -> None:
    about = [{"labels": ["fox", "red", "in the snow", "watercolor"], "prompts": ["a red fox", "ñ"]}]
    stages.shards.write(tmp_path / "one.safetensors", {"latents": torch.arange(4, dtype=torch.int8)}, about)
    tensors, read = stages.shards.read(tmp_path / "one.safetensors")
    assert tensors["latents"].tolist() == [0, 1, 2, 3]
    assert read == about
    assert list(tmp_path.iterdir()) == [tmp_path / "one.safetensors"]


def test_a_file_of_latents_stays_under_sixteen_mebibytes(stages: SimpleNamespace) -> None:
    for side in (256, 384, 512, 1024):
        latents = stages.networks.LATENTS * (side // 16) ** 2
        assert stages.encode.per_file(side) * (latents + 250) < 16 << 20  # some 250 bytes of labels and prompts


def test_pictures_drawn_beforehand_serve_as_well(
    stages: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["drawings.py", "--count", "3", "--side", "128", "--output", str(tmp_path)])
    stages.drawings.main()
    picture, about = stages.drawings.Stored(tmp_path, 1).next(64)
    assert picture.shape == (64, 64, 3)
    assert len(about["labels"]) == 4


def test_the_tokenizer_spells_words_that_it_never_saw(stages: SimpleNamespace) -> None:
    tokenizer = stages.tokens.train_tokenizer(["a red fox in the snow"] * 20, 600)
    (ids,) = stages.tokens.encode(tokenizer, ["a Red xylophón, 日本"])
    assert len(ids) == stages.networks.PROMPT
    assert tokenizer.decode(ids, skip_special_tokens=True) == "a red xylophón , 日本"
    assert ids.index(tokenizer.eos_token_id) < len(ids) - 1
    assert tokenizer.model_max_length == stages.networks.PROMPT


def test_normalised_latents_give_the_same_pictures(stages: SimpleNamespace) -> None:
    torch.manual_seed(1)
    vae = stages.networks.autoencoder(TINY).eval()
    pictures = torch.rand(6, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        before, spread = vae.decode(vae.encode(pictures).latent_dist.mean).sample, vae.encode(pictures).latent_dist
        stages.vae.normalise(vae, pictures)
        latents = vae.encode(pictures).latent_dist
        after = vae.decode(latents.mean).sample
    assert torch.allclose(before, after, atol=1e-4)
    assert latents.mean.mean((0, 2, 3)).abs().max() < 1e-3
    assert (latents.mean.std((0, 2, 3)) - 1).abs().max() < 1e-3
    assert torch.allclose(latents.std, spread.std / spread.mean.std((0, 2, 3))[None, :, None, None], rtol=1e-2)


def test_the_learning_rate_ends_near_zero(stages: SimpleNamespace) -> None:
    rates = [stages.learning.learning_rate(n / 100) for n in range(101)]
    assert rates[0] < 0.05
    assert max(rates) == 1.0
    assert rates[-1] <= 0.01


def test_a_stopped_training_goes_on_from_its_checkpoint(
    stages: SimpleNamespace, tmp_path: Path, one_core: None
) -> None:
    steps = []
    for minutes in (0.02, 0.04):
        model = torch.nn.Sequential(torch.nn.Linear(6, 6))
        stages.learning.fit(
            "halving", Halving(), model, stages.learning.optimizers(model, 1e-2), options(tmp_path, minutes)
        )
        steps.append(torch.load(tmp_path / "halving.pt", weights_only=True)["step"])
    assert 0 < steps[0] < steps[1]
    assert (model[0].weight - torch.eye(6) / 2).abs().mean() < 0.2  # as far as a busy machine comes


def test_a_training_that_is_asked_to_stop_keeps_what_it_learned(
    stages: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_core: None
) -> None:
    fit, task, model = stages.learning.fit, Halving(), torch.nn.Sequential(torch.nn.Linear(6, 6))
    task.before_batch = lambda number: os.kill(os.getpid(), signal.SIGTERM) if number == 3 else None
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        monkeypatch.undo()  # the real signals
        monkeypatch.setattr(stages.learning, "settle", lambda _core: None)
        with pytest.raises(SystemExit, match="goes on from"):
            fit("halving", task, model, stages.learning.optimizers(model, 1e-2), options(tmp_path, minutes=60))
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert torch.load(tmp_path / "halving.pt", weights_only=True)["step"] == 3


def test_the_velocity_asked_for_leads_back_to_the_picture(stages: SimpleNamespace) -> None:
    task = stages.train.Denoising(Path(), 4, {256: 1.0})
    task.kept = torch.linspace(0.99, 0.01, 1000)
    even = torch.ones(4, 16, 16)
    latents, times = torch.randn(4, 8, 16, 16), torch.tensor([0, 300, 600, 999])

    def knows(noisy: torch.Tensor, asked: torch.Tensor, _tokens: torch.Tensor) -> torch.Tensor:
        kept = task.kept[asked].view(-1, 1, 1, 1)
        return (kept.sqrt() * noisy - latents) / (1 - kept).sqrt()

    assert task.loss(knows, (latents, torch.zeros(4, 48), times, even)) < 1e-9


def test_most_times_are_those_at_which_shapes_are_decided(stages: SimpleNamespace) -> None:
    kept = stages.train.DDPMScheduler(**stages.networks.SCHEDULE).alphas_cumprod
    often = stages.train.how_often(kept)
    ratios = kept / (1 - kept)
    assert often.sum() == pytest.approx(1) and often.min() > 0
    assert 0.25 < often[ratios < 0.5].sum() < 0.5 and often[(ratios > 0.05) & (ratios < 20)].sum() > 0.7


def test_where_a_subject_stands_weighs_more(stages: SimpleNamespace) -> None:
    where = np.zeros((256, 256), bool)
    where[64:128, 32:96] = True
    about = {"labels": [], "prompts": [], "where": stages.drawings.fields(where)}
    found = stages.train.where_of([about, about])
    assert found.shape == (2, 16, 16) and found[0, 4:8, 2:6].all() and found[0].sum() == 16
    for side in (16, 32):
        weight = stages.train.weights(found, side)
        assert weight.mean() == pytest.approx(1)
        assert weight.max() == pytest.approx(weight.min() * (1 + stages.train.SUBJECT))


def test_all_stages_in_turn_make_a_model_that_the_app_reads(
    stages: SimpleNamespace, tmp_path: Path, one_core: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thau_desktop.inference import image_model_folder

    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # no thread that watches bars which nobody sees
    work, output = tmp_path / "work", tmp_path / "thau-image-v1"
    monkeypatch.setattr(stages.vae, "autoencoder", lambda: stages.networks.autoencoder(TINY))

    def run(name: str, *arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", [name, "--work", str(work), "--processes", "1", *arguments])
        getattr(stages, name).main()

    short = ("--minutes", "0.01", "--step-samples", "1", "--device", "cpu")
    run("vae", *short, "--batch-pixels", "16384")
    run("encode", "--count", "4", "--device", "cpu")
    run("encode", "--count", "2", "--side", "512", "--device", "cpu")
    run("train", *short, "--batch", "2", "--channels", "16,32", "--attention", "0,1")
    monkeypatch.setattr(sys, "argv", ["export", "--work", str(work), "--output", str(output)])
    stages.export.main()
    image_model_folder.verify(output)
    model = image_model_folder.describe(output)
    assert (model.title, model.native_size, model.steps, model.license) == ("THAU image", (256, 256), 20, "MIT")
    assert not model.safety_checker
    _draws(output)


def test_a_better_decoder_leaves_the_latents_as_they_are(
    stages: SimpleNamespace, tmp_path: Path, one_core: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stages.networks.autoencoder(TINY)
    before.save_pretrained(tmp_path / "before")
    short = ["--minutes", "0.01", "--step-samples", "1", "--device", "cpu", "--processes", "1", "--average", "0.5"]
    start = ["--work", str(tmp_path / "work"), "--start", str(tmp_path / "before"), "--decoder-only"]
    monkeypatch.setattr(sys, "argv", ["vae", *short, *start, "--batch-pixels", "16384"])
    stages.vae.main()
    after = type(before).from_pretrained(tmp_path / "work" / "vae")
    changed = {
        name.split(".")[0]
        for (name, old), new in zip(before.named_parameters(), after.parameters(), strict=True)
        if not torch.equal(old, new)
    }
    assert changed == {"decoder", "post_quant_conv"}


def _draws(folder: Path) -> None:
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    for size in ((256, 256), (320, 256)):
        picture = pipe("a red fox", num_inference_steps=2, width=size[0], height=size[1]).images[0]
        assert picture.size == size
    assert torch.isfinite(pipe.unet.conv_in.weight).all()
