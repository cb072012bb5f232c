"""Under which id each event of an envelope is kept."""

from collections.abc import Callable, Sequence

import msgspec

from vedette.wire import lenient
from vedette.wire.delivery import Note

INVALID = "The event id sent was not 32 hex digits; another was used."
TAKEN = "Two events of one envelope had the same id; this one was given another."
_NIL = "0" * 32


class _HasId(msgspec.Struct):
    event_id: object = None


class Chosen(msgspec.Struct, frozen=True):
    """An event's id (32 lower-case hex digits) and a note where it is not the one sent."""

    event_id: str
    notes: tuple[Note, ...] = ()


_DECODE = msgspec.json.Decoder(_HasId).decode


def normal(value: object) -> str | None:
    """Return an id as 32 lower-case hex digits (dashes dropped); None when it is no id or the nil one."""
    if not isinstance(value, str):
        return None
    digits = value.replace("-", "") if len(value) == 36 else value
    if len(digits) != 32 or digits == _NIL:
        return None
    try:
        return digits.lower() if len(bytes.fromhex(digits)) == 16 else None
    except ValueError:
        return None


def inside(payload: bytes) -> object:
    """Return what stands as `event_id` in an event's payload, without building the rest of it."""
    try:
        return _DECODE(payload).event_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value, _ = lenient.decode(payload)
        return value.get("event_id") if isinstance(value, dict) else None


def choose(header: object, payloads: Sequence[bytes], new: Callable[[], str]) -> list[Chosen]:
    """Give each event of an envelope its id.

    The envelope's id beats the payload's. Of several events, the envelope's id goes to the one that names it
    too, else to the first; the others keep their own. Whoever has none, or one that is taken, gets a new one.
    """
    named = normal(header)
    if len(payloads) == 1 and named:
        return [Chosen(named)]
    found = [inside(payload) for payload in payloads]
    ids = [normal(value) for value in found]
    odd = [value is not None and not own for value, own in zip(found, ids, strict=True)]
    if payloads and header is not None and not named:
        odd[0] = True
    if payloads and named and named not in ids:
        ids[0], odd[0] = named, False
    return _distinct(ids, odd, new)


def _distinct(ids: Sequence[str | None], odd: Sequence[bool], new: Callable[[], str]) -> list[Chosen]:
    taken: set[str] = set()
    chosen = []
    for own, is_odd in zip(ids, odd, strict=True):
        what = INVALID if is_odd else TAKEN if own in taken else ""
        event_id = own if own and own not in taken else new()
        taken.add(event_id)
        chosen.append(Chosen(event_id, (Note(where="event_id", what=what),) if what else ()))
    return chosen
