"""Words that people read, in Spanish or English. Source strings are English; catalogs are gettext files.

`_` looks a sentence up when it is called, so that a change of language shows at once. `N_` only marks a
constant for extraction; whoever shows it passes it through `_`.
"""

from __future__ import annotations

import gettext
import locale
import os
import plistlib
import sys
from pathlib import Path

DOMAIN = "thau"
# Child processes inherit it, so that their errors speak the language of the process that started them.
_INHERITED = "THAU_LANGUAGE"

_catalog: gettext.NullTranslations | None = None
_language = "en"


def set_language(language: str) -> None:
    """Switch to "es", "en" or "system" (Spanish where the system speaks Spanish, otherwise English)."""
    global _catalog, _language
    _language = language if language in ("es", "en") else system_language()
    os.environ[_INHERITED] = _language
    if _language == "en":
        _catalog = gettext.NullTranslations()
        return
    from thau_desktop.paths import resources  # late: paths itself needs `_`

    _catalog = gettext.translation(DOMAIN, resources() / "locale", [_language], fallback=True)


def language() -> str:
    """The language in use, "es" or "en"."""
    _current()
    return _language


def _(text: str) -> str:
    """`text` in the language in use; itself where there is no translation."""
    return _current().gettext(text) if text else ""


def ngettext_(one: str, many: str, n: int) -> str:
    """`one` or `many`, as the language in use counts `n`."""
    return _current().ngettext(one, many, n)


def N_(text: str) -> str:
    """`text` itself, marked for translation."""
    return text


def system_language() -> str:
    """ "es" where the system's language is any Spanish, otherwise "en"."""
    return "es" if _system_locale().lower().startswith(("es", "spanish")) else "en"


def _current() -> gettext.NullTranslations:
    if _catalog is None:
        set_language(os.environ.get(_INHERITED, "system"))
    assert _catalog is not None
    return _catalog


def _system_locale() -> str:
    """The name of the system's language, such as "es_MX"; "" where it can't be told."""
    # The order is gettext's. LANGUAGE may be a list; "C" means that nobody chose.
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return value
    if sys.platform == "win32":
        import ctypes

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    if sys.platform == "darwin":
        # An application that Finder starts has no LANG.
        preferences = Path.home() / "Library/Preferences/.GlobalPreferences.plist"
        try:
            return str(plistlib.loads(preferences.read_bytes())["AppleLanguages"][0])
        except (OSError, ValueError, LookupError, TypeError, plistlib.InvalidFileException):
            return ""
    return locale.getlocale()[0] or ""
