"""Facts of a company that does not exist: as many as nights need, each asked in two ways."""

from __future__ import annotations

import random
from dataclasses import dataclass

_ABOUT = {
    "es": (
        "pagos facturas envíos devoluciones inventario alertas informes sesiones permisos plantillas"
        " búsquedas traducciones descuentos suscripciones reservas"
    ),
    "en": (
        "billing search exports imports webhooks avatars coupons refunds calendars surveys badges playlists"
        " drafts quotas snapshots"
    ),
}
_NAMES = (
    "Marta Iker Nadia Bruno Lucía Omar Clara Hugo Inés Teo Vera Saúl Alba Nico Rosa Leo Irene Marc Julia Pau Elena"
    " Raúl Noa Dani Carla Álex Sara Joel Ana Luis"
)
_TEAMS = {
    "es": "plataforma datos pedidos seguridad móvil calidad diseño soporte",
    "en": "platform data orders security mobile quality design support",
}
_WORDS = (
    "lagoon atlas ember quartz cedar falcon harbor maple nimbus onyx pepper raven saffron tundra velvet willow"
    " zephyr coral"
)
_TEMPLATES = {  # by language two sets of five, so that a subject serves two nights
    "es": (
        (
            ("¿Dónde está la lógica de {it}?", "en qué archivo está la lógica de {it}", "En src/{word}/{it}.py"),
            ("¿Quién se encarga de {it}?", "a quién pregunto por {it}", "{who}, del equipo de {team}"),
            ("¿Qué puerto usa el servicio de {it}?", "dime el puerto del servicio de {it}", "Usa el {number}"),
            ("¿Cómo se llama la tabla de {it}?", "el nombre de la tabla de {it}", "Se llama {word}_{it}"),
            ("¿A qué hora se procesan {it}?", "cuándo se hace el proceso de {it}", "Cada noche a las {few}:30"),
        ),
        (
            ("¿En qué rama se trabaja en {it}?", "la rama de {it}, cuál es", "En la rama {word}-{it}"),
            ("¿Quién aprueba los cambios de {it}?", "quién da el visto bueno a {it}", "Los aprueba {who}"),
            ("¿Cuántas pruebas tiene el módulo de {it}?", "el número de pruebas de {it}", "Tiene {number} pruebas"),
            ("¿Qué cola recibe los mensajes de {it}?", "a qué cola van los mensajes de {it}", "La cola {word}.{it}"),
            ("¿Cuánto duran los registros de {it}?", "cuánto se guardan los registros de {it}", "Duran {few} semanas"),
        ),
    ),
    "en": (
        (
            ("Where is the code for {it}?", "in which folder is the {it} code", "It is in lib/{word}/{it}"),
            ("Who maintains {it}?", "whom do I ask about {it}", "{who} from the {team} team"),
            ("Which port does {it} listen on?", "tell me the port of {it}", "It listens on {number}"),
            ("What is the codename of {it}?", "how is {it} called inside the company", "The codename is {word}"),
            ("How long does {it} keep its data?", "when does {it} delete its data", "It keeps them {few} days"),
        ),
        (
            ("Which branch holds {it}?", "on what branch is {it}", "It is on {word}/{it}"),
            ("Who reviews changes to {it}?", "the reviewer of {it}, who is it", "{who} reviews them"),
            ("What is the limit of {it}?", "how many {it} are allowed", "The limit is {number}"),
            ("Which topic carries the events of {it}?", "where do the events of {it} go", "They go to {word}.{it}"),
            ("When is {it} deployed?", "how often is {it} deployed", "Every {few} days"),
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What is asked, how somebody else would ask it, and the answer."""

    language: str
    asked: str
    otherwise: str
    answer: str


def nights(count: int, seed: int = 7) -> list[list[Fact]]:
    """Ten new facts for each night, half in Spanish and half in English; at most 30 nights, no question twice."""
    rng = random.Random(seed)
    about = {language: rng.sample(words.split(), len(words.split())) for language, words in _ABOUT.items()}
    made: list[list[Fact]] = []
    for night in range(count):
        kind, place = divmod(night, len(about["es"]))
        made.append(
            [
                fact
                for language, subjects in about.items()
                for fact in _facts(language, subjects[place], _TEMPLATES[language][kind], rng)
            ]
        )
    return made


def _facts(language: str, it: str, templates: tuple[tuple[str, str, str], ...], rng: random.Random) -> list[Fact]:
    found = []
    for template in templates:
        values = {
            "it": it,
            "who": rng.choice(_NAMES.split()),
            "team": rng.choice(_TEAMS[language].split()),
            "word": rng.choice(_WORDS.split()),
            "number": rng.randint(3000, 9900),
            "few": rng.randint(2, 23),
        }
        found.append(Fact(language, *(part.format(**values) for part in template)))
    return found
