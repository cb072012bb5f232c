"""Say in words and tones where an issue stands, for lists and heads of pages."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from vedette.errors.types import Event, Issue, Level, State, Tag

TAGS_SHOWN = 6
_SOUGHT = ("release", "environment", "browser", "server_name", "os", "device", "url", "transaction")
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_KEYS = frozenset({"release", "environment", "level", "user", "type"})
LOUD = 3.0  # a last hour this many times the usual one is worth a colour


class Standing(msgspec.Struct, frozen=True):
    """A state as shape and word (`tone`, `word`), and the tag beside it when there is news."""

    tone: str
    word: str
    tag: str = ""
    tag_tone: str = ""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as the head of a page or a row of a list shows it."""

    id: int
    key: str
    href: str
    title: str
    message: str
    culprit: str
    project: str
    level: str
    standing: Standing
    open: bool
    events: int
    users: int
    first_seen: float
    last_seen: float
    first_release: str
    last_release: str
    assignee: str
    trend: tuple[int, ...] = ()
    trend_tone: str = ""
    trend_words: str = ""


def head(issue: Issue, people: Mapping[int, str], until: str = "", trend: tuple[int, ...] = ()) -> Head:
    """Return how an issue reads; `people` names users by id, `until` is a mute's end in words."""
    return Head(
        id=issue.id, key=issue.short_id, href=href_of(issue.short_id),
        title=issue.kind or issue.title, message=issue.message if issue.kind else "", culprit=issue.culprit,
        project=issue.project_slug, level=issue.level.value, standing=standing(issue, until),
        open=issue.state not in {State.RESOLVED, State.MUTED},
        events=issue.events, users=issue.users, first_seen=issue.first_seen, last_seen=issue.last_seen,
        first_release=issue.first_release, last_release=issue.last_release,
        assignee=people.get(issue.assignee, "somebody who left") if issue.assignee is not None else "",
        trend=trend, trend_tone=trend_tone(trend, issue.level), trend_words=trend_words(trend),
    )  # fmt: skip


def href_of(short_id: str) -> str:
    """Return the path of an issue's page."""
    return f"/issues/{short_id}/"


def standing(issue: Issue, until: str = "") -> Standing:
    """Return the tone and the words of an issue's state; open ones are as bad as their level."""
    tone = open_tone(issue.level)
    match issue.state:
        case State.NEW:
            return Standing(tone, "Open", "New", tone)
        case State.REGRESSED:
            return Standing(tone, "Open", "Came back", tone)
        case State.ESCALATING:
            return Standing(tone, "Open", "Escalating", tone)
        case State.MUTED:
            return Standing("off", f"Muted {mute_words(issue, until)}".strip())
        case State.RESOLVED:
            return Standing("ok", resolved_words(issue))
        case State.ONGOING:
            return Standing(tone, "Open")


def open_tone(level: Level) -> str:
    """Return the tone of an open issue of a level."""
    return {Level.FATAL: "crit", Level.ERROR: "crit", Level.WARNING: "warn"}.get(level, "info")


def mute_words(issue: Issue, until: str) -> str:
    """Return until when a muted issue is quiet."""
    ends = _mute_end(issue, until)
    if issue.mute_usual is None:
        return ends or ("" if issue.muted_until is not None else "for good")
    said = "until it escalates" if not ends else f"{ends} or it escalates"
    return f"{said} (it usually has at most {issue.mute_usual:,} in an hour)"


def resolved_words(issue: Issue) -> str:
    """Return that an issue is resolved, and in which releases."""
    if issue.fixed_in is not None:
        return f"Resolved in {issue.fixed_in}"
    if issue.fixed_after is not None:
        after = issue.fixed_after
        return f"Resolved in the release after {after}" if after else "Resolved in the next release"
    return "Resolved"


def _mute_end(issue: Issue, until: str) -> str:
    if issue.muted_until is not None:
        return f"until {until}" if until else ""
    if issue.mute_events is not None:
        return f"until {issue.mute_events} more {'event' if issue.mute_events == 1 else 'events'}"
    if issue.mute_users is not None:
        return f"until {issue.mute_users} more {'user' if issue.mute_users == 1 else 'users'}"
    return ""


def trend_tone(trend: Sequence[int], level: Level) -> str:
    """Return the tone of a sparkline: coloured only when its last two hours stand out."""
    if len(trend) < 4:
        return ""
    before = sorted(trend[:-2])
    usual = before[len(before) // 2]
    last = max(trend[-2:])
    return (
        open_tone(level) if last >= 10 and last > LOUD * max(usual, 1) and open_tone(level) != "info" else ""
    )


def trend_words(trend: Sequence[int]) -> str:
    """Say a sparkline in words."""
    total = sum(trend)
    return f"{total} {'event' if total == 1 else 'events'} in {len(trend)} hours" if trend else ""


def sentence(counts: Mapping[str, int]) -> str:
    """Return the sentence a list of issues opens with: `3 new, 1 came back, 14 open.`"""
    new, back, more, still = (counts.get(name, 0) for name in ("new", "regressed", "escalating", "open"))
    if not still:
        return "Nothing is open." if any(counts.values()) else "No errors yet."
    escalating = f"{more} escalating" if more else ""
    parts = [escalating, f"{new} new" if new else "", f"{back} came back" if back else "", f"{still} open"]
    return ", ".join(part for part in parts if part) + "."


def chart_words(counts: Sequence[int], span: str) -> str:
    """Say a chart in words: how many, and when most."""
    total, top = sum(counts), max(counts, default=0)
    if not total:
        return f"No events in the last {span}."
    return f"{total} {'event' if total == 1 else 'events'} in the last {span}, {top} in the fullest bar."


def hot_from(counts: Sequence[int]) -> int | None:
    """Return the bar from which on events are far above what was usual before, or None.

    It is the start of the last run of bars that all exceed `LOUD` times the median of those before it.
    """
    if len(counts) < 8:
        return None
    start = len(counts)
    for index in range(len(counts) - 1, len(counts) // 4, -1):
        before = sorted(counts[:index])
        if counts[index] <= LOUD * max(before[len(before) // 2], 1) or counts[index] < 5:
            break
        start = index
    return start if start < len(counts) else None


def environments(tags: Sequence[Tag]) -> tuple[str, ...]:
    """Return the environments an issue's events named, the most frequent first."""
    return next((tuple(v.value for v in tag.values) for tag in tags if tag.key == "environment"), ())


def tell_apart(tags: Sequence[Tag]) -> tuple[tuple[Tag, ...], tuple[Tag, ...]]:
    """Return the tags worth showing at once and the others; those whose values differ say more than those all share."""
    keys = {tag.key for tag in tags}
    ordered = sorted(tags, key=lambda tag: _weight_of(tag, keys))
    return tuple(ordered[:TAGS_SHOWN]), tuple(ordered[TAGS_SHOWN:])


def _weight_of(tag: Tag, keys: set[str]) -> tuple[bool, bool, bool, int]:
    """Order a tag: parts of another tag and users one by one last, then those with one value; sought ones first."""
    part = tag.key.rpartition(".")
    repeats = part[2] == "name" and part[0] in keys
    scattered = bool(tag.values) and tag.total > len(tag.values) and tag.values[0].share < 0.02
    rank = _SOUGHT.index(tag.key) if tag.key in _SOUGHT else len(_SOUGHT)
    return repeats or scattered or tag.key == "user", len(tag.values) < 2, rank == len(_SOUGHT), rank


def term(key: str, value: str) -> str:
    """Return the search for a tag's value; empty for a value that is empty or a key the language cannot name."""
    if not value or not _NAME.fullmatch(key):
        return ""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{key if key in _KEYS else "tag." + key}:"{quoted}"'


def why_sentence(issue: Issue) -> str:
    """Say what decided that events belong to this issue."""
    words = {
        "fingerprint": "Your application names this group itself.",
        "exception": "Events with the same exceptions at the same places belong here.",
        "threads": "Events whose crashed thread stands at the same places belong here.",
        "stack trace": "Events with the same stack trace belong here.",
        "template": "Events from the same place of the same template belong here.",
        "security report": "Reports about the same rule and source belong here.",
        "nothing": "Nothing but their origin is known of these events.",
        "message": "Events with the same message belong here; numbers, addresses and ids in it do not count.",
    }
    return words.get(issue.component, "Events that agree in these parts belong here.")


def telling(events: Sequence[Event]) -> Event | None:
    """Choose the event that says most: source of your code, then variables, request, user, breadcrumbs; newest wins."""
    return max(events, key=_weight, default=None)


def _weight(event: Event) -> tuple[int, float]:
    kept = event.data
    said = sum(1 for key in ("request", "user", "breadcrumbs", "contexts", "extra") if kept.get(key))
    stack = str(kept.get("exception", ""))
    return (said + 4 * ("context_line" in stack) + 3 * ("'vars'" in stack) - len(event.notes), event.received)
