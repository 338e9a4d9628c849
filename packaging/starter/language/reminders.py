"""Writes `data/datasets/reminders.jsonl`: old questions that a training repeats beside what is new, and the starter's answers.

python packaging/starter/language/reminders.py
"""

from __future__ import annotations

import json
from pathlib import Path

from conversations import Writer

COUNT = 3000
TARGET = Path(__file__).parents[3] / "data" / "datasets" / "reminders.jsonl"


def main() -> None:
    writer, seen = Writer(2026), set()
    lines = []
    while len(lines) < COUNT:
        talk = [turn for turn in writer.conversation(40) if turn[0] != "system"]
        question, answer = talk[0][1], talk[1][1]
        if question not in seen and "Repite" not in question and "Repeat" not in question:
            seen.add(question)
            lines.append(json.dumps({"instruction": question, "output": answer}, ensure_ascii=False))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
