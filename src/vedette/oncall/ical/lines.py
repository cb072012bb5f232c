"""The lines of iCalendar (RFC 5545, 3.1): folded and unfolded, escaped, taken apart. Pure."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from vedette.core.errors import Invalid

LONGEST = 75  # octets of a line on the wire, without its end
_ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}
_ESCAPED = re.compile(r"\\([\\;,nN])")
_PARAM = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_NAME = re.compile(r"[A-Za-z0-9-]+")


class Property(msgspec.Struct, frozen=True):
    """A line taken apart; `line` is its number, names are in capitals."""

    name: str
    params: Mapping[str, str]
    value: str
    line: int


def properties(text: str) -> Iterator[Property]:
    """Yield the lines of a calendar; raises `Invalid` that names the line that cannot be read."""
    for number, line in _unfolded(text):
        name = _NAME.match(line)
        end = name.end() if name else 0
        params = {}
        while found := _PARAM.match(line, end):
            params[found[1].upper()] = found[2].replace('"', "")
            end = found.end()
        if name is None or line[end : end + 1] != ":":
            raise Invalid(f"Line {number} is no line of a calendar: {line[:60]!r}.")
        yield Property(name[0].upper(), params, line[end + 1 :], number)


def folded(line: str) -> str:
    """Return a line as it goes over the wire: cut into parts of 75 octets, never within a character."""
    parts, part, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LONGEST:
            parts.append(part)
            part, size = " ", 1
        part, size = part + sign, size + octets
    return "\r\n".join([*parts, part]) + "\r\n"


def escaped(text: str) -> str:
    """Return a text as a value: control characters dropped, the others that mean something escaped."""
    told = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_ESCAPES.get(sign, sign) for sign in told if sign == "\n" or sign.isprintable())


def unescaped(value: str) -> str:
    """Return the text of a value."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    whole, began = "", 0
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if line[:1] in {" ", "\t"} and began:
            whole += line[1:]
            continue
        if whole.strip():
            yield began, whole
        whole, began = line, number
    if whole.strip():
        yield began, whole
