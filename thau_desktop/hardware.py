"""What this machine has: processor, memory, disk, GPUs. Cheap, without torch, and it never raises."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from thau_desktop.translation import _


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card that can compute. Memory in bytes; `backend` is torch's name for it.

    Attributes: `memory_available` is 0 where it can't be told apart from the system's memory (Apple),
    `capability` is CUDA's, such as "8.6".
    """

    index: int
    name: str
    memory_total: int
    memory_available: int
    backend: str
    driver: str = ""
    capability: str = ""

    @property
    def device(self) -> str:
        """As the settings name it."""
        return "mps" if self.backend == "mps" else f"{self.backend}:{self.index}"


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk under a folder, in bytes."""

    folder: str
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """Facts about the machine. Memory in bytes; 0 and "" where the system does not tell.

    Attributes: `platform` is a readable name of the system; `gpu_problem` is a sentence that says why no GPU
    was found, empty where one was.
    """

    platform: str
    cpu: str
    physical_cores: int
    logical_cores: int
    memory_total: int
    memory_available: int
    disk: Disk
    gpus: tuple[Gpu, ...]
    gpu_problem: str = ""


def facts(home: Path | None = None) -> Hardware:
    """The machine as it is now; `disk` is the one that holds `home` (default: the user's folder)."""
    total, available = _memory()
    gpus, problem = _gpus(total)
    return Hardware(
        platform=platform.platform(terse=True),
        cpu=_cpu_name(),
        physical_cores=_physical_cores(),
        logical_cores=_usable_cores(),
        memory_total=total,
        memory_available=available,
        disk=_disk(home or Path.home()),
        gpus=gpus,
        gpu_problem=problem,
    )


def _cpu_name() -> str:
    try:
        if sys.platform == "linux":
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith(("model name", "Model")):
                    return line.partition(":")[2].strip()
        elif sys.platform == "darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, timeout=2, check=True).stdout.strip()
        elif sys.platform == "win32":
            import winreg

            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
                return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    except (OSError, subprocess.SubprocessError):
        pass  # the general name below is good enough
    return platform.processor() or platform.machine()


def _usable_cores() -> int:
    """Logical cores that this process may use, which in a container or under taskset are fewer than all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _physical_cores() -> int:
    try:
        return min(psutil.cpu_count(logical=False) or _usable_cores(), _usable_cores())
    except (OSError, psutil.Error, NotImplementedError):
        return _usable_cores()


def _memory() -> tuple[int, int]:
    """Total and available memory in bytes."""
    try:
        memory = psutil.virtual_memory()
    except (OSError, psutil.Error, NotImplementedError):
        return 0, 0
    return int(memory.total), int(memory.available)


def _disk(folder: Path) -> Disk:
    # The folder may not have been made yet: its nearest parent is on the same disk.
    for place in (folder, *folder.parents):
        try:
            usage = shutil.disk_usage(place)
        except OSError:
            continue
        return Disk(str(folder), usage.total, usage.free)
    return Disk(str(folder), 0, 0)


def _gpus(memory_total: int) -> tuple[tuple[Gpu, ...], str]:
    if sys.platform == "darwin":
        if platform.machine() == "arm64":
            return (Gpu(0, _cpu_name(), memory_total, 0, "mps"),), ""
        return (), _("This Mac has no GPU that THAU can use.")
    try:
        import pynvml
    except ImportError:
        return (), _("The library that asks for NVIDIA cards is missing.")
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound:
        return (), _("No NVIDIA driver is installed, so THAU uses the processor.")
    except (pynvml.NVMLError, OSError) as error:
        return (), _("The NVIDIA driver does not answer ({reason}), so THAU uses the processor.").format(reason=error)
    try:
        driver = _text(pynvml.nvmlSystemGetDriverVersion())
        gpus = tuple(_nvidia(index, driver) for index in range(pynvml.nvmlDeviceGetCount()))
    except (pynvml.NVMLError, OSError) as error:
        return (), _("The NVIDIA driver does not answer ({reason}), so THAU uses the processor.").format(reason=error)
    finally:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()
    return gpus, "" if gpus else _("The NVIDIA driver finds no card, so THAU uses the processor.")


def _nvidia(index: int, driver: str) -> Gpu:
    import pynvml

    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
    name = _text(pynvml.nvmlDeviceGetName(handle))
    return Gpu(index, name, int(memory.total), int(memory.free), "cuda", driver, f"{major}.{minor}")


def _text(value: str | bytes) -> str:
    """NVML's older bindings answer in bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
