"""The options of a probe as fields of a form, whatever probe it is: from its struct, with better words where we have them."""

import enum
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms

from vedette.core.errors import Invalid

PREFIX = "o_"
SCRIPT = f"{PREFIX}script"
_VERBATIM = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
_KEPT = "kept; leave it empty to keep it"
# Better words than the option's name alone, with a line of help.
_WORDS: Mapping[str, tuple[str, str]] = {
    "headers": ("Headers", "One a line: Accept: application/json. They are sealed, and never shown again."),
    "body": ("Body", "Sealed, and never shown again."),
    "status": ("Status that is fine", "For example 200-299,401."),
    "user": ("User", ""),
    "token": ("Bearer token", ""),
    "client_certificate": ("Client certificate", "PEM"),
    "client_key": ("Key of the client certificate", "PEM"),
    "verify": ("The certificate must be trusted", ""),
    "authority": ("Authority to trust instead of the system's", "PEM"),
    "follow": ("Follow redirects", ""),
    "most_redirects": ("Redirects at most", ""),
    "version": ("Version of HTTP", ""),
    "max_bytes": ("Largest body, in bytes", ""),
    "banner": ("Wait for a greeting", "Its first bytes are the body that assertions speak of."),
    "send": ("Send once connected", "\\r\\n for line ends. Sealed, and never shown again."),
    "type": ("Type of record", "A, AAAA, CNAME, MX, NS, TXT, …"),
    "values": ("Expected records", "One a line."),
    "match": ("How they must be there", ""),
    "each": ("Ask every name server of the zone", "They must agree."),
    "dnssec": ("DNSSEC", ""),
    "count": ("Requests", ""),
    "loss": ("Loss that is borne, in percent", ""),
    "script": (
        "Script",
        "Python, with Playwright's page. It runs as a user of its own, and only administrators may write it.",
    ),
    "variables": ("Variables", "One a line: user: anna."),
    "secrets": ("Secrets", "One a line: password: …. They are sealed, and never shown again."),
    "name": ("Name of the certificate, when it is not the host's", ""),
}
_ROWS = {"script": 16}
_LONG = frozenset({"body", "client_certificate", "client_key", "authority", "script", "query"})


class Shape(enum.StrEnum):
    """What an option holds, and so how it is filled in."""

    FLAG = "flag"
    WHOLE = "whole"
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    LINES = "lines"
    PAIRS = "pairs"
    JSON = "json"


def fields_of(
    kind: type[msgspec.Struct], secrets: Sequence[str], held: Sequence[str]
) -> dict[str, forms.Field]:
    """Return a field for each option of a probe, by its name in the form; `held` are the secrets that are kept."""
    return {
        PREFIX + one.name: _field(one, one.name in secrets, one.name in held)
        for one in msgspec.structs.fields(kind)
    }


def initial(kind: type[msgspec.Struct], options: Mapping[str, object]) -> dict[str, object]:
    """Return what the fields begin with: the options there are, else what is usual."""
    return {
        PREFIX + one.name: _shown(options.get(one.name, _usual(one)), shape_of(one.type))
        for one in msgspec.structs.fields(kind)
    }


def given(kind: type[msgspec.Struct], cleaned: Mapping[str, object]) -> dict[str, object]:
    """Return the options that were filled in and differ from what is usual; raises `Invalid` that names a field."""
    found: dict[str, object] = {}
    for one in msgspec.structs.fields(kind):
        value = _read(cleaned.get(PREFIX + one.name), shape_of(one.type), one.name)
        usual = _usual(one)
        if value is not None and value != (usual.value if isinstance(usual, enum.Enum) else usual):
            found[one.name] = value
    return found


def shape_of(kind: object) -> Shape:
    """Return the shape of an option by its type."""
    inner = [one for one in typing.get_args(kind) if one is not type(None)]
    origin = typing.get_origin(kind)
    if origin is typing.Union or str(type(kind)) == "<class 'types.UnionType'>":
        return shape_of(inner[0]) if len(inner) == 1 else Shape.JSON
    if origin is not None and inner in ([str, str], [str]):
        return Shape.PAIRS if len(inner) == 2 else Shape.LINES
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return Shape.CHOICE
    plain = {bool: Shape.FLAG, int: Shape.WHOLE, float: Shape.NUMBER, str: Shape.TEXT}
    return plain.get(kind, Shape.JSON) if isinstance(kind, type) else Shape.JSON


def _field(one: msgspec.structs.FieldInfo, is_secret: bool, is_held: bool) -> forms.Field:
    label, help_text = _WORDS.get(one.name, (one.name.replace("_", " ").capitalize(), ""))
    shape = shape_of(one.type)
    more: dict[str, Any] = {"label": label, "help_text": help_text, "required": False}
    hint = {"placeholder": _KEPT} if is_held else {}
    if shape is Shape.FLAG:
        return forms.BooleanField(**more)
    if shape is Shape.CHOICE and isinstance(one.type, type):
        choices = [(each.value, str(each.value) or "no") for each in typing.cast("type[enum.Enum]", one.type)]
        return forms.ChoiceField(choices=choices, **more)
    if shape in {Shape.WHOLE, Shape.NUMBER}:
        return (forms.IntegerField if shape is Shape.WHOLE else forms.FloatField)(**more)
    if shape is Shape.TEXT and one.name not in _LONG:
        widget = (
            forms.PasswordInput(attrs={**hint, "autocomplete": "new-password"})
            if is_secret
            else forms.TextInput(attrs=_VERBATIM)
        )
        return forms.CharField(widget=widget, strip=False, max_length=8_192, **more)
    if shape is Shape.JSON:
        more["help_text"] = help_text or "JSON"
    rows = _ROWS.get(one.name, 3)
    return forms.CharField(
        widget=forms.Textarea(attrs={"rows": rows, **_VERBATIM, **hint}),
        strip=False,
        max_length=65_536,
        **more,
    )


def _usual(one: msgspec.structs.FieldInfo) -> object:
    if one.default_factory is not msgspec.NODEFAULT:
        return one.default_factory()
    return None if one.default is msgspec.NODEFAULT else one.default


def _shown(value: object, shape: Shape) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or value in ((), {}):
        return ""
    if shape is Shape.PAIRS and isinstance(value, Mapping):
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    if shape is Shape.LINES and isinstance(value, Sequence):
        return "\n".join(str(each) for each in value)
    return msgspec.json.encode(value).decode() if shape is Shape.JSON else value


def _read(value: object, shape: Shape, name: str) -> object:
    """Return what a field holds as the option's value, None for one that was left empty."""
    if shape in {Shape.FLAG, Shape.WHOLE, Shape.NUMBER}:
        return value
    text = str(value or "").replace("\r\n", "\n")  # as browsers send the ends of lines
    if shape in {Shape.TEXT, Shape.CHOICE}:
        return text if text or shape is Shape.CHOICE else None
    if not text.strip():
        return None
    if shape is Shape.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    return _pairs(text, name) if shape is Shape.PAIRS else _json(text, name)


def _pairs(text: str, name: str) -> dict[str, str]:
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        key, colon, value = line.partition(":")
        if not colon or not key.strip():
            raise Invalid(
                "It cannot be read.", {PREFIX + name: f"Line {number}: write a name, a colon and a value."}
            )
        found[key.strip()] = value.strip()
    return found


def _json(text: str, name: str) -> object:
    try:
        return msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Invalid("It cannot be read.", {PREFIX + name: f"This is no JSON: {error}."}) from None
