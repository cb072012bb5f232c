"""A record in the OSV format, taken apart: https://ossf.github.io/osv-schema/ (1.6, and `upstream` of 1.7)."""

from collections.abc import Iterator, Sequence

import msgspec

from vedette.instruments.scan.advisories import cvss, naming
from vedette.instruments.scan.advisories.types import (
    Advisory,
    Affected,
    BadFeed,
    Edge,
    ScoredBy,
    VersionRange,
)

MOST_BYTES = 16 * 1024 * 1024
_DETAILS, _SUMMARY, _REFERENCES, _NAMES = 2_000, 300, 12, 64
_MALICIOUS = "MAL-"
_RISK_OF_MALICE = 10.0
_RISK_UNTOLD = 5.0
_BOUND = "last_known_affected_version_range"
_VECTORS = ("CVSS_V4", "CVSS_V3", "CVSS_V2")
_WAYS = (ScoredBy.V3, ScoredBy.V4_AS_V3, ScoredBy.V2)


class _Severity(msgspec.Struct, gc=False):
    type: str = ""
    score: str = ""


class _Package(msgspec.Struct, gc=False):
    ecosystem: str = ""
    name: str = ""


class _Range(msgspec.Struct):
    type: str = ""
    events: tuple[dict[str, str], ...] = ()
    database_specific: object = None


class _Affected(msgspec.Struct):
    package: _Package | None = None
    ranges: tuple[_Range, ...] | None = ()
    versions: tuple[str, ...] | None = ()
    severity: tuple[_Severity, ...] | None = ()
    ecosystem_specific: object = None
    database_specific: object = None


class _Reference(msgspec.Struct, gc=False):
    url: str = ""


class _Record(msgspec.Struct):
    id: str
    withdrawn: str | None = None
    published: str = ""
    modified: str = ""
    aliases: tuple[str, ...] | None = ()
    upstream: tuple[str, ...] | None = ()
    summary: str | None = ""
    details: str | None = ""
    severity: tuple[_Severity, ...] | None = ()
    affected: tuple[_Affected, ...] | None = ()
    references: tuple[_Reference, ...] | None = ()
    database_specific: object = None


class Record(msgspec.Struct, frozen=True):
    """An advisory and, by ecosystem and name of a package, which versions it affects."""

    advisory: Advisory
    packages: tuple[tuple[str, str, Affected], ...]
    withdrawn: bool


_DECODER = msgspec.json.Decoder(_Record)


def parse(data: bytes) -> Record:
    """Return the record that a JSON text holds; raises `BadFeed` that tells why it holds none."""
    try:
        raw = _DECODER.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise BadFeed("it is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFeed(_plain(str(error))) from None
    if not raw.id or len(raw.id) > 200:
        raise BadFeed("it has no id, or a very long one")
    packages = tuple(_packages(raw))
    return Record(_advisory(raw, packages), packages, bool(raw.withdrawn))


def _plain(text: str) -> str:
    return ascii(text[:200])[1:-1]


def _packages(raw: _Record) -> Iterator[tuple[str, str, Affected]]:
    for each in raw.affected or ():
        package = each.package
        if package is None or not package.ecosystem or not package.name:
            continue  # commits of a repository and nothing else
        ecosystem = naming.canonical(package.ecosystem)
        yield ecosystem, naming.normal(ecosystem, package.name), _affected(each)


def _affected(raw: _Affected) -> Affected:
    spans = raw.ranges or ()
    ranges = tuple(_range(each, raw.database_specific) for each in spans if each.type != "GIT")
    versions = raw.versions or ()
    return Affected(
        ranges=tuple(each for each in ranges if each.events),
        versions=versions,
        commits_only=bool(spans) and not ranges and not versions,
        vector=_vector(raw.severity or ()),
        word=_word(raw.severity or (), raw.ecosystem_specific, raw.database_specific),
    )


def _range(raw: _Range, beside: object) -> VersionRange:
    """Return a range; GitHub says in words how far one without an end is known to reach, beside it or beside the package."""
    events = tuple(_events(raw))
    ends = any(event.what in {"fixed", "last_affected"} for event in events)
    bound = _text(raw.database_specific, _BOUND) or _text(beside, _BOUND)
    return VersionRange(events, "" if ends else bound)


def _events(raw: _Range) -> Iterator[Edge]:
    for event in raw.events:
        for what in ("introduced", "fixed", "last_affected", "limit"):
            if what in event:
                yield Edge(what, event[what])


def _advisory(raw: _Record, packages: Sequence[tuple[str, str, Affected]]) -> Advisory:
    malicious = _is_malicious(raw)
    vector = _vector(raw.severity or ()) or next((each.vector for *_, each in packages if each.vector), "")
    word = _word(raw.severity or (), raw.database_specific) or next(
        (each.word for *_, each in packages if each.word), ""
    )
    risk, rating = (_RISK_OF_MALICE, ScoredBy.MALICIOUS) if malicious else rated(vector, word)
    return Advisory(
        id=raw.id,
        aliases=(raw.aliases or ())[:_NAMES],
        upstream=(raw.upstream or ())[:_NAMES],
        summary=(raw.summary or "")[:_SUMMARY],
        details=(raw.details or "")[:_DETAILS],
        risk=risk,
        rating=rating,
        vector=vector,
        malicious=malicious,
        references=tuple(each.url for each in (raw.references or ())[:_REFERENCES] if each.url),
        published=raw.published,
        modified=raw.modified,
    )


def rated(vector: str, word: str) -> tuple[float, ScoredBy]:
    """Return the risk by a vector, else by a word; one that nobody rated is in the middle, since nobody said it is harmless."""
    scored = cvss.risk_of(vector) if vector else None
    if scored is not None:
        return scored
    by_word = cvss.risk_of_word(word)
    return (by_word, ScoredBy.WORD) if by_word is not None else (_RISK_UNTOLD, ScoredBy.NONE)


def _is_malicious(raw: _Record) -> bool:
    names = (raw.id, *(raw.aliases or ()))
    return any(name.startswith(_MALICIOUS) for name in names)


def _vector(severities: Sequence[_Severity]) -> str:
    """Return the vector that says most exactly how bad it is: 3.1 has a formula, 4.0 is read as 3.1, 2.0 is old."""
    found = {_kind(each.score): each.score for each in severities if each.type in _VECTORS}
    return next((found[way] for way in _WAYS if way in found), "")


def _kind(vector: str) -> ScoredBy:
    if vector.startswith("CVSS:3"):
        return ScoredBy.V3
    return ScoredBy.V4_AS_V3 if vector.startswith("CVSS:4") else ScoredBy.V2


def _word(severities: Sequence[_Severity], *beside: object) -> str:
    """Return the severity in a word: GitHub's beside the record, Ubuntu's among the severities, Debian's beside the package."""
    told = [each.score for each in severities if each.type not in _VECTORS]
    for values in beside:
        told += [_text(values, "severity"), _text(values, "urgency")]
    return next((each for each in told if cvss.risk_of_word(each) is not None), "")


def _text(values: object, name: str) -> str:
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""
