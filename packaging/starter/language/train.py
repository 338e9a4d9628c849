"""Trains thau-nano from nothing on conversations that `conversations.py` writes, and saves it ready to ship.

    python packaging/starter/language/train.py --minutes 90 --work build/starter          # from nothing
    python packaging/starter/language/train.py --minutes 60 --work build/starter          # goes on from its checkpoint
    python packaging/starter/language/train.py --minutes 60 --start resources/starter/thau-nano-v1   # from a finished model
    python packaging/starter/language/train.py --minutes 120 --start resources/starter/thau-nano-v1 --layers 10   # and a larger one
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from conversations import Writer
from tokenizer import CHAT_TEMPLATE, train_tokenizer
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

sys.path.append(str(Path(__file__).resolve().parent.parent))
import learning

CONTEXT = 2048
# How the app trains it at night (`tests/benchmarks/night.py` measures): a small model needs larger steps and more to hold on to.
LEARNS_BEST = {"epochs": 3, "learning_rate": 1e-3, "batch_size": 8, "gradient_accumulation": 2, "wordings": 16, "replay_share": 0.875, "replay_weight": 8.0}
LENGTHS = {128: 40, 256: 45, 512: 12, 2048: 3}  # tokens a row: share of the batches


@dataclass
class Speaking:
    """The task: say what the assistant says. A sample is a token."""

    tokenizer_folder: Path
    row_tokens: int

    def start(self, seed: int, device: str) -> None:
        self.device = device
        self.batches = Batches(PreTrainedTokenizerFast.from_pretrained(self.tokenizer_folder), self.row_tokens, seed)

    def batch(self) -> tuple[torch.Tensor, ...]:
        return tuple(tensor.to(self.device) for tensor in next(self.batches))

    def samples(self, batch: tuple[torch.Tensor, ...]) -> float:
        return batch[0].numel()

    def loss(self, model: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return loss_of(model, *batch)


class Batches:
    """Endless batches `(rows, length)` of token ids, with labels only where the assistant speaks."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, tokens: int, seed: int) -> None:
        self.writer, self.rng, self.tokens = Writer(seed), random.Random(seed), tokens
        self.tokenizer = tokenizer
        self.ids = {role: tokenizer.convert_tokens_to_ids(f"<|{role}|>") for role in ("system", "user", "assistant", "tool")}
        self.begin, self.end, self.pad = (tokenizer.convert_tokens_to_ids(t) for t in ("<|begin|>", "<|end|>", "<|pad|>"))

    def row(self, length: int) -> tuple[list[int], list[bool]]:
        ids, answers = [self.begin], [False]
        turns = self.writer.conversation(length)
        for (role, _), body in zip(turns, self.tokenizer([f" {text}" if role == "user" else text for role, text in turns], add_special_tokens=False).input_ids, strict=True):
            ids += [self.ids[role], *body, self.end]
            answers += [False, *[role == "assistant"] * (len(body) + 1)]
        padding = max(0, length - len(ids))
        return ids[:length] + [self.pad] * padding, answers[:length] + [False] * padding

    def __next__(self) -> tuple[torch.Tensor, torch.Tensor]:
        length = self.rng.choices(list(LENGTHS), list(LENGTHS.values()))[0]
        rows = [self.row(length) for _ in range(max(1, self.tokens // length))]
        return torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])


def loss_of(model: LlamaForCausalLM, ids: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy (nats a token) over the assistant's tokens; logits are made only there.

    Their number is filled up to a multiple of 256: a CPU keeps a compiled kernel, and its memory, for every shape it meets.
    """
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1].flatten(0, 1)
    chosen = answers[:, 1:].flatten().nonzero().squeeze(1)
    fill = -len(chosen) % 256
    places, labels = torch.nn.functional.pad(chosen, (0, fill)), torch.nn.functional.pad(ids[:, 1:].flatten()[chosen], (0, fill), value=-100)
    return torch.nn.functional.cross_entropy(model.lm_head(hidden[places]).float(), labels)


def new(options: argparse.Namespace, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A model that knows nothing yet."""
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=options.hidden, num_hidden_layers=options.layers, num_attention_heads=options.heads,
        num_key_value_heads=options.heads, intermediate_size=options.intermediate, max_position_embeddings=CONTEXT, tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.02,
    ))


def grown(model: LlamaForCausalLM, layers: int, intermediate: int) -> LlamaForCausalLM:
    """The same function in a larger model: what is added writes nothing until it has learned something.

    A new layer is a copy of the one before it whose output matrices are zero, as in LLaMA Pro (arXiv 2401.02415); new
    neurons of a feed-forward block begin at random with nothing going out.
    """
    config = copy.deepcopy(model.config)
    old = config.num_hidden_layers
    config.update({"num_hidden_layers": max(layers, old), "intermediate_size": max(intermediate, config.intermediate_size)})
    larger = LlamaForCausalLM(config)
    larger.model.embed_tokens.load_state_dict(model.model.embed_tokens.state_dict())
    larger.model.norm.load_state_dict(model.model.norm.state_dict())
    larger.lm_head.load_state_dict(model.lm_head.state_dict())
    before = -1
    for number, layer in enumerate(larger.model.layers):
        source = number * old // len(larger.model.layers)
        for (name, into), known in zip(layer.named_parameters(), model.model.layers[source].parameters(), strict=True):
            writes = name.endswith(("o_proj.weight", "down_proj.weight"))
            if writes:
                nn.init.zeros_(into)
            if not writes or source != before:
                into.data[tuple(slice(size) for size in known.shape)] = known.data
        before = source
    return larger


def main() -> None:
    parser = learning.parser(__doc__, work=Path("build/starter"), minutes=90, lr=4e-3, step=6144, average=0.997)
    parser.add_argument("--start", type=Path, default=None, help="a finished model whose weights and tokenizer to begin with")
    parser.add_argument("--output", type=Path, default=None, help="where the finished model goes")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8, help="with --start: grow to as many")
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--intermediate", type=int, default=1056, help="with --start: grow to as many")
    parser.add_argument("--vocabulary", type=int, default=6144)
    parser.add_argument("--row-tokens", type=int, default=2048, help="tokens that one process takes at a time")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    folder = options.work / "tokenizer"
    if options.start and not folder.exists():
        known = PreTrainedTokenizerFast.from_pretrained(options.start)
        known.chat_template = CHAT_TEMPLATE
        known.save_pretrained(folder)
    if not folder.exists():
        writer = Writer(options.seed)
        texts = (text for _ in range(60_000) for _, text in writer.conversation(100))
        train_tokenizer(texts, options.vocabulary, CONTEXT).save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    if options.start:
        known = LlamaForCausalLM.from_pretrained(options.start, dtype=torch.float32)
        model = grown(known, options.layers, options.intermediate)
    else:
        model = new(options, tokenizer)
    model = model.to(options.device)
    if options.device == "cpu":
        model.set_attn_implementation("eager")  # on short rows a tenth faster than the fused kernel
    opt = learning.optimizers(model, options.lr, apart=("embed", "lm_head"))
    trained = learning.fit("language", Speaking(folder, options.row_tokens), model, opt, options)
    if options.output:
        finish(trained, tokenizer, options.output)


def finish(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, output: Path) -> None:
    """Saves fp16 safetensors, tokenizer and the manifest that the app reads."""
    model = model.to("cpu", torch.float16)
    model.generation_config.update(do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id)
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    manifest = {"name": "thau-nano-v1", "title": "THAU nano", "languages": ["es", "en"], "native_tools": ["generate_image"],
                "needs_tool_prompt": False, "context": CONTEXT, "license": "MIT", "training": LEARNS_BEST,
                "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(output.iterdir())
                           if file.suffix in (".json", ".jinja", ".safetensors") and file.name != "thau.json"}}
    for file in output.iterdir():
        file.chmod(0o644)  # safetensors writes 0600, and other users of an installed copy read it too
    (output / "thau.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
