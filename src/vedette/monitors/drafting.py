"""Is a monitor fit to be kept? Pure checks with a sentence for each refusal, by field."""

import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from vedette.instruments.probe.journey.options import KIND as JOURNEY
from vedette.monitors import maintenance, requesting, rhythm
from vedette.monitors.dependencies import MOST_PARENTS
from vedette.monitors.locations import naming
from vedette.monitors.types import DAY, HEARTBEAT, Config, MonitorDraft, Rhythm, Tolerance

MOST_REQUEST = 64 * 1024
MOST_SECRETS, LONGEST_SECRET = 20, 8_192
MOST_WINDOWS = 50
MOST_SLUG = 50
MOST_TAGS = 20
MOST_PLANNED = 2_000  # monitors whose maintenances are shown together
_HERE_ALONE = frozenset({JOURNEY, "sqlite"})  # scripts and files of this machine
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,19}")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TAG = re.compile(r"[a-z0-9](?:[a-z0-9_.:/-]{0,29})")
_NUMBER = re.compile(r"[0-9]+")
_ADDRESS = re.compile(r"[0-9a-f]{32}")


def problems(draft: MonitorDraft, now: float) -> dict[str, str]:
    """Return what is wrong with a draft, by field; empty when it can be kept. Its secrets are all that it will have."""
    found = {
        "name": _name(draft.name),
        "slug": slug_problem(draft.slug) if draft.slug else "",
        "kind": ""
        if _KIND.fullmatch(draft.kind)
        else "A kind is a word in lower case: http, tcp, heartbeat.",
        "secrets": _secrets(draft),
        "key": "" if not draft.key or _ADDRESS.fullmatch(draft.key) else "An address is a UUID.",
        **dict(_config(draft.config, draft.kind, now)),
    }
    wrong = {field: text for field, text in found.items() if text}
    if draft.kind == HEARTBEAT or wrong.keys() & {"kind", "request", "secrets"}:
        return wrong
    return {**wrong, **requesting.problem(draft.kind, draft.config.request, draft.secrets or {})}


def slug_of(name: str, taken: Collection[str]) -> str:
    """Return a free slug for a name: `-2`, `-3` … when it is taken. It is never a number, so that ids are told apart."""
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[: MOST_SLUG - 6].strip("-")
    if not base or _NUMBER.fullmatch(base):
        base = f"monitor-{base}".strip("-")
    candidate, n = base, 2
    while candidate in taken:
        candidate, n = f"{base}-{n}", n + 1
    return candidate


def slug_problem(slug: str) -> str:
    """Return what is wrong with a slug somebody chose; empty when it can be used."""
    if len(slug) > MOST_SLUG or not _SLUG.fullmatch(slug) or _NUMBER.fullmatch(slug):
        return f"A slug is lower-case letters, digits and single dashes, at most {MOST_SLUG}, and not a number alone."
    return ""


def _name(name: str) -> str:
    if not name.strip() or len(name) > 120:
        return "A name has 1 to 120 characters."
    return "" if name.isprintable() else "A name holds a character that cannot be printed."


def _secrets(draft: MonitorDraft) -> str:
    held = draft.secrets or {}
    if len(held) > MOST_SECRETS or any(len(name) + len(text) > LONGEST_SECRET for name, text in held.items()):
        return f"At most {MOST_SECRETS} secrets of {LONGEST_SECRET:,} characters."
    return "" if all(_encodes(name + text) for name, text in held.items()) else "A secret is no text."


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _config(config: Config, kind: str, now: float) -> Iterator[tuple[str, str]]:
    yield "interval", _within(config.interval, 5, DAY, "The interval is from 5 to 86,400 seconds.")
    yield (
        "request",
        "" if len(bytes(config.request)) <= MOST_REQUEST else "The request is longer than 64 KiB.",
    )
    yield (
        "slow",
        "" if config.slow is None else _within(config.slow, 1, 600_000, "Slow is from 1 to 600,000 ms."),
    )
    yield from _places(config, kind)
    fits = len(config.parents) <= MOST_PARENTS and all(0 < parent < 2**63 for parent in config.parents)
    yield "parents", "" if fits else f"At most {MOST_PARENTS} parents, each by its id."
    yield "tolerance", _tolerance(config.tolerance)
    yield "maintenance", _maintenance(config)
    yield "objective", _objective(config)
    yield "tags", tags_problem(config.tags)
    if kind == HEARTBEAT:
        yield "rhythm", _rhythm(config.rhythm, now)


def _places(config: Config, kind: str) -> Iterator[tuple[str, str]]:
    if kind == HEARTBEAT and config.locations:
        yield "locations", "A heartbeat is not checked from anywhere: it is heard of."
    if kind in _HERE_ALONE and config.places != ("",):
        yield "locations", f"What is checked by {kind} is checked from here alone."
    wrong = naming.problem(config.locations, config.agree)
    if wrong is not None:
        yield wrong


def tags_problem(tags: Sequence[str]) -> str:
    """Return what is wrong with tags; empty when they can be used."""
    wrong = next((tag for tag in tags if not _TAG.fullmatch(tag)), None)
    if wrong is not None:
        return f"{wrong[:40]!r} is no tag: a word of lower-case letters, digits and - _ . : / of at most 30 characters."
    return f"At most {MOST_TAGS} tags." if len(tags) > MOST_TAGS else ""


def _rhythm(rules: Rhythm | None, now: float) -> str:
    if rules is None:
        return "A heartbeat needs a schedule and its grace."
    if wrong := rhythm.problem(rules.schedule, now):
        return wrong
    if rules.longest is not None and not 1 <= rules.longest <= 30 * DAY:
        return "A run takes from 1 second to 30 days."
    return _within(rules.grace, 1, 30 * DAY, "The grace is from 1 second to 30 days.")


def _tolerance(rules: Tolerance | None) -> str:
    if rules is None:
        return ""
    counts = (rules.failures, rules.successes, rules.slow)
    if not all(1 <= n <= 100 for n in counts):
        return "From 1 to 100 failures, successes and slow checks in a row."
    if not 1 <= rules.retry <= 3_600:
        return "It is checked again after 1 to 3,600 seconds."
    return _within(rules.window, 60, 30 * DAY, "The window of flapping is from a minute to 30 days.")


def _maintenance(config: Config) -> str:
    if len(config.maintenance) > MOST_WINDOWS:
        return f"At most {MOST_WINDOWS} maintenances."
    return next((text for window in config.maintenance if (text := maintenance.problem(window))), "")


def _objective(config: Config) -> str:
    aim = config.objective
    fits = aim is None or (0.5 <= aim.target <= 1 and 1 <= aim.days <= 365)
    return "" if fits else "An objective is a share from 0.5 to 1, over 1 to 365 days."


def _within(value: float, least: float, most: float, text: str) -> str:
    return "" if least <= value <= most else text


def decode(body: bytes) -> Config:
    """Return the config that JSON holds; raises `ValueError` that names the place of what is wrong."""
    try:
        return msgspec.json.decode(body, type=Config)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
