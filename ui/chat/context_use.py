"""How full the context of a conversation is before anything is said: counted by the model that is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.inference.server_backend import DEFAULT_CONTEXT
from thau_desktop.messages import ContextFitted, Message, Text
from thau_desktop.settings import Model
from ui.models.facts import context_of

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_SHORTEST = 4  # tokens of a message, at least: more messages than this allows can't fit


def limit_of(model: InstalledModel, wish: Model) -> int:
    """The tokens that prompt and answer may take together; `wish`, the settings for all models. Reads a small file."""
    own = context_of(model)
    if model.kind == "server":  # its memory is not ours to spare
        return own or DEFAULT_CONTEXT
    most = wish.of(model.base).context
    return min(own, most) if own else most


def measure(thau: Thau, conversation_id: int, model: str) -> ContextFitted:
    """What the model would read of the conversation now. Blocks; `model` must be the one that is in memory."""
    conversation = thau.conversations.get(conversation_id)
    wish = thau.settings.model
    most = max([wish.context, *(own.context or 0 for own in wish.own.values())])
    rows = thau.conversations.path(conversation_id, most // _SHORTEST)
    messages = [row.message for row in rows if row.parts]
    persona = thau.personas.get_or_default(conversation.persona or thau.settings.chat.persona)
    if persona.system_prompt:
        messages.insert(0, Message("system", (Text(persona.system_prompt),)))
    tools = thau.tools.openai() if thau.settings.chat.tools != "off" else ()
    counts = thau.backend(model).count_tokens(messages, tools)
    return ContextFitted(min(counts.total, counts.limit), counts.limit)
