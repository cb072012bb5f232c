"""How good a vital is, and whether it became worse than the week before. Pure."""

from collections.abc import Mapping, Sequence

from vedette.vitals.types import Measured, PageVital, Rating, Vital

ENOUGH = 50  # page loads, in the last day and in the week before
WORSE, OVER = 0.20, 0.10  # a fifth worse is told; it is over when less than a tenth is left
# Good up to, poor from above (https://web.dev/articles/vitals, 75th percentile).
THRESHOLDS: Mapping[Vital, tuple[float, float]] = {
    Vital.LCP: (2_500.0, 4_000.0),
    Vital.INP: (200.0, 500.0),
    Vital.CLS: (0.1, 0.25),
    Vital.FCP: (1_800.0, 3_000.0),
    Vital.TTFB: (800.0, 1_800.0),
}
# What nobody notices is no degradation, whatever share it is.
_NOTICED: Mapping[Vital, float] = {
    Vital.LCP: 200.0, Vital.INP: 40.0, Vital.CLS: 0.02, Vital.FCP: 150.0, Vital.TTFB: 100.0,
}  # fmt: skip
_ORDER = {Rating.POOR: 0, Rating.FAIR: 1, Rating.GOOD: 2}


def rating(vital: Vital, p75: float) -> Rating:
    """Return how good a value is."""
    good, poor = THRESHOLDS[vital]
    return Rating.GOOD if p75 <= good else Rating.FAIR if p75 <= poor else Rating.POOR


def judge(
    place: tuple[int, str, Vital], now: Measured, before: Measured, *, was_worse: bool = False
) -> PageVital:
    """Return what a page's vital comes to; one that was worse stays so until it is nearly as it was."""
    project, page, vital = place
    p75 = now.p75 or 0.0
    change = (p75 - before.p75) / before.p75 if before.p75 and now.p75 is not None else None
    worse, reason = _worse(vital, now, before, was_worse=was_worse)
    return PageVital(
        project=project, page=page, vital=vital, now=now, before=before, rating=rating(vital, p75), change=change,
        worse=worse, reason=reason,
    )  # fmt: skip


def _worse(vital: Vital, now: Measured, before: Measured, *, was_worse: bool) -> tuple[bool, str]:
    if now.p75 is None or before.p75 is None:
        return False, "There is nothing to compare with."
    if min(now.samples, before.samples) < ENOUGH:
        return (
            False,
            f"Too few page loads to compare: {ENOUGH} are needed, in the last day and in the week before.",
        )
    grown = now.p75 - before.p75
    bound = OVER if was_worse else WORSE
    told = f"{shown(vital, now.p75)} after {shown(vital, before.p75)} in the week before"
    if grown >= bound * before.p75 and grown >= _NOTICED[vital] * (0.5 if was_worse else 1.0):
        return True, f"{told}: {grown / before.p75:.0%} worse."
    return False, f"{told}: not {bound:.0%} worse."


def worst_first(found: Sequence[PageVital]) -> tuple[PageVital, ...]:
    """Return vitals with those that became worse first, then by rating, then by how far they are from good."""
    return tuple(sorted(found, key=_badness))


def _badness(one: PageVital) -> tuple[bool, int, float, str]:
    return not one.worse, _ORDER[one.rating], -(one.now.p75 or 0.0) / THRESHOLDS[one.vital][0], one.page


def shown(vital: Vital, value: float) -> str:
    """Return a value as people write it: `2.4 s`, `180 ms`, `0.12`."""
    if vital is Vital.CLS:
        return f"{value:.2f}"
    return f"{value / 1_000:.1f} s" if value >= 1_000 else f"{value:.0f} ms"


def sentence(found: Sequence[PageVital]) -> str:
    """Say how pages felt in the last day: what became worse, else what is poor, else that all is good."""
    if not found:
        return "No browser measured a page in the last 24 hours."
    worst = worst_first(found)[0]
    pages = len({(one.project, one.page) for one in found})
    of = "the only page" if pages == 1 else f"{pages:,} pages"
    if worst.worse:
        return f"{worst.vital.label} of {worst.page} became worse: {worst.reason.rstrip('.')}."
    if worst.rating is Rating.GOOD:
        return f"All vitals of {of} are good."
    value = shown(worst.vital, worst.now.p75 or 0.0)
    return f"{worst.vital.label} of {worst.page} {_needs(worst.rating)}: {value} for three of four page loads or less."


def _needs(rated: Rating) -> str:
    return "is poor" if rated is Rating.POOR else "needs improvement"
