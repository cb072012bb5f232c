"""Options of enforcers that are files: where, how the web server is told, how often."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from vedette.core.errors import Invalid
from vedette.instruments.packets.snippets import Network, Snippet, Told

NAMES = frozenset({"path", "reload", "check", "every"})


def snippet(kind: str, options: Mapping[str, object], text: Callable[[Iterable[Network]], str]) -> Snippet:
    """Return the enforcer of a file; raises `Invalid` that names the option that is wrong."""
    path = options.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise Invalid(
            f'{kind}: path is missing or not absolute; write path = "/etc/nginx/vedette-bans.conf".'
        )
    every = options.get("every", 10.0)
    if isinstance(every, bool) or not isinstance(every, int | float) or not 0 <= every <= 3600:
        raise Invalid(f"{kind}: every is seconds from 0 to 3600.")
    told = Told(_words(kind, options, "reload"), _words(kind, options, "check"), float(every))
    return Snippet(kind, Path(path), text, told)


def _words(kind: str, options: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = options.get(name, [])
    if not isinstance(found, list | tuple) or not all(isinstance(word, str) and word for word in found):
        raise Invalid(
            f'{kind}: {name} is a list of words, as no shell runs it: {name} = ["systemctl", "reload", "nginx"].'
        )
    if found and not str(found[0]).startswith("/") and "/" in str(found[0]):
        raise Invalid(f"{kind}: {name} begins with a program's name or its whole path.")
    return tuple(found)
