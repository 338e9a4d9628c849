"""A tiny random Llama with its own byte-level tokenizer: real files, real decoding, in a second."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CORPUS = [
    "Hola, ¿qué tal? Dibuja un gato azul con sombrero, por favor. Niño, camión, corazón, pingüino.",
    'Hello there! <TOOL:generate_image>{"prompt": "a blue cat"}</TOOL> The picture is ready. 🐱',
] * 20


def build(folder: Path, *, context: int = 512, needs_tool_prompt: bool = True) -> Path:
    """Write a model folder: Llama, hidden 64, 2 layers, random but always the same weights."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # its monitor is a thread that stays
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|im_start|>", "<|im_end|>", "<|pad|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(CORPUS, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|pad|>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        initializer_range=0.3,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    manifest = {"name": folder.name, "needs_tool_prompt": needs_tool_prompt, "context": context}
    (folder / "thau.json").write_text(json.dumps(manifest))
    return folder


def copy(folder: Path, target: Path, context: int) -> Path:
    """The same model with room for `context` tokens (its tokens are letters), which is not told about tools."""
    shutil.copytree(folder, target)
    config = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(json.dumps({**config, "max_position_embeddings": context}))
    (target / "thau.json").write_text(json.dumps({"name": target.name, "needs_tool_prompt": False, "context": context}))
    return target
