"""A chat template of transformers (Jinja) for Ollama (Go), where a chat is its messages one after the other.

What is written around each role's words is found by writing chats out and looking where the words are. The result is
compared with the template on other chats; a template that does more than this is left to Ollama.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2.exceptions import TemplateError

from thau_desktop.inference.chat_template import ChatTemplate

Chat = Sequence[tuple[str, str]]
_WORDS = ("alpha", "bravo", "charlie", "delta")
_ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True, slots=True)
class ChatParts:
    """What stands before a chat without a system message, and before and after the words of each role."""

    begin: str
    before: Mapping[str, str]
    after: Mapping[str, str]

    def written(self, chat: Chat) -> str:
        """A chat, ready for the assistant to answer."""
        begin = "" if chat[0][0] == "system" else self.begin
        said = "".join(f"{self.before[role]}{words}{self.after[role]}" for role, words in chat)
        return f"{begin}{said}{self.before['assistant']}"

    def in_go(self) -> str:
        """The same for Ollama (docs.ollama.com/template); an unfinished answer at the end is gone on with."""
        cases = []
        for number, role in enumerate(self.before):
            condition = f'{{{{ {"else " if number else ""}if eq .Role "{role}" }}}}'
            end = self.after[role] if role != "assistant" else f"{{{{ if not $last }}}}{self.after[role]}{{{{ end }}}}"
            cases.append(f"{condition}{self.before[role]}{{{{ .Content }}}}{end}")
        begin = f"{{{{ if not .System }}}}{self.begin}{{{{ end }}}}" if self.begin else ""
        return (
            f"{begin}{{{{- range $i, $_ := .Messages }}}}{{{{- $last := eq (len (slice $.Messages $i)) 1 }}}}"
            f'{"".join(cases)}{{{{ end }}}}{{{{ if and (ne .Role "assistant") $last }}}}{self.before["assistant"]}'
            f"{{{{ end }}}}{{{{- end }}}}"
        )


def parts(template: str, ends: tuple[str, str], begin: str = "") -> ChatParts | None:
    """What a template writes around words; None where it does more than that.

    `ends` are the tokens that begin and end a text; `begin`, which llama.cpp puts before every text by itself, is left
    out.
    """
    try:
        writer = _Writer(ChatTemplate(template, ends), begin)
        found = writer.parts()
        return found if found is not None and writer.agrees(found) else None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError):  # a template is a program of others
        return None


class _Writer:
    def __init__(self, template: ChatTemplate, begin: str) -> None:
        self._template, self._begin = template, begin

    def write(self, chat: Chat, go_on: bool = False) -> str:
        messages = [{"role": role, "content": words} for role, words in chat]
        return self._template.apply(messages, go_on).removeprefix(self._begin)

    def around(self, *roles: str) -> list[str]:
        """What stands before, between and after the words of these roles."""
        chat = list(zip(roles, _WORDS, strict=False))
        left, pieces = self.write(chat), []
        for _role, words in chat:
            piece, found, left = left.partition(words)
            if not found:
                raise ValueError("the words are not in it")
            pieces.append(piece)
        return [*pieces, left]

    def parts(self) -> ChatParts | None:
        first, between, again, after_user = self.around("user", "assistant", "user")
        after_assistant = self.around("user", "assistant")[-1]
        if not between.startswith(after_user) or not again.startswith(after_assistant):
            return None
        before = {"user": again.removeprefix(after_assistant), "assistant": between.removeprefix(after_user)}
        after = {"user": after_user, "assistant": after_assistant}
        if not first.endswith(before["user"]):
            return None
        begin = first[: len(first) - len(before["user"])]
        opened, closed, _end = self.around("system", "user")
        if not closed.endswith(before["user"]):
            return None
        before["system"], after["system"] = opened, closed[: len(closed) - len(before["user"])]
        self._add_tool(before, after)
        order = [role for role in _ROLES if role in before]
        return ChatParts(begin, {role: before[role] for role in order}, {role: after[role] for role in order})

    def _add_tool(self, before: dict[str, str], after: dict[str, str]) -> None:
        """The role of a tool's result, where the template knows it."""
        try:
            _first, _between, asked, answered = self.around("user", "assistant", "tool")
        except (TemplateError, ValueError):
            return
        if asked.startswith(after["assistant"]):
            before["tool"], after["tool"] = asked.removeprefix(after["assistant"]), answered

    def agrees(self, found: ChatParts) -> bool:
        """Whether other chats come out the same."""
        system, user, answer = ("system", "Be brief."), ("user", "¿Qué tal?"), ("assistant", "Well, thanks.")
        chats: list[Chat] = [[user], [system, user], [user, answer, user], [system, user, answer, user, answer, user]]
        if "tool" in found.before:
            chats.append([system, user, answer, ("tool", '{"status": "done"}')])
        return all(found.written(chat) == self.write(chat, go_on=True) for chat in chats)
