"""What an export or a push does now, as every face says it."""

from __future__ import annotations

from thau_desktop.messages import ExportStage
from thau_desktop.translation import _


def in_words(stage: ExportStage) -> str:
    return {
        "merging": _("Merging"),
        "writing": _("Writing"),
        "checking": _("Reading it back"),
        "hashing": _("Hashing"),
        "uploading": _("Sending to Ollama"),
        "creating": _("Ollama reads it"),
        "asking": _("Asking it"),
        "switching": _("Switching over"),
    }[stage]
