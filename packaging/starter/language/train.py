"""Trains thau-nano from nothing on conversations that `conversations.py` writes, and saves it ready to ship.

    python packaging/starter/language/train.py --minutes 90 --work build/starter          # from nothing
    python packaging/starter/language/train.py --minutes 60 --work build/starter          # goes on from its checkpoint
    python packaging/starter/language/train.py --minutes 60 --start resources/starter/thau-nano-v1   # from a finished model

The learning rate follows the time given (warm-up, constant, linear decay to zero), so any budget ends
in a finished model. A checkpoint is written every few minutes; a killed run goes on from it.

On a CPU each core is a process of its own with one thread: they read the same parameters in shared
memory and add their gradients to one buffer, so a core that is busy elsewhere slows only itself.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import random
import time
from pathlib import Path

import torch
import torch.multiprocessing
from conversations import Writer
from muon import Muon
from tokenizer import train_tokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONTEXT = 2048
LENGTHS = {128: 40, 256: 45, 512: 12, 2048: 3}  # tokens a row: share of the batches


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--work", type=Path, default=Path("build/starter-language"), help="checkpoints and tokenizer")
    parser.add_argument("--start", type=Path, default=None, help="a finished model whose weights and tokenizer to begin with")
    parser.add_argument("--output", type=Path, default=None, help="where the finished model goes")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--intermediate", type=int, default=704)
    parser.add_argument("--vocabulary", type=int, default=6144)
    parser.add_argument("--batch-tokens", type=int, default=6144, help="tokens an optimiser step")
    parser.add_argument("--row-tokens", type=int, default=2048, help="tokens that one process takes at a time")
    parser.add_argument("--lr", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=0, help="0: one a core on a CPU, one on a GPU")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


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
        for (role, _), body in zip(turns, self.tokenizer([text for _, text in turns], add_special_tokens=False).input_ids, strict=True):
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


def learning_rate(done: float, warm: float = 0.01, hold: float = 0.55) -> float:
    """The share of the peak rate after the share `done` of the time."""
    return min(1.0, done / warm, max(0.02, (1 - done) / (1 - hold)))


def main() -> None:
    options = arguments()
    processes = options.processes or (1 if options.device == "cuda" else os.cpu_count() or 1)
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    tokenizer_folder, checkpoint = options.work / "tokenizer", options.work / "checkpoint.pt"
    if options.start and not tokenizer_folder.exists():
        PreTrainedTokenizerFast.from_pretrained(options.start).save_pretrained(tokenizer_folder)
    if not tokenizer_folder.exists():
        writer = Writer(options.seed)
        texts = (text for _ in range(60_000) for _, text in writer.conversation(100))
        train_tokenizer(texts, options.vocabulary, CONTEXT).save_pretrained(tokenizer_folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tokenizer_folder)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=options.hidden, num_hidden_layers=options.layers, num_attention_heads=options.heads,
        num_key_value_heads=options.heads, intermediate_size=options.intermediate, max_position_embeddings=CONTEXT, tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.02,
    )
    model = LlamaForCausalLM.from_pretrained(options.start, dtype=torch.float32) if options.start else LlamaForCausalLM(config)
    model = model.to(options.device)
    hidden = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n and "lm_head" not in n]
    rest = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n or "lm_head" in n]
    optimizers = [Muon(hidden, lr=options.lr, weight_decay=0.02), torch.optim.AdamW(rest, lr=options.lr, betas=(0.9, 0.97), weight_decay=0.0)]
    step, spent, seen = 0, 0.0, 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        step, spent, seen = state["step"], state["spent"] if state["spent"] < options.minutes * 60 else 0.0, state["seen"]
    if options.device == "cpu":
        settle(0)
        model.share_memory()
    gradients = Gradients(model)
    needed = max(1, options.batch_tokens // options.row_tokens)
    batches = Batches(tokenizer, options.row_tokens, options.seed + 1000 + step)
    for number in range(1, processes):
        torch.multiprocessing.get_context("spawn").Process(
            target=help_along, daemon=True, name=f"train-{number}",
            args=(model, gradients, tokenizer_folder, options.row_tokens, options.seed + 1000 + step + number * 100_000, number),
        ).start()
    log = (options.work / "log.jsonl").open("a", encoding="utf-8")
    budget, started, saved_at, average = options.minutes * 60, time.time() - spent, time.time(), None
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f}M parameters, {len(tokenizer)} tokens, {options.device} x {processes}", flush=True)
    while (done := (time.time() - started) / budget) < 1:
        if one_batch(model, batches, gradients, options.device) < needed:
            continue
        tokens, loss = gradients.take(model)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = options.lr * learning_rate(done)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        step, seen = step + 1, seen + tokens
        average = loss if average is None else 0.97 * average + 0.03 * loss
        if step % 10 == 0:
            entry = {"step": step, "loss": round(average, 4), "tokens": seen, "seconds": round(time.time() - started), "lr": round(options.lr * learning_rate(done), 5)}
            print(entry, flush=True)
            log.write(json.dumps(entry) + "\n")
            log.flush()
        if time.time() - saved_at > 180:
            save_checkpoint(checkpoint, model, optimizers, step, time.time() - started, seen)
            saved_at = time.time()
    save_checkpoint(checkpoint, model, optimizers, step, time.time() - started, seen)
    if options.output:
        finish(model, tokenizer, options.output)


class Gradients:
    """Sums of gradients in shared memory, to which every process adds after each of its batches."""

    def __init__(self, model: LlamaForCausalLM) -> None:
        self.sums = [torch.zeros_like(p, device="cpu").share_memory_() for p in model.parameters()]
        self.totals = torch.zeros(3, dtype=torch.float64).share_memory_()  # batches, tokens, loss
        self.lock = torch.multiprocessing.get_context("spawn").Lock()

    def add(self, model: LlamaForCausalLM, tokens: int, loss: float) -> float:
        """Adds the model's gradients, clears them, and returns how many batches are in."""
        with self.lock:
            for total, p in zip(self.sums, model.parameters(), strict=True):
                total += p.grad.cpu() if p.grad.is_cuda else p.grad
                p.grad = None
            self.totals += torch.tensor([1.0, tokens, loss], dtype=torch.float64)
            return self.totals[0].item()

    def take(self, model: LlamaForCausalLM) -> tuple[int, float]:
        """Moves the mean gradient into the model; returns the tokens and the mean loss it comes from."""
        with self.lock:
            batches, tokens, loss = self.totals.tolist()
            for total, p in zip(self.sums, model.parameters(), strict=True):
                p.grad = (total / batches).to(p.device)
                total.zero_()
            self.totals.zero_()
        return int(tokens), loss / batches


def one_batch(model: LlamaForCausalLM, batches: Batches, gradients: Gradients, device: str) -> float:
    ids, answers = (tensor.to(device) for tensor in next(batches))
    with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda" or computes_bfloat16()):
        loss = loss_of(model, ids, answers)
    loss.backward()
    return gradients.add(model, ids.numel(), loss.item())


@functools.cache
def computes_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (one and a half times as many tokens a second); elsewhere it is emulated."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def help_along(model: LlamaForCausalLM, gradients: Gradients, tokenizer_folder: Path, tokens: int, seed: int, cpu: int) -> None:
    """A further process: adds gradients for as long as its parent lives."""
    settle(cpu)
    parent = os.getppid()
    batches = Batches(PreTrainedTokenizerFast.from_pretrained(tokenizer_folder), tokens, seed)
    while os.getppid() == parent:
        one_batch(model, batches, gradients, "cpu")


def settle(cpu: int) -> None:
    """One thread, on one core where the system lets us choose."""
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cpu % (os.cpu_count() or 1)})


def save_checkpoint(path: Path, model: LlamaForCausalLM, optimizers: list, step: int, spent: float, seen: int) -> None:
    temporary = path.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "spent": spent, "seen": seen}, temporary)
    temporary.replace(path)


def finish(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, output: Path) -> None:
    """Saves fp16 safetensors, tokenizer and the manifest that the app reads."""
    model = model.to("cpu", torch.float16)
    model.generation_config.update(do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id)
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    manifest = {"name": "thau-nano-v1", "title": "THAU nano", "languages": ["es", "en"], "native_tools": ["generate_image"],
                "needs_tool_prompt": False, "context": CONTEXT, "license": "MIT",
                "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(output.iterdir())
                           if file.suffix in (".json", ".jinja", ".safetensors") and file.name != "thau.json"}}
    for file in output.iterdir():
        file.chmod(0o644)  # safetensors writes 0600, and other users of an installed copy read it too
    (output / "thau.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
