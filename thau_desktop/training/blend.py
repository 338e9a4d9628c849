"""A trained adapter brought part of the way back to what it was trained from.

Between the weights before a training and those after it lies what was learned as well as what was lost, and what was
lost comes back first (Wortsman et al. 2022, Robust fine-tuning of zero-shot models).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from thau_desktop.paths import disk_full, no_room, sync_folder

WEIGHTS = "adapter_model.safetensors"


def blend(trained: Path, before: Path | None, target: Path, share: float) -> bool:
    """Write to `target` the adapter at `share` (0 to 1) of the way from `before`, None: the bare base, to `trained`.

    False where the two are not of one shape, so that there is nothing between them. Raises `DiskFull` or `OSError`.
    """
    from safetensors.numpy import load_file, save  # late: most nights need none of it

    after = load_file(trained / WEIGHTS)
    if before is None:  # the product of a pair is nothing in the base; half of it is the pair with half of one factor
        made = {name: values * share if "lora_B" in name else values for name, values in after.items()}
    else:
        first = load_file(before / WEIGHTS)
        if {name: values.shape for name, values in first.items()} != {n: v.shape for n, v in after.items()}:
            return False
        made = {name: first[name] + share * (values - first[name]) for name, values in after.items()}
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        shutil.copytree(trained, part, ignore=shutil.ignore_patterns(WEIGHTS))
        (part / WEIGHTS).write_bytes(save({name: values.astype(after[name].dtype) for name, values in made.items()}))
        part.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        if no_room(error):
            raise disk_full(target, str(error)) from error
        raise
    return True
