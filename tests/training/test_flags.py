"""Secrets and personal data are seen; ordinary text is not suspected."""

from __future__ import annotations

import pytest

from thau_desktop.training.flags import flags


@pytest.mark.parametrize(
    "text",
    [
        "export OPENAI_API_KEY=sk-proj-abcdefghijklmnopqrstuvwx",
        "use ghp_" + "a1B2" * 9 + " to push",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "La contraseña es hunter22",
        'password: "s3cret!"',
        "postgres://admin:pa55word@db.local/app",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "hf_" + "abCD12" * 6,
    ],
)
def test_a_secret_is_flagged(text: str) -> None:
    assert "secret" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "write to ana.perez+x@example.co.uk",
        "llámame al +34 612 345 678",
        "mi móvil es 612345678",
        "call (415) 555-0132 or 415-555-0199",
        "4111 1111 1111 1111",
        "la cuenta ES91 2100 0418 4502 0005 1332",
        "DNI 12345678Z",
        "NIE X1234567L",
    ],
)
def test_personal_data_is_flagged(text: str) -> None:
    assert flags(text) == ("personal",)


@pytest.mark.parametrize(
    "text",
    [
        "En src/services/payment_service.py, línea 1200",
        "The password is kept in the keyring",
        "¿Qué es un token? Un token es una pieza de texto.",
        "El 28/11/2026 a las 10:30:00 hubo 1.234.567 visitas",
        "pi is 3.14159265358979",
        "4111 1111 1111 1112 is no card",
        "a commit like 8e9d23df50bc1af4f23558e3436ed7a8f285235d",
        "ES00 2100 0418 4502 0005 1332 has wrong check digits",
        "12345678A has the wrong letter",
        "la clave es practicar cada día",
        "10.255.255.254 and 2026-11-28T01:09:55",
    ],
)
def test_ordinary_text_is_not_suspected(text: str) -> None:
    assert flags(text) == ()
