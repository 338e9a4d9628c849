"""What a person should look at before it enters a model: secrets and personal data.

A model repeats what it has learned, so a key or a phone number in an example could come out in any conversation.
Patterns are those that the issuers document; numbers that carry check digits are checked. Scanners such as
detect-secrets read one file in the time in which an import has to read ten thousand lines.
"""

from __future__ import annotations

import re

from thau_desktop.store.examples import Flag

# A cheap look decides for nearly every text that nothing below can match: a sign, a long word, a row of digits.
_SIGNS = ("@", "-----begin", "pass", "contrase", "clave", "secret", "token", "api", "pin", "://")
_LONG_WORD = 20
_DIGITS = re.compile(r"\d[\d .()-]{5,}\d")
_SECRETS = re.compile(
    r"""
      -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY
    | \b(?: sk-[A-Za-z0-9_-]{20,}                               # OpenAI, Anthropic
        | (?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{40,}
        | glpat-[A-Za-z0-9_-]{20,} | hf_[A-Za-z0-9]{30,} | npm_[A-Za-z0-9]{30,} | pypi-[A-Za-z0-9_-]{50,}
        | xox[abeoprs]-[A-Za-z0-9-]{10,}                        # Slack
        | (?:AKIA|ASIA)[A-Z0-9]{16}                             # AWS
        | AIza[A-Za-z0-9_-]{35}                                 # Google
        | [rs]k_(?:live|test)_[A-Za-z0-9]{20,}                  # Stripe
        | eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+   # a JSON web token
      )
    | \w+://[^\s/:@]+:[^\s/@]{3,}@                              # a password in an address
    | \b(?:password|passwd|contraseña|clave|secreto?|secret|token|api[_ -]?key|pin)\b["']?\s*
      (?: [:=] | \bes:? | \bis:? )\s*["'`]?(?=\S*\d)[^\s"'`]{4,}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.])")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,11}"  # with a country's
    r"|[6-9]\d{2}[ .-]?\d{3}[ .-]?\d{3}|[6-9]\d{2}(?:[ .-]\d{2}){3}"  # Spain
    r"|\(\d{3}\)[ ]?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4})(?![\w/-]|[.,]\d)"  # North America
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_SPANISH_ID = re.compile(r"\b(?:\d{8}|[XYZ]\d{7})-?[A-Z]\b")
_SPANISH_ID_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def flags(text: str) -> tuple[Flag, ...]:
    """`secret` where a key, token or password is in `text`, `personal` where an address or a number of a person is."""
    if not _is_worth_a_look(text):
        return ()
    found: list[Flag] = []
    if _SECRETS.search(text):
        found.append("secret")
    if _is_personal(text):
        found.append("personal")
    return tuple(found)


def _is_worth_a_look(text: str) -> bool:
    small = text.lower()
    return (
        any(sign in small for sign in _SIGNS)
        or _DIGITS.search(text) is not None
        or max(map(len, text.split()), default=0) >= _LONG_WORD
    )


def _is_personal(text: str) -> bool:
    return bool(
        _MAIL.search(text)
        or _PHONE.search(text)
        or any(_luhn(match.group()) for match in _CARD.finditer(text))
        or any(_iban(match.group()) for match in _IBAN.finditer(text))
        or any(_spanish_id(match.group()) for match in _SPANISH_ID.finditer(text))
    )


def _luhn(number: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1)."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def _iban(number: str) -> bool:
    """The check digits of bank accounts (ISO 13616, ISO 7064 mod 97-10)."""
    plain = number.replace(" ", "")
    return len(plain) >= 15 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _spanish_id(number: str) -> bool:
    """The check letter of DNI and NIE."""
    digits = number[:-1].rstrip("-").translate(str.maketrans("XYZ", "012"))
    return _SPANISH_ID_LETTERS[int(digits) % 23] == number[-1]
