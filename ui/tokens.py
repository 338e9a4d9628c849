"""The colours and sizes of the window, light and dark."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as `#rrggbb`; sizes in device-independent pixels, text sizes already scaled.

    The first block is the design's, a shade darker where words would have a contrast under 4.5:1; `hover`, `press`
    and `bad_soft` are mixed from it for states that the pictures don't show. `faint` is for what is switched off and
    for decoration: it is too pale for words.
    """

    bg: str
    panel: str
    card: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    code: str

    bad_soft: str
    hover: str
    press: str
    accent_hover: str
    thumb: str

    space_xs: int = 4
    space_s: int = 8
    space_m: int = 12
    space_l: int = 16
    space_xl: int = 24
    radius: int = 8
    type_small: int = 12
    type_body: int = 13
    type_large: int = 15
    type_title: int = 20

    def scaled(self, factor: float) -> Tokens:
        """The same tokens with text `factor` times as large."""
        values = asdict(self)
        for name in ("type_small", "type_body", "type_large", "type_title"):
            values[name] = max(9, round(values[name] * factor))
        return Tokens(**values)


LIGHT = Tokens(
    bg="#fbfbfd",
    panel="#f3f3f7",
    card="#ffffff",
    line="#e3e3ea",
    text="#1c1c22",
    dim="#686873",
    faint="#9a9aa6",
    accent="#5b5bd6",
    accent_soft="#ebebfb",
    on_accent="#ffffff",
    good="#197a50",
    good_soft="#e2f4eb",
    warn="#9f5d00",
    warn_soft="#fbf0dc",
    bad="#c2334d",
    code="#f5f5f9",
    bad_soft="#fbe7eb",
    hover="#eeeef4",
    press="#e3e3ec",
    accent_hover="#4e4ec8",
    thumb="#cfcfd9",
)

DARK = Tokens(
    bg="#121217",
    panel="#17171d",
    card="#1d1d25",
    line="#2b2b35",
    text="#ececf1",
    dim="#9d9dab",
    faint="#70707e",
    accent="#8484f0",
    accent_soft="#252548",
    on_accent="#0f0f1f",
    good="#4cc38a",
    good_soft="#17332a",
    warn="#e0a13c",
    warn_soft="#3a2c14",
    bad="#f0708a",
    code="#15151b",
    bad_soft="#3a1a24",
    hover="#22222b",
    press="#292934",
    accent_hover="#9696f5",
    thumb="#3b3b48",
)
