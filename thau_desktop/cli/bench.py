"""`thau bench`: how quick a model is here, in every configuration that fits."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from thau_desktop.benchmark import BenchEvent, BenchFailed, BenchProgress, BenchStarted, Measured, bench, table
from thau_desktop.cli.download_output import size_of
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.event_records import record_of
from thau_desktop.paths import atomic_write
from thau_desktop.translation import _


def run_bench(
    model: Annotated[str, typer.Option("--model", help=_("Which model; by default the one in use."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help=_("Write the table into this file, too."))] = None,
) -> None:
    cancel = threading.Event()
    results: list[Measured] = []
    failed: list[BenchFailed] = []
    started: BenchStarted | None = None
    with opened() as thau, first_interrupt_stops(cancel):
        for event in bench(thau, model, cancel):
            match event:
                case BenchStarted():
                    started = event
                case Measured():
                    results.append(event)
                case BenchFailed():
                    failed.append(event)
            if not json:
                _show(event)
    assert started is not None
    if csv is not None:
        atomic_write(csv.absolute(), table(results).encode())
    if json:
        print_json(
            {
                "model": started.model,
                "configurations": [_record(each) for each in results],
                "failed": [record_of(each) for each in failed],
                "left_out": [{"configuration": each.kind, "reason": why} for each, why in started.left_out],
            }
        )


def _record(each: Measured) -> dict[str, object]:
    return {
        "configuration": each.configuration.kind,
        "model": each.configuration.model,
        "device": each.device,
        "load_s": round(each.load_seconds, 3),
        "time_to_first_token_s": round(each.first_token_seconds, 4),
        "tokens_per_second": round(each.tokens_per_second, 2),
        "prompt_tokens_per_second": round(each.read_per_second, 1),
        "peak_memory_bytes": each.peak_memory,
        "quality": round(each.quality, 3),
        "tokens": each.tokens,
    }


def _show(event: BenchEvent) -> None:
    out, notes = console(), console(sys.stderr)
    match event:
        case BenchStarted(model=model, left_out=left_out):
            out.print(printable(model), style="bold")
            for configuration, why in left_out:
                notes.print(f"  {configuration.label}: {why}", style="dim")
        case BenchProgress() if sys.stderr.isatty():
            notes.print(f"  {event.configuration.label}: {event.fraction:.0%}", style="dim", end="\r")
        case BenchFailed(configuration, problem):
            notes.print(f"  {configuration.label}: {printable(problem)}", style="red")
        case Measured():
            words = _(
                "first token {first:.0f} ms · {speed:.1f} tokens/s · reads {read:.0f}/s · {memory} · {right:.0%} right"
            )
            numbers = words.format(
                first=1000 * event.first_token_seconds,
                speed=event.tokens_per_second,
                read=event.read_per_second,
                memory=size_of(event.peak_memory) if event.peak_memory else "—",
                right=event.quality,
            )
            out.print(f"  {event.configuration.label:<20} {numbers}")
