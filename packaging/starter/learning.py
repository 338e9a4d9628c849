"""One training run: a time budget, a learning rate that follows it, an average of the weights, checkpoints, every core used.

The learning rate warms up, stays, and falls to zero over the time given, so any budget ends in a finished model; a run that
finds a finished checkpoint starts a new budget from its weights, one that was killed goes on in its own, and `--minutes 0`
only writes out what the checkpoint holds.

On a CPU each core is a process of its own with one thread: all read the same weights in shared memory and add their gradients
to one buffer, so a core that is busy elsewhere slows only itself. On a GPU one process does it all.
"""

from __future__ import annotations

import argparse
import copy
import functools
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.multiprocessing
from muon import Muon, computes_bfloat16
from torch import nn


class Task(Protocol):
    """What is learned. It is sent to the other processes before `start`, so it must be picklable until then."""

    def start(self, seed: int, device: str) -> None:
        """Open what this process reads its samples from."""

    def batch(self) -> tuple[torch.Tensor, ...]:
        """The next samples, on the device."""

    def loss(self, model: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Their mean loss."""

    def samples(self, batch: tuple[torch.Tensor, ...]) -> float:
        """How many samples of the native size a batch is worth."""


def parser(about: str | None, *, minutes: float, lr: float, step: int, average: float = 0.999,
           work: Path = Path("build/starter-image")) -> argparse.ArgumentParser:
    """The options that every stage has; `step` is the samples of an optimiser step."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--minutes", type=float, default=minutes)
    made.add_argument("--work", type=Path, default=work, help="checkpoints and what the stages hand on")
    made.add_argument("--lr", type=float, default=lr)
    made.add_argument("--step-samples", type=int, default=step, help="samples an optimiser step")
    made.add_argument("--average", type=float, default=average, help="share of the averaged weights that a step leaves as it is")
    made.add_argument("--seed", type=int, default=7)
    made.add_argument("--processes", type=int, default=0, help="0: one a core on a CPU, one on a GPU")
    made.add_argument("--workers", type=int, default=0, help="processes that draw for a GPU; 0: one for each core but one")
    made.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    made.add_argument("--compile", action="store_true", help="torch.compile, worth its minute on a GPU")
    return made


def optimizers(model: nn.Module, lr: float, apart: tuple[str, ...] = ()) -> list[torch.optim.Optimizer]:
    """Muon for the matrices and convolutions inside, AdamW for the rest and for what is named in `apart`."""
    inside = [p for n, p in model.named_parameters() if p.requires_grad and p.ndim >= 2 and not any(part in n for part in apart)]
    rest = [p for n, p in model.named_parameters() if p.requires_grad and (p.ndim < 2 or any(part in n for part in apart))]
    return [Muon(inside, lr), torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.97), weight_decay=0.0)]


def learning_rate(done: float, warm: float = 0.01, hold: float = 0.5) -> float:
    """The share of the peak rate after the share `done` of the time."""
    return min(1.0, max(0.02, done / warm), max(0.01, (1 - done) / (1 - hold)))


def fit(name: str, task: Task, model: nn.Module, opt: list[torch.optim.Optimizer], options: argparse.Namespace) -> nn.Module:
    """Train for the time given and return the model with its averaged weights. The state is kept in `<work>/<name>.pt`."""
    device, processes = options.device, options.processes or (1 if options.device == "cuda" else len(cores()))
    options.work.mkdir(parents=True, exist_ok=True)
    checkpoint = options.work / f"{name}.pt"
    average = copy.deepcopy(model).requires_grad_(False)
    step, spent, seen = 0, 0.0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=device)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        for optimizer, saved in zip(opt, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        step, seen = state["step"], state["seen"]
        spent = state["spent"] if state["spent"] < options.minutes * 60 else 0.0
    places = cores()  # asked before this process settles on one of them
    if device == "cpu":
        settle(places[0])
        model.share_memory()
    else:
        torch.set_float32_matmul_precision("high")
    called = torch.compile(model, dynamic=False) if options.compile else model
    gradients = Gradients(model) if device == "cpu" else None
    for number in range(1, processes):
        torch.multiprocessing.get_context("spawn").Process(
            target=help_along, daemon=True, name=f"{name}-{number}",
            args=(task, model, gradients, options.seed + 1000 + step + number * 100_000, places[number % len(places)]),
        ).start()
    task.start(options.seed + 1000 + step, device)

    def save() -> None:
        save_checkpoint(checkpoint, {"model": model.state_dict(), "average": average.state_dict(), "step": step, "seen": seen,
                                     "optimizers": [o.state_dict() for o in opt], "spent": time.time() - started})

    print(f"{name}: {sum(p.numel() for p in model.parameters()) / 1e6:.2f}M parameters, {device} x {processes}", flush=True)
    started = time.time() - spent
    saved_at, said_at, begun, mean = time.time(), 0.0, (time.time(), seen), None
    asked_to_stop = stop_when_asked()
    while (done := (time.time() - started) / max(options.minutes * 60, 1e-9)) < 1:
        if asked_to_stop():
            save()
            raise SystemExit(f"{name}: stopped; the same command goes on from {checkpoint}")
        if gradients is None:
            loss, samples = on_the_gpu(task, called, model, options.step_samples)
        else:
            if one_batch(task, model, gradients) < options.step_samples:
                continue
            loss, samples = gradients.take(model)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in opt:
            for group in optimizer.param_groups:
                group["lr"] = options.lr * learning_rate(done)
            optimizer.step()
            optimizer.zero_grad()
        step, seen = step + 1, seen + samples
        follow(average, model, min(options.average, (1 + step) / (10 + step)))
        mean = loss if mean is None else 0.98 * mean + 0.02 * loss
        if time.time() - said_at > 10:
            said_at = time.time()
            entry = {"step": step, "loss": round(float(mean), 4), "norm": round(float(norm), 3), "samples": round(seen), "seconds": round(said_at - started),
                     "a_second": round((seen - begun[1]) / max(said_at - begun[0], 1e-3), 1)}
            print(name, entry, flush=True)
            with (options.work / f"{name}.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(entry) + "\n")
        if time.time() - saved_at > 180:
            save()
            saved_at = time.time()
    save()
    return average


def stop_when_asked() -> Callable[[], bool]:
    """From now on Ctrl+C and SIGTERM only set what the returned function tells; a second Ctrl+C ends at once."""
    asked: list[int] = []

    def note(number: int, _frame: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    return lambda: bool(asked)


def on_the_gpu(task: Task, called: Callable[..., Any], model: nn.Module, needed: float) -> tuple[torch.Tensor, float]:
    """Leave the mean gradient of at least `needed` samples in the model; their mean loss and number."""
    samples, batches, total = 0.0, 0, torch.zeros((), device="cuda")
    while samples < needed:
        batch = task.batch()
        with torch.autocast("cuda", torch.bfloat16):
            loss = task.loss(called, batch)  # type: ignore[arg-type]
        loss.backward()
        total, samples, batches = total + loss.detach(), samples + task.samples(batch), batches + 1
    if batches > 1:
        torch._foreach_div_([p.grad for p in model.parameters() if p.grad is not None], batches)
    return total / batches, samples


class Gradients:
    """Sums of gradients in shared memory, to which every process adds after each of its batches."""

    def __init__(self, model: nn.Module) -> None:
        self.sums = [torch.zeros_like(p).share_memory_() for p in model.parameters()]
        self.totals = torch.zeros(3, dtype=torch.float64).share_memory_()  # batches, samples, loss
        self.lock = torch.multiprocessing.get_context("spawn").Lock()

    def add(self, model: nn.Module, samples: float, loss: float) -> float:
        """Adds the model's gradients, clears them, and returns how many samples are in."""
        with self.lock:
            for total, p in zip(self.sums, model.parameters(), strict=True):
                if p.grad is not None:
                    total += p.grad
                    p.grad = None
            self.totals += torch.tensor([1.0, samples, loss], dtype=torch.float64)
            return self.totals[1].item()

    def take(self, model: nn.Module) -> tuple[float, float]:
        """Moves the mean gradient into the model; returns the mean loss and the samples it comes from."""
        with self.lock:
            batches, samples, loss = self.totals.tolist()
            for total, p in zip(self.sums, model.parameters(), strict=True):
                p.grad = total / batches
                total.zero_()
            self.totals.zero_()
        return loss / batches, samples


def one_batch(task: Task, model: nn.Module, gradients: Gradients) -> float:
    batch = task.batch()
    with torch.autocast("cpu", torch.bfloat16, enabled=computes_bfloat16()):
        loss = task.loss(model, batch)
    loss.backward()
    return gradients.add(model, task.samples(batch), loss.item())


def help_along(task: Task, model: nn.Module, gradients: Gradients, seed: int, core: int) -> None:
    """A further process: adds gradients for as long as its parent lives."""
    parent = os.getppid()
    settle(core)
    task.start(seed, "cpu")
    while os.getppid() == parent:
        one_batch(task, model, gradients)


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, share: float) -> None:
    """Move the averaged weights towards the model's, leaving `share` of them."""
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - share)
    for kept, now in zip(average.buffers(), model.buffers(), strict=True):
        kept.copy_(now)


def settle(core: int) -> None:
    """One thread, on that core, where the system lets us choose."""
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


@functools.cache
def cores() -> list[int]:
    """The cores that this process was started on: `taskset -c 1` leaves the other one to other work."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    temporary = path.with_suffix(".part")
    torch.save(state, temporary)
    temporary.replace(path)
