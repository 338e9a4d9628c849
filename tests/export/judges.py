"""Transformers and llama.cpp, asked the same: which tokens follow, how likely, how a text is split, a chat written.

llama.cpp never runs in the process that has torch.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thau_desktop.process import run_in_child

Prompt = Sequence[int]
Likely = dict[int, float]


@dataclass(frozen=True, slots=True)
class Questions:
    """`prompts` as ids, each gone on with greedily by `steps` tokens; `texts` to split; `chats` to write out."""

    prompts: tuple[Prompt, ...] = ()
    steps: int = 32
    texts: tuple[str, ...] = ()
    chats: tuple[list[dict[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """`tokens` that follow each prompt, the 20 likeliest first ones, `splits` of texts, `prompts` of chats."""

    tokens: list[list[int]] = field(default_factory=list)
    likely: list[Likely] = field(default_factory=list)
    splits: list[list[int]] = field(default_factory=list)
    whole_splits: list[list[int]] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)


def transformers(folder: Path, questions: Questions, adapter: Path | None = None) -> Answers:
    """What transformers says, in float32; with peft's own adapter where there is one."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # its monitor is a thread that stays
    torch.set_num_threads(1)  # a second one waits for the first whenever the machine has other work
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    if adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, str(adapter)).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    stops = model.generation_config.eos_token_id
    stops = stops if isinstance(stops, list) else [stops]
    answers = Answers()
    for prompt in questions.prompts:
        ids = list(prompt)
        for step in range(questions.steps):
            with torch.no_grad():
                chances = model(torch.tensor([ids])).logits[0, -1].log_softmax(-1)
            if step == 0:
                top = chances.topk(20)
                answers.likely.append(dict(zip(top.indices.tolist(), top.values.tolist(), strict=True)))
            ids.append(int(chances.argmax()))
            if ids[-1] in stops:
                break
        answers.tokens.append(ids[len(prompt) :])
    for text in questions.texts:
        answers.splits.append(tokenizer(text, add_special_tokens=False)["input_ids"])
        answers.whole_splits.append(tokenizer(text)["input_ids"])
    for chat in questions.chats:
        answers.prompts.append(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
    return answers


def choices_of_transformers(folder: Path, rows: Sequence[Prompt]) -> list[list[int]]:
    """The likeliest next token after every token of each row."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        return [model(torch.tensor([list(row)])).logits[0].argmax(-1).tolist() for row in rows]


def choices_of_llama_cpp(path: Path, rows: Sequence[Prompt]) -> list[list[int]]:
    """The likeliest next token after every token of each row."""
    beginnings = tuple(list(row[: end + 1]) for row in rows for end in range(len(row)))
    said = iter(llama_cpp(path, Questions(beginnings, steps=1)).tokens)
    return [[next(said)[0] for _token in row] for row in rows]


def llama_cpp(path: Path, questions: Questions, adapter: Path | None = None) -> Answers:
    """What llama.cpp says of a GGUF file, in a process of its own."""
    (answers,) = run_in_child(_ask_llama_cpp, (path, questions, adapter), name="llama.cpp")
    return answers


def _ask_llama_cpp(
    path: Path, questions: Questions, adapter: Path | None, cancel: threading.Event
) -> Iterator[Answers]:
    from xllamacpp import CommonAdapterLoraInfo, CommonParams, Server, ggml_type, llama_flash_attn_type

    parameters = CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx, parameters.n_parallel, parameters.n_gpu_layers = 512, 1, 0
    parameters.cpuparams.n_threads = 1
    parameters.warmup, parameters.verbosity = False, 0
    parameters.cache_type_k = parameters.cache_type_v = ggml_type.GGML_TYPE_F32
    parameters.flash_attn_type = llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    if adapter is not None:
        parameters.lora_adapters = [CommonAdapterLoraInfo(str(adapter), 1.0)]
    server = Server(parameters)

    def ask(what: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"{server.listening_address}/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def go_on(prompt: Prompt) -> Any:
        wish = {"n_predict": questions.steps, "temperature": 0, "n_probs": 20, "return_tokens": True}
        return ask("completion", prompt=list(prompt), cache_prompt=False, **wish)

    answers = Answers()
    pool = ThreadPoolExecutor(16)  # the server waits a moment before each answer
    for said in pool.map(go_on, questions.prompts):
        answers.tokens.append(said["tokens"])
        first = next(iter(said.get("completion_probabilities", ())), None)
        whole = first and first["id"] == said["tokens"][0]  # half a letter is kept back, and its chances are not told
        answers.likely.append({one["id"]: one["logprob"] for one in first["top_logprobs"]} if whole else {})
    for special, splits in ((False, answers.splits), (True, answers.whole_splits)):
        asked = [pool.submit(ask, "tokenize", content=text, add_special=special) for text in questions.texts]
        splits += [said.result()["tokens"] for said in asked]
    for chat in questions.chats:
        answers.prompts.append(ask("apply-template", messages=chat)["prompt"])
    pool.shutdown()
    yield answers


def said_by_llama_cpp(path: Path, messages: Sequence[dict[str, str]], tokens: int) -> str:
    """Its greedy answer to a chat, written out by the template in the file."""
    (said,) = run_in_child(_chat_with_llama_cpp, (path, list(messages), tokens), name="llama.cpp")
    return str(said)


def _chat_with_llama_cpp(
    path: Path, messages: list[dict[str, str]], tokens: int, cancel: threading.Event
) -> Iterator[str]:
    from xllamacpp import CommonParams, Server

    parameters = CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx, parameters.n_parallel, parameters.n_gpu_layers = 512, 1, 0
    parameters.cpuparams.n_threads = 1
    parameters.warmup, parameters.verbosity = False, 0
    asked = {"messages": messages, "temperature": 0, "max_tokens": tokens}
    yield Server(parameters).handle_chat_completions(asked)["choices"][0]["message"]["content"]
