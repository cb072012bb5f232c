"""Reports as they travel: numbered by their origin, packed by MessagePack (or JSON) and zstd; bounds for both. Pure.

Two lanes number for themselves: what was measured, of which the oldest may go for want of room, and what happened.
"""

import re
from collections.abc import Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.wire.agent.types import Processes, Report, Sample

ENROLL, ROTATE = "/api/v1/agent/enroll", "/api/v1/agent/key"
REPORTS, ORDERS = "/api/v1/agent/reports", "/api/v1/agent/orders"
PATIENCE = 25.0  # seconds that a poll for orders waits for something new
MOST_BYTES, MOST_INFLATED, MOST_REPORTS = 1024 * 1024, 8 * 1024 * 1024, 2_000
PACKED, JSON = "application/msgpack", "application/json"
_ORIGIN = re.compile(r"[0-9a-f]{32}")
_LATEST = 253_402_300_799.0  # the year 9999
_MOST_NUMBER = 2**62


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Reports that travel together. `origin` names who numbers them, `first` is the number of the first.

    `sent_at` is when they were sent by the host's clock; `lost` are those it had no room for since it was started.
    """

    origin: str
    first: int
    sent_at: float
    reports: tuple[Report, ...]
    version: str = ""
    lost: int = 0


class Sheaf(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of which the reports are packed already, as they lie in the spool."""

    origin: str
    first: int
    sent_at: float
    reports: tuple[msgspec.Raw, ...]
    version: str = ""
    lost: int = 0


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch: up to which number all is recorded, how many were refused and why, how far the clock is behind."""

    taken: int
    refused: int = 0
    detail: str = ""
    skew: float = 0.0


_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = {PACKED: msgspec.msgpack.Decoder(Batch).decode, JSON: msgspec.json.Decoder(Batch).decode}
_REPORT: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


def pack(report: Report) -> bytes:
    """Return a report as it waits and travels."""
    return _ENCODE(report)


def unpack(body: bytes) -> Report:
    """Return a report that waited."""
    return _REPORT.decode(body)


def is_measured(report: Report) -> bool:
    """Tell whether a report is of the lane of which the oldest may go."""
    return isinstance(report, Sample | Processes)


def bundle(sheaf: Sheaf) -> bytes:
    """Return a batch as a body of a request: MessagePack in zstd (RFC 8878)."""
    import zstandard  # an agent starts without it

    return zstandard.ZstdCompressor(level=3, write_content_size=True).compress(_ENCODE(sheaf))


def read(body: bytes, kind: str, encoding: str) -> Batch:
    """Return the batch of a body; raises `Invalid` that names the place of what is wrong."""
    decode = _DECODE.get(kind.partition(";")[0].strip().lower())
    if decode is None:
        raise Invalid(f"A batch is {PACKED} or {JSON}.", {"content-type": kind[:80]})
    try:
        batch = decode(_inflated(body, encoding))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The batch cannot be read: {error}", {"body": str(error)}) from None
    wrong = _problem(batch)
    if wrong:
        raise Invalid(f"{wrong[1]} Nothing was taken.", {wrong[0]: wrong[1]})
    return batch


def last(batch: Batch) -> int:
    """Return the number of the last report of a batch."""
    return batch.first + len(batch.reports) - 1


def untaken(reports: Sequence[Report], first: int, taken: int) -> Sequence[Report]:
    """Return the reports whose numbers come after the last that was taken of their origin."""
    return reports[max(0, taken - first + 1) :]


def size_of(body: bytes, encoding: str) -> int:
    """Return how many bytes a body has once it is unpacked, as it says itself; the most when it does not say."""
    if encoding != "zstd":
        return len(body)
    import zstandard

    try:
        size: int = zstandard.frame_content_size(body)
    except zstandard.ZstdError:
        return len(body)
    return max(len(body), size) if 0 <= size <= MOST_INFLATED else MOST_INFLATED


def _inflated(body: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return body
    if encoding != "zstd":
        raise Invalid("A batch is packed by zstd, or not at all.", {"content-encoding": encoding[:40]})
    import zstandard

    try:
        size = zstandard.frame_content_size(body)
        if size > MOST_INFLATED:
            raise Invalid(f"A batch holds at most {MOST_INFLATED:,} bytes.", {"body": "too large"})
        return zstandard.ZstdDecompressor().decompress(body, max_output_size=MOST_INFLATED)
    except zstandard.ZstdError as error:
        raise Invalid(f"The batch cannot be unpacked: {error}.", {"body": "no zstd"}) from None


def _problem(batch: Batch) -> tuple[str, str] | None:
    """Return the field that is wrong, and why; None for a batch that can be taken."""
    if not _ORIGIN.fullmatch(batch.origin):
        return "origin", "The origin is 32 hex digits."
    if not 1 <= batch.first < _MOST_NUMBER:
        return "first", "Reports are numbered from 1 on."
    if not 1 <= len(batch.reports) <= MOST_REPORTS:
        return "reports", f"A batch holds from 1 to {MOST_REPORTS:,} reports, not {len(batch.reports):,}."
    if not 0 <= batch.sent_at <= _LATEST:
        return "sent_at", "The batch was sent before 1970 or after 9999."
    if not 0 <= batch.lost < _MOST_NUMBER:
        return "lost", "That many reports cannot be lost."
    wrong = next((n for n, one in enumerate(batch.reports) if not 0 <= one.at <= _LATEST), None)
    return None if wrong is None else (f"reports.{wrong}", f"Report {wrong + 1} is of no time.")
