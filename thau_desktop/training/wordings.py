"""Other ways to ask the same: what is learned word for word is not yet known by whoever asks in other words.

No model is asked: words are left out, turned round, replaced by their like, or misspelt, as people do. A model that has
read a question in a dozen such wordings holds on to its content words, which are what paraphrases have in common.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence

from thau_desktop.training.languages import WORD, content, language_of

_LEADS = {
    "es": ("oye, ", "una pregunta, ", "dime ", "necesito saber ", "sabes ", "recuérdame ", "por favor, "),
    "en": (
        "hey, ",
        "quick question, ",
        "tell me ",
        "I need to know ",
        "do you know ",
        "remind me ",
        "please, ",
        "so, ",
    ),
}

# What a question begins with, and what may stand for it.
_LIKE: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "es": (
        (r"\ben qué (archivo|fichero|carpeta|sitio|lugar)\b", ("dónde", "en qué sitio", "en qué lugar")),
        (r"\bdónde (está|están)\b", ("en qué archivo está", "en qué sitio está", "dónde encuentro", "dónde tengo")),
        (r"\bdónde\b", ("en qué sitio", "en qué lugar", "en qué carpeta")),
        (r"\ba quién\b", ("a qué persona",)),
        (r"\bquién\b", ("qué persona", "quién es la persona que", "a quién le pregunto, quién")),
        (r"\bcuándo\b", ("a qué hora", "en qué momento", "qué día")),
        (r"\ba qué hora\b", ("cuándo", "en qué momento")),
        (r"\bcómo se llama\b", ("cuál es el nombre de", "qué nombre tiene", "el nombre de")),
        (r"\bcuál es\b", ("dime", "qué es")),
        (r"\bcuánto (dura|tarda)\b", ("cuántos días dura", "qué tiempo dura", "tras cuánto caduca")),
        (r"\bcuánt[oa]s?\b", ("qué cantidad de", "qué número de")),
        (r"\bcómo\b", ("de qué manera", "de qué forma")),
        (r"\bpor qué\b", ("cuál es la razón de que", "por qué motivo")),
        (r"\bqué (\w+) (usa|tiene|lleva)\b", (r"el \1 de", r"cuál es el \1 de", r"qué \1 hay en")),
    ),
    "en": (
        (r"\bin which (folder|file|place)\b", ("where",)),
        (r"\bwhere (is|are)\b", (r"in which place \1", r"in which file \1", "where do I find")),
        (r"\bwhere (do|does)\b", (r"in which folder \1", r"to what place \1")),
        (r"\bwho (is|are)\b", (r"which person \1", "tell me the name of")),
        (r"\bwho\b", ("which person", "who was it that", "by whom was it that someone")),
        (r"\bwhen\b", ("at what time", "on which day")),
        (r"\bwhat is the name of\b", ("how do you call", "what is the title of", "the name of")),
        (r"\bwhat is\b", ("tell me", "which is")),
        (r"\bhow long\b", ("how many days", "how much time", "after how long")),
        (r"\bhow many\b", ("what number of",)),
        (r"\bwhich\b", ("what",)),
        (r"\bwhat (\w+)\b", (r"which \1",)),
        (r"\bhow\b", ("in what way",)),
        (r"\bwhy\b", ("for what reason", "how come")),
    ),
}


def wordings(question: str, count: int, seed: int = 0) -> list[str]:
    """The question as it stands, as it is typed in a hurry, and in other wordings: up to `count` different ones.

    The same question and seed give the same wordings. Short questions have few, and a text to work on has two.
    """
    found = list(dict.fromkeys((question, hurried(question))))[: max(count, 1)]
    rng = random.Random(f"{seed} {question}")
    if not content(question) or len(question) > 200 or any(sign in question for sign in '\n:"“«`'):
        return found  # it holds a text that is worked on word for word
    for _attempt in range(6 * count):
        if len(found) >= count:
            break
        other = _reworded(question, rng)
        if other and other not in found:
            found.append(other)
    return found


def hurried(question: str) -> str:
    """The question without capitals, accents and signs."""
    plain = _without_accents(question.strip()).strip("¿?¡!. ")
    return plain[:1].lower() + plain[1:] if plain[1:2].islower() else plain


def _reworded(question: str, rng: random.Random) -> str:
    """One other wording, by one way or two."""
    ways: Sequence[Callable[[str, random.Random], str]] = rng.choice(_WAYS)
    text = question.strip().strip("¿?¡!. ")
    for way in ways:
        text = way(text, rng)
    text = " ".join(text.split())
    if rng.random() < 0.6:
        text = hurried(text)
    elif rng.random() < 0.5:
        text = f"¿{text[:1].upper()}{text[1:]}?" if question.startswith("¿") else f"{text[:1].upper()}{text[1:]}?"
    return text


def _led(text: str, rng: random.Random) -> str:
    lead = rng.choice(_LEADS.get(language_of(text)) or ("",))
    return lead + text[:1].lower() + text[1:]


def _like(text: str, rng: random.Random) -> str:
    """With another question word."""
    lowered = text[:1].lower() + text[1:]
    fitting = [(what, into) for what, into in _LIKE.get(language_of(text), ()) if re.search(what, lowered)]
    if not fitting:
        return text
    what, into = fitting[0]
    return re.sub(what, rng.choice(into), lowered, count=1)


def _keywords(text: str, rng: random.Random) -> str:
    return " ".join(content(text))


def _shuffled(text: str, rng: random.Random) -> str:
    words = content(text)
    rng.shuffle(words)
    return " ".join(words)


def _thinned(text: str, rng: random.Random) -> str:
    """Without some of its words; at least one that carries content stays, of many at least half."""
    words, carrying = text.split(), content(text)
    keep = set(rng.sample(carrying, max(1, len(carrying) - rng.randint(0, len(carrying) // 2))))
    kept = [w for w in words if any(word in keep for word in WORD.findall(w)) or rng.random() < 0.55]
    return " ".join(kept)


def _turned(text: str, rng: random.Random) -> str:
    """What it is about first, then the question: "la tabla de clientes, cómo se llama"."""
    words = text.split()
    if len(words) < 4:
        return text
    at = rng.randint(1, min(3, len(words) - 2))
    return f"{' '.join(words[at:])}, {' '.join(words[:at]).lower()}"


def _misspelt(text: str, rng: random.Random) -> str:
    """One long word with two letters exchanged."""
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    if long:
        place = rng.choice(long)
        word, at = words[place], rng.randint(1, len(words[place]) - 3)
        words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


_WAYS = (
    (_led,),
    (_like,),
    (_like,),
    (_like, _led),
    (_keywords,),
    (_shuffled,),
    (_thinned,),
    (_thinned,),
    (_like, _thinned),
    (_turned,),
    (_turned, _thinned),
    (_misspelt,),
)


def _without_accents(text: str) -> str:
    """Letters without accents; ñ stays, it is another letter."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c == "\u0303" or not unicodedata.combining(c)))
