"""Stanzas of `Field: value` lines, as dpkg, apk and Python's metadata write them. Pure."""

from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory.types import Broken

Stanza = Mapping[str, str]


def stanzas(text: str) -> Iterator[tuple[Stanza, int]]:
    """Return the fields of each stanza and the line on which it begins; what continues a field is left out."""
    held: dict[str, str] = {}
    began = 0
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            if held:
                yield held, began
            held, began = {}, 0
        elif not line.startswith((" ", "\t")):
            name, colon, value = line.partition(":")
            if not colon:
                raise Broken("A line is no field.", n)
            held.setdefault(name, value.strip())
            began = began or n
    if held:
        yield held, began
