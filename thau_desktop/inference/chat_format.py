"""From typed messages to the exact text that a model reads, and how many tokens it takes. Runs in the child.

Calls go back to the model inside the assistant's words, results as messages of role `tool`. A template that writes
calls as `<tool_call>{json}</tool_call>` (Qwen, Hermes) is given the tools and keeps its own form; other models are
told of them and of `<TOOL:name>{json}</TOOL>`. What a template can't express (system or tool messages, odd orders)
is folded into what it can.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from thau_desktop.errors import ModelBroken
from thau_desktop.inference.backend import TokenCounts
from thau_desktop.inference.model_folder import Manifest
from thau_desktop.inference.tool_prompt import describe_tools
from thau_desktop.messages import Attachment, Message, Text, ToolCall, ToolResult
from thau_desktop.translation import _

# Markers that the parser of calls reads: shown even where a tokenizer counts them as special.
VISIBLE_MARKERS = re.compile(r"</?(TOOL|tool_call|think)\b")
# For models without a chat template: the blocks of the tool recipe.
PLAIN_TEMPLATE = (
    "{% for m in messages %}"
    "{{ {'system': '### Instrucción:', 'user': '### Usuario:', 'tool': '### Herramienta:'}"
    ".get(m['role'], '### Asistente:') }}\n{{ m['content'] }}\n\n"
    "{% endfor %}{% if add_generation_prompt %}### Asistente:\n{% endif %}"
)

Chat = list[dict[str, str]]


class ChatFormat:
    """Renders and counts for one tokenizer.

    Attributes:
        special: ids that are never shown.
        stops: ids that end an answer.
    """

    def __init__(self, tokenizer: Any, manifest: Manifest, stops: Sequence[int] = ()) -> None:
        self.tokenizer = tokenizer
        self.manifest = manifest
        self._fast = getattr(tokenizer, "backend_tokenizer", None)
        added = {token.content: number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
        added |= dict(zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True))
        self.special = frozenset(number for text, number in added.items() if not VISIBLE_MARKERS.match(text))
        ends = {"<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>"} & added.keys()
        own = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
        self.stops = frozenset([*stops, *own, *(added[text] for text in ends)])
        hidden = [re.escape(text) for text in added if len(text) > 1 and not VISIBLE_MARKERS.match(text)]
        self._forbidden = re.compile("|".join(sorted(hidden, key=len, reverse=True))) if hidden else None
        self._folds: tuple[bool, bool] | None = None
        template = str(getattr(tokenizer, "chat_template", None) or "")
        self._own_calls = manifest.needs_tool_prompt and "<tool_call>" in template and "tools" in template

    def encode(self, text: str) -> list[int]:
        """Token ids, nothing added. Safe while another thread encodes."""
        text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair has no token
        if self._fast is not None:
            return list(self._fast.encode(text, add_special_tokens=False).ids)
        return list(self.tokenizer.encode(text, add_special_tokens=False))

    def decode(self, ids: list[int]) -> str:
        """The text of `ids`, special tokens included."""
        if self._fast is not None:
            return str(self._fast.decode(ids, skip_special_tokens=False))
        return str(self.tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))

    def render(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> str:
        """The prompt for the next answer; when the last message is a half-written answer, for the rest of it.

        Raises `ModelBroken` when the model's template can't be used.
        """
        return self._render(self._chat(messages, tools), list(tools) if tools and self._own_calls else None)

    def count(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], limit: int) -> TokenCounts:
        """Tokens of each message and of the whole prompt. The markers of the template are shared out evenly."""
        chats = [self._chat([message], ()) for message in messages]
        content = [sum(len(self.encode(entry["content"])) for entry in chat) for chat in chats]
        total = len(self.encode(self.render(messages, tools)))
        entries = sum(map(len, chats))
        markers = max(0, total - sum(content)) // entries if entries and not tools else 8
        return TokenCounts(
            tuple(tokens + markers * len(chat) for tokens, chat in zip(content, chats, strict=True)), total, limit
        )

    def _chat(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> Chat:
        chat: Chat = []
        for message in messages:
            chat += self._entries(message)
        if tools and self.manifest.needs_tool_prompt and not self._own_calls:
            if not chat or chat[0]["role"] != "system":
                chat.insert(0, {"role": "system", "content": ""})
            system = chat[0]["content"]
            chat[0] = {"role": "system", "content": f"{system}\n\n{describe_tools(tools)}".strip()}
        return chat

    def _entries(self, message: Message) -> Chat:
        if message.role != "assistant":
            return [{"role": message.role, "content": self._plain(message)}]
        entries: Chat = []
        words = ""
        for part in message.parts:
            if isinstance(part, Text):
                words += part.text
            elif isinstance(part, ToolCall):
                words += _own_call_text(part) if self._own_calls else call_text(part)
            elif isinstance(part, ToolResult):
                if words:
                    entries.append({"role": "assistant", "content": words})
                    words = ""
                entries.append({"role": "tool", "content": self._defused(result_text(part))})
        if words:
            entries.append({"role": "assistant", "content": words})
        return entries

    def _plain(self, message: Message) -> str:
        text = message_text(message)
        return text if message.role == "system" else self._defused(text)

    def _defused(self, text: str) -> str:
        """Words of users, files and the web can't end a message: their special tokens get a space."""
        if self._forbidden is None:
            return text
        return self._forbidden.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

    def _render(self, chat: Chat, tools: list[dict[str, Any]] | None) -> str:
        unfinished = chat[-1]["content"] if chat and chat[-1]["role"] == "assistant" else ""
        rest = chat[:-1] if unfinished else chat
        if not rest:
            return unfinished
        if self._folds is None:
            self._folds = self._probe()
        return self._apply(_folded(rest, *self._folds), tools) + unfinished

    def _probe(self) -> tuple[bool, bool]:
        """Whether system and tool messages must be folded into the user's, because the template drops them."""
        system = [{"role": "system", "content": "sys9"}, {"role": "user", "content": "use9"}]
        tool = [system[1], {"role": "assistant", "content": "ans9"}, {"role": "tool", "content": "too9"}]
        return not self._keeps(system, "sys9"), not self._keeps(tool, "too9")

    def _keeps(self, chat: Chat, word: str) -> bool:
        try:
            return word in self._apply(chat)
        except ModelBroken:
            return False

    def _apply(self, chat: Chat, tools: list[dict[str, Any]] | None = None) -> str:
        template = None if getattr(self.tokenizer, "chat_template", None) else PLAIN_TEMPLATE
        try:
            return str(
                self.tokenizer.apply_chat_template(
                    chat, tools=tools, tokenize=False, add_generation_prompt=True, chat_template=template
                )
            )
        except Exception as problem:  # jinja runs the model's own program, which may raise anything
            raise ModelBroken(
                _("The model's chat template can't be used: {why}").format(why=problem),
                _("Choose another model; this one's files do not say how to talk to it."),
            ) from problem


def message_text(message: Message) -> str:
    """All that a message of somebody else than the assistant says: words, files, results."""
    words = [part.text for part in message.parts if isinstance(part, Text)]
    files = [_fenced(part) for part in message.parts if isinstance(part, Attachment)]
    results = [result_text(part) for part in message.parts if isinstance(part, ToolResult)]
    return unicodedata.normalize("NFC", "\n\n".join(["".join(words), *files, *results]).strip())


def call_text(call: ToolCall) -> str:
    """A call as the model wrote it, in the contract's format."""
    return f"<TOOL:{call.name}>{json.dumps(call.arguments, ensure_ascii=False)}</TOOL>"


def _own_call_text(call: ToolCall) -> str:
    """A call in the form of Qwen and Hermes."""
    made = json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)
    return f"<tool_call>\n{made}\n</tool_call>"


def result_text(result: ToolResult) -> str:
    """A result as the model reads it. Errors have the form that the starter models were trained on."""
    if not result.error:
        return result.content
    return json.dumps({"status": "error", "message": result.content}, ensure_ascii=False)


def _fenced(attachment: Attachment) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", attachment.text)), default=0))
    return f"{attachment.name}:\n{fence}\n{attachment.text.rstrip()}\n{fence}"


def _folded(chat: Chat, fold_system: bool, fold_tool: bool) -> Chat:
    """The chat in roles that the template knows; then neighbours of one role become one message."""
    if not fold_system and not fold_tool:
        return chat
    folded: Chat = []
    for entry in chat:
        role = entry["role"]
        if (role == "system" and fold_system) or (role == "tool" and fold_tool):
            role = "user"
        if folded and folded[-1]["role"] == role:
            folded[-1] = {"role": role, "content": f"{folded[-1]['content']}\n\n{entry['content']}"}
        else:
            folded.append({"role": role, "content": entry["content"]})
    return folded
