"""How well the starter model decides, draws and explains: greedy, on the hand-written sets in `data/evaluation`.

python -m tests.benchmarks.starter_quality [--model FOLDER] [--persona] [--sets FOLDER] [--show]

Of the folders in `data/evaluation`, `development` and `third` were written by people who saw no training file: by the
first the weights are chosen, the other is kept for the end.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
CALL = re.compile(r"<TOOL:generate_image>(.*?)</TOOL>", re.DOTALL)


SETS = ROOT / "data" / "evaluation"


def read(name: str, folder: Path = SETS) -> list[dict[str, Any]]:
    text = (folder / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def personas() -> dict[str, str]:
    """By language, the system prompt that users have who changed nothing: that of the default persona."""
    from thau_desktop.settings import Settings
    from thau_desktop.store.database import Database
    from thau_desktop.store.personas import Personas
    from thau_desktop.translation import language, set_language

    before, found = language(), {}
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "thau.db") as database:
        for name in ("es", "en"):
            set_language(name)
            found[name] = Personas(database).get(Settings().chat.persona).system_prompt
    set_language(before)
    return found


class Greedy:
    """The bare model: greedy answers to batches of conversations.

    Attributes: `system`, its system prompts by language; `choosing`, what else `generate` is told.
    """

    def __init__(self, folder: Path, system: Mapping[str, str] | None = None) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        torch.set_num_threads(1)  # as the app decodes small models; two took 40 times as long beside another program
        self.torch = torch
        self.tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.system = dict(system or {})
        self.choosing: dict[str, Any] = {"do_sample": False}

    def conversation(self, row: dict[str, Any], question: str) -> list[dict[str, str]]:
        """What the model reads of a row of a set: system prompt in its language, history, question."""
        system = self.system.get(row["language"], "")
        before = [{"role": "system", "content": system}] if system else []
        return [*before, *row.get("history", []), {"role": "user", "content": question}]

    def answers(self, conversations: list[list[dict[str, str]]], batch: int = 20) -> list[str]:
        found: list[str] = []
        for start in range(0, len(conversations), batch):
            chunk = conversations[start : start + batch]
            inputs = self.tokenizer.apply_chat_template(
                chunk, add_generation_prompt=True, return_tensors="pt", padding=True, return_dict=True
            )
            inputs = {k: inputs[k] for k in ("input_ids", "attention_mask")}
            with self.torch.inference_mode():
                out = self.model.generate(**inputs, max_new_tokens=110, **self.choosing)
            found += self.tokenizer.batch_decode(out[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        return found


def tool_calling(model: Greedy, show: bool = False, folder: Path = SETS) -> dict[str, float]:
    """Shares (0 to 1): right decisions, valid calls, subjects present, unknown nouns copied, follow-ups kept."""
    rows = read("tool_calling.jsonl", folder)
    answers = model.answers([model.conversation(row, row["prompt"]) for row in rows])
    count: Counter[str] = Counter()
    for row, answer in zip(rows, answers, strict=True):
        called = "<TOOL" in answer
        right = called == row["picture"]
        count["right"] += right
        count[f"right {row['kind']}"] += right
        count[f"all {row['kind']}"] += 1
        problem = "" if right else "wrong decision"
        if called:
            count["calls"] += 1
            match = CALL.search(answer)
            try:
                prompt = plain(json.loads(match[1])["prompt"]) if match else ""
                count["valid"] += bool(prompt)
            except (ValueError, KeyError, TypeError):
                prompt = ""
            if row["picture"]:
                group = "copied" if row.get("copied") else "subject"
                # Each list holds spellings of one thing: "watercolor" or "watercolour", "snow" or "snowy".
                there = all(any(plain(s) in prompt for s in row[key]) for key in ("subject", "also") if row.get(key))
                count[f"{group} asked"] += 1
                count[f"{group} found"] += there
                problem = problem or ("" if there else "subject missing")
        if show and problem:
            print(f"[{problem}] {row['prompt']!r} -> {answer!r} ({row.get('subject', '')}{row.get('also', '')})")
    kinds = sorted({row["kind"] for row in rows})
    return {
        "decisions": count["right"] / len(rows),
        "valid": count["valid"] / max(1, count["calls"]),
        "subject": count["subject found"] / max(1, count["subject asked"]),
        "copied": count["copied found"] / max(1, count["copied asked"]),
    } | {f"decisions, {kind}": count[f"right {kind}"] / count[f"all {kind}"] for kind in kinds}


def concepts(model: Greedy, show: bool = False, folder: Path = SETS) -> dict[str, float]:
    """The share of questions whose answer holds a word of each keyword group."""
    rows = read("concepts.jsonl", folder)
    answers = model.answers([model.conversation(row, row["question"]) for row in rows])
    right = 0
    for row, answer in zip(rows, answers, strict=True):
        good = all(any(plain(word) in plain(answer) for word in group) for group in row["keywords"])
        right += good
        if show and not good:
            print(f"[wrong] {row['question']!r} ({row['concept']}) -> {answer!r}")
    return {"concepts": right / len(rows)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "resources" / "starter" / "thau-nano-v1")
    parser.add_argument("--system", default="", help="a system prompt for all")
    parser.add_argument("--persona", action="store_true", help="the system prompts of the default persona")
    parser.add_argument("--sets", type=Path, default=SETS, help="or data/evaluation/third")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    model = Greedy(options.model, personas() if options.persona else dict.fromkeys(("es", "en"), options.system))
    scores = tool_calling(model, options.show, options.sets) | concepts(model, options.show, options.sets)
    for name, value in scores.items():
        print(f"{name:24} {value:6.1%}")


if __name__ == "__main__":
    main()
