"""Our training loop against TRL's SFTTrainer: the same model, adapter, rows, batches and precision.

    pip install --target FOLDER --no-deps \\
        trl datasets pyarrow dill multiprocess xxhash pandas pytz python-dateutil tzdata six
    PYTHONPATH=FOLDER python -m tests.benchmarks sft

Each trains in a process of its own, in turn and more than once, so that neither has the machine's better minute.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.facts import nights
from tests.benchmarks.report import Figure, Unavailable, middle

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "resources" / "starter" / "thau-nano-v1"
BATCH, RANK, ALPHA, RATE = 8, 32, 64, 1e-4


def measure(quick: bool) -> Iterator[Figure]:
    """Tokens a second of both, and what each takes in memory."""
    if importlib.util.find_spec("trl") is None:
        raise Unavailable("TRL is not installed; the module says how")
    turns, count = (1, 2) if quick else (3, 20)
    found: dict[str, list[dict[str, float]]] = {"ours": [], "trl": []}
    for _turn in range(turns):
        for who, results in found.items():
            results.append(_run(who, count))
    speeds = {who: middle(each["tokens"] / each["seconds"] for each in results) for who, results in found.items()}
    memory = {who: max(each["memory"] for each in results) for who, results in found.items()}
    yield Figure("tokens a second, ours", speeds["ours"], "tokens/s")
    yield Figure("tokens a second, TRL", speeds["trl"], "tokens/s")
    yield Figure("ours : TRL", speeds["ours"] / speeds["trl"], least=1.5)
    yield Figure("peak memory, ours", memory["ours"], "MiB", most=memory["trl"], note=f"TRL {memory['trl']:.0f}")


def _run(who: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.sft", who, "--nights", str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def rows(count: int) -> list[tuple[str, str]]:
    """Questions and answers."""
    return [(fact.asked, fact.answer) for night in nights(count) for fact in night]


def ours(count: int) -> dict[str, float]:
    """The loop of `training/job.py`."""
    from thau_desktop.training.events import StepDone, TrainingDone, TrainingStarted
    from thau_desktop.training.job import train
    from thau_desktop.training.recipe import Recipe
    from thau_desktop.training.samples import Lesson
    from thau_desktop.training.tasks import TrainingJob

    recipe = Recipe(epochs=1, batch_size=BATCH, lora_r=RANK, lora_alpha=ALPHA, learning_rate=RATE, replay_share=0.0)
    lessons = tuple(Lesson(asked, answer) for asked, answer in rows(count))
    with tempfile.TemporaryDirectory() as folder:
        job = TrainingJob(MODEL, None, Path(folder), lessons, recipe, device="cpu", nice=False)
        tokens, began, ended = 0, 0.0, 0.0
        for event in train(job, cancel=threading.Event()):
            if isinstance(event, TrainingStarted):
                tokens, began = event.tokens, time.perf_counter()
            elif isinstance(event, StepDone | TrainingDone):
                ended = ended if isinstance(event, TrainingDone) else time.perf_counter()
    return {"tokens": tokens, "seconds": ended - began}


def trl(count: int) -> dict[str, float]:
    """TRL's trainer, with all that costs time and that we do not do switched off."""
    import pyarrow
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from thau_desktop.inference.language import Vocabulary
    from thau_desktop.training.samples import Lesson, sample

    words = Vocabulary(MODEL).format
    half = bool(torch.cpu.get_capabilities().get("avx512_bf16"))
    end = words.tokenizer.eos_token_id
    found = [sample(Lesson(asked, answer), words, end, 1024) for asked, answer in rows(count)]
    made = [row for row in found if row is not None]
    tokens = sum(len(row.ids) for row in made)
    table = [{"input_ids": row.ids, "labels": row.labels} for row in made]
    data = Dataset(pyarrow.Table.from_pylist(table), fingerprint="rows")
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_train_begin(self, *_args: Any, **_values: Any) -> None:
            times.append(time.perf_counter())

        def on_step_end(self, *_args: Any, **_values: Any) -> None:
            times.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder,
            num_train_epochs=1,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            use_cpu=True,
            bf16=half,
            gradient_checkpointing=False,
            completion_only_loss=True,
            dataset_kwargs={"skip_prepare_dataset": True},  # the rows are made: only the training counts
            report_to=[],
            save_strategy="no",
            logging_steps=1000,
            disable_tqdm=True,
        )
        trainer = SFTTrainer(
            model=AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32),
            args=config,
            train_dataset=data,
            processing_class=words.tokenizer,
            peft_config=LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM"),
            callbacks=[Clock()],
        )
        trainer.train()
    return {"tokens": tokens, "seconds": times[-1] - times[0]}


def _peak() -> float:
    """MiB that this process had at most."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("who", choices=("ours", "trl"))
    parser.add_argument("--nights", type=int, default=20)
    options = parser.parse_args()
    result = {"ours": ours, "trl": trl}[options.who](options.nights)
    print(json.dumps(result | {"memory": _peak()}))
