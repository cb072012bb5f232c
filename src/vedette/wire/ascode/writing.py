"""Values as TOML 1.0 writes them."""

import datetime
import json
import re
from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def value(found: object) -> str:
    """Return a value on one line: text, numbers, truth, instants, lists, and tables inline; raises `TypeError` for others."""
    match found:
        case str():
            return json.dumps(found, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if found else "false"
        case int() | float():
            return repr(found)
        case datetime.datetime():
            return found.isoformat()
        case Mapping():
            inside = ", ".join(f"{key(str(name))} = {value(each)}" for name, each in found.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(value(each) for each in found)}]"
    raise TypeError(f"{type(found).__name__} has no place in TOML")


def key(name: str) -> str:
    """Return a key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else value(name)


def section(header: str, table: Mapping[str, object]) -> str:
    """Return a table of which there may be many, one key a line."""
    return "\n".join([f"[[{header}]]", *(f"{key(name)} = {value(each)}" for name, each in table.items())])
