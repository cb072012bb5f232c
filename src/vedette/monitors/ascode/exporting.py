"""Monitors as the text of a file that `vedette apply` reads. Pure."""

from collections.abc import Iterable

import msgspec

from vedette.monitors.ascode.entry import Entry
from vedette.monitors.ascode.turning import text_of
from vedette.monitors.ascode.written import bare
from vedette.wire.ascode import writing


class Written(msgspec.Struct, frozen=True):
    """The text of a file, and the variables from which it takes secrets; their values are not in it."""

    text: str
    variables: tuple[str, ...]


def written(entries: Iterable[Entry]) -> Written:
    """Return monitors as a file. Secrets become variables that must be set when the file is applied."""
    sections: list[str] = []
    variables: list[str] = []
    for entry in entries:
        text, taken = text_of(entry)
        sections.append(writing.section("monitor", bare(text)) + "\n")
        variables += taken
    return Written("\n".join(sections), tuple(variables))
