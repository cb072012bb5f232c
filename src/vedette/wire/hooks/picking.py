"""Where in any JSON a value is: a subset of JMESPath, so small that finding costs no more than the body is long.

    alert.name   alerts[0].name   "odd-name".x   alerts[*]   alerts[]   alerts[?status=='firing']   a || b   'text'

Source of the language: jmespath.org, "JMESPath Specification"; the library `jmespath` reads it and finds. What is left
out (functions, pipes, lists and objects made anew, every value of an object) could make more of a body than it is, or
is not needed to point at something. `$.` before a path begins at the whole body instead of the alert (our own).
"""

import difflib
import re
from collections.abc import Iterator, Mapping

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from vedette.core.errors import Invalid

LONGEST_PATH = 200
_MOST_NODES = 60
_TAKEN = frozenset((
    "field", "subexpression", "index", "index_expression", "projection", "flatten", "filter_projection", "identity",
    "current", "comparator", "or_expression", "and_expression", "not_expression", "literal",
))  # fmt: skip
_NAMED = {
    "function_expression": "functions",
    "pipe": "pipes (|)",
    "multi_select_list": "lists made anew ([a, b])",
    "multi_select_dict": "objects made anew ({a: b})",
    "value_projection": "every value of an object (*)",
    "slice": "slices ([1:3])",
}
_ROOT = "$"
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\[-?\d+\])*(?:\.[A-Za-z_]\w*(?:\[-?\d+\])*)*")
_STEP = re.compile(r"([A-Za-z_]\w*)|\[(-?\d+)\]")
_FEW = 8


class Path(msgspec.Struct, frozen=True):
    """A path that can be used: as it is written, from where it begins, and as the library reads it."""

    text: str
    from_body: bool
    read: jmespath.parser.ParsedResult

    def find(self, alert: object, body: object) -> object:
        """Return what stands there, None for nothing."""
        found: object = self.read.search(body if self.from_body else alert)
        return found


def path(text: str) -> Path:
    """Read a path; raises `Invalid` with what is wrong and what may stand there."""
    if len(text) > LONGEST_PATH:
        raise Invalid(f"A path has at most {LONGEST_PATH} characters, this one has {len(text)}.")
    stripped = text.strip()
    from_body = stripped == _ROOT or stripped.startswith(f"{_ROOT}.")
    inner = stripped[2:] or "@" if from_body else stripped
    try:
        read = jmespath.compile(inner)
    except (JMESPathError, RecursionError):
        raise Invalid(
            f"`{stripped}` is no path: write names parted by dots, as alert.name or alerts[0].name."
        ) from None
    _check(stripped, read.parsed)
    return Path(stripped, from_body, read)


def hint(wanted: Path, alert: object, body: object) -> str:
    """Return in words what stands where a path found nothing, with the name that may have been meant."""
    text = wanted.text.removeprefix("$.")
    here: object = body if wanted.from_body else alert
    if not _PLAIN.fullmatch(text):
        return _there("", here)
    walked = ""
    for name, number in _STEP.findall(text):
        following = _step(here, name, number)
        if following is None:
            return _there(walked, here, name)
        here = following
        walked += f"[{number}]" if number else f".{name}" if walked else name
    return ""


def _check(text: str, parsed: Mapping[str, object]) -> None:
    nodes = list(_nodes(parsed))
    if len(nodes) > _MOST_NODES:
        raise Invalid(f"`{text[:60]}` has too many parts; at most {_MOST_NODES} are taken.")
    odd = next((kind for kind in nodes if kind not in _TAKEN), None)
    if odd is not None:
        raise Invalid(f"`{text}` uses {_NAMED.get(odd, odd)}, which paths here do not know.")


def _nodes(node: Mapping[str, object]) -> Iterator[str]:
    yield str(node["type"])
    children = node["children"]
    for child in children if isinstance(children, list) else ():
        if isinstance(child, dict):
            yield from _nodes(child)


def _step(here: object, name: str, number: str) -> object:
    if name:
        return here.get(name) if isinstance(here, dict) else None
    at = int(number)
    return here[at] if isinstance(here, list) and -len(here) <= at < len(here) else None


def _there(walked: str, here: object, wanted: str = "") -> str:
    place = f"`{walked}`" if walked else "What was sent"
    if isinstance(here, dict):
        names = [str(name)[:60] for name in here]
        near = difflib.get_close_matches(wanted, names[:200], 1)
        meant = f" Did you mean `{f'{walked}.{near[0]}' if walked else near[0]}`?" if near else ""
        more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        return f"{place} has {', '.join(names[:_FEW]) or 'nothing in it'}{more}.{meant}"
    if isinstance(here, list):
        return f"{place} is a list of {len(here)}; write [0] for its first, or [*] for each."
    return f"{place} is no object."
