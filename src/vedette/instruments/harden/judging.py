"""Outside judges before and after a run: Lynis and OpenSCAP, where they are installed on the host. They change nothing of it."""

import base64
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.harden.asking import remote
from vedette.instruments.harden.shell import Said, Shell
from vedette.instruments.harden.types import Hardened, Judged, Level, Unreached
from vedette.instruments.judges import lynis, openscap, reasons
from vedette.instruments.judges.types import LYNIS, OPENSCAP, Judgement
from vedette.wire.finding import FindingState

JUDGES = (LYNIS, OPENSCAP)
_JUDGING = 900.0  # seconds that a judge may take
_MISSING = b"missing"


def judged(shell: Shell, judge: str, level: Level, stream: bytes = b"") -> Judgement:
    """Return what a judge says of a host. `stream` is the data stream for OpenSCAP; without it, the one that is on the host.

    Raises `Unreached` where the judge is not there or does not come to an end, and `Invalid` where there is no such judge.
    """
    if judge not in JUDGES:
        raise Invalid(f"{judge[:40]!r} is no judge; there are {', '.join(JUDGES)}.")
    said = shell.run(script(judge, level, stream), _JUDGING)
    if said.out.startswith(_MISSING):
        raise Unreached(f"{judge}: {said.out[len(_MISSING) : 400].decode('utf-8', 'replace').strip()}")
    return _READERS[judge](said)


def script(judge: str, level: Level, stream: bytes = b"") -> str:
    """Return the script for sh that lets a judge look, and prints its report."""
    data = base64.b64encode(gzip.compress(stream, mtime=0)).decode() if stream else ""
    return "\n".join([f"STREAM={data}", remote("judge.sh"), f"{judge} {level}", ""])


def compared(before: Judgement, after: Judgement) -> Judged:
    """Return two judgements side by side."""
    left = after.those(FindingState.FAILED, FindingState.WAIVED)
    return Judged(
        judge=after.judge, version=after.version, profile=after.profile, before=before.score, after=after.score,
        failed_before=before.failed, failed_after=after.failed, left={one.check: one.reason for one in left},
    )  # fmt: skip


def beside(
    work: Callable[[], Hardened], look: Callable[[str], Judgement | None], judges: Sequence[str]
) -> Hardened:
    """Do the work between two looks of each judge, and return its outcome with what they said; a judge who could not look says nothing."""
    before = dict(_looked(judges, look))
    done = work()
    after = dict(_looked(tuple(before), look))
    return msgspec.structs.replace(
        done, judged=tuple(compared(before[name], told) for name, told in after.items())
    )


def _looked(
    judges: Sequence[str], look: Callable[[str], Judgement | None]
) -> Iterator[tuple[str, Judgement]]:
    for name in judges:
        if (told := look(name)) is not None:
            yield name, told


def _lynis(said: Said) -> Judgement:
    return lynis.read(said.out.decode("utf-8", "replace"))


def _openscap(said: Said) -> Judgement:
    """Unpack results, as many bytes as are read at all."""
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = unpacking.decompress(said.out, openscap.MOST_BYTES + 1)
    except zlib.error:
        raise Unreached("openscap: what the host answered broke off before its end.") from None
    return reasons.explained(openscap.read(data))


_READERS: Mapping[str, Callable[[Said], Judgement]] = {LYNIS: _lynis, OPENSCAP: _openscap}
