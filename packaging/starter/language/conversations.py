"""Writes the conversations that the starter model is trained on: endless, random, reproducible by seed.

A conversation is a list of `(role, text)`: an optional system message, then exchanges of several kinds
(pictures and follow-ups, concepts, help, small talk, things it does not know, traps). What each kind
says comes from the files in `dialogue/`, `concepts/` and `vocabulary/`.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from pathlib import Path

from questions import (
    AFTER_QUESTION,
    BEFORE_QUESTION,
    CONCEPT_QUESTIONS,
    EXAMPLE_QUESTIONS,
    FOLLOW_UPS,
    NAME_QUESTIONS,
    PICTURE_FOLLOW_UPS,
)
from vocabulary import Phrase, Vocabulary, contract, english_plural, misspelt, spanish_plural, with_article

HERE = Path(__file__).parent
USUAL = 0.85  # how often the first of several answers that would all do is given: what can't be foretold teaches nothing
Turn = tuple[str, str]

SYSTEM = {
    "es": ["Eres THAU, un asistente local y privado. Respondes con brevedad y honestidad.", "Eres THAU, un asistente amable.",
           "Eres THAU. Responde en español.", "Respondes de forma breve y directa.", "Eres un profesor paciente que explica paso a paso.",
           "Eres THAU, experto en programación.", "Cuando el usuario pida una imagen, usa la herramienta generate_image.",
           "Si no sabes algo, dilo.", "Habla con un tono cercano.", "Sé conversacional, amigable y preciso.", "Aprendes de cada interacción."],
    "en": ["You are THAU, a local, private assistant. You answer briefly and honestly.", "You are THAU, a friendly assistant.",
           "You are THAU. Answer in the user's language.", "You answer briefly and directly.", "You are a patient teacher who explains step by step.",
           "You are THAU, an expert in programming.", "When the user asks for a picture, use the generate_image tool.",
           "If you do not know something, say so.", "Keep a warm tone.", "Be conversational, friendly and precise.", "You learn from every conversation."],
}
PERSONAS = [  # as the app's built-in personas say it
    "You are THAU, a friendly private assistant that runs on this computer. Answer in the language of the person you talk to, warmly, clearly and to the point. Say so when you do not know something.",
    "Eres THAU, un asistente privado y cercano que funciona en este equipo. Responde en el idioma de la persona con la que hablas, con calidez, claridad y sin rodeos. Cuando no sepas algo, dilo.",
    "You are THAU, a private assistant. Answer in the language of the person you talk to, in as few words as the question allows: the answer first, no greeting, no repetition of the question.",
    "Eres THAU, un asistente privado. Responde en el idioma de la persona con la que hablas, con las menos palabras que la pregunta permita: primero la respuesta, sin saludar y sin repetir la pregunta.",
    "You are THAU, a patient teacher. Answer in the language of the person you talk to. Explain step by step, from what is known to what is new, with one small example, and end with a question that checks whether it was understood.",
    "Eres THAU, un docente paciente. Responde en el idioma de la persona con la que hablas. Explica paso a paso, de lo conocido a lo nuevo, con un ejemplo pequeño, y termina con una pregunta que compruebe si se ha entendido.",
    "You are THAU, an experienced programmer. Explain in the language of the person you talk to; write code in code blocks that name their language. Give code that is complete and runs, say what you assumed, and point out errors plainly.",
    "Eres THAU, un programador con experiencia. Explica en el idioma de la persona con la que hablas; escribe el código en bloques de código que indiquen su lenguaje. Da código completo que funcione, di qué has supuesto y señala los errores con claridad.",
]
AFTER_PICTURE = {"es": ["Listo. Si quieres, dime qué cambio.", "Aquí está. ¿Quieres que cambie algo?"],
                 "en": ["Done. Tell me if you would like a change.", "Here it is. Shall I change anything?"]}
AFTER_PROBLEM = {"es": ["No he podido crear la imagen. Arriba tienes el motivo."], "en": ["I could not create the picture. The reason is above."]}
OPENERS = {"es": ["Hola, ", "hola! ", "Oye, ", "THAU, ", "Por favor, ", "Buenas, ", "Oye THAU, ", "Vale, ", "Ok, ", "Genial, ", "Gracias. "],
           "en": ["Hi, ", "hey ", "Hello! ", "THAU, ", "Please ", "hey THAU, ", "Okay, ", "Great, ", "Thanks. ", "So, "]}
ECHO = {"es": ["Repite: {t}", "repite conmigo: {t}", "Di: {t}", "escribe {t}"], "en": ["Repeat: {t}", "repeat after me: {t}", "Say: {t}", "write {t}"]}
TRANSLATE = {"es": ["¿Cómo se dice {t} en inglés?", "{t} en inglés", "en inglés: {t}", "pasa al inglés: {t}"],
             "en": ["How do you say {t} in English?", "{t} in English", "in English: {t}", "what's {t} in English?"]}
SIZES = [(512, 768, "vertical", "portrait format"), (768, 512, "horizontal", "landscape format"), (512, 512, "cuadrada", "square"),
         (384, 384, "pequeña", "small"), (768, 768, "grande", "large")]


def load_lines(name: str) -> list[str]:
    return [line.rstrip("\n") for line in (HERE / "dialogue" / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def load_json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def questions_asked() -> dict[str, dict]:
    """By concept, what people might ask: `{"es": {"questions": […], "clues": […]}, "en": …}`, from all files of questions."""
    asked: dict[str, dict] = {}
    for path in sorted((HERE / "concepts").glob("questions*.jsonl")):
        for line in load_json_lines(path):
            known = asked.setdefault(line["id"], {lang: {"questions": [], "clues": []} for lang in ("es", "en")})
            for lang in ("es", "en"):
                for kind in known[lang]:
                    known[lang][kind] += line[lang].get(kind, [])
    return asked


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation: to compare what two lines ask."""
    text = unicodedata.normalize("NFD", text.lower())
    return re.sub(r"[^a-z0-9ñ ]+", " ", "".join(c for c in text if not unicodedata.combining(c))).strip()


def bare(name: str) -> str:
    return re.sub(r"^(el|la|los|las|un|una|unos|unas|a|an|the)\s+", "", name)


def several(name: str, lang: str) -> str:
    """The bare name in the plural: «agujeros negros», "black holes"; a name of its own, or one with «de», only its head."""
    word = bare(name)
    if lang == "en":
        return word if word.endswith("s") or not name.startswith(("a ", "an ", "the ")) else english_plural(word)
    if name.startswith(("los ", "las ")) or not name.startswith(("el ", "la ", "un ", "una ")):
        return word
    head, *rest = word.split(" ")
    stop = next((i for i, w in enumerate(rest) if w in ("de", "del", "en", "con", "por", "a", "y", "sin", "para")), len(rest))
    return " ".join([spanish_plural(head), *(spanish_plural(w) for w in rest[:stop]), *rest[stop:]])


class Writer:
    """Writes conversations from one random generator."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = random.Random(seed)
        self.words = Vocabulary()
        self.concepts = [c for name in ("computing", "world") for c in load_json_lines(HERE / "concepts" / f"{name}.jsonl")]
        self.asked = questions_asked()
        self.smalltalk = load_json_lines(HERE / "dialogue" / "smalltalk.jsonl")
        self.help = load_json_lines(HERE / "dialogue" / "help.jsonl")
        self.requests = {lang: load_lines(f"requests_{lang}.txt") for lang in ("es", "en")}
        self.context_requests = {lang: load_lines(f"context_requests_{lang}.txt") for lang in ("es", "en")}
        self.questions = {lang: CONCEPT_QUESTIONS[lang] + load_lines(f"questions_{lang}.txt") for lang in ("es", "en")}
        self.wishes = {lang: [line.split("\t") for line in load_lines(f"wishes_{lang}.tsv")] for lang in ("es", "en")}
        self.concept_pictures = {lang: load_lines(f"concept_pictures_{lang}.txt") for lang in ("es", "en")}
        self.preambles = {lang: load_lines(f"preambles_{lang}.txt") for lang in ("es", "en")}
        self.unknown_answers = json.loads((HERE / "dialogue" / "unknown_answers.json").read_text(encoding="utf-8"))
        self.statement_answers = json.loads((HERE / "dialogue" / "statement_answers.json").read_text(encoding="utf-8"))
        self.problems = load_lines("problems.txt")
        self.howto_answers = json.loads((HERE / "dialogue" / "howto_answers.json").read_text(encoding="utf-8"))
        self.known = {lang: {plain(bare(n)) for c in self.concepts for n in c[lang]["names"]} for lang in ("es", "en")}
        self.negatives = {lang: [line.split("\t", 1) for line in load_lines(f"negatives_{lang}.txt")
                                  if self._unanswered(line, lang) and not re.match(r"S\t(?!.*(\{|imag|dibuj|pint|foto|pict|draw|paint|phot|sketch))", line)]
                          for lang in ("es", "en")}
        self.unknowns = {lang: [line.split(" ", 1) for line in load_lines(f"unknown_{lang}.txt") if self._unanswered(line, lang)]
                         for lang in ("es", "en")}
        self.edits: dict[str, dict[str, list[str]]] = {lang: {} for lang in ("es", "en")}
        for lang in ("es", "en"):
            for line in load_lines(f"edits_{lang}.txt"):
                kind, template = line.split("\t", 1)
                self.edits[lang].setdefault(kind, []).append(template)

    def _unanswered(self, line: str, lang: str) -> bool:
        """Whether no concept of ours answers this line."""
        asked = re.sub(r"^[fthsn] ", "", plain(line.replace("\t", " ")))
        match = re.match(r"(?:que (?:es|son|significa)|what (?:is|are|s)|define|explica(?:me)?|explain) (?:(?:el|la|los|las|un|una|a|an|the) )?(.*)", asked)
        return not (match and (match[1] in self.known[lang] or match[1].rstrip("s") in self.known[lang]))

    # --- a conversation ------------------------------------------------------------------------------

    def conversation(self, tokens: int) -> list[Turn]:
        """A conversation of about `tokens` tokens."""
        rng = self.rng
        lang = "es" if rng.random() < 0.62 else "en"
        turns: list[Turn] = []
        if rng.random() < 0.8:
            turns.append(("system", self._system()))
        budget = tokens * 3.6
        while True:
            if rng.random() < 0.06:
                lang = "en" if lang == "es" else "es"
            turns += self._exchange(lang)
            if sum(len(text) + 8 for _, text in turns) > budget:
                return turns

    def _system(self) -> str:
        if self.rng.random() < 0.3:
            return self.rng.choice(PERSONAS)
        pool = SYSTEM["es" if self.rng.random() < 0.6 else "en"]
        return " ".join(self.rng.sample(pool, self.rng.choice((1, 1, 1, 2, 3))))

    def _exchange(self, lang: str) -> list[Turn]:
        kind = self.rng.choices(
            ("picture", "concept", "smalltalk", "help", "unknown", "negative", "stranger", "echo", "translation"),
            (36, 38, 3, 4, 4, 11, 2, 3, 6))[0]
        return getattr(self, f"_{kind}")(lang)

    # --- pictures ------------------------------------------------------------------------------------

    def _picture(self, lang: str) -> list[Turn]:
        draw = self.rng.random()
        if draw < 0.14:
            return self._concept_picture(lang)
        if draw < 0.22:
            return self._picture_in_context(lang)
        if draw < 0.68:
            return self._wish(lang)
        if self.rng.random() < 0.3:
            return self._picture_with_edits(lang)
        words = self.words
        scene = words.scene(self.rng)
        style_said, style_tags = self._style(lang)
        request = self._request(lang, scene, style_said)
        request, options = self._options(lang, request)
        prompt = self._prompt(scene.english, style_tags, scene.category)
        return [("user", request), *self._call(lang, prompt, options)]

    def _picture_in_context(self, lang: str) -> list[Turn]:
        """A request that names its subject in one clause and asks for the picture in another."""
        rng, words = self.rng, self.words
        template = rng.choice(self.context_requests[lang])
        place = words.place(rng) if rng.random() < 0.7 else ("", "")
        if "{x}" in template:
            thing = words.scene(rng) if rng.random() < 0.4 else words.subject(rng)
            said, english, category = (thing.spanish if lang == "es" else thing.english), thing.english, thing.category
            text = template.replace("{x}", said)
        elif "{name}" in template:
            name = words.invented(rng)
            name = name.capitalize() if rng.random() < 0.5 else name
            said, english, category = name, f"{name} {place[1]}".strip(), "fantasy"
            text = template.replace("{name}", name)
        else:
            noun, adjective = words.noun(rng), (words.color(rng) if rng.random() < 0.6 else words.adjective(rng))
            unknown = words.invented(rng) if rng.random() < 0.15 else ""
            article = ("las " if noun.feminine else "los ")
            many = unknown + "s" if unknown else (spanish_plural(noun.spanish) if not noun.plural_only else noun.spanish)
            many_en = unknown + "s" if unknown else (english_plural(noun.english) if not noun.plural_only else noun.english)
            said = article + many if lang == "es" else many_en
            text = template.replace("{pl}", said).replace("{uno}", "una" if noun.feminine else "uno")
            text = text.replace("{a}", (adjective.feminine if noun.feminine else adjective.masculine) if lang == "es" else adjective.english)
            english = with_article(f"{adjective.english} {unknown or noun.english}")
            english, category = f"{english} {place[1]}".strip() if "{p}" in template else english, noun.category
        text = re.sub(r" +([,.?]|$)", r"\1", text.replace("{p}", place[0 if lang == "es" else 1]))
        text = contract(text) if lang == "es" else text
        return [("user", self._said(lang, text, keep=said)), *self._call(lang, self._prompt(english, "", category))]

    def _wish(self, lang: str) -> list[Turn]:
        """A request that a person wrote; what stands in brackets, on both sides, is now and then something else."""
        rng = self.rng
        request, prompt = rng.choice(self.wishes[lang])
        if lang == "en" and rng.random() < 0.2:  # what is meant by a Spanish wish is an English one
            prompt = rng.choice(self.wishes["es"])[1].split(", ")[0]
            request = rng.choice(self.requests["en"]).replace("{x}", prompt) if rng.random() < 0.4 else prompt
        inside = re.search(r"\[(.*?)\]", request)
        keep, category = "", "other"
        if inside and rng.random() < 0.4:
            thing = self.words.unknown_subject(rng) if rng.random() < 0.25 else self.words.subject(rng)
            keep, category = (thing.spanish if lang == "es" else thing.english), thing.category
            request = request.replace(inside[0], keep)
            request = contract(request) if lang == "es" else request
            prompt = re.sub(r"\[.*?\]", lambda _: thing.english, prompt)
        else:
            keep = inside[1] if inside else ""
            request = self._misspelt(lang, request) if rng.random() < 0.15 else request
        request, prompt = re.sub(r"[\[\]]", "", request), re.sub(r"[\[\]]", "", prompt)
        if "," not in prompt:
            prompt = f"{prompt}, {self.words.tags(self.rng, category)}"
        return [("user", self._said(lang, request, keep=keep)), *self._call(lang, prompt)]

    def _style(self, lang: str, chance: float = 0.28) -> tuple[str, str]:
        if self.rng.random() > chance:
            return "", ""
        said, tags = self.rng.choice(self.words.styles if lang == "es" else self.words.styles_en)
        return said, tags

    def _request(self, lang: str, scene: Phrase, style: str) -> str:
        thing = scene.spanish if lang == "es" else scene.english
        if style:
            thing = f"{thing}{self.rng.choice((' ', ' ', ', '))}{style}"
        template = self.rng.choice(self.requests[lang])
        if "{x}" not in template or self.rng.random() < 0.12:
            template = "{x}"
            if self.rng.random() < 0.6:  # «castillo en la niebla», with no article
                thing = re.sub(r"^(?:una?|unos|unas|el|la|an?|the|some) ", "", thing)
        filled = contract(template.replace("{x}", thing)) if lang == "es" else template.replace("{x}", thing)
        if template.startswith("{x}"):
            filled = filled[0].upper() + filled[1:]
        return self._said(lang, filled, keep=thing)

    def _options(self, lang: str, request: str) -> tuple[str, dict]:
        draw = self.rng.random()
        if draw > 0.07:
            return request, {}
        if draw < 0.02:
            width, height, es, en = self.rng.choice(SIZES)
            said = self.rng.choice((f"en formato {es}", f"de {width}x{height}", f"{width} x {height}")) if lang == "es" else \
                self.rng.choice((f"in {en}", f"at {width}x{height}", f"{width} x {height}"))
            options = {"width": width, "height": height}
        elif draw < 0.035:
            steps = self.rng.choice((10, 15, 20, 25, 30, 40, 50, 60, 80, 100))
            said, options = (f"con {steps} pasos" if lang == "es" else f"with {steps} steps"), {"num_inference_steps": steps}
        elif draw < 0.05:
            seed = self.rng.randrange(1, 10000)
            said, options = (f"con semilla {seed}" if lang == "es" else f"with seed {seed}"), {"seed": seed}
        else:
            noun = self.words.noun(self.rng)
            said = f"{self.rng.choice(('sin', 'que no tenga', 'que no haya'))} {noun.spanish}" if lang == "es" else f"without {noun.english}"
            options = {"negative_prompt": noun.english}
        return f"{request.rstrip('.!? ')}{self.rng.choice((', ', ' '))}{said}", options

    def _prompt(self, english: str, style_tags: str, category: str) -> str:
        return f"{english}, {style_tags or self.words.tags(self.rng, category)}"

    def _call(self, lang: str, prompt: str, options: dict | None = None) -> list[Turn]:
        rng = self.rng
        preamble = self.preambles[lang][0] if rng.random() < USUAL else rng.choice(self.preambles[lang])
        arguments = json.dumps({"prompt": prompt, **(options or {})}, ensure_ascii=False)
        turns = [("assistant", f"{preamble}\n<TOOL:generate_image>{arguments}</TOOL>")]
        if rng.random() < 0.65:
            return turns
        if rng.random() < 0.12:
            problem = self._problem() if rng.random() < 0.8 else rng.choice(self.unknowns["es" if rng.random() < 0.5 else "en"])[1]
            return [*turns, ("tool", json.dumps({"status": "error", "message": problem}, ensure_ascii=False)), ("assistant", AFTER_PROBLEM[lang][0])]
        done = json.dumps({"status": "done", "image": str(rng.randrange(1, 3000))})
        after = AFTER_PICTURE[lang][0] if rng.random() < USUAL else AFTER_PICTURE[lang][1]
        return [*turns, ("tool", done), ("assistant", after)]

    def _problem(self) -> str:
        """Why a picture was not drawn, as the app says it, with a folder that somebody may have."""
        folders = ("/home/{}/.local/share/thau/models", "C:\\Users\\{}\\AppData\\Local\\thau\\models", "/Users/{}/Library/thau/models", "/tmp/{}/models", "/mnt/{}")
        return self.rng.choice(self.problems).replace("{path}", self.rng.choice(folders).format(self.words.invented(self.rng)))

    def _picture_with_edits(self, lang: str) -> list[Turn]:
        """A picture, then one to three follow-up turns that change one thing and keep the rest."""
        rng, words = self.rng, self.words
        noun = words.noun(rng)
        color, place = words.color(rng), words.place(rng)
        others = [words.adjective(rng)] if rng.random() < 0.4 else []
        state = {"noun": noun, "color": color if rng.random() < 0.5 else None, "place": place if rng.random() < 0.6 else None,
                 "other": next((a for a in others if a.kind != "color"), None), "style": self._style(lang, 0.25), "extra": None,
                 "unknown": words.invented(rng) if rng.random() < 0.1 else None}
        tags = words.tags(rng, noun.category)
        scene = self._compose(state)
        turns = [("user", self._request(lang, scene, state["style"][0])), *self._call(lang, f"{scene.english}, {state['style'][1] or tags}")]
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            kind = rng.choices(("color", "place", "style", "subject", "again", "add"), (30, 22, 20, 10, 8, 10))[0]
            slots: dict[str, str] = {}
            if kind == "color":
                state["color"] = words.color(rng)
                feminine = noun.feminine and rng.random() < 0.5
                slots["a"] = (state["color"].feminine if feminine else state["color"].masculine) if lang == "es" else state["color"].english
            elif kind == "place":
                state["place"] = words.place(rng)
                slots["p"] = state["place"][0 if lang == "es" else 1]
            elif kind == "style":
                state["style"] = self._style(lang, 1.0)
                slots["s"] = state["style"][0]
            elif kind in ("subject", "add"):
                thing = words.subject(rng, adjectives=rng.choice((0, 0, 1)))
                slots["x"] = thing.spanish if lang == "es" else thing.english
                if kind == "add":
                    state["extra"] = thing
                else:
                    state["override"], state["color"], state["other"], state["extra"] = thing, None, None, None
                    tags = words.tags(rng, thing.category)
            template = rng.choice(self.edits[lang][kind])
            request = template
            for slot, value in slots.items():
                request = request.replace("{" + slot + "}", value)
            request = contract(request) if lang == "es" else request
            scene = self._compose(state)
            turns += [("user", self._said(lang, request, keep=next(iter(slots.values()), ""))),
                      *self._call(lang, f"{scene.english}, {state['style'][1] or tags}")]
        return turns

    def _compose(self, state: dict) -> Phrase:
        noun, color, other = state["noun"], state["color"], state["other"]
        if state.get("override") is not None:
            spanish, english, category = state["override"].spanish, state["override"].english, state["override"].category
            if color is not None:
                bare_english = re.sub(r"^(an?|the|some) ", "", english)
                english = with_article(f"{color.english} {bare_english}")
        else:
            name_es, name_en = (state["unknown"],) * 2 if state["unknown"] else (noun.spanish, noun.english)
            adjectives = [a for a in (other, color) if a is not None]
            article = "una" if noun.feminine else "un"
            spanish = " ".join([article, name_es, *[a.feminine if noun.feminine else a.masculine for a in reversed(adjectives)]])
            english = with_article(" ".join([*[a.english for a in adjectives], name_en]))
            if noun.plural_only and not state["unknown"]:
                spanish = re.sub("^una? ", "unas " if noun.feminine else "unos ", spanish)
                english = re.sub("^an? ", "", english)
            category = noun.category
        if state["extra"] is not None:
            spanish, english = f"{spanish} con {state['extra'].spanish}", f"{english} with {state['extra'].english}"
        if state["place"] is not None:
            spanish, english = f"{spanish} {state['place'][0]}", f"{english} {state['place'][1]}"
        return Phrase(spanish, english, category)

    # --- concepts ------------------------------------------------------------------------------------

    def _concept_words(self, concept: dict, lang: str) -> tuple[str, dict]:
        names = concept[lang]["names"]
        name = names[0] if self.rng.random() < 0.55 else self.rng.choice(names)
        return name, concept[lang]

    def _fill(self, template: str, lang: str, name: str) -> str:
        plural = name.startswith(("los ", "las ")) if lang == "es" else bool(re.search(r"(?<![su])s$", name)) and not name.startswith(("a ", "an "))
        template = re.sub(r"\[([^|\]]*)\|([^\]]*)\]", lambda m: m[2] if plural else m[1], template)
        if lang == "es" and self.rng.random() < 0.22:
            name = re.sub(r"^(el|la) ", lambda m: {"el": "un ", "la": "una "}[m[1]], name)
        if lang == "en" and self.rng.random() < 0.15:
            name = bare(name)
        text = template.replace("{c}", name).replace("{b}", bare(name)).replace("{p}", several(name, lang))
        return contract(text) if lang == "es" else text

    def _asked(self, lang: str, name: str) -> str:
        """A question about `name`, with the words that people put around it."""
        rng = self.rng
        question = self._fill(rng.choice(self.questions[lang]), lang, name)
        if rng.random() < 0.16:
            before = rng.choice(BEFORE_QUESTION[lang]) + " "
            question = before + (question[0].lower() + question[1:] if question[1:2].islower() else question)
        if rng.random() < 0.18:
            end = question[-1] if question[-1] in "?." else ""
            after = rng.choice(AFTER_QUESTION[lang])
            question = question[: len(question) - len(end)] + (end + after if after.startswith(",") else after + end)
        return self._said(lang, question, keep=name)

    def _concept(self, lang: str) -> list[Turn]:
        rng = self.rng
        concept = rng.choice(self.concepts)
        name, told = self._concept_words(concept, lang)
        answer = f"{told['definition']} {told['use']}"
        draw = rng.random()
        if draw < 0.09:
            return [("user", self._said(lang, self._fill(rng.choice(EXAMPLE_QUESTIONS[lang]), lang, name), keep=name)), ("assistant", told["example"])]
        if draw < 0.13:
            clue = rng.choice(NAME_QUESTIONS[lang]).replace("{clue}", told["clue"])
            return [("user", self._said(lang, clue)), ("assistant", answer)]
        if draw < 0.78:
            own = self.asked[concept["id"]][lang]
            question = rng.choice(own["clues"] if rng.random() < 0.45 else own["questions"])
            if rng.random() < 0.12:
                question = f"{question} {rng.choice(own['questions'] + own['clues'])}"
            elif rng.random() < 0.25:
                question = self._worn(question)
            return [("user", self._said(lang, question)), ("assistant", answer)]
        turns = [("user", self._asked(lang, name)), ("assistant", answer)]
        if rng.random() < 0.1:
            turns += [("user", self._said(lang, rng.choice(FOLLOW_UPS[lang]))), ("assistant", told["example"])]
        if rng.random() < 0.05:
            turns += [("user", self._said(lang, rng.choice(PICTURE_FOLLOW_UPS[lang]))), *self._call(lang, concept["picture"])]
        return turns

    def _worn(self, question: str) -> str:
        """The question without one word in six, so that no single word becomes the only one that the answer hangs on."""
        words = question.split(" ")
        return " ".join(word for word in words if len(words) < 6 or self.rng.random() > 1 / 6) or question

    def _concept_picture(self, lang: str) -> list[Turn]:
        concept = self.rng.choice(self.concepts)
        name, told = self._concept_words(concept, lang)
        question = self._said(lang, self._fill(self.rng.choice(self.concept_pictures[lang]), lang, name), keep=name)
        call, *rest = self._call(lang, concept["picture"])
        return [("user", question), ("assistant", f"{told['definition']}\n{call[1].split(chr(10), 1)[1]}"), *rest]

    # --- talk ----------------------------------------------------------------------------------------

    def _smalltalk(self, lang: str) -> list[Turn]:
        return self._intent(self.rng.choice(self.smalltalk), lang)

    def _help(self, lang: str) -> list[Turn]:
        return self._intent(self.rng.choice(self.help), lang)

    def _intent(self, intent: dict, lang: str) -> list[Turn]:
        said, answers = intent[lang]["user"], intent[lang]["assistant"]
        return [("user", self._said(lang, self.rng.choice(said))), ("assistant", answers[0] if self.rng.random() < USUAL else self.rng.choice(answers))]

    def _honest(self, lang: str, kind: str) -> str:
        answers = self.unknown_answers[kind][lang]
        return answers[0] if self.rng.random() < USUAL else self.rng.choice(answers)

    def _unknown(self, lang: str) -> list[Turn]:
        kind, text = self.rng.choice(self.unknowns[lang])
        return [("user", self._said(lang, text)), ("assistant", self._honest(lang, "task" if kind == "T" else "fact"))]

    def _stranger(self, lang: str) -> list[Turn]:
        """Asked like a concept, but none of ours: the honest answer."""
        rng = self.rng
        while True:
            noun = self.words.noun(rng)
            word = self.words.invented(rng) if rng.random() < 0.35 else (noun.spanish if lang == "es" else noun.english)
            if plain(word) not in self.known[lang]:
                break
        if lang == "es":
            word = f"{rng.choice(('el', 'un')) if not noun.feminine else rng.choice(('la', 'una'))} {word}"
        elif rng.random() < 0.6:
            word = with_article(word)
        return [("user", self._asked(lang, word)), ("assistant", self._honest(lang, "fact"))]

    def _negative(self, lang: str) -> list[Turn]:
        kind, template = self.rng.choice(self.negatives[lang])
        phrase = self.words.subject(self.rng)
        noun = self.words.noun(self.rng)
        text = template.replace("{x}", phrase.spanish if lang == "es" else phrase.english).replace("{n}", noun.spanish if lang == "es" else noun.english)
        text = contract(text) if lang == "es" else text
        if kind == "S":
            answer = self.rng.choice(self.statement_answers[lang])
        elif kind == "H":
            answer = self.rng.choice(self.howto_answers[lang])
        else:
            answer = self._honest(lang, "task" if kind == "T" else "fact")
        return [("user", self._said(lang, text)), ("assistant", answer)]

    # --- words alone: the shortest way to learn to copy and to translate -----------------------------

    def _echo(self, lang: str) -> list[Turn]:
        rng = self.rng
        words = [self.words.invented(rng) if rng.random() < 0.6 else self.words.noun(rng).spanish for _ in range(rng.choice((1, 2, 3, 4, 6)))]
        text = " ".join(words)
        asked = rng.choice(ECHO[lang]).replace("{t}", text)
        return [("user", asked), ("assistant", text)]

    def _translation(self, lang: str) -> list[Turn]:
        rng, words = self.rng, self.words
        pairs: list[tuple[str, str]] = []
        for _ in range(rng.choice((1, 1, 3, 4, 5))):
            draw = rng.random()
            if draw < 0.5:
                noun = words.noun(rng)
                pairs.append((noun.spanish, noun.english))
            elif draw < 0.58:
                word = words.invented(rng)
                pairs.append((word, word))
            elif draw < 0.68:
                place = words.place(rng)
                pairs.append((place[0], place[1]))
            elif draw < 0.76:
                adjective = words.adjective(rng)
                pairs.append((rng.choice((adjective.masculine, adjective.feminine)), adjective.english))
            else:
                phrase = words.subject(rng)
                pairs.append((phrase.spanish, phrase.english))
        asked = rng.choice(TRANSLATE[lang]).replace("{t}", ", ".join(spanish for spanish, _ in pairs))
        return [("user", asked), ("assistant", ", ".join(english for _, english in pairs))]

    # --- how people type -----------------------------------------------------------------------------

    def _said(self, lang: str, text: str, keep: str = "") -> str:
        """The text as a hurried person may type it: no accents, no signs, small letters, a slip of the finger."""
        rng = self.rng
        if rng.random() < 0.06:
            text = rng.choice(OPENERS[lang]) + (text[0].lower() + text[1:] if text[1:2].islower() else text)
        if rng.random() < 0.25:
            text = text.lstrip("¿¡")
        if rng.random() < 0.25:
            text = text.rstrip("?!.")
        if rng.random() < 0.3 and not text.isupper():
            text = text[0].lower() + text[1:]
        if rng.random() < 0.12:
            text = "".join(c for c in unicodedata.normalize("NFD", text) if c == "\u0303" or not unicodedata.combining(c))
            text = unicodedata.normalize("NFC", text)
        if rng.random() < 0.05:
            text = text.lower()
        if rng.random() < 0.04:
            text = self._slip(text, keep)
        return text

    def _misspelt(self, lang: str, text: str) -> str:
        """The text with one to three words as they sound to who can't spell them."""
        words = text.split(" ")
        places = [i for i, word in enumerate(words) if len(word) > 3 and word.islower() and word.isalpha()]
        for i in self.rng.sample(places, min(len(places), self.rng.choice((1, 1, 2, 3)))):
            words[i] = misspelt(self.rng, words[i], lang)
        return " ".join(words)

    def _slip(self, text: str, keep: str) -> str:
        start = text.find(keep) if keep else -1
        places = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha() and not (start >= 0 and start <= i < start + len(keep))]
        if not places:
            return text
        i = self.rng.choice(places)
        return self.rng.choice((text[:i] + text[i + 1:], text[:i] + text[i + 1] + text[i] + text[i + 2:], text[:i] + text[i] + text[i:]))
