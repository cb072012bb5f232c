"""TOML of somebody else as plain values, and the lines of its tables. Pure."""

import re
import tomllib
from collections.abc import Mapping, Sequence

from vedette.instruments.scan.inventory.types import Broken

MOST_VALUES = 1_000_000
_LINE = re.compile(r"at line (\d+)")


def read(text: str) -> Mapping[str, object]:
    """Return what a file says; raises `Broken` with the line."""
    if text.count("\n") + text.count("{") + text.count("[") + text.count(",") > MOST_VALUES:
        raise Broken(f"Its TOML holds more than {MOST_VALUES:,} lines and values.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise Broken(f"It is no TOML: {str(error).partition(' (at')[0]}.", line) from None
    except RecursionError:
        raise Broken("Its TOML is nested too deeply.") from None
    except ValueError as error:
        raise Broken(f"It is no TOML: {error}.") from None


def headings(text: str, heading: str) -> Sequence[int]:
    """Return the lines on which a table of a list begins, in order (`[[package]]`)."""
    return [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == heading]
