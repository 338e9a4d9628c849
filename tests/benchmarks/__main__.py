"""Measures THAU against the numbers that it promises: `make bench`.

    python -m tests.benchmarks [name …] [--json FILE] [--quick]

Each benchmark runs in a process of its own, so that none sees what another left in memory, and a failure of one
does not keep the others from running. The exit status is 1 where a bound was missed, 2 where something failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
BENCHMARKS = {  # name: its module, and what it measures
    "speed": ("speed", "first token, tokens/s, and the share of a bare transformers loop"),
    "window": ("window_start", "from the start of the process to the window and to the model"),
    "memory": ("memory", "what the window and the model take in memory"),
    "loop": ("event_loop", "stalls of the window while an answer streams; a conversation of 10,000 messages"),
    "pages": ("pages", "stalls of the window when a page is first shown"),
    "transcript": ("bench_transcript", "stalls by kind of answer, without the rest of the app"),
    "engines": ("engines", "tokens/s and first words through THAU against llama.cpp, llama-server, Ollama alone"),
    "store": ("store", "reading, searching and writing the database"),
    "gallery": ("gallery", "opening, scrolling and searching 100,000 pictures"),
    "studio": ("studio", "a picture through the studio against the bare pipeline"),
    "night": ("night", "ten new facts in a night: minutes, answers, what is lost"),
    "beside": ("beside", "talking while a night trains and while a picture is drawn"),
    "million": ("million", "a million examples: taking them in, the status, the page"),
    "api": ("api", "the API: batches, the status, two hundred clients, schemathesis"),
    "export": ("export", "a large model to GGUF: bytes a second, and memory"),
    "sft": ("sft", "the training loop against TRL's, where that is installed"),
    "poison": ("poison", "ten poisoned nights and ten honest ones"),
    "nights": ("nights", "thirty nights of ten facts, and as many without replay"),
    "quality": ("quality", "what the starter model decides, draws and explains"),
}
SECONDS = 1800  # one that hangs is ended
PATIENCE = {"poison": 7200, "nights": 36_000}  # seconds of those that take hours


def main() -> int:
    """Run what was asked for, in turn."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="\n".join(f"{name:11} {what}" for name, (_module, what) in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help="all if none is given")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--quick", action="store_true", help="short runs, only to see that the benchmarks work")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if options.inside:
        return _inside(options.names[0], options.json, options.quick)
    from tests.benchmarks.report import machine

    made: dict[str, Any] = {"made": datetime.now().astimezone().isoformat(timespec="seconds"), "machine": machine()}
    results: dict[str, dict[str, Any]] = {}
    for name in options.names or BENCHMARKS:
        results[name] = _in_a_process(name, options.quick)
        if options.json:
            options.json.write_text(json.dumps({**made, "benchmarks": results}, indent=1, ensure_ascii=False))
    return _summary(results)


def _in_a_process(name: str, quick: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder:
        file = Path(folder) / "result.json"
        command = [sys.executable, "-m", "tests.benchmarks", name, "--inside", "--json", str(file)]
        why, seconds = "", PATIENCE.get(name, SECONDS)
        try:
            code = subprocess.run([*command, *(["--quick"] if quick else [])], cwd=ROOT, timeout=seconds).returncode
            why = f"its process ended with {code}"
        except subprocess.TimeoutExpired:
            why = f"it did not end within {seconds} s"
        if file.exists():
            found: dict[str, Any] = json.loads(file.read_text())
            return found
    print(f"  FAILED: {why}", flush=True)
    return {"status": "failed", "error": why, "figures": []}


def _inside(name: str, file: Path, quick: bool) -> int:
    from tests.benchmarks.report import report

    # Imported here: a spawned child imports the main module anew, and must not get Qt or torch with it.
    result = report(name, lambda short: import_module(f"tests.benchmarks.{BENCHMARKS[name][0]}").measure(short), quick)
    file.write_text(json.dumps(result, ensure_ascii=False))
    return 0


def _summary(results: dict[str, dict[str, Any]]) -> int:
    print()
    for name, result in results.items():
        bounded = [figure for figure in result["figures"] if figure["met"] is not None]
        missed = [figure["name"] for figure in bounded if not figure["met"]]
        words = f"{len(bounded) - len(missed)} of {len(bounded)} bounds met" if bounded else "no bounds"
        print(f"{name:11} {result['status']:8} {words}{''.join(f'{chr(10)}{chr(32) * 12}✗ {each}' for each in missed)}")
    states = {result["status"] for result in results.values()}
    return 2 if "failed" in states else 1 if "missed" in states else 0


if __name__ == "__main__":
    sys.exit(main())
