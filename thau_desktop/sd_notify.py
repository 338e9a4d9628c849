"""What systemd is told: ready, stopping, still alive (sd_notify(3)). Elsewhere nobody listens, and nothing is sent."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(*lines: str) -> None:
    """Send `READY=1` and the like."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect("\0" + address[1:] if address.startswith("@") else address)
        to.sendall("\n".join(lines).encode())


def watchdog_seconds() -> float:
    """How often systemd wants to hear that the service lives, half of its patience; 0 where it does not ask."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 2e6 if microseconds.isdigit() else 0.0
