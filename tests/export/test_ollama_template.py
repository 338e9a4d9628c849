"""A chat template in Go writes what the template in Jinja writes."""

from __future__ import annotations

import re

import pytest

from tests.export.test_gguf import NANO
from tests.tiny_model import TEMPLATE
from thau_desktop.export.ollama_template import parts
from thau_desktop.inference.chat_template import ChatTemplate

MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST] {{ m['content'] }} [/INST]"
    "{% elif m['role'] == 'assistant' %}{{ m['content'] }}{{ eos_token }}"
    "{% elif m['role'] == 'system' %}<<SYS>>{{ m['content'] }}<</SYS>>"
    "{% else %}{{ raise_exception('unknown role') }}{% endif %}{% endfor %}"
)
HEADERS = (
    "{{- bos_token }}{% for message in messages %}"
    "{{ '<|start|>' + message['role'] + '<|stop|>\n\n' + message['content'] | trim + '<|eot|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant<|stop|>\n\n' }}{% endif %}"
)
COUNTING = "{% for m in messages %}{{ loop.index }}: {{ m['content'] }}\n{% endfor %}"
REFUSING = "{{ raise_exception('not today') }}"
ENDS = ("<s>", "</s>")
CHAT = [("system", "Eres breve."), ("user", "¿Qué?"), ("assistant", "Nada."), ("user", "  {{ espera }}")]


def go(template: str, system: bool, chat: list[tuple[str, str]]) -> str:
    """Run a template of Go as far as ours go: a range over messages, conditions on roles, words."""
    begin, _range, body = matched(r"(.*?)(\{\{- range .*?\}\}\{\{- \$last := .*?\}\})(.*)\{\{- end \}\}", template)
    written = re.sub(r"\{\{ if not \.System \}\}(.*?)\{\{ end \}\}", "" if system else r"\1", begin, flags=re.S)
    cases, tail = matched(r"(.*\{\{ end \}\})(\{\{ if and .*?\}\}.*)", body)
    for number, (role, words) in enumerate(chat):
        last = number == len(chat) - 1
        shown = re.sub(r"\{\{ if not \$last \}\}(.*?)\{\{ end \}\}", "" if last else r"\1", cases, flags=re.S)
        case = re.search(rf'if eq \.Role "{role}" \}}\}}(.*?)(?:\{{\{{ else|\{{\{{ end)', shown, re.S)
        written += case[1].replace("{{ .Content }}", words) if case else ""
        if last and role != "assistant":
            (answer,) = matched(r"\{\{ if and .*?\}\}(.*)\{\{ end \}\}", tail)
            written += answer
    return written


def matched(pattern: str, text: str) -> tuple[str, ...]:
    found = re.fullmatch(pattern, text, re.S)
    assert found is not None, text
    return found.groups()


@pytest.mark.parametrize(
    "template",
    [TEMPLATE, MISTRAL, HEADERS, (NANO / "chat_template.jinja").read_text()],
    ids=["chatml", "inst", "headers", "nano"],
)
def test_go_writes_what_jinja_writes(template: str) -> None:
    found = parts(template, ENDS)
    jinja = ChatTemplate(template, ENDS)

    assert found is not None
    for chat in (CHAT, CHAT[1:], CHAT[1:2], CHAT[:2]):
        messages = [{"role": role, "content": words.strip()} for role, words in chat]
        stripped = [(role, words.strip()) for role, words in chat]
        assert go(found.in_go(), chat[0][0] == "system", stripped) == jinja.apply(messages)


def test_an_unfinished_answer_is_gone_on_with() -> None:
    found = parts(TEMPLATE, ENDS)

    assert found is not None
    written = go(found.in_go(), False, [("user", "uno, dos"), ("assistant", "tres")])
    assert written.endswith("<|im_start|>assistant\ntres")


def test_what_llama_cpp_puts_before_a_text_is_left_out() -> None:
    found = parts(HEADERS, ENDS, begin="<s>")

    assert found is not None
    assert found.begin == ""
    assert "<s>" not in found.in_go()


@pytest.mark.parametrize("template", [COUNTING, REFUSING, "", "{% broken", "{{ messages[7]['content'] }}"])
def test_a_template_that_does_more_is_left_to_ollama(template: str) -> None:
    assert parts(template, ENDS) is None
