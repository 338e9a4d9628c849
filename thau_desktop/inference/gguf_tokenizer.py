"""A GGUF file's vocabulary, as far as `ChatFormat` asks a tokenizer; its words become tokens in llama.cpp's server."""

from __future__ import annotations

import http.client
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from thau_desktop.inference.chat_template import ChatTemplate
from thau_desktop.inference.gguf_file import GgufFacts

_KEPT = 512  # texts whose tokens are remembered: the messages of a conversation are counted with every turn


@dataclass(frozen=True, slots=True)
class _Added:
    content: str
    special: bool = True


class GgufTokenizer:
    """Attributes: those of a tokenizer of transformers that `ChatFormat` reads."""

    backend_tokenizer = None

    def __init__(self, facts: GgufFacts, address: str, key: str) -> None:
        """`address` is the server's, `key` what it asks for."""
        self.chat_template = facts.template
        self.added_tokens_decoder = {number: _Added(word) for word, number in facts.control.items()}
        self.all_special_tokens = list(facts.control)
        self.all_special_ids = list(facts.control.values())
        self.eos_token_id = facts.control.get(facts.ends[1])
        self._ends = facts.ends
        self._templates: dict[str, ChatTemplate] = {}
        self._host = urlsplit(address).netloc
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._known: OrderedDict[str, list[int]] = OrderedDict()

    def encode(self, text: str, add_special_tokens: bool = False) -> list[int]:
        """Token ids, marks read as marks."""
        known = self._known.get(text)
        if known is not None:
            return known
        found = self._ask("/tokenize", {"content": text, "add_special": add_special_tokens, "parse_special": True})
        self._known[text] = list(map(int, found["tokens"]))
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return self._known[text]

    def pieces(self, text: str) -> list[tuple[int, bytes]]:
        """The tokens of a text, each with the bytes that it stands for."""
        found = self._ask("/tokenize", {"content": text, "parse_special": True, "with_pieces": True})
        return [
            (int(each["id"]), each["piece"].encode() if isinstance(each["piece"], str) else bytes(each["piece"]))
            for each in found["tokens"]
        ]

    def apply_chat_template(
        self, chat: list[dict[str, Any]], *, chat_template: str | None = None, **values: Any
    ) -> str:
        """The prompt for the next answer."""
        source = chat_template or self.chat_template
        if source not in self._templates:
            self._templates[source] = ChatTemplate(source, self._ends)
        return self._templates[source].apply(chat, tools=values.get("tools"))

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            connection.request("POST", path, json.dumps(body), self._headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status != http.client.OK:
                raise RuntimeError(f"llama.cpp: {response.status} {answer[:500]!r}")
            return json.loads(answer)
        finally:
            connection.close()
