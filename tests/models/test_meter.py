"""A rate is taken over the last seconds, and nothing is said before there is one."""

from __future__ import annotations

import pytest

from thau_desktop.models import meter
from thau_desktop.models.meter import Meter


def test_rate_and_remaining_time_follow_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(meter.time, "monotonic", lambda: clock[0])
    made = Meter(done=1000, total=11_000)
    made.add(10)
    clock[0] += 0.1
    first = made.progress("a")
    assert first.bytes_per_second == 0.0 and first.seconds_left is None and first.done == 1010
    for _second in range(10):
        clock[0] += 1.0
        made.add(500)
        last = made.progress("a")
    assert last.bytes_per_second == pytest.approx(500, rel=0.05)
    assert last.seconds_left == pytest.approx((11_000 - made.done) / 500, rel=0.05)
    for _second in range(6):  # nothing comes any more
        clock[0] += 1.0
        last = made.progress("a")
    assert last.bytes_per_second == 0.0 and last.seconds_left is None
