"""Labelled pairs made of the reference events: see `pairs`."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

from tests.support.apps import Json
from tests.support.pairs import SEED, Pair, hexes


def corpus_pairs(folder: Path, seed: int = SEED) -> Iterator[Pair]:
    """Yield the pairs made of the reference events in `sentry/event-samples`."""
    chance = random.Random(seed)
    engines = sorted(folder.glob("sentry/event-samples/sentry/javascript-xbrowser-http-*.json"))
    for one, other in combinations(engines, 2):
        yield Pair("engines (corpus)", True, f"{one.stem} {other.stem}", _read(one), _read(other))
    for path in sorted(folder.glob("sentry/event-samples/*/*.json")):
        sent = _read(path)
        if (
            not isinstance(sent, dict)
            or sent.get("fingerprint") not in (None, ["{{ default }}"])
            or not _frames(sent)
        ):
            continue
        for kind, same, change in _OF_EVENTS:
            changed = change(copy.deepcopy(sent), chance)
            if changed is not None:
                yield Pair(f"{kind} (corpus)", same, path.stem, sent, changed)


def _read(path: Path) -> Json:
    found: Json = json.loads(path.read_bytes())
    return found


def _exceptions(event: Json) -> list[Json]:
    part = event.get("exception")
    listed = part.get("values") if isinstance(part, dict) else part
    return [member for member in listed or [] if isinstance(member, dict)]


def _frames(event: Json) -> list[Json]:
    stack = next(
        (member.get("stacktrace") for member in reversed(_exceptions(event)) if member.get("stacktrace")),
        None,
    )
    return [frame for frame in (stack or {}).get("frames") or [] if isinstance(frame, dict)]


def _move_lines(event: Json, chance: random.Random) -> Json | None:
    for frame in _frames(event):
        if isinstance(frame.get("lineno"), int):
            frame["lineno"] += chance.randrange(1, 40)
    return {
        **event,
        "event_id": hexes(chance, 32),
        "user": {"id": chance.randrange(10**6)},
        "release": f"2.{chance.randrange(99)}",
    }


def _move_addresses(event: Json, chance: random.Random) -> Json | None:
    for frame in _frames(event):
        for key in ("instruction_addr", "symbol_addr", "image_addr"):
            frame[key] = f"0x{hexes(chance, 12)}"
    return event


def _change_kind(event: Json, chance: random.Random) -> Json | None:
    member = _exceptions(event)[-1]
    if (member.get("mechanism") or {}).get("synthetic") or not member.get("type"):
        return None
    member["type"] = "OtherKindOfError"
    return event


def _change_function(event: Json, chance: random.Random) -> Json | None:
    frames = _frames(event)
    own = [frame for frame in frames if frame.get("in_app") is True] or frames
    named = [frame for frame in own if re.fullmatch(r"[A-Za-z_]\w{3,}", frame.get("function") or "")]
    if not named:
        return None
    named[-1]["function"] += "Refund"
    return event


def _change_cause(event: Json, chance: random.Random) -> Json | None:
    event["exception"] = {"values": [{"type": "CauseOfAll", "value": "none"}, *_exceptions(event)]}
    return event


_OF_EVENTS: tuple[tuple[str, bool, Callable[[Json, random.Random], Json | None]], ...] = (
    ("lines, users, releases", True, _move_lines), ("addresses", True, _move_addresses), ("exception type", False, _change_kind),
    ("function", False, _change_function), ("cause", False, _change_cause),
)  # fmt: skip
