"""A source that is always there, of one file."""

from pathlib import Path

import msgspec

from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.wire.backup import Check, Failure, Part, Proposal, Table, What


class Things(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is told of it: how many rows it has, and the program that writes it."""

    rows: int = 1
    run: tuple[str, ...] = ()


def _gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    assert tools
    assert isinstance(settings, Things)
    if not settings.rows:
        raise Failed(Failure.SOURCE_EMPTY, "There are no things.")
    (staging / "things").write_text("0123456789")
    part = Part(what="things", files=1, bytes=10, tables=(Table("things", settings.rows),))
    return Gathered(part=part, paths=(staging,), steady=(staging,))


def _prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    assert isinstance(settings, Things)
    return (Check(name="rows", passed=bool(bench.part.tables), text=f"{settings.rows} rows"),)


def _put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    assert settings is not None
    assert bench
    return (Check(name="put back", passed=True, text=str(into)),)


def _propose(root: Path) -> tuple[Proposal, ...]:
    assert root
    return (Proposal(what=What(kind="things"), sentence="There are things.", bytes=10),)


SOURCE = Source(
    kind="things", label="Things", about="What tests save.", settings=Things, gather=_gather, prove=_prove, put_back=_put_back,
    propose=_propose,
)  # fmt: skip
