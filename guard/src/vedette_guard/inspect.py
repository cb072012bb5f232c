"""Attempts to attack in what a request brings: SQL injection, scripts, paths, commands, addresses. It is no WAF.

`Inspector` looks at a request in two steps: all of its texts at once through gates (hyperscan or RE2), which most requests
do not pass; then, value by value, decoded as others would, through signs and judges that say how sure they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from vedette_guard.decisions.attacks import parts
from vedette_guard.decisions.attacks.findings import Hit, find
from vedette_guard.decisions.attacks.gates import DECODE, GATES
from vedette_guard.decisions.attacks.parts import Part
from vedette_guard.decisions.attacks.sign import SSRF
from vedette_guard.decisions.attacks.views import views
from vedette_guard.decisions.multipart import boundary
from vedette_guard.prefilter import prefilter

_SEPARATED = bytes.maketrans(b"+&", b" \n")
_ONE_LINE = str.maketrans("\n", "\r")


@dataclass(frozen=True)
class Looked:
    """What of a request is looked at: path and query as sent, headers by lower-case names, and as much of the body as there is."""

    target: str
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = b""


@dataclass(frozen=True)
class Found:
    """An attempt: its family, where it stood, how sure it is, what shows it, and the value's text, masked."""

    family: str
    where: str
    name: str
    score: int
    why: str
    text: str


class Inspector:
    """Looks at requests; shared by all threads. `engine`: `auto`, `hyperscan`, `re2`. Raise PolicyError without one."""

    def __init__(self, engine: str = "auto") -> None:
        self._scan = prefilter([pattern for _, pattern in GATES], engine)
        self._families = tuple(family for family, _ in GATES)

    def look(self, looked: Looked) -> list[Found]:
        """Return what a request has of each family, the surest first; empty for nearly every request."""
        if not self._scan(blob(looked)):
            return []
        best: dict[str, Found] = {}
        for part in values(looked):
            for hit in self._hits(part):
                if hit.family not in best or best[hit.family].score < hit.score:
                    best[hit.family] = Found(hit.family, part.where, part.name, hit.score, hit.why, part.text)
        return sorted(best.values(), key=lambda found: -found.score)

    def _hits(self, part: Part) -> Iterable[Hit]:
        families = self._may_be(part.text)
        if not families:
            return ()
        hits: list[Hit] = []
        if DECODE not in families:
            hits = find(part.text, families, path=part.where == "path")
        else:
            for view in views(part.text):
                hits += find(view, self._may_be(view), path=part.where == "path")
        return [hit for hit in hits if hit.family != SSRF or part.name not in ("referer", "origin")]

    def _may_be(self, text: str) -> set[str]:
        scanned = text.translate(_ONE_LINE).encode("utf-8", "surrogatepass")
        return {self._families[number] for number in self._scan(scanned)}


def blob(looked: Looked) -> bytes:
    """Return all texts of a request, one a line, decoded once."""
    head = "\n".join([looked.target, *(part.text for part in parts.headers(looked.headers))])
    body = looked.body
    kind = looked.content_type
    if "json" in kind:
        body = "\n".join(part.text for part in parts.of_json(body)).encode("utf-8", "surrogatepass")
        return unquote_to_bytes(head.encode("utf-8", "replace").translate(_SEPARATED)) + b"\n" + body
    raw = head.encode("utf-8", "replace") + b"\n" + body
    return unquote_to_bytes(raw.translate(_SEPARATED))


def values(looked: Looked) -> Iterable[Part]:
    """Return all values of a request."""
    path, _, query = looked.target.partition("?")
    yield Part("path", "", parts.text_of(unquote_to_bytes(path)))
    yield from parts.pairs("query", query.encode("utf-8", "replace"))
    yield from parts.headers(looked.headers)
    if looked.body:
        yield from body_values(looked)


def body_values(looked: Looked) -> Iterable[Part]:
    """Return the values of a body, by its content type; nothing of one that is no text."""
    media = looked.content_type.partition(";")[0].strip().lower()
    if media == "application/json" or media.endswith("+json"):
        yield from parts.of_json(looked.body)
    elif media.endswith(("/xml", "+xml")):
        yield from parts.of_xml(looked.body)
    elif media == "multipart/form-data":
        mark = boundary(looked.content_type)
        if mark is not None:
            yield from parts.of_multipart(looked.body, mark)
    elif media in ("", "application/x-www-form-urlencoded"):
        yield from parts.pairs("form", looked.body)
    elif media.startswith("text/"):
        yield Part("body", "", parts.text_of(looked.body))
