"""Drawing with real, tiny diffusers pipelines of every family."""

from __future__ import annotations

import io
import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageChops, ImageStat

from tests import tiny_pictures
from thau_desktop.errors import ModelBroken, ModelMissing, ModelUnsupported, OutOfMemory, ThauError
from thau_desktop.inference import diffusion_preview, diffusion_single_file, diffusion_threads
from thau_desktop.inference.diffusion import DiffusionModel
from thau_desktop.inference.drawing import SCHEDULERS, DrawingRequest, Lora
from thau_desktop.messages import DrawingNote, DrawingStep, Drawn

NEVER = threading.Event()
FAMILIES = ("sd", "sdxl", "turbo", "sd3", "flux", "schnell", "lcm")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder with a model of each family."""
    root = tmp_path_factory.mktemp("models")
    tiny_pictures.sd(root / "sd")
    tiny_pictures.sd(root / "checked", checker=True)
    tiny_pictures.sdxl(root / "sdxl")
    tiny_pictures.sdxl(root / "turbo", turbo=True)
    tiny_pictures.sd3(root / "sd3")
    tiny_pictures.flux(root / "flux")
    tiny_pictures.flux(root / "schnell", schnell=True)
    tiny_pictures.lcm(root / "lcm")
    tiny_pictures.lora(root / "sd", root / "style.safetensors")
    return root


@pytest.fixture(scope="module")
def loaded(made: Path) -> dict[str, DiffusionModel]:
    return {name: load(made / name) for name in FAMILIES}


@pytest.fixture(scope="module")
def sd(loaded: dict[str, DiffusionModel]) -> DiffusionModel:
    return loaded["sd"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.png"
    Image.linear_gradient("L").convert("RGB").resize((100, 80)).save(path)
    return path


def load(path: Path) -> DiffusionModel:
    return DiffusionModel(path, device="cpu", thread_count=1)


def events(model: DiffusionModel, **values: Any) -> list[DrawingNote | DrawingStep | Drawn]:
    request: dict[str, Any] = {"prompt": "a red fox", "steps": 2, "width": 64, "height": 64, "seed": 5} | values
    return list(model.draw(DrawingRequest(**request), NEVER))


def drawn(model: DiffusionModel, **values: Any) -> Drawn:
    last = events(model, **values)[-1]
    assert isinstance(last, Drawn)
    return last


def notes(model: DiffusionModel, **values: Any) -> str:
    return " ".join(event.text for event in events(model, **values) if isinstance(event, DrawingNote))


def distance(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_draws_and_the_same_seed_gives_the_same_picture(
    loaded: dict[str, DiffusionModel], name: str
) -> None:
    model = loaded[name]
    happened = events(model, steps=3)
    steps = [event for event in happened if isinstance(event, DrawingStep)]
    assert [(step.number, step.step, step.steps) for step in steps] == [(0, 1, 3), (0, 2, 3), (0, 3, 3)]
    picture = happened[-1]
    assert isinstance(picture, Drawn)
    assert (picture.width, picture.height, len(picture.pixels)) == (64, 64, 64 * 64 * 3)
    assert (picture.seed, picture.unsafe) == (5, None)
    assert 0 < steps[0].seconds <= steps[-1].seconds <= picture.seconds
    assert drawn(model, steps=3).pixels == picture.pixels
    assert drawn(model, steps=3, seed=6).pixels != picture.pixels


def test_what_is_loaded_is_told(sd: DiffusionModel) -> None:
    ready = sd.ready
    assert (ready.model, ready.device, ready.dtype, ready.threads, ready.context) == ("sd", "cpu", "float32", 1, 0)
    assert ready.memory == 4 * ready.parameters > 1_000_000


def test_the_picture_is_the_one_that_plain_diffusers_draws(sd: DiffusionModel, made: Path) -> None:
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(made / "sd", local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    expected = pipe(
        "a red fox",
        negative_prompt="dog",
        num_inference_steps=3,
        guidance_scale=4.0,
        width=64,
        height=64,
        generator=torch.Generator("cpu").manual_seed(9),
    ).images[0]
    found = drawn(sd, steps=3, guidance=4.0, negative_prompt="dog", seed=9)
    assert distance(found.pixels, expected.tobytes()) < 0.01


def test_the_usual_guidance_is_what_a_models_makers_found_best(sd: DiffusionModel) -> None:
    plain = [drawn(sd, guidance=guidance).pixels for guidance in (3.5, 1.0, 6.0)]
    told, sd.model = sd.model, replace(sd.model, measured_guidance=3.5)
    try:
        assert [drawn(sd, guidance=guidance).pixels for guidance in (7.5, 1.0, 14.0)] == plain
    finally:
        sd.model = told


def test_more_pictures_take_the_seeds_that_follow(sd: DiffusionModel) -> None:
    pictures = [event for event in events(sd, count=3) if isinstance(event, Drawn)]
    assert [(picture.number, picture.seed) for picture in pictures] == [(0, 5), (1, 6), (2, 7)]
    assert drawn(sd, seed=7).pixels == pictures[2].pixels


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_draws_and_leaves_the_models_own_alone(sd: DiffusionModel, name: str) -> None:
    first = drawn(sd, scheduler=name)
    own = drawn(sd)
    assert drawn(sd, scheduler=name).pixels == first.pixels
    assert type(sd._own_scheduler).__name__ == "DDIMScheduler"
    if name in ("ddim", "euler"):  # the same method
        assert distance(own.pixels, first.pixels) < 1


@pytest.mark.parametrize("name", ["sd3", "flux", "lcm"])
def test_a_scheduler_that_the_model_can_not_take_is_told(loaded: dict[str, DiffusionModel], name: str) -> None:
    assert "its own scheduler" in notes(loaded[name], scheduler="euler")
    assert drawn(loaded[name], scheduler="euler").pixels == drawn(loaded[name]).pixels


def test_lcm_steps_are_limited_and_it_is_told(sd: DiffusionModel) -> None:
    assert "at most 50 steps" in notes(sd, scheduler="lcm", steps=60)


def test_what_a_model_does_not_take_is_told_and_nothing_else(loaded: dict[str, DiffusionModel]) -> None:
    assert "no negative prompt" in notes(loaded["lcm"], negative_prompt="dog")
    assert "no negative prompt" in notes(loaded["flux"], negative_prompt="dog")
    assert "without guidance" in notes(loaded["turbo"])
    assert drawn(loaded["turbo"], guidance=9.0).pixels == drawn(loaded["turbo"], guidance=1.0).pixels
    for name in ("sd", "sdxl", "sd3"):
        model = loaded[name]
        notes(model)
        assert notes(model, negative_prompt="dog", guidance=9.0) == ""
        assert drawn(model, negative_prompt="dog", guidance=9.0).pixels != drawn(model).pixels


def test_a_prompt_that_is_too_long_is_told(sd: DiffusionModel) -> None:
    assert "longer than the model reads" in notes(sd, prompt="abc " * 60)


@pytest.mark.parametrize("name", ["sd", "sd3", "flux"])
def test_sizes_that_the_latents_do_not_divide_are_kept(loaded: dict[str, DiffusionModel], name: str) -> None:
    picture = drawn(loaded[name], width=72, height=56)
    assert (picture.width, picture.height, len(picture.pixels)) == (72, 56, 72 * 56 * 3)


@pytest.mark.parametrize("name", ["sd", "sdxl", "sd3", "flux", "lcm"])
def test_a_picture_can_be_the_beginning(loaded: dict[str, DiffusionModel], name: str, source: Path) -> None:
    model = loaded[name]
    before = drawn(model)
    picture = drawn(model, source=source, strength=0.5, steps=4)
    assert (picture.width, picture.height) == (64, 64)
    assert drawn(model, source=source, strength=0.5, steps=4).pixels == picture.pixels
    assert drawn(model).pixels == before.pixels


def test_the_weakest_strength_still_takes_a_step(sd: DiffusionModel, source: Path) -> None:
    steps = [event for event in events(sd, source=source, strength=0.1, steps=2) if isinstance(event, DrawingStep)]
    assert len(steps) == 1


def test_a_source_that_can_not_be_read_is_told(sd: DiffusionModel, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for name in ("broken.png", "missing.png"):
        with pytest.raises(ThauError, match=name):
            events(sd, source=tmp_path / name)


def test_a_lora_counts_by_its_strength_and_comes_off_again(sd: DiffusionModel, made: Path) -> None:
    plain = drawn(sd)
    strong = drawn(sd, loras=(Lora(made / "style.safetensors", 1.0),))
    weak = drawn(sd, loras=(Lora(made / "style.safetensors", 0.1),))
    assert 0 < distance(weak.pixels, plain.pixels) < distance(strong.pixels, plain.pixels)
    assert drawn(sd).pixels == plain.pixels
    assert drawn(sd, loras=(Lora(made / "style.safetensors", 1.0),)).pixels == strong.pixels
    assert drawn(sd).pixels == plain.pixels


def test_a_lora_that_can_not_be_worn_is_told_and_the_model_draws_on(
    loaded: dict[str, DiffusionModel], made: Path, tmp_path: Path
) -> None:
    plain = drawn(loaded["sdxl"])
    (tmp_path / "style.pt").write_bytes(b"x")
    for path, kind in (
        (tmp_path / "gone.safetensors", ModelMissing),
        (tmp_path / "style.pt", ModelBroken),
        (made / "style.safetensors", ModelUnsupported),  # it was made for another width
        (made / "sd" / "unet" / "diffusion_pytorch_model.safetensors", ModelUnsupported),
    ):
        with pytest.raises(kind, match=path.stem):
            events(loaded["sdxl"], loras=(Lora(path),))
        assert drawn(loaded["sdxl"]).pixels == plain.pixels


def test_a_single_file_draws_as_its_folder_does(sd: DiffusionModel, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "sd", tmp_path / "settings", ignore=shutil.ignore_patterns("*.safetensors"))
    shutil.copytree(made / "sdxl", tmp_path / "another")
    one = tiny_pictures.single_file(made / "sd", tmp_path / "one.safetensors")
    assert drawn(load(one)).pixels == drawn(sd).pixels


def test_a_single_file_without_its_settings_says_what_is_missing(made: Path, tmp_path: Path) -> None:
    one = tiny_pictures.single_file(made / "sd", tmp_path / "one.safetensors")
    with pytest.raises(ModelMissing, match=r"one\.safetensors.*word list.*Stable Diffusion 1\.5"):
        load(one)


@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        ("sd", {"unet": 859_520_964, "vae": 83_653_863, "text_encoder": 123_060_480}),
        ("sd2", {"unet": 865_910_724, "vae": 83_653_863, "text_encoder": 340_387_840}),
        ("sdxl", {"unet": 2_567_463_684, "text_encoder": 123_060_480, "text_encoder_2": 694_659_840}),
    ],
)
def test_the_settings_that_are_known_make_models_of_the_published_sizes(
    family: str, sizes: dict[str, int], made: Path, tmp_path: Path
) -> None:
    import diffusers
    import transformers

    words = next(made.glob("sd words"))
    folder = diffusion_single_file.write(tmp_path / "settings", family, words)
    for part, size in sizes.items():
        settings = diffusion_single_file.read_json(folder / part / "config.json")
        with torch.device("meta"):
            if part.startswith("text"):
                kind = transformers.CLIPTextModelWithProjection if part.endswith("2") else transformers.CLIPTextModel
                model: Any = kind(transformers.CLIPTextConfig(**settings))
            else:
                model = getattr(diffusers, settings["_class_name"]).from_config(settings)
        assert sum(parameter.numel() for parameter in model.parameters()) == size


def test_the_safety_checker_tells_and_leaves_the_picture_as_it_is(made: Path) -> None:
    model = load(made / "checked")
    off = events(model, safety=False)
    assert [event.text for event in off if isinstance(event, DrawingNote)] == ["The safety checker is off."]
    without = off[-1]
    assert isinstance(without, Drawn) and without.unsafe is None
    assert notes(model, safety=False) == ""
    checked = drawn(model)
    assert (checked.unsafe, checked.pixels) == (False, without.pixels)
    assert model._checker is not None
    model._checker._model.concept_embeds_weights.fill_(-1.0)  # now everything is too close to what it looks for
    checked = drawn(model)
    assert (checked.unsafe, checked.pixels) == (True, without.pixels)


def test_that_there_is_no_safety_checker_is_told_once(made: Path) -> None:
    model = load(made / "sd")
    assert "no safety checker" in notes(model)
    assert notes(model) == ""


@pytest.mark.parametrize("decoded", [False, True])
@pytest.mark.parametrize("name", ["sd", "sdxl", "sd3", "flux", "lcm"])
def test_previews_are_small_pictures_of_the_longest_side_asked(
    loaded: dict[str, DiffusionModel], name: str, decoded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = loaded[name]
    monkeypatch.setattr(diffusion_preview, "SHARE", 1e9)
    monkeypatch.setattr(diffusion_preview, "DECODE_SECONDS", 0.0)
    monkeypatch.setattr(model._previews, "_decode_seconds", 0.0 if decoded else float("inf"))
    happened = events(model, steps=2, width=64, height=96, preview_side=48)
    first, last = (event.preview for event in happened if isinstance(event, DrawingStep))
    assert first and not last
    with Image.open(io.BytesIO(first)) as preview:
        assert (preview.format, preview.size) == ("JPEG", (32, 48))
    assert not any(event.preview for event in events(model, preview_side=0) if isinstance(event, DrawingStep))


def test_previews_keep_to_their_share_of_the_time(sd: DiffusionModel) -> None:
    previews = sd._previews
    assert previews is not None
    previews._linear_seconds = 60.0
    previews._decode_seconds = 60.0
    assert not any(event.preview for event in events(sd) if isinstance(event, DrawingStep))
    previews._linear_seconds = 0.001


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
@pytest.mark.parametrize(
    "name",
    ["DDIMScheduler", "EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "FlowMatchEulerDiscreteScheduler"],
)
def test_a_preview_shows_the_finished_picture_that_the_model_has_in_mind(name: str, kind: str) -> None:
    import diffusers

    flow = name.startswith("Flow")
    scheduler = getattr(diffusers, name)(**({} if flow else {"prediction_type": kind}))
    scheduler.set_timesteps(10)
    generator = torch.Generator().manual_seed(0)
    finished, noise = torch.randn(2, 1, 4, 8, 8, generator=generator)
    timestep = scheduler.timesteps[4]
    if flow:
        sigma = float(scheduler.sigmas[4])
        sample, output = (1 - sigma) * finished + sigma * noise, noise - finished
    else:
        alpha = float(scheduler.alphas_cumprod[int(timestep)])
        sample = alpha**0.5 * finished + (1 - alpha) ** 0.5 * noise
        output = noise if kind == "epsilon" else alpha**0.5 * noise - (1 - alpha) ** 0.5 * finished
        if name.startswith("Euler"):
            sample = sample / alpha**0.5
    scheduler.step(output, timestep, sample)
    assert torch.allclose(diffusion_preview.clean(scheduler, output, timestep, sample), finished, atol=1e-3)


def test_the_map_from_latents_to_colours_fits_a_vae_that_is_linear() -> None:
    class Plain:
        """A VAE whose latents are its colours, scaled and shifted, each of 4×4 pixels."""

        dtype = torch.float32
        config = type("Config", (dict,), {"scaling_factor": 0.5})(shift_factor=0.25)

        def encode(self, pixels: torch.Tensor) -> Any:
            latents = torch.nn.functional.avg_pool2d(pixels, 4) * 3 + 1
            result: Any = type("Result", (), {})()
            result.latent_dist = type("Distribution", (), {"mode": lambda _self: latents})()
            return result

    weights = diffusion_preview._fit(Plain(), torch.device("cpu"), 4)
    colours = torch.tensor([0.3, -0.8, 0.5])
    latents = ((colours * 3 + 1) - 0.25) * 0.5
    assert torch.allclose(weights @ torch.cat([latents, torch.ones(1)]), colours, atol=0.01)


class Later(threading.Event):
    """Is set from the n-th look on: somewhere inside a step."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._left = looks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_an_autoencoder_without_attention_draws_too(tmp_path: Path) -> None:
    model = load(tiny_pictures.sd(tmp_path / "plain", attention=False))
    assert len(drawn(model).pixels) == 3 * 64 * 64


def test_a_decoder_that_enlarges_makes_a_large_picture_of_a_small_drawing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_pictures.sd(tmp_path / "small", attention=False)
    (folder / "thau.json").write_text(json.dumps({"sizes": [[64, 64]], "enlarges": True}))
    model = load(folder)
    shapes = []
    forward = model._pipe.unet.forward

    def watched(sample: torch.Tensor, *args: Any, **values: Any) -> Any:
        shapes.append(tuple(sample.shape[-2:]))
        return forward(sample, *args, **values)

    monkeypatch.setattr(model._pipe.unet, "forward", watched)
    small, large, wide = (drawn(model, width=w, height=h) for w, h in ((64, 64), (128, 128), (256, 64)))
    assert [(one.width, one.height) for one in (small, large, wide)] == [(64, 64), (128, 128), (256, 64)]
    least = shapes[0]
    assert set(shapes) == {least, (least[0] // 2, least[1] * 2)}  # never more latents than the native size has
    halved = Image.frombytes("RGB", (128, 128), large.pixels).resize((64, 64), Image.Resampling.BOX)
    apart = ImageChops.difference(halved, Image.frombytes("RGB", (64, 64), small.pixels))
    assert ImageStat.Stat(apart).mean[0] < 40  # the same drawing


def test_a_drawing_ends_in_mid_step_when_cancelled(sd: DiffusionModel) -> None:
    expected = drawn(sd)
    request = DrawingRequest("a red fox", steps=50, width=64, height=64)
    assert list(sd.draw(request, Later(6))) == []
    happened = list(sd.draw(request, Later(60)))
    assert 0 < len(happened) < 50 and all(isinstance(event, DrawingStep) for event in happened)
    assert drawn(sd).pixels == expected.pixels


def test_pictures_that_were_drawn_before_the_stop_are_kept(sd: DiffusionModel) -> None:
    cancel = threading.Event()
    pictures = 0
    for event in sd.draw(DrawingRequest("a red fox", steps=2, width=64, height=64, count=16), cancel):
        if isinstance(event, Drawn):
            pictures += 1
            cancel.set()
    assert 1 <= pictures < 16


def test_an_abandoned_drawing_frees_the_model(sd: DiffusionModel) -> None:
    expected = drawn(sd)
    abandoned = sd.draw(DrawingRequest("a red fox", steps=50, width=64, height=64), NEVER)
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined]
    assert drawn(sd).pixels == expected.pixels


def test_memory_that_runs_out_offers_a_smaller_size(sd: DiffusionModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any, **_options: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with monkeypatch.context() as patched:
        patched.setattr(sd._pipe.unet, "forward", full)
        with pytest.raises(OutOfMemory, match="512×768") as caught:
            events(sd, width=512, height=768)
        assert caught.value.action is not None
        assert (caught.value.action.name, caught.value.action.argument) == ("draw_smaller", "384x576")
        with pytest.raises(OutOfMemory) as caught:
            events(sd)
        assert caught.value.action is None and caught.value.advice
    assert drawn(sd).pixels


def test_large_pictures_are_decoded_in_tiles_when_memory_is_short(
    sd: DiffusionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thau_desktop.inference import diffusion_pipeline

    vae = sd._pipe.vae
    drawn(sd)
    assert not vae.use_tiling
    for free, size, tiled in ((10**12, (1024, 1024), False), (10**7, (1024, 1024), True), (10**7, (256, 256), False)):
        diffusion_pipeline.tile(sd._pipe, sd.plan, size, free)
        assert vae.use_tiling is tiled


def test_weights_that_do_not_fit_their_config_are_told(made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made / "sd", tmp_path / "broken"))
    config = folder / "unet" / "config.json"
    config.write_text(config.read_text().replace('"cross_attention_dim": 32', '"cross_attention_dim": 48'))
    with pytest.raises(ModelBroken, match="broken"):
        load(folder)


def test_the_number_of_threads_is_measured(sd: DiffusionModel, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = torch.get_num_threads()
    try:
        assert diffusion_threads._step_seconds(sd._pipe, 1) > 0
    finally:
        torch.set_num_threads(threads)
    monkeypatch.setattr(diffusion_threads, "cores", lambda: 8)
    for seconds, best in (({8: 1.0, 4: 2.0, 1: 9.0}, 8), ({8: 1.0, 4: 1.05, 1: 3.0}, 4), ({8: 3.0, 4: 2.0, 1: 1.0}, 1)):
        monkeypatch.setattr(diffusion_threads, "_step_seconds", lambda _pipe, number, seconds=seconds: seconds[number])
        assert diffusion_threads.choose(sd._pipe, 1000) == best
    assert diffusion_threads.choose(None, 10**9) == 8
