"""What is known of attackers, by CVE number: CISA's catalogue (JSON) and FIRST's EPSS scores (CSV).

https://www.cisa.gov/known-exploited-vulnerabilities-catalog, https://www.first.org/epss/data_stats
"""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from vedette.instruments.scan.advisories.types import BadFeed

MOST_BYTES = 128 * 1024 * 1024
_MOST_ROWS = 2_000_000


class _Known(msgspec.Struct, rename={"cve": "cveID"}):
    cve: str


class _Catalogue(msgspec.Struct):
    vulnerabilities: tuple[_Known, ...]


def exploited(source: BinaryIO) -> Iterator[tuple[str, float]]:
    """Yield the CVE numbers of CISA's catalogue, each with 1; raises `BadFeed` for what is none."""
    data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadFeed("A catalogue of exploited weaknesses has some megabytes; this one has too many.")
    try:
        found = msgspec.json.decode(data, type=_Catalogue)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFeed(f"This is no catalogue of exploited weaknesses: {str(error)[:200]!a}.") from None
    yield from ((each.cve, 1.0) for each in found.vulnerabilities)


def likelihoods(source: BinaryIO) -> Iterator[tuple[str, float]]:
    """Yield CVE numbers and how likely each is exploited within 30 days, 0 to 1; raises `BadFeed` for a line that does not say so."""
    text = io.TextIOWrapper(source, encoding="utf-8", errors="strict", newline="")
    rows = csv.reader(line for line in text if not line.startswith("#"))
    try:
        if next(rows, [])[:2] != ["cve", "epss"]:
            raise BadFeed("This is no EPSS file: its first line is not cve,epss,percentile.")
        for number, row in enumerate(rows, 1):
            yield _score(row, number)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFeed(f"This is no EPSS file: {error}.") from None
    finally:
        text.detach()


def _score(row: list[str], number: int) -> tuple[str, float]:
    if number > _MOST_ROWS:
        raise BadFeed(f"An EPSS file has at most {_MOST_ROWS:,} lines; this one has more.")
    try:
        cve, score = row[0], float(row[1])
    except (IndexError, ValueError):
        raise BadFeed(f"Line {number} of the scores is no CVE number and a score.") from None
    if not cve.startswith("CVE-") or not 0 <= score <= 1:
        raise BadFeed(f"Line {number} of the scores is no CVE number and a score from 0 to 1.")
    return cve, score
