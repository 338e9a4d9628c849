"""The words that the starter model learns, and enough Spanish and English grammar to put them together.

A `Phrase` holds the same thing in both languages, so that a request can be said in either and its
picture prompt is always English. Word lists are the TSV files beside this module (common words first).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ADJECTIVE_ORDER = (
    ["size", "appearance", "mood", "personality", "state", "light", "age", "shape", "color", "texture", "style", "origin", "material"]
)
STRESSED_A = {"águila", "agua", "hacha", "alma", "ave", "arma", "ala", "área", "aula", "ancla", "hada", "arpa", "arca",
              "alga", "asa", "haba", "ánfora", "ágata", "aspa"}
MASS = {"water", "snow", "rice", "milk", "bread", "honey", "sand", "rain", "fog", "mist", "smoke", "fire", "ice", "grass",
        "moss", "mud", "gold", "silver", "wood", "coffee", "tea", "chocolate", "cheese", "butter", "sugar", "salt",
        "jewelry", "furniture", "luggage", "clothing", "hair", "lightning", "thunder", "wine", "beer", "juice", "soup",
        "garlic", "pasta", "ham", "bacon", "popcorn", "corn", "wheat", "paper", "glass", "lava", "steam", "hail",
        "ivy", "lavender", "music", "dust", "cotton", "wool", "frost", "sky", "spinach", "broccoli", "parsley"}
IRREGULAR = {"man": "men", "woman": "women", "child": "children", "person": "people", "mouse": "mice", "goose": "geese",
             "foot": "feet", "tooth": "teeth", "wolf": "wolves", "leaf": "leaves", "knife": "knives", "calf": "calves",
             "elf": "elves", "dwarf": "dwarves", "shelf": "shelves", "scarf": "scarves", "loaf": "loaves",
             "thief": "thieves", "wife": "wives", "half": "halves", "sheep": "sheep", "deer": "deer", "fish": "fish",
             "moose": "moose", "bison": "bison", "salmon": "salmon", "squid": "squid", "trout": "trout",
             "cactus": "cacti", "aircraft": "aircraft", "spacecraft": "spacecraft", "ox": "oxen"}
NUMBERS = [("dos", "two"), ("tres", "three"), ("cuatro", "four"), ("cinco", "five"), ("seis", "six"), ("siete", "seven"),
           ("muchos", "many"), ("varios", "several"), ("diez", "ten")]

TITLES = [("la reina", "queen"), ("el rey", "king"), ("el mago", "the wizard"), ("la bruja", "the witch"), ("el príncipe", "prince"), ("la princesa", "princess"),
          ("la ciudad de", "the city of"), ("el pueblo de", "the village of"), ("el planeta", "the planet"), ("la isla de", "the island of"), ("el castillo de", "the castle of"),
          ("el reino de", "the kingdom of"), ("el capitán", "captain"), ("la doctora", "doctor"), ("el robot", "the robot"), ("el dragón", "the dragon"),
          ("un monstruo llamado", "a monster called"), ("una criatura llamada", "a creature called"), ("mi perro", "a dog called"), ("mi gata", "a cat called"),
          ("el equipo", "the team"), ("el río", "the river"), ("el monte", "mount"), ("un bicho que se llama", "a creature called"), ("la diosa", "the goddess")]


@dataclass(frozen=True)
class Noun:
    spanish: str
    gender: str  # m, f, mp, fp
    english: str
    category: str

    @property
    def feminine(self) -> bool:
        return self.gender.startswith("f")

    @property
    def plural_only(self) -> bool:
        return self.gender.endswith("p")


@dataclass(frozen=True)
class Adjective:
    masculine: str
    feminine: str
    english: str
    kind: str


@dataclass(frozen=True)
class Phrase:
    """One thing to draw, in both languages; `parts` lets a follow-up turn change a piece of it."""

    spanish: str
    english: str
    category: str


def read(name: str, columns: int) -> list[list[str]]:
    rows, seen = [], set()
    for line in (HERE / "vocabulary" / name).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) >= columns and cells[0] and (cells[0] not in seen or name == "details.tsv"):
            seen.add(cells[0])
            rows.append(cells[:columns])
    return rows


def spanish_plural(word: str) -> str:
    head, _, tail = word.partition(" ")
    if head.endswith(("s", "x")) and not re.search(r"[áéíóú]s$", head) and len(head) > 4:
        plural = head
    elif head.endswith("z"):
        plural = head[:-1] + "ces"
    elif re.search(r"[áéíóú]n$|[áéíóú]s$", head):
        plural = head[:-2] + head[-2].translate(str.maketrans("áéíóú", "aeiou")) + head[-1] + "es"
    elif head[-1] in "aeiouáéó":
        plural = head + "s"
    else:
        plural = head + "es"
    return f"{plural} {tail}".strip()


def english_plural(word: str) -> str:
    head, space, last = word.rpartition(" ")
    if last in IRREGULAR:
        plural = IRREGULAR[last]
    elif last.endswith(("man",)) and last not in ("human", "caiman", "talisman"):
        plural = last[:-3] + "men"
    elif re.search(r"(s|x|z|ch|sh)$", last):
        plural = last + "es" if not last.endswith(("glasses", "scissors", "pants")) else last
    elif re.search(r"[^aeiou]y$", last):
        plural = last[:-1] + "ies"
    elif last.endswith(("tomato", "potato", "hero", "volcano", "mango", "echo")):
        plural = last + "es"
    else:
        plural = last + "s"
    return f"{head}{space}{plural}"


_MISSPELLINGS = {
    "es": (("b", "v"), ("v", "b"), ("ll", "y"), ("y", "ll"), ("z", "s"), ("ce", "se"), ("ci", "si"), ("h", ""), ("j", "g"), ("gi", "ji"),
           ("ge", "je"), ("qu", "k"), ("rr", "r"), ("gü", "gu"), ("ñ", "n"), ("x", "s")),
    "en": (("ie", "ei"), ("ei", "ie"), ("ff", "f"), ("ll", "l"), ("rr", "r"), ("tt", "t"), ("cc", "c"), ("ss", "s"), ("pp", "p"), ("nn", "n"), ("ph", "f"),
           ("ea", "ee"), ("ou", "o"), ("ck", "k"), ("gh", ""), ("er", "ar"), ("or", "er"), ("le", "el"), ("an", "en"), ("in", "im"), ("ai", "ia"), ("y", "ie")),
}


def misspelt(rng: random.Random, word: str, lang: str = "es") -> str:
    """A word as it sounds to who can't spell it: «cavallo», «buo», "freind"; the same word where nothing can be mistaken."""
    possible = [(right, wrong) for right, wrong in _MISSPELLINGS[lang] if right in word[1:] or (lang == "es" and right in word)]
    if not possible:
        return word
    right, wrong = rng.choice(possible)
    return word.replace(right, wrong, 1) if lang == "es" else word[0] + word[1:].replace(right, wrong, 1)


def adjective_plural(word: str) -> str:
    return word if word.startswith(("de ", "en ", "con ", "sin ", "a ", "al ")) else spanish_plural(word)


def with_article(english: str) -> str:
    vowel = re.match(r"(?i)(?!uni|use|eu|one|ufo|ut)[aeiou]|hour|heir|honest", english)
    return f"{'an' if vowel else 'a'} {english}"


def common_first(kinds: list[str]) -> list[float]:
    """Weights for a list whose common words stand first in each kind: the first tenth is drawn a third of the time."""
    sizes, seen = Counter(kinds), Counter[str]()
    weights = []
    for kind in kinds:
        weights.append(1 / (0.08 + seen[kind] / sizes[kind]))
        seen[kind] += 1
    return weights


class Vocabulary:
    """All word lists, and random phrases made from them."""

    def __init__(self) -> None:
        nouns: dict[str, Noun] = {}
        for name in ("nouns_nature.tsv", "nouns_made.tsv"):
            for spanish, gender, english, category in read(name, 4):
                nouns.setdefault(spanish, Noun(spanish, gender, english, category))
        self.nouns = list(nouns.values())
        self.noun_weights = common_first([noun.category for noun in self.nouns])
        self.by_category: dict[str, list[Noun]] = {}
        for noun in self.nouns:
            self.by_category.setdefault(noun.category, []).append(noun)
        self.adjectives = [Adjective(*row) for row in read("adjectives.tsv", 4)]
        self.colors = [a for a in self.adjectives if a.kind == "color"]
        self.places = read("places.tsv", 3)
        self.place_weights = common_first([place[2] for place in self.places])
        self.adjective_weights = common_first([a.kind for a in self.adjectives])
        self.color_weights = common_first(["color"] * len(self.colors))
        self.styles = read("styles.tsv", 2)
        self.styles_en = read("styles_en.tsv", 2)
        self.actions = read("actions.tsv", 2)
        self.details: dict[str, list[str]] = {}
        for category, tags in read("details.tsv", 2):
            self.details.setdefault(category, []).append(tags)
        self.syllables = self._syllables()

    def _syllables(self) -> list[str]:
        found: dict[str, None] = {}
        for word in [noun.spanish for noun in self.nouns] + [noun.english for noun in self.nouns[::2]]:
            for piece in re.findall(r"[bcdfghjklmnñpqrstvwxyz]*[aeiouáéíóú]+[nrsl]?(?=[^aeiouáéíóú]|$)", word):
                found[piece] = None
        return list(found)

    # --- unknown words: copied as they are ---------------------------------------------------------

    def invented(self, rng: random.Random) -> str:
        """A word that no list holds: syllables of real nouns put together anew."""
        while True:
            word = "".join(rng.choice(self.syllables) for _ in range(rng.choice((2, 2, 3, 3, 4))))
            if rng.random() < 0.25:
                word = rng.choice(self.nouns).spanish.split()[0][:4] + rng.choice(self.syllables)
            if 4 <= len(word) <= 14:
                return word.translate(str.maketrans("áéíóúü", "aeiouu"))

    def noun(self, rng: random.Random) -> Noun:
        return rng.choices(self.nouns, self.noun_weights)[0]

    def adjective(self, rng: random.Random) -> Adjective:
        return rng.choices(self.adjectives, self.adjective_weights)[0]

    def color(self, rng: random.Random) -> Adjective:
        return rng.choices(self.colors, self.color_weights)[0]

    def place(self, rng: random.Random) -> list[str]:
        return rng.choices(self.places, self.place_weights)[0]

    # --- phrases -----------------------------------------------------------------------------------

    def subject(self, rng: random.Random, *, adjectives: int | None = None, color: Adjective | None = None) -> Phrase:
        """A noun phrase with determiner: «un zorro rojo», "a red fox"."""
        draw = rng.random()
        if draw < 0.14:
            return self.unknown_subject(rng, color)
        noun = self.noun(rng)
        if draw < 0.19 and noun.category in ("animal", "people", "fantasy", "technology"):
            return self._compound(rng, noun)
        count = adjectives if adjectives is not None else rng.choices((0, 1, 2), (38, 50, 12))[0]
        chosen = [self.adjective(rng) for _ in range(count)]
        if color is not None:
            chosen = [a for a in chosen if a.kind != "color"] + [color]
        elif rng.random() < 0.2:
            chosen = [self.color(rng)] + [a for a in chosen[:1] if a.kind != "color"]
        if len({a.kind for a in chosen}) < len(chosen):
            chosen = chosen[:1]
        return self._assemble(rng, noun, chosen)

    def _assemble(self, rng: random.Random, noun: Noun, chosen: list[Adjective]) -> Phrase:
        form = rng.random()
        plural = noun.plural_only or (form < 0.17 and noun.english not in MASS)
        adjectives_es = [a.feminine if noun.feminine else a.masculine for a in chosen]
        order = {kind: index for index, kind in enumerate(ADJECTIVE_ORDER)}
        adjectives_en = [a.english for a in sorted(chosen, key=lambda a: order.get(a.kind, 0))]
        if plural:
            word = noun.spanish if noun.plural_only else spanish_plural(noun.spanish)
            many = noun.english if noun.plural_only else english_plural(noun.english)
            word = misspelt(rng, word) if rng.random() < 0.05 else word
            adjectives_es = [adjective_plural(a) for a in adjectives_es]
            if noun.plural_only:
                determiner_es, determiner_en = ("unas" if noun.feminine else "unos"), ""
            elif form < 0.09:
                number_es, determiner_en = rng.choice(NUMBERS)
                determiner_es = re.sub("os$", "as", number_es) if number_es in ("muchos", "varios") and noun.feminine else number_es
            elif form < 0.13:
                determiner_es, determiner_en = "", ""
            else:
                determiner_es, determiner_en = ("unas" if noun.feminine else "unos"), "some"
            spanish = " ".join(filter(None, [determiner_es, word, *adjectives_es]))
            english = " ".join(filter(None, [determiner_en, *adjectives_en, many]))
            return Phrase(spanish, english, noun.category)
        feminine_article = noun.feminine and noun.spanish not in STRESSED_A
        body = " ".join([*adjectives_en, noun.english])
        if form < 0.22:
            determiner_es = "la" if feminine_article else "el"
            english = f"the {body}"
        elif form < 0.25 and noun.english in MASS:
            determiner_es, english = "", body
        else:
            determiner_es = "una" if feminine_article else "un"
            english = body if noun.english in MASS else with_article(body)
        before = bool(chosen) and chosen[0].kind in ("size", "appearance", "mood") and rng.random() < 0.1
        word = misspelt(rng, noun.spanish) if rng.random() < 0.05 else noun.spanish
        words = [word, *adjectives_es]
        if before and " " not in adjectives_es[0] and noun.feminine == feminine_article:
            words = [adjectives_es[0], word, *adjectives_es[1:]]
        if len(adjectives_es) == 2 and rng.random() < 0.6 and not before:
            words = [word, f"{adjectives_es[0]} y {adjectives_es[1]}"]
            body = f"{adjectives_en[0]} and {adjectives_en[1]} {noun.english}" if rng.random() < 0 else body
        return Phrase(" ".join(filter(None, [determiner_es, *words])), english, noun.category)

    def _compound(self, rng: random.Random, noun: Noun) -> Phrase:
        other = rng.choice(self.by_category["people"] + self.by_category["fantasy"])
        if noun.plural_only or other.plural_only or other == noun:
            return self._assemble(rng, noun, [])
        article = "una" if noun.feminine and noun.spanish not in STRESSED_A else "un"
        return Phrase(f"{article} {noun.spanish} {other.spanish}", with_article(f"{other.english} {noun.english}"), noun.category)

    def unknown_subject(self, rng: random.Random, color: Adjective | None = None) -> Phrase:
        """A subject of an invented word, with an adjective more often than not; sometimes a name."""
        word = self.invented(rng)
        feminine = rng.random() < 0.45
        if rng.random() < 0.22:
            name = word.capitalize()
            title = rng.choice(TITLES) if rng.random() < 0.6 else ("", "")
            return Phrase(f"{title[0]} {name}".strip(), f"{title[1]} {name}".strip(), "people")
        article = "una" if feminine else "un"
        adjective = color or (self.adjective(rng) if rng.random() < 0.6 else None)
        if adjective is None:
            return Phrase(f"{article} {word}", with_article(word), "other")
        return Phrase(f"{article} {word} {adjective.feminine if feminine else adjective.masculine}",
                      with_article(f"{adjective.english} {word}"), "other")

    def scene(self, rng: random.Random) -> Phrase:
        """A subject, perhaps with company, doing something somewhere."""
        shape = rng.random()
        if shape < 0.10:
            things = [self.subject(rng, adjectives=rng.choice((0, 0, 1))) for _ in range(rng.choice((2, 3, 3, 4)))]
            return Phrase(join([t.spanish for t in things], "y"), join([t.english for t in things], "and"), things[0].category)
        first = self.subject(rng)
        spanish, english = first.spanish, first.english
        if shape < 0.20:
            second = self.subject(rng, adjectives=rng.choice((0, 1)))
            link = rng.choice((("con", "with"), ("y", "and"), ("junto a", "next to"), ("encima de", "on top of"), ("dentro de", "inside"),
                               ("mirando", "looking at"), ("persiguiendo", "chasing"), ("sobre", "on"), ("detrás de", "behind")))
            spanish, english = contract(f"{spanish} {link[0]} {second.spanish}"), f"{english} {link[1]} {second.english}"
        elif shape < 0.42 and first.category in ("animal", "people", "fantasy", "technology", "other"):
            action = rng.choice(self.actions)
            spanish, english = f"{spanish} {action[0]}", f"{english} {action[1]}"
        if rng.random() < 0.42:
            for place in [self.place(rng) for _ in range(rng.choice((1, 1, 1, 2)))]:
                spanish, english = f"{spanish} {place[0]}", f"{english} {place[1]}"
        return Phrase(spanish, english, first.category)

    def tags(self, rng: random.Random, category: str) -> str:
        """Enrichment for a prompt; the first line of a category is the usual one."""
        lines = self.details.get(category) or self.details["other"]
        return lines[0] if rng.random() < 0.85 else rng.choice(lines)


def join(items: list[str], conjunction: str) -> str:
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}" if len(items) > 1 else items[0]


def contract(spanish: str) -> str:
    """«de el» → «del», «a el» → «al»."""
    return re.sub(r"\b(de|a) el\b", lambda m: "del" if m[1] == "de" else "al", spanish)
