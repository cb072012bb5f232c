"""Attempts to attack in what a request brings: SQL injection, scripts, paths, commands, addresses.

`Inspector` looks at a request in two steps: all of its texts at once through gates (hyperscan or RE2), which most requests
do not pass; then, value by value, decoded as others would, through signs and judges that say how sure they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from vedette_guard.decisions.attacks import parts
from vedette_guard.decisions.attacks.findings import Hit, find
from vedette_guard.decisions.attacks.gates import DECODE, GATES
from vedette_guard.decisions.attacks.judged import SURE
from vedette_guard.decisions.attacks.parts import Part
from vedette_guard.decisions.attacks.sign import SSRF, TRAVERSAL
from vedette_guard.decisions.attacks.views import views
from vedette_guard.decisions.multipart import boundary
from vedette_guard.prefilter import prefilter

UNSEEN = parts.SILENT | {"user-agent", "accept", "accept-language", "accept-encoding"}
MOST_AGENTS, LONGEST_AGENT = 1000, 500
MOST_JUDGED = 100  # values of one request that may be an attempt; each takes the time of a whole ordinary request
NEVER: Sequence[Hit] = ()  # of a value that passed no gate


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
        self._agents: set[str] = set()  # names of browsers that are nothing else: they come with every request

    def look(self, looked: Looked) -> list[Found]:
        """Return what a request has of each family, the surest first; empty for nearly every request."""
        agent = next((value for name, value in looked.headers if name == "user-agent"), "")
        if not self._scan(blob(looked)) and self._is_browser(agent):
            return []
        best: dict[str, Found] = {}
        judged = 0
        for part in values(looked):
            hits = () if part.text in self._agents else self._hits(part)
            judged += hits is not NEVER
            if judged > MOST_JUDGED:
                break
            for hit in hits:
                if hit.family not in best or best[hit.family].score < hit.score:
                    best[hit.family] = Found(hit.family, part.where, part.name, hit.score, hit.why, part.text)
        return sorted(best.values(), key=lambda found: -found.score)

    def _is_browser(self, agent: str) -> bool:
        """Tell whether a User-Agent is nothing but that."""
        if agent in self._agents:
            return True
        innocent = not self._hits(Part("header", "user-agent", agent))
        if innocent and len(agent) <= LONGEST_AGENT and len(self._agents) < MOST_AGENTS:
            self._agents.add(agent)
        return innocent

    def _hits(self, part: Part) -> Sequence[Hit]:
        if part.where == "filename" and (".." in part.text or "/" in part.text or "\\" in part.text):
            return (Hit(TRAVERSAL, SURE, "a path as the name of a file"),)
        families = self._may_be(part.text)
        if not families:
            return NEVER
        hits: list[Hit] = []
        if DECODE not in families:
            hits = find(part.text, families, path=part.where == "path")
        else:
            for view in views(part.text):
                hits += find(view, self._may_be(view), path=part.where == "path")
        return [hit for hit in hits if hit.family != SSRF or part.name not in ("referer", "origin")]

    def _may_be(self, text: str) -> set[str]:
        scanned = b"=" + text.replace("\n", "\r").encode("utf-8", "surrogatepass")
        return {self._families[number] for number in self._scan(scanned)}


def blob(looked: Looked) -> bytes:
    """Return all texts of a request, one a line behind a `=`, decoded once."""
    head = "\n=".join(["", looked.target.replace("?", "\n=", 1), *(value for name, value in looked.headers if name not in UNSEEN)])
    raw = head.encode("utf-8", "replace")
    if "json" not in looked.content_type:
        return _decoded(raw + b"\n=" + looked.body)
    body = "\n=".join([part.text.replace("\n", "\r") for part in parts.of_json(looked.body)])
    return _decoded(raw) + b"\n=" + body.encode("utf-8", "surrogatepass")


def _decoded(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" ").replace(b"&", b"\n="))


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
