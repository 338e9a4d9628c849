"""The parts of thau-image-v1: a variational autoencoder of 16 pixels a latent, a text encoder and a denoising UNet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

NATIVE = 256  # pixels a side
FACTOR = 16  # pixels a latent
LATENTS = 8  # channels
PROMPT = 48  # tokens
STEPS, GUIDANCE = 20, 3.5  # what it draws with unless told otherwise

# The noise: β from 0.00085 to 0.02, scaled linearly. At its end 1.6% of the picture's amplitude is left, little enough that
# pictures may be as dark or light as asked, and every scheduler that users can choose copes with it.
SCHEDULE = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.02, "beta_schedule": "scaled_linear", "prediction_type": "v_prediction",
            "steps_offset": 1}


def autoencoder(channels: Sequence[int] = (16, 32, 64, 96, 128)) -> AutoencoderKL:
    """3.3M parameters; few channels where there are many pixels, so that 256 × 256 decode in 0.1 s on one core."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 5, up_block_types=("UpDecoderBlock2D",) * 5, block_out_channels=tuple(channels),
        layers_per_block=1, latent_channels=LATENTS, norm_num_groups=8, sample_size=NATIVE, scaling_factor=1.0,
        mid_block_add_attention=False, force_upcast=False,
    )


class Painter(nn.Module):
    """What is trained together: the text encoder and the UNet that it guides."""

    def __init__(self, text: CLIPTextModel, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.text, self.unet = text, unet

    @classmethod
    def new(cls, tokenizer: CLIPTokenizer, *, channels: Sequence[int] = (64, 192, 256), layers: int = 1, attention: Sequence[bool] = (False, True, True),
            width: int = 192, depth: int = 4) -> Painter:
        """`channels` of the UNet by level (256 px: 16 × 16, 8 × 8, 4 × 4 latents), where it has `attention`; text encoder `width` × `depth`."""
        text = CLIPTextModel(CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=width, intermediate_size=4 * width, num_hidden_layers=depth, num_attention_heads=width // 48,
            max_position_embeddings=PROMPT, projection_dim=width, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id, hidden_act="gelu",
        ))
        down = ["CrossAttnDownBlock2D" if each else "DownBlock2D" for each in attention]
        up = ["CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(attention)]
        unet = UNet2DConditionModel(
            sample_size=NATIVE // FACTOR, in_channels=LATENTS, out_channels=LATENTS, block_out_channels=tuple(channels), layers_per_block=layers,
            down_block_types=tuple(down), up_block_types=tuple(up), cross_attention_dim=width, norm_num_groups=16,
            attention_head_dim=[max(1, c // 64) for c in channels],  # diffusers takes this as the number of heads
            addition_embed_type="text", addition_embed_type_num_heads=4,  # the whole prompt is told to every convolution too
        )
        return cls(text, unet)

    @classmethod
    def load(cls, folder: Path) -> Painter:
        """That of a finished model, in float32."""
        return cls(CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32),
                   UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32))

    def forward(self, noisy: torch.Tensor, times: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        return self.unet(noisy, times, self.text(input_ids=tokens).last_hidden_state, return_dict=False)[0]


def scheduler() -> DPMSolverMultistepScheduler:
    """DPM-Solver++ of second order."""
    return DPMSolverMultistepScheduler(**SCHEDULE, algorithm_type="dpmsolver++", solver_order=2, timestep_spacing="trailing")
