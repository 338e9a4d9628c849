"""Tiny random image models, real diffusers folders: each family draws 64×64 in a few hundredths of a second."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

WORDS = 200  # more than the tokens of the tokenizers below


def sd(folder: Path, *, checker: bool = False, attention: bool = True, **scheduler: Any) -> Path:
    """A Stable Diffusion model; `checker` adds a safety checker, without `attention` its autoencoder has none."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    noise = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        steps_offset=1,
        set_alpha_to_one=False,
        **scheduler,
    )
    pipe = StableDiffusionPipeline(
        vae=_vae(mid_block_add_attention=attention),
        text_encoder=_clip(),
        tokenizer=_clip_words(folder),
        unet=_unet(),
        scheduler=noise,
        requires_safety_checker=checker,
        safety_checker=_checker() if checker else None,
        feature_extractor=_extractor() if checker else None,
    )
    return _save(pipe, folder)


def sdxl(folder: Path, *, turbo: bool = False) -> Path:
    """An SDXL model; `turbo` as SDXL-Turbo says that it is one."""
    from diffusers import EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, StableDiffusionXLPipeline

    unet = _unet(
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 32,
        cross_attention_dim=64,
        transformer_layers_per_block=(1, 1),
        use_linear_projection=True,
    )
    noise: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    pipe = StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=_clip(),
        text_encoder_2=_clip(projection=True),
        tokenizer=_clip_words(folder),
        tokenizer_2=_clip_words(folder),
        unet=unet,
        scheduler=EulerAncestralDiscreteScheduler(**noise, timestep_spacing="trailing")
        if turbo
        else EulerDiscreteScheduler(**noise, timestep_spacing="leading", steps_offset=1),
        add_watermarker=False,
    )
    return _save(pipe, folder)


def sd3(folder: Path) -> Path:
    """An SD3 model without its optional T5."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline

    torch.manual_seed(3)
    transformer = SD3Transformer2DModel(
        sample_size=16,
        patch_size=2,
        in_channels=8,
        out_channels=8,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=32,
        caption_projection_dim=32,
        pooled_projection_dim=64,
        pos_embed_max_size=96,
    )
    pipe = StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(latent_channels=8, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=_clip(hidden=16, projection=True),
        tokenizer=_clip_words(folder),
        text_encoder_2=_clip(hidden=16, projection=True),
        tokenizer_2=_clip_words(folder),
        text_encoder_3=None,
        tokenizer_3=None,
    )
    return _save(pipe, folder)


def flux(folder: Path, *, schnell: bool = False) -> Path:
    """A Flux model: guidance goes into the network, or nowhere (`schnell`)."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
    from transformers import T5Config, T5EncoderModel, T5TokenizerFast

    torch.manual_seed(4)
    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        guidance_embeds=not schnell,
        axes_dims_rope=(4, 4, 8),
    )
    letters = [(letter, -3.0) for letter in string.ascii_lowercase]
    words = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *letters]
    pipe = FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=not schnell),
        vae=_vae(latent_channels=4, shift_factor=0.1, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=_clip(),
        tokenizer=_clip_words(folder),
        text_encoder_2=T5EncoderModel(
            T5Config(vocab_size=WORDS, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=4)
        ),
        tokenizer_2=T5TokenizerFast(vocab=words, extra_ids=0, model_max_length=64),
        transformer=transformer,
    )
    return _save(pipe, folder)


def lcm(folder: Path) -> Path:
    """A latent consistency model: guidance goes into the network, and there is no negative prompt."""
    from diffusers import LatentConsistencyModelPipeline, LCMScheduler

    pipe = LatentConsistencyModelPipeline(
        vae=_vae(),
        text_encoder=_clip(),
        tokenizer=_clip_words(folder),
        unet=_unet(time_cond_proj_dim=32),
        scheduler=LCMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return _save(pipe, folder)


def lora(folder: Path, path: Path, *, rank: int = 2) -> Path:
    """A LoRA of random weights for the UNet of the model in `folder`, as diffusers saves it."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel

    torch.manual_seed(5)
    unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet")
    layers = {}
    for name, module in unet.named_modules():
        if name.endswith(("attn2.to_q", "attn2.to_k", "attn2.to_v")):
            layers[f"{name}.lora_A.weight"] = torch.randn(rank, module.in_features)
            layers[f"{name}.lora_B.weight"] = torch.randn(module.out_features, rank)
    StableDiffusionPipeline.save_lora_weights(path.parent, unet_lora_layers=layers, weight_name=path.name)
    return path


def single_file(folder: Path, path: Path) -> Path:
    """The Stable Diffusion model in `folder` as one file with the names that its first authors gave the tensors."""
    from safetensors.torch import load_file, save_file

    tensors = {}
    for part, prefix, rename in (
        ("unet", "model.diffusion_model.", _unet_name),
        ("vae", "first_stage_model.", _vae_name),
        ("text_encoder", "cond_stage_model.transformer.text_model.", lambda name: name.removeprefix("text_model.")),
    ):
        (file,) = (folder / part).glob("*.safetensors")
        for name, tensor in load_file(file).items():
            new = prefix + rename(name)
            linear = part == "vae" and ".attn_1." in new and tensor.ndim == 2
            tensors[new] = tensor[:, :, None, None].contiguous() if linear else tensor
    save_file(tensors, path)
    return path


LEVELS = 2  # of the UNet and the VAE below; each has one layer a level


def _unet_name(name: str) -> str:
    parts = name.split(".")
    if parts[0] in ("conv_in", "time_embedding", "conv_norm_out", "conv_out"):
        head = {
            "conv_in": "input_blocks.0.0",
            "conv_norm_out": "out.0",
            "conv_out": "out.2",
            "time_embedding": "time_embed." + ("0" if "linear_1" in name else "2"),
        }[parts[0]]
        return f"{head}.{parts[-1]}"
    if parts[0] == "mid_block":
        place = "1" if parts[1] == "attentions" else str(2 * int(parts[2]))
        return f"middle_block.{place}.{_layer_name(parts[3:])}"
    level, kind, number = int(parts[1]), parts[2], int(parts[3])
    if parts[0] == "down_blocks":
        if kind == "downsamplers":
            return f"input_blocks.{2 * (level + 1)}.0.op.{parts[-1]}"
        return f"input_blocks.{2 * level + 1 + number}.{int(kind == 'attentions')}.{_layer_name(parts[4:])}"
    if kind == "upsamplers":
        return f"output_blocks.{2 * level + 1}.{2 if level == 0 else 1}.conv.{parts[-1]}"
    return f"output_blocks.{2 * level + number}.{int(kind == 'attentions')}.{_layer_name(parts[4:])}"


def _layer_name(parts: list[str]) -> str:
    names = {
        "norm1": "in_layers.0",
        "conv1": "in_layers.2",
        "time_emb_proj": "emb_layers.1",
        "norm2": "out_layers.0",
        "conv2": "out_layers.3",
        "conv_shortcut": "skip_connection",
    }
    if parts[0] in names:
        return ".".join([names[parts[0]], *parts[1:]])
    return ".".join(parts)


def _vae_name(name: str) -> str:
    parts = name.split(".")
    if len(parts) > 2 and parts[1] in ("down_blocks", "up_blocks"):
        way = "down" if parts[1] == "down_blocks" else "up"
        level = int(parts[2]) if way == "down" else LEVELS - 1 - int(parts[2])
        rest = ["block", *parts[4:]] if parts[3] == "resnets" else [f"{way}sample", *parts[5:]]
        name = ".".join([parts[0], way, str(level), *rest])
    elif len(parts) > 2 and parts[1] == "mid_block":
        if parts[2] == "resnets":
            name = ".".join([parts[0], "mid", f"block_{int(parts[3]) + 1}", *parts[4:]])
        else:
            names = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out": "proj_out"}
            name = ".".join([parts[0], "mid", "attn_1", names[parts[4]], parts[-1]])
    return name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")


def _unet(**options: Any) -> Any:
    import torch
    from diffusers import UNet2DConditionModel

    torch.manual_seed(0)
    settings: dict[str, Any] = {
        "sample_size": 32,
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": 32,
        "attention_head_dim": 4,
        "norm_num_groups": 8,
    }
    return UNet2DConditionModel(**(settings | options))


def _vae(**options: Any) -> Any:
    import torch
    from diffusers import AutoencoderKL

    torch.manual_seed(1)
    settings: dict[str, Any] = {
        "block_out_channels": (8, 16),
        "down_block_types": ("DownEncoderBlock2D",) * LEVELS,
        "up_block_types": ("UpDecoderBlock2D",) * LEVELS,
        "layers_per_block": 1,
        "latent_channels": 4,
        "norm_num_groups": 4,
        "sample_size": 64,
    }
    return AutoencoderKL(**(settings | options)).eval()


def _clip(*, hidden: int = 32, projection: bool = False) -> Any:
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(2)
    config = CLIPTextConfig(
        vocab_size=WORDS,
        hidden_size=hidden,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        projection_dim=32,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()


def _clip_words(folder: Path) -> Any:
    """A tokenizer of letters, with the files that CLIP's has."""
    from transformers import CLIPTokenizer

    marks = ["<|startoftext|>", "<|endoftext|>"]
    letters = string.ascii_lowercase + string.digits
    vocabulary = {word: number for number, word in enumerate([*marks, *letters, *(f"{x}</w>" for x in letters)])}
    place = folder.parent / f"{folder.name} words"
    place.mkdir(parents=True, exist_ok=True)
    (place / "vocab.json").write_text(json.dumps(vocabulary))
    (place / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer.from_pretrained(place, model_max_length=77)


def _checker() -> Any:
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    torch.manual_seed(6)
    vision = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 16,
        "projection_dim": 16,
    }
    return StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, projection_dim=16))


def _extractor() -> Any:
    from transformers import CLIPImageProcessorPil

    return CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})


def _save(pipe: Any, folder: Path) -> Path:
    from diffusers.utils import logging
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    logging.disable_progress_bar()
    logging.tqdm_lib.tqdm.monitor_interval = 0  # its thread would stay
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    return folder
