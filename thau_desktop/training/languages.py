"""Which of the two languages a text is in, by the small words that only one of them has. Sure or silent."""

from __future__ import annotations

import re

SURE = 3  # words that only one language has, before an answer counts as written in it
WORD = re.compile(r"[\w@#./\\-]*\w", re.UNICODE)

_SMALL: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in (
        (
            "es",
            """a al ante como con cuál cual cuáles cuándo cuando cuánto cuanto cómo de del desde dónde donde e el ella
            ellos en entre es está están ese esa eso esta este esto fue ha hace hacia hay he la las le les lo los me mi
            mis muy más nos nuestra nuestro o para pero por porque qué que quién quien quiénes se ser si sin sobre son
            soy su sus también tan te tiene tu tus un una uno unas unos va y ya yo""",
        ),
        (
            "en",
            """a about after all an and are as at be been by can could did do does for from had has have he her his how
            i if in into is it its me my of on or our out she should so some than that the their them then there these
            they this those to up us was we were what when where which who whom whose why will with would you your""",
        ),
    )
}
_BOTH = _SMALL["es"] & _SMALL["en"]
_ABOUT_LANGUAGE = re.compile(
    r"traduc|traduz|inglés|ingles|español|espanol|castellano|idioma|cómo se dice|como se dice"
    r"|translat|english|spanish|language|how do you say",
    re.IGNORECASE,
)


def content(question: str) -> list[str]:
    """Its words that carry what it is about, in their order."""
    small = _SMALL.get(language_of(question), _SMALL["es"] | _SMALL["en"])
    return [word for word in WORD.findall(question) if word.lower() not in small]


def language_of(text: str) -> str:
    """ "es" or "en", by the small words that only one of them has; "" where nothing tells."""
    points = words_for(text)
    best = max(points, key=lambda code: points[code])
    return best if points[best] > min(points.values()) else ""


def words_for(text: str) -> dict[str, int]:
    """How many words and signs speak for each language."""
    said = [word.lower() for word in WORD.findall(text)]
    points = {code: sum(word in small and word not in _BOTH for word in said) for code, small in _SMALL.items()}
    points["es"] += sum(text.count(sign) for sign in "¿¡ñ")
    return points


def in_other_language(question: str, answer: str) -> bool:
    """Whether both are surely Spanish and English, or English and Spanish, and it is not about languages."""
    asked = language_of(question)
    if not asked or _ABOUT_LANGUAGE.search(question):
        return False
    said = words_for(answer)
    return max(said.values()) >= SURE and said[asked] == 0
