"""One training: a LoRA adapter on a frozen base, warm-started from the version in use. Runs in a process of its own.

It reads top to bottom: `_load`, then `_fit`, then the adapter is saved. A step's gradient is a mean over its learned
tokens, however many processes share it: two processes under `accelerate launch` give the loss curve of one. All that a
step depends on comes from the seed and its number, so a run that was killed goes on from its checkpoint as if nothing
had been.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import torch
from accelerate import Accelerator
from peft import LoraConfig, PeftModel, get_peft_model

from thau_desktop.inference import threads
from thau_desktop.inference.language import Vocabulary, choose_device, free_memory, read_weights
from thau_desktop.training import memory, reminders, suites
from thau_desktop.training.events import CheckpointSaved, StepDone, TrainingDone, TrainingEvent, TrainingStarted
from thau_desktop.training.lora import quicken
from thau_desktop.training.memory import Plan
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.rows import expectation
from thau_desktop.training.rows import losses as token_losses
from thau_desktop.training.samples import Sample, mixed, mixture, packed, sample
from thau_desktop.training.tasks import ADAPTER, CHECKPOINT, REMINDERS, NothingToLearn, TrainingDiverged, TrainingJob
from thau_desktop.translation import _

STATE, KEPT = "state.pt", "reminders"
CHECKPOINT_SECONDS = 60.0
DIVERGED = 3.0  # a mean loss so many times the lowest so far is not coming back
_LATEST = 10  # steps whose mean loss is looked at, at least

_logger = logging.getLogger(__name__)


def train(job: TrainingJob, *, cancel: threading.Event) -> Iterator[TrainingEvent]:
    """Yield TrainingStarted, StepDone and CheckpointSaved as it goes, at the end TrainingDone with the adapter.

    Stopped by `cancel` it leaves a checkpoint and no adapter. Raises `TrainingDiverged`, `NothingToLearn`, and what
    reading a model raises.
    """
    _give_way(job)
    torch.manual_seed(job.recipe.seed)
    accelerator = _accelerator(job.device)
    vocabulary = Vocabulary(job.base)
    new, old = _rows(job, vocabulary)
    model, plan = _load(job, [*new, *old])
    old += _remembered(job, accelerator, model, vocabulary, cancel)
    if accelerator.mixed_precision == "bf16":
        quicken(model, max(len(row.ids) for row in (*new, *old)))
    yield from _fit(job, accelerator, model, plan, new, old, vocabulary.format.tokenizer.pad_token_id or 0, cancel)


def _accelerator(wish: str) -> Accelerator:
    """On a CPU that multiplies bfloat16 the forward passes use it, which takes two thirds of the time."""
    device, _dtype = choose_device(wish)
    half = device.type == "cpu" and torch.cpu.get_capabilities().get("avx512_bf16")
    return Accelerator(cpu=device.type == "cpu", mixed_precision="bf16" if half else "no")


def _precision(accelerator: Accelerator, model: Any, plan: Plan) -> str:
    """In what the base multiplies, in a word."""
    if plan.precision != "full":
        return plan.precision
    if accelerator.mixed_precision != "no":
        return str(accelerator.mixed_precision)
    kinds = (parameter.dtype for parameter in model.parameters() if not parameter.requires_grad)
    return {torch.bfloat16: "bf16", torch.float16: "fp16"}.get(next(kinds, torch.float32), "fp32")


def _give_way(job: TrainingJob) -> None:
    if job.nice:
        with contextlib.suppress(psutil.Error, OSError):
            low = 10 if os.name == "posix" else psutil.BELOW_NORMAL_PRIORITY_CLASS  # type: ignore[attr-defined]
            psutil.Process().nice(low)
    torch.set_num_threads(job.threads or threads.cores())


def _rows(job: TrainingJob, vocabulary: Vocabulary) -> tuple[list[Sample], list[Sample]]:
    """The rows of what is new, and those of what was learned before. Raises `NothingToLearn`."""
    recipe, words = job.recipe, vocabulary.format
    longest = _longest(job, vocabulary)
    end = words.tokenizer.eos_token_id
    new, earlier = (
        [row for row in (sample(one, words, end, longest, recipe.answers_only) for one in lessons) if row is not None]
        for lessons in (job.lessons, job.earlier)
    )
    if not new:
        raise NothingToLearn(
            _("None of the {n} examples fits into {tokens} tokens.").format(n=len(job.lessons), tokens=longest),
            _("Shorten their answers, or raise the longest example in the settings."),
        )
    if recipe.packing:
        new, earlier = packed(new, longest), packed(earlier, longest)
    return new, earlier


def _longest(job: TrainingJob, vocabulary: Vocabulary) -> int:
    return min(job.recipe.context_length, vocabulary.context)


def _remembered(
    job: TrainingJob, accelerator: Accelerator, model: Any, vocabulary: Vocabulary, cancel: threading.Event
) -> list[Sample]:
    """The rows of the old questions, with what the bare base answers."""
    taught = {tuple(suites.words(one.instruction)) for one in (*job.lessons, *job.earlier)}
    found: list[Sample] = []
    with model.disable_adapter():
        kept = job.kept or job.folder / KEPT
        keep = accelerator.is_main_process
        longest = _longest(job, vocabulary)
        for start in range(0, len(job.reminders), REMINDERS):
            block = job.reminders[start : start + REMINDERS]
            old = [one for one in block if tuple(suites.words(one.instruction)) not in taught]
            found += reminders.remember(model.eval(), vocabulary, old, longest, kept, cancel, keep=keep)
    return found


def _load(job: TrainingJob, rows: Sequence[Sample]) -> tuple[Any, Plan]:
    """The base with an adapter that learns rows like these, and how it is held. Half precision only on a GPU.

    Where memory asks for it, the base is in 4 bits (QLoRA) and activations are computed twice. Raises `ModelBroken`,
    and `OutOfMemory` where nothing fits.
    """
    device, dtype = choose_device(job.device)
    longest, learned = max(len(row.ids) for row in rows), max(row.learned for row in rows)
    plan = memory.plan(job.base, job.recipe, job.precision, longest, learned, dtype.itemsize, free_memory(device))
    _logger.info("memory: %s", plan)
    base = read_weights(job.base, dtype, device, plan.precision)
    base.config.use_cache = False
    if plan.checkpointing:
        base.activation_checkpointing_enable()
    if job.adapter is not None:
        model = PeftModel.from_pretrained(base, job.adapter, is_trainable=True)
    else:
        recipe = job.recipe
        model = get_peft_model(
            base,
            LoraConfig(
                r=recipe.lora_r,
                lora_alpha=recipe.lora_alpha,
                lora_dropout=recipe.lora_dropout,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            ),
        )
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return model, plan


def _fit(
    job: TrainingJob,
    accelerator: Accelerator,
    model: Any,
    plan: Plan,
    new: list[Sample],
    old: list[Sample],
    pad: int,
    cancel: threading.Event,
) -> Iterator[TrainingEvent]:
    recipe = job.recipe
    epoch = math.ceil(len(new) / mixture(recipe, bool(old))[0])
    steps = recipe.epochs * epoch
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True)
    done = _resume(job, model, optimizer)
    model, optimizer = accelerator.prepare(model, optimizer)
    model.train()
    yield TrainingStarted(
        steps,
        done,
        len(new) + len(old),
        sum(len(row.ids) for row in (*new, *old)),
        accelerator.device.type,
        _precision(accelerator, model, plan),
        plan.bytes,
    )
    started = saved = time.monotonic()
    # A whole epoch: what is new and what is known already lie a hundredfold apart, and come in any order.
    losses: deque[float] = deque(maxlen=max(_LATEST, epoch))
    lowest, tokens, step = math.inf, 0, done
    ended = "finished"
    for step, (fresh, again) in enumerate(mixed(new, old, recipe), start=1):
        if step <= done:
            continue
        if cancel.is_set():
            ended = "stopped"
        elif recipe.max_minutes and time.monotonic() - started > recipe.max_minutes * 60:
            ended = "time"
        if ended != "finished":
            step -= 1
            break
        rate = recipe.learning_rate * learning_rate((step - 0.5) / steps, recipe)
        for parameters in optimizer.param_groups:
            parameters["lr"] = rate
        loss, seen = _backward(accelerator, model, _weighed(fresh, again, recipe), recipe.batch_size, pad)
        norm = float(accelerator.clip_grad_norm_(learning, recipe.max_gradient_norm))
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise _diverged(step, loss)
        optimizer.step()
        optimizer.zero_grad()
        tokens += seen
        losses.append(loss)
        mean = sum(losses) / len(losses)
        if len(losses) == losses.maxlen:
            lowest = min(lowest, mean)
            if mean > DIVERGED * lowest + 1:
                raise _diverged(step, mean)
        yield StepDone(step, steps, loss, rate, norm, tokens / max(time.monotonic() - started, 1e-6))
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            saved = time.monotonic()
            _save(job, accelerator, model, optimizer, step)
            yield CheckpointSaved(step)
    if ended == "stopped":
        _save(job, accelerator, model, optimizer, step)
        yield CheckpointSaved(step)
        return
    if accelerator.is_main_process:
        _write_adapter(accelerator.unwrap_model(model), job.folder / ADAPTER)
    mean = sum(losses) / max(len(losses), 1)
    yield TrainingDone(job.folder / ADAPTER, step, mean, time.monotonic() - started, ended == "time")


def learning_rate(done: float, recipe: Recipe) -> float:
    """The share of the peak rate when the share `done` (0 to 1) of the steps has been made."""
    if done < recipe.warmup_share:
        return done / recipe.warmup_share
    left = (1 - done) / max(1 - recipe.warmup_share, 1e-9)
    if recipe.schedule == "cosine":
        return 0.5 * (1 - math.cos(math.pi * left))
    return left if recipe.schedule == "linear" else 1.0


def _weighed(new: Sequence[Sample], old: Sequence[Sample], recipe: Recipe) -> list[tuple[Sample, float]]:
    """The rows of a step with the weight of each of their tokens: the mean over what is new, and that over what is old
    times the recipe's weight. Those of like length are neighbours, so that little is padded."""
    weighed = []
    for rows, weight in ((new, 1.0), (old, recipe.replay_weight)):
        tokens = sum(row.learned for row in rows)
        weighed += [(row, weight / max(tokens, 1)) for row in rows]
    return sorted(weighed, key=lambda pair: len(pair[0].ids))


def _backward(
    accelerator: Accelerator, model: Any, group: Sequence[tuple[Sample, float]], size: int, pad: int
) -> tuple[float, int]:
    """Gradients of the group's loss, taking `size` rows at a time; that loss (nats) and how many tokens were read."""
    share = group[accelerator.process_index :: accelerator.num_processes]
    total = torch.zeros((), device=accelerator.device)
    parts = [share[start : start + size] for start in range(0, len(share), size)]
    for part in parts or [group[:1]]:
        rows = [row for row, _weight in part]
        weights = [weight for row, weight in part for _token in range(row.learned)]
        with accelerator.autocast():
            logits, tokens = expectation(model, rows, pad, accelerator.device)
        loss = (token_losses(logits, tokens, rows) * torch.tensor(weights, device=accelerator.device)).sum()
        loss = loss if parts else loss * 0  # every process must take part, also one without a row of its own
        accelerator.backward(loss * accelerator.num_processes)  # which are averaged
        total += loss.detach()
    mean = float(accelerator.reduce(total, "sum")) if accelerator.num_processes > 1 else float(total)
    return mean, sum(len(row.ids) for row, _weight in group)


# --- what lies on disk ---------------------------------------------------------------------------------


def _save(job: TrainingJob, accelerator: Accelerator, model: Any, optimizer: Any, step: int) -> None:
    """The checkpoint, whole or not at all."""
    if not accelerator.is_main_process:
        return
    part, kept = job.folder / f"{CHECKPOINT}.part", job.folder / CHECKPOINT
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    weights = {name: value for name, value in accelerator.unwrap_model(model).named_parameters() if value.requires_grad}
    state = {"step": step, "weights": weights, "optimizer": optimizer.state_dict()}
    torch.save(state, part / STATE)
    shutil.rmtree(kept, ignore_errors=True)
    part.rename(kept)


def _resume(job: TrainingJob, model: Any, optimizer: torch.optim.Optimizer) -> int:
    """Go on from the checkpoint; the number of steps that are done."""
    path = job.folder / CHECKPOINT / STATE
    if not path.exists():
        return 0
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        mine = dict(model.named_parameters())
        with torch.no_grad():
            for name, value in state["weights"].items():
                mine[name].copy_(value)
        optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])
    except (OSError, RuntimeError, KeyError, ValueError, EOFError) as problem:
        _logger.warning("the checkpoint %s can't be used, the training begins anew: %s", path, problem)
        return 0


def _write_adapter(model: Any, folder: Path) -> None:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(part)
    config = part / "adapter_config.json"
    values = json.loads(config.read_text(encoding="utf-8"))
    values["base_model_name_or_path"] = None  # the version says which; a path here would tell this machine's folders
    config.write_text(json.dumps(values, indent=2, sort_keys=True), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def _diverged(step: int, loss: float) -> TrainingDiverged:
    return TrainingDiverged(
        _("The training went astray at step {step}: the loss is {loss}.").format(step=step, loss=f"{loss:.3g}"),
        _("Lower the learning rate, or look at what is to be learned."),
    )
