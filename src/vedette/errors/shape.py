"""Give an event the protocol's shape: arrays where objects should be and the reverse, nulls, strangers, sizes.

Total: whatever JSON came in, a dict comes out in which `exception`, `threads` and `breadcrumbs` are
`{"values": [objects]}`, stacks are `{"frames": [objects]}` and the other interfaces are objects. A part that is
already so is not touched. What could not be kept is said in a note.
"""

from collections.abc import Callable, Iterable

from vedette.wire.delivery import Note
from vedette.wire.tolerant import Json

Data = dict[str, Json]
FIRST_FRAMES, LAST_FRAMES = 50, 200
MOST_CRUMBS = 200
MOST_EXCEPTIONS = 50
MOST_NOTES = 100
_LEGACY = "sentry.interfaces."
_LEGACY_NAMES = {
    "Exception": "exception",
    "Message": "logentry",
    "Stacktrace": "stacktrace",
    "Template": "template",
    "Http": "request",
    "User": "user",
    "Breadcrumbs": "breadcrumbs",
    "Query": "query",
    "Csp": "csp",
}


class Draft:
    """An event on its way into shape. `touched` says whether anything differs from what was sent."""

    def __init__(self, data: Data, notes: Iterable[Note] = ()) -> None:
        self.data = data
        self.notes = list(notes)
        self.touched = False

    def note(self, where: str, what: str) -> None:
        """Remember that something could not be kept as sent."""
        self.touched = True
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(where=where, what=what))

    def put(self, key: str, value: Json) -> None:
        """Set a part of the event."""
        self.data[key] = value
        self.touched = True

    def drop(self, key: str, what: str) -> None:
        """Remove a part of the event, with a note."""
        del self.data[key]
        self.note(key, what)


def shape(value: Json, notes: Iterable[Note] = ()) -> Draft:
    """Return the draft of whatever a payload held."""
    draft = _opened(value, notes)
    if any(key.startswith(_LEGACY) for key in draft.data):
        _rename_legacy(draft)
    for key, mend in _MENDERS.items():
        if draft.data.get(key) is not None:
            mend(draft, key)
    return draft


def _opened(value: Json, notes: Iterable[Note]) -> Draft:
    if isinstance(value, dict):
        return Draft(value, notes)
    draft = Draft({}, notes)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        draft.data = value[0]
        draft.note("", "The event came inside a list; it was taken out.")
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
        draft.data = {"message": str(value)}
        draft.note("", "The event was a bare value; it was kept as its message.")
    else:
        draft.note("", f"The event should be an object, not {_kind(value)}; nothing of it could be kept.")
    return draft


def _rename_legacy(draft: Draft) -> None:
    for key in [key for key in draft.data if key.startswith(_LEGACY)]:
        value = draft.data.pop(key)
        name = _LEGACY_NAMES.get(key.removeprefix(_LEGACY), key)
        draft.data.setdefault(name, value)
        draft.touched = True


def _exceptions(draft: Draft, key: str) -> None:
    members = _listed(draft, key, most=MOST_EXCEPTIONS, one_has=("type", "value", "stacktrace"))
    for place, member in enumerate(members):
        _stack_of(draft, member, f"{key}.{place}")


def _threads(draft: Draft, key: str) -> None:
    for place, member in enumerate(_listed(draft, key, most=1_000, one_has=("id", "stacktrace"))):
        _stack_of(draft, member, f"{key}.{place}")


def _crumbs(draft: Draft, key: str) -> None:
    _listed(draft, key, most=MOST_CRUMBS, one_has=("message", "category", "timestamp"), last=True)


def _listed(draft: Draft, key: str, *, most: int, one_has: tuple[str, ...], last: bool = False) -> list[Data]:
    """Bring a part into the form `{"values": [objects]}` and return the objects."""
    sent = draft.data[key]
    inner = sent.get("values") if isinstance(sent, dict) else None
    if isinstance(inner, list):
        members = inner
    elif isinstance(sent, list):
        members = sent
        draft.put(key, {"values": members})
    elif isinstance(sent, dict) and any(name in sent for name in one_has):
        members = [sent]
        draft.put(key, {"values": members})
    elif isinstance(sent, dict) and isinstance(inner, dict):
        members = [inner] if any(name in inner for name in one_has) else list(inner.values())
        draft.put(key, {"values": members})
    else:
        if sent and not (isinstance(sent, dict) and not inner):
            draft.drop(key, f"This should be a list of objects, not {_kind(sent)}; it was dropped.")
        return []
    return _objects(draft, key, members, most=most, last=last)


def _objects(draft: Draft, key: str, members: list[Json], *, most: int, last: bool) -> list[Data]:
    kept = [member for member in members if type(member) is dict]
    if len(kept) != len(members):
        strangers = sum(1 for member in members if member is not None and not isinstance(member, dict))
        if strangers:
            draft.note(key, f"{strangers} of its members were no objects and were dropped.")
    if len(kept) > most:
        draft.note(key, f"It has {len(kept)} members; {most} were kept.")
        kept = kept[-most:] if last else [*kept[: most // 2], *kept[-(most - most // 2) :]]
    if len(kept) != len(members):
        draft.put(key, {"values": list(kept)})
    return kept


def _stack_of(draft: Draft, holder: Data, where: str) -> None:
    stack = holder.get("stacktrace")
    if stack is None:
        return
    frames = stack.get("frames") if isinstance(stack, dict) else stack
    if isinstance(stack, dict) and isinstance(frames, list):
        kept = _frames(draft, frames, where)
        if kept is not frames:
            stack["frames"] = kept
    elif isinstance(frames, list):
        holder["stacktrace"] = {"frames": _frames(draft, frames, where)}
        draft.touched = True
    elif isinstance(stack, dict) and isinstance(frames, dict):
        stack["frames"] = _frames(draft, [frames], where)
        draft.touched = True
    elif frames is not None and stack:
        holder["stacktrace"] = None
        draft.note(f"{where}.stacktrace", f"A stack should hold frames, not {_kind(stack)}; it was dropped.")


def _frames(draft: Draft, frames: list[Json], where: str) -> list[Json]:
    kept: list[Json] = [frame for frame in frames if type(frame) is dict]
    if len(kept) != len(frames):
        draft.note(
            f"{where}.stacktrace", f"{len(frames) - len(kept)} frames were no objects and were dropped."
        )
    if len(kept) > FIRST_FRAMES + LAST_FRAMES:
        middle = len(kept) - FIRST_FRAMES - LAST_FRAMES
        draft.note(f"{where}.stacktrace", f"{middle} frames in the middle were dropped, of {len(kept)}.")
        kept = [*kept[:FIRST_FRAMES], *kept[-LAST_FRAMES:]]
    return kept if len(kept) != len(frames) else frames


def _bare_stack(draft: Draft, key: str) -> None:
    _stack_of(draft, draft.data, key)


def _object(draft: Draft, key: str) -> None:
    """Bring a part into the form of an object: pairs become one, anything else goes."""
    sent = draft.data[key]
    if isinstance(sent, dict):
        return
    found = _from_pairs(sent)
    if found is not None:
        draft.put(key, found)
    elif not sent:
        draft.put(key, {})
    else:
        draft.drop(key, f"This should be an object, not {_kind(sent)}; it was dropped.")


def _from_pairs(sent: Json) -> Data | None:
    if not isinstance(sent, list) or not sent:
        return None
    if all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in sent):
        return {str(pair[0]): pair[1] for pair in sent if isinstance(pair, list)}
    return sent[0] if len(sent) == 1 and isinstance(sent[0], dict) else None


def _user(draft: Draft, key: str) -> None:
    sent = draft.data[key]
    if isinstance(sent, str | int) and not isinstance(sent, bool) and sent != "":
        draft.put(key, {"id": sent})
        draft.note(key, "The user was a bare value; it was kept as the user's id.")
    else:
        _object(draft, key)


def _extra(draft: Draft, key: str) -> None:
    """Keep additional data whatever its form: a list or a bare value stands under its own name."""
    if not isinstance(draft.data[key], dict):
        found = _from_pairs(draft.data[key])
        draft.put(key, found if found is not None else {key: draft.data[key]})


def _contexts(draft: Draft, key: str) -> None:
    _object(draft, key)
    contexts = draft.data.get(key)
    if not isinstance(contexts, dict):
        return
    for name, context in contexts.items():
        if context is not None and not isinstance(context, dict):
            contexts[name] = _from_pairs(context) or {"value": context}
            draft.touched = True


def _entry(draft: Draft, key: str) -> None:
    """Keep a message that is a text or an object; a list is joined, a number written out."""
    sent = draft.data[key]
    if isinstance(sent, str | dict):
        return
    if isinstance(sent, list):
        parts = [part for part in sent if isinstance(part, str | int | float)]
        draft.put(key, " ".join(map(str, parts)))
    else:
        draft.put(key, str(sent))
    draft.note(key, f"The message should be a text, not {_kind(sent)}; it was written out.")


def _text(draft: Draft, key: str) -> None:
    """Keep a field that is a text; a number or a truth value is written out, anything else goes."""
    sent = draft.data[key]
    if isinstance(sent, str):
        return
    if isinstance(sent, int | float):
        draft.put(key, str(sent))
    else:
        draft.drop(key, f"This should be a text, not {_kind(sent)}; it was dropped.")


def _kind(value: Json) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true or false"
    return {str: "a text", int: "a number", float: "a number"}.get(type(value), "nothing")


_MENDERS: dict[str, Callable[[Draft, str], None]] = {
    "exception": _exceptions,
    "threads": _threads,
    "breadcrumbs": _crumbs,
    "stacktrace": _bare_stack,
    "request": _object,
    "user": _user,
    "contexts": _contexts,
    "extra": _extra,
    "sdk": _object,
    "template": _object,
    "csp": _object,
    "nel": _object,
    "logentry": _entry,
    "message": _entry,
    **dict.fromkeys(
        ("release", "environment", "dist", "server_name", "transaction", "culprit", "logger", "platform"),
        _text,
    ),
}
