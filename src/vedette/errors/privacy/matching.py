"""Is this event that person's, and where does a text name them? Pure.

An event whose `user.id` or `user.email` is the datum is the person's. One that names them elsewhere is found by the
text: an e-mail, or an id of six characters or more, that stands by itself (`anna@example.com` is not part of
`joanna@example.com`), also percent-encoded or with JSON's escapes. A shorter id could be any number, so of those only
what is meant to name a user counts.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.errors.facts import user_labels
from vedette.errors.privacy.types import Datum, DatumKind

SHORTEST = 6
LONGEST = 200
FILL = "*"
USER_TAGS = {
    DatumKind.ID: frozenset({"user", "user.id", "user_id", "userid", "user-id", "uid"}),
    DatumKind.EMAIL: frozenset({"user", "user.email", "user_email", "email"}),
}
_NAMING = ("id:", "username:", "email:")  # labels that name one person; an address may be many people's
_BEFORE = rb"(?:(?<![\w.+%-])|(?<=%[0-9a-f]{2})|(?<=\\[nrtbf])|(?<=\\u[0-9a-f]{4}))"
_AFTER = rb"(?![\w-]|\.\w|@)"
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~")
Value = str | int | float | bytes | None


class _Data(msgspec.Struct):
    user: msgspec.Raw = msgspec.Raw(b"null")


class _Body(msgspec.Struct):
    """What of an event's body may name its user."""

    data: _Data | None = None
    user: str = ""
    tags: tuple[tuple[str, str], ...] = ()


_BODY = msgspec.json.Decoder(_Body).decode
_ANY = msgspec.json.Decoder().decode


class Match(msgspec.Struct, frozen=True):
    """What an event has to do with a datum: `person`, or only a mention; and the labels its user is known by."""

    person: bool
    reason: str
    labels: tuple[str, ...] = ()


def checked(kind: DatumKind, value: str) -> Datum:
    """Return a datum; raises `Invalid` for what cannot be one."""
    value = value.strip()
    if not value or len(value) > LONGEST or not value.isprintable():
        raise Invalid(
            f"Name the {_NAMES[kind]} of the end user, at most {LONGEST} characters.", {"value": "missing"}
        )
    if kind is DatumKind.EMAIL and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise Invalid(
            "This is no e-mail address: it needs one @ with something on both sides.", {"value": "no e-mail"}
        )
    return Datum(kind, value)


_NAMES = {DatumKind.ID: "id", DatumKind.EMAIL: "e-mail address"}


class Matcher:
    """Finds one datum, and the labels (`id:7`) by which its events name the same person."""

    def __init__(self, datum: Datum, labels: Iterable[str] = ()) -> None:
        self.datum = datum
        self.label = f"{datum.kind}:{datum.value}"
        self.labels = frozenset(label for label in (self.label, *labels) if label.startswith(_NAMING))
        self.literal = datum.kind is DatumKind.EMAIL or len(datum.value) >= SHORTEST
        texts = [datum.value] if self.literal else []
        texts += [label for label in self.labels if len(label) >= SHORTEST]
        self._fold = datum.kind is DatumKind.EMAIL
        self._text = _pattern(texts, fold=self._fold)
        self._mention = _pattern([datum.value], fold=self._fold) if self.literal else None
        self._raw = tuple(form.lower() for text in texts for form in _forms(text))
        self._quick = tuple(form.lower() if self._fold else form for form in _forms(datum.value))

    def event(self, body: bytes) -> Match | None:
        """Return what an event (as telemetry keeps it) has to do with the datum; None for nothing."""
        sought = body.lower() if self._fold else body
        if not any(form in sought for form in self._quick):
            return None
        labels = self._person(body)
        if labels:
            return Match(True, f"its user's {_NAMES[self.datum.kind]} is the datum", labels)
        if self._mention is not None and self._mention.search(body):
            return Match(False, "the datum stands elsewhere in it")
        return None

    def names(self, text: Value) -> bool:
        """Tell whether a text or bytes name the person."""
        return self._text is not None and self._text.search(_bytes(text)) is not None

    def in_file(self, piece: bytes) -> bool:
        """Tell whether bytes of a database may hold the name, whatever its case and whatever stands around it."""
        low = piece.lower()
        return any(form in low for form in self._raw)

    def masked(self, value: Value) -> Value:
        """Return a text or bytes with what names the person filled, byte by byte: lengths that are kept still fit."""
        if not isinstance(value, str | bytes) or self._text is None:
            return value
        found = self._text.sub(lambda match: FILL.encode() * len(match.group()), _bytes(value))
        return found if isinstance(value, bytes) else found.decode(errors="surrogatepass")

    def tag(self, key: str, value: str) -> bool:
        """Tell whether a tag's value names the person."""
        named = key.lower() in USER_TAGS[self.datum.kind] and self._is(value)
        return named or value in self.labels or self.names(value)

    def _person(self, body: bytes) -> tuple[str, ...]:
        """Return the labels of the event's user when that is the person; none otherwise."""
        try:
            found = _BODY(body)
            user = _ANY(found.data.user) if found.data else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ()
        sent = user.get(str(self.datum.kind)) if isinstance(user, Mapping) else None
        tagged = any(
            key.lower() in USER_TAGS[self.datum.kind] and self._is(value) for key, value in found.tags
        )
        if self._is(sent) or self._is(found.user) or tagged:
            return tuple(dict.fromkeys((self.label, *user_labels(user))))
        return ()

    def _is(self, value: object) -> bool:
        """Tell whether a value is the datum or its label."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            return False
        text, wanted, label = str(value).strip(), self.datum.value, self.label
        if self.datum.kind is DatumKind.EMAIL:
            text, wanted, label = text.casefold(), wanted.casefold(), label.casefold()
        return text in {wanted, label}


def _pattern(texts: Iterable[str], *, fold: bool) -> re.Pattern[bytes] | None:
    forms = dict.fromkeys(form for text in texts for form in _forms(text))
    if not forms:
        return None
    either = b"|".join(map(re.escape, forms))
    return re.compile(_BEFORE + b"(?:" + either + b")" + _AFTER, re.IGNORECASE if fold else 0)


def _forms(text: str) -> list[bytes]:
    """Return how a text may stand in JSON, in addresses, or by itself."""
    text = text.encode(errors="replace").decode()
    quoted = "".join(one if one in _SAFE else _percent(one) for one in text)
    escaped = msgspec.json.encode(text)[1:-1]
    ascii_only = "".join(one if one.isascii() and one != "+" else _escapes(one) for one in text)
    return list(
        dict.fromkeys(
            [
                text.encode(),
                quoted.encode(),
                quoted.lower().encode() if text == text.lower() else quoted.encode(),
                escaped,
                ascii_only.encode(),
                ascii_only.replace("\\u002b", "+").encode(),
            ]
        )
    )


def _percent(one: str) -> str:
    return "".join(f"%{byte:02X}" for byte in one.encode())


def _escapes(one: str) -> str:
    """Return a character as JSON escapes it: two of them for those beyond 16 bits."""
    units = one.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
