"""What a digest says: its verdict in one sentence, and its sections for one reader. Pure."""

from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import Verb
from vedette.reports import periods
from vedette.reports.types import MOST_LINES, Allowed, Digest, Line, Period, Section

TONES = ("crit", "warn", "ok", "")
_QUIET = "Nothing happened"


def for_reader(digest: Digest, may: Allowed) -> Digest:
    """Return a digest with the sections its reader may read."""
    kept = tuple(one for one in digest.sections if may(one.verb))
    return msgspec.structs.replace(digest, sections=kept)


def worst_first(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return sections in order of how bad they are; those alike keep their places."""
    return tuple(sorted(sections, key=lambda one: TONES.index(one.tone)))


def verdict(digest: Digest) -> str:
    """Return a digest in one sentence: the worst of it, or that nothing happened."""
    when = "yesterday" if digest.period is Period.DAILY else "last week"
    telling = [one for one in digest.sections if one.tone in {"crit", "warn"}]
    if not digest.sections:
        return f"{_QUIET} {when}."
    if not telling:
        return f"{when[:1].upper()}{when[1:]} was quiet: {_inside(digest.sections[0].sentence)}"
    first = min(telling, key=lambda one: TONES.index(one.tone))
    rest = [one for one in telling if one is not first]
    more = f" Also look at {_joined([one.title.lower() for one in rest])}." if rest else ""
    return f"{first.sentence}{more}"


def subject(digest: Digest, project: str) -> str:
    """Return the subject of a mail: whose, when, and whether there is something to look at."""
    when = periods.named(digest.period, digest.start, digest.zone)
    whose = project or "All projects"
    word = {"crit": "trouble", "warn": "worth a look"}.get(_worst(digest.sections), "quiet")
    return f"{whose}: {when}, {word}"


def section(  # noqa: PLR0917 - what a section is made of
    key: str, title: str, sentence: str, lines: Sequence[Line], tone: str = "", verb: Verb = Verb.REPORT_READ
) -> Section:  # fmt: skip
    """Return a section: its worst lines, and how many more there are."""
    ordered = sorted(lines, key=lambda line: TONES.index(line.tone))
    kept, more = tuple(ordered[:MOST_LINES]), max(0, len(ordered) - MOST_LINES)
    return Section(key=key, title=title, sentence=sentence, lines=kept, more=more, tone=tone, verb=verb)


def _worst(sections: Sequence[Section]) -> str:
    return min((one.tone for one in sections), key=TONES.index, default="")


def _inside(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"


def _joined(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
