"""Whether a trained candidate may take the place of the version in use. A pure function of the scores.

By default: what is new is better known than before, nothing else drops beyond its tolerance, no answer is degenerate.

What the base can, too (when to draw, general knowledge), is measured from the base, over all nights together: each of
these scores is a sample, and a version that was lucky in it would otherwise turn away honest nights after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from thau_desktop.training.suites import Score, SuiteName
from thau_desktop.translation import N_, _

Scores = Mapping[SuiteName, Score]

DRIFT: dict[SuiteName, float] = {"tools": 0.02, "general": 0.03}
"""By suite, what may be lost since the base, over all nights together."""

SUITES: dict[SuiteName, str] = {
    "new": N_("what is new"),
    "earlier": N_("what was learned before"),
    "tools": N_("when to draw"),
    "general": N_("general knowledge"),
    "pinned": N_("your pinned questions"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a candidate must hold.

    Attributes:
        learned: the share of the new questions that it must answer right.
        tolerance: by suite, by how much (as a share) a score may lie below that of the version in use.
        drift: by suite, by how much it may lie below that of the base, where that was asked: it counts instead, and a
            version in use that lies lower still is what must be held.
        near: how far beyond either a loss is still a small one.
        degenerate: the share of all answers that may be empty, loop or be in another language, beyond those of the
            version in use.
        something_new: whether there must be new questions at all.
        silenced: the share of the new questions for which the version in use draws, and the new answer does not.
    """

    learned: float = 0.7
    tolerance: Mapping[SuiteName, float] = field(
        default_factory=lambda: {"earlier": 0.05, "tools": 0.01, "general": 0.02, "pinned": 0.0}
    )
    drift: Mapping[SuiteName, float] = field(default_factory=DRIFT.copy)
    near: float = 0.03
    degenerate: float = 0.01
    silenced: float = 0.2
    something_new: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding. `text` is a sentence; `against` is true where it speaks against the candidate, `small` where it is a
    loss that lies barely beyond what is allowed."""

    text: str
    against: bool
    small: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`promote` is true where no reason speaks against it; those that do come first."""

    promote: bool
    reasons: tuple[Reason, ...]

    @property
    def nearly(self) -> bool:
        """Whether small losses are all that speaks against it."""
        against = [reason for reason in self.reasons if reason.against]
        return bool(against) and all(reason.small for reason in against)


def decide(candidate: Scores, incumbent: Scores, rules: Rules | None = None, base: Scores | None = None) -> Decision:
    """Compare the scores on the same questions. Suites that the candidate was not asked are left out.

    `base` has those of the bare base in the suites that it was asked; None where it is the version in use.
    """
    rules, bare = rules or Rules(), base or {}
    reasons: list[Reason] = []
    for name, score in candidate.items():
        if not score.right:
            continue
        before = incumbent.get(name)
        if name == "new":
            reasons.append(_learned(score, before, rules))
        elif before is not None:
            reasons.append(_kept(name, score, before, bare.get(name), rules))
    reasons += _silenced(incumbent, rules)
    reasons += _degenerate(candidate, incumbent, rules)
    if rules.something_new and not any(name == "new" and score.right for name, score in candidate.items()):
        reasons.append(Reason(_("There is nothing new that could be asked."), True))
    reasons.sort(key=lambda reason: not reason.against)
    return Decision(not any(reason.against for reason in reasons), tuple(reasons))


def _learned(score: Score, before: Score | None, rules: Rules) -> Reason:
    known = before.share if before is not None else 0.0
    told = {"now": _percent(score.share), "before": _percent(known), "least": _percent(rules.learned)}
    if score.share < known:
        return Reason(_("It answers less of what is new than before: {now} instead of {before}.").format(**told), True)
    if score.share < rules.learned:
        sentence = _("It answers {now} of what is new ({before} before); at least {least} are asked for.")
        return Reason(sentence.format(**told), True)
    return Reason(_("It answers {now} of what is new ({before} before).").format(**told), False)


def _kept(name: SuiteName, score: Score, before: Score, base: Score | None, rules: Rules) -> Reason:
    allowed, full = rules.tolerance.get(name, 0.0), before.share
    if base is not None and name in rules.drift:
        allowed, full = rules.drift[name], base.share
        if before.share < full - allowed:
            allowed, full = 0.0, before.share
    beyond = full - score.share - allowed
    told = {"suite": _(SUITES[name]), "now": _percent(score.share), "before": _percent(before.share)}
    if beyond > 1e-9:
        sentence = _("It lost too much of {suite}: {now} instead of {before}, and {allowed} may be lost.")
        told |= {"before": _percent(full), "allowed": _percent(allowed)}
        return Reason(sentence.format(**told), True, beyond <= rules.near + 1e-9)
    if base is not None and before.share - score.share > rules.tolerance.get(name, 0.0) + 1e-9:
        sentence = _("It kept {suite}: {now}, before {before}, the base {base}.")
        return Reason(sentence.format(**told, base=_percent(base.share)), False)
    return Reason(_("It kept {suite}: {now}, before {before}.").format(**told), False)


def _silenced(incumbent: Scores, rules: Rules) -> list[Reason]:
    new = incumbent.get("new")
    if new is None or sum(new.called) <= rules.silenced * len(new.right):
        return []
    sentence = _("It would unlearn to draw: {n} of {asked} new questions ask for a picture and get words.")
    return [Reason(sentence.format(n=sum(new.called), asked=len(new.right)), True)]


def _degenerate(candidate: Scores, incumbent: Scores, rules: Rules) -> list[Reason]:
    asked = sum(len(score.right) for score in candidate.values())
    broken = sum(score.degenerate for score in candidate.values())
    before = sum(score.degenerate for name, score in incumbent.items() if name in candidate)
    if asked and (broken - before) / asked > rules.degenerate:
        sentence = _("{n} of its {asked} answers are empty, go round in a loop, or are in another language.")
        return [Reason(sentence.format(n=broken, asked=asked), True)]
    return []


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if abs(share * 100 - round(share * 100)) < 0.05 else f"{100 * share:.1f} %"
