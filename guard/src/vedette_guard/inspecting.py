"""Attempts to attack in what a request brings: SQL injection, scripts, paths, commands, addresses.

`Inspector` looks at a request in two steps: all of its texts at once through gates (hyperscan or RE2), which most requests
do not pass; then, value by value, decoded as others would, through signs and judges that say how sure they are.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from vedette_guard.decisions.attacks import parts
from vedette_guard.decisions.attacks.findings import Hit, find
from vedette_guard.decisions.attacks.gates import DECODE, GATES
from vedette_guard.decisions.attacks.judged import SURE
from vedette_guard.decisions.attacks.parts import Part
from vedette_guard.decisions.attacks.sign import RCE, SSRF, TRAVERSAL
from vedette_guard.decisions.attacks.views import views
from vedette_guard.decisions.multipart import boundary
from vedette_guard.prefilter import prefilter

UNSEEN = parts.SILENT | {"user-agent", "accept", "accept-language", "accept-encoding"}
INCLUDED = re.compile(
    r"mosconfig_|_conf\[|_server\[|gallery_basedir|\[docroot\]|appserv_root|\[root_dir\]|^globals\[",
    re.IGNORECASE,
)
FILE_HEADERS = frozenset({"x-filename", "x-file-name", "x.filename", "x_filename"})
PROGRAM = re.compile(
    r"\.(?:php\d?|phtml|phar|jspx?|aspx?|cgi|exe|htaccess|htpasswd|user\.ini)\s*$|^\.|config\.|settings\.",
    re.IGNORECASE,
)
LONE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
QUOTED = bytes.maketrans(b"+%", b" =")  # as quoted-printable has them
FORMS = frozenset({"", "application/x-www-form-urlencoded"})
MOST_AGENTS, LONGEST_AGENT = 1000, 500
MOST_JUDGED = (
    100  # values of one request that may be an attempt; each takes the time of a whole ordinary request
)
LONG = 1000  # bytes of a piece that is scanned by itself
ROUNDS = 3  # scans for the lines that pass a gate, before each line is scanned by itself
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


class Segment(NamedTuple):
    """A piece of a request: where it stood, its name, its bytes as sent, and its text where that is known."""

    where: str
    name: str
    raw: bytes
    text: str = ""


class Inspector:
    """Looks at requests; shared by all threads. `engine`: `auto`, `hyperscan`, `re2`. Raise PolicyError without one."""

    def __init__(self, engine: str = "auto") -> None:
        self._scan = prefilter([pattern for _, pattern in GATES], engine)
        self._families = tuple(family for family, _ in GATES)
        self._agents: set[str] = (
            set()
        )  # names of browsers that are nothing else: they come with every request

    def look(self, looked: Looked) -> list[Found]:
        """Return what a request has of each family, the surest first; empty for nearly every request."""
        cut = segments(looked)
        blob = decoded(cut)
        agent = next((value for name, value in looked.headers if name == "user-agent"), "")
        hits = [] if self._is_browser(agent) else self._hits(Part("header", "user-agent", agent))
        found = [_found(Part("header", "user-agent", agent), hit) for hit in hits]
        passed = self._passed(blob)
        if passed:
            found += self._look_closer(looked, [cut[number] for number in passed])
        best: dict[str, Found] = {}
        for one in found:
            if one.family not in best or best[one.family].score < one.score:
                best[one.family] = one
        return sorted(best.values(), key=lambda one: -one.score)

    def _passed(self, blob: bytes) -> list[int]:
        """Return which lines pass a gate: long ones are asked one by one, so that none is scanned twice, and short ones at once."""
        lines = blob[:-1].split(b"\n")
        passed: list[int] = []
        short: list[int] = []
        for number, line in enumerate(lines):
            if len(line) <= LONG:
                short.append(number)
            elif self._scan(line + b"\n"):
                passed.append(number)
        return sorted(passed + self._short_passed(lines, short))

    def _short_passed(self, lines: list[bytes], left: list[int]) -> list[int]:
        """Return which of these lines pass a gate: those of each gate's first match, until what is left passes none.

        Nearly every request is done after one round or two; what is left of others, and all where an engine does not tell
        places, goes line by line.
        """
        passed: set[int] = set()
        ends: list[int] | None = []
        for _ in range(ROUNDS):
            ends = self._scan.ends(_joined(lines, left)) if left else []
            if not ends:
                break
            behind = list(accumulate([len(lines[number]) + 1 for number in left]))
            hit = {left[bisect_left(behind, end)] for end in ends}
            passed |= hit
            left = [number for number in left if number not in hit]
        if ends != []:
            passed |= {number for number in left if self._scan(lines[number] + b"\n")}
        return list(passed)

    def _look_closer(self, looked: Looked, cut: list[Segment]) -> Iterator[Found]:
        """Return what is found in the values of pieces that passed a gate."""
        judged = 0
        for segment in cut:
            for part in values(looked, segment):
                hits = self._hits(part)
                judged += hits is not NEVER
                if judged > MOST_JUDGED:
                    return
                yield from (_found(part, hit) for hit in hits)

    def _is_browser(self, agent: str) -> bool:
        """Tell whether a User-Agent is nothing but that."""
        if agent in self._agents:
            return True
        innocent = not self._hits(Part("header", "user-agent", agent))
        if innocent and len(agent) <= LONGEST_AGENT and len(self._agents) < MOST_AGENTS:
            self._agents.add(agent)
        return innocent

    def _hits(self, part: Part) -> Sequence[Hit]:
        if part.where == "filename" and ("/" in part.text or "\\" in part.text):
            return (Hit(TRAVERSAL, SURE, "a path as the name of a file"),)
        if "://" in part.text and INCLUDED.search(part.name):
            return (Hit(SSRF, SURE, "an address for what a program includes"),)
        if part.name in FILE_HEADERS and PROGRAM.search(part.text):
            return (Hit(RCE, SURE, "a program, or a configuration, as a file"),)
        families = self._may_be(part.text)
        if not families:
            return NEVER
        hits: list[Hit] = []
        if DECODE not in families:
            hits = find(part.text, families, path=part.where == "path")
        else:
            for view in views(part.text):
                hits += find(view, self._may_be(view), path=part.where == "path")
        return [
            hit
            for hit in hits
            if hit.family != SSRF or part.name.partition("?")[0] not in ("referer", "origin")
        ]

    def _may_be(self, text: str) -> set[str]:
        scanned = b"=" + text.replace("\n", "\r").encode("utf-8", "surrogatepass") + b"\n"
        return {self._families[number] for number in self._scan(scanned)}


def _joined(lines: list[bytes], numbers: list[int]) -> bytes:
    return b"".join([lines[number] + b"\n" for number in numbers])


def _found(part: Part, hit: Hit) -> Found:
    return Found(hit.family, part.where, part.name, hit.score, hit.why, part.text)


def segments(looked: Looked) -> list[Segment]:
    """Return a request in pieces, cut where that takes no time: pairs of query and form, headers, texts of JSON."""
    path, _, query = looked.target.partition("?")
    cut = [Segment("path", "", path.encode("utf-8", "replace"))]
    if query:
        cut += [Segment("query", "", pair) for pair in query.encode("utf-8", "replace").split(b"&")]
    cut += [
        Segment("header", name, value.encode("utf-8", "replace"))
        for name, value in looked.headers
        if name not in UNSEEN
    ]
    return cut + _body_segments(looked) if looked.body else cut


def _body_segments(looked: Looked) -> list[Segment]:
    media = looked.content_type.partition(";")[0].strip().lower()
    if media in FORMS:
        return [Segment("form", "", pair) for pair in looked.body.split(b"&")]
    if media == "application/json" or media.endswith("+json"):
        return [
            Segment("json", name, text.replace("\n", "\r").encode("utf-8", "surrogatepass"), text)
            for _, name, text in parts.of_json(looked.body)
        ]
    return [Segment("body", "", looked.body.replace(b"\n", b"\r"))]


def decoded(cut: list[Segment]) -> bytes:
    """Return all pieces, one a line behind a `=`, decoded once.

    That is done by what decodes quoted-printable in C. A percent sign that encodes nothing is encoded before, for behind
    it a line end would be a soft break, which swallows what follows. Line ends stay those between pieces.
    """
    pieces = [segment.raw for segment in cut]
    plain = _unquoted(pieces)
    if plain is not None:
        return b"=" + plain + b"\n"
    raw = b"\n=".join([piece.replace(b"\n", b"\r") for piece in pieces])
    raw = LONE_PERCENT.sub(b"%25", raw.replace(b"%0A", b"%0D").replace(b"%0a", b"%0D"))
    return b"=" + a2b_qp(raw.replace(b"=", b"=3D").translate(QUOTED)) + b"\n"


def _unquoted(pieces: list[bytes]) -> bytes | None:
    """Return pieces decoded at once, as most can be; None of those with line ends, or with a percent sign alone.

    A line end shows in their number; a percent sign that encodes nothing, in the length: each other takes two away.
    """
    raw = b"\n=".join(pieces)
    among = len(pieces) - 1
    if b"\r" in raw or raw.count(b"\n") != among or any(piece.endswith(b"%") for piece in pieces):
        return None
    plain = a2b_qp(raw.replace(b"=", b"=3D").translate(QUOTED))
    whole = len(plain) == len(raw) - 2 * raw.count(b"%") and plain.count(b"\n") == among
    return plain if whole else None


def values(looked: Looked, segment: Segment) -> Iterable[Part]:
    """Return the values in a piece of a request."""
    if segment.where == "path":
        return [Part("path", "", parts.text_of(unquote_to_bytes(segment.raw)))]
    if segment.where == "header":
        return parts.headers([(segment.name, segment.raw.decode("utf-8", "replace"))])
    if segment.where == "json":
        return [Part("json", segment.name, segment.text)]
    return body_values(looked) if segment.where == "body" else parts.pairs(segment.where, segment.raw)


def body_values(looked: Looked) -> Iterable[Part]:
    """Return the values of a body, by its content type; nothing of one that is no text."""
    media = looked.content_type.partition(";")[0].strip().lower()
    if media.endswith(("/xml", "+xml")):
        yield from parts.of_xml(looked.body)
    elif media == "multipart/form-data":
        mark = boundary(looked.content_type)
        if mark is not None:
            yield from parts.of_multipart(looked.body, mark)
    elif media.startswith("text/"):
        yield Part("body", "", parts.text_of(looked.body))
