"""Signatures: a report holds as it was signed, by the key that is trusted, whatever way it was sent; nothing else holds."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.instruments.backup import evidence
from vedette.wire.backup import (
    BackupReport,
    BackupRun,
    Check,
    DrillRun,
    Manifest,
    Part,
    Signature,
    Stage,
    Table,
)

SEED, OTHER = bytes(range(32)), bytes(32)
TRUSTED = evidence.public_of(SEED)
DRILL = DrillRun(
    id="1" * 32, plan="shop", copy="here", engine="borg", snapshot="s", saved_at=1, began_at=2.5, stage=Stage.DONE,
    checks=(Check(name="files", passed=True),), rto=0.0,
)  # fmt: skip
RUN = BackupRun(
    id="1" * 32, plan="shop", copy="here", engine="borg", began_at=1.0,
    manifest=Manifest(at=1.0, parts=(Part(what="postgres", tables=(Table("a", 0),), sequences={"b": 2, "a": 1}),)),
)  # fmt: skip


@pytest.mark.parametrize("report", [DRILL, RUN])
def test_a_report_holds_as_it_was_signed_by_any_way_it_was_sent(report: evidence.Evidence) -> None:
    signed = evidence.sign(report, SEED)
    for codec in (msgspec.msgpack, msgspec.json):
        sent = codec.decode(codec.encode(signed), type=BackupReport)
        assert isinstance(sent, BackupRun | DrillRun)
        assert evidence.holds(sent, TRUSTED)


def test_the_order_of_maps_means_nothing() -> None:
    assert RUN.manifest is not None
    part = msgspec.structs.replace(RUN.manifest.parts[0], sequences={"a": 1, "b": 2})
    other = msgspec.structs.replace(RUN, manifest=Manifest(at=1.0, parts=(part,)))
    assert evidence.canonical(other) == evidence.canonical(RUN)


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": Stage.FAILED}, {"rto": None}, {"rto": 1.0}, {"sentence": "Fine."}, {"saved_at": 1.5}, {"checks": ()},
        {"share": 0.5}, {"files": 1}, {"signature": None}, {"signature": Signature(key=TRUSTED, text="%%")},
        {"signature": Signature(key="", text="")},
    ],
)  # fmt: skip
def test_a_changed_report_does_not_hold(changes: dict[str, object]) -> None:
    signed = msgspec.structs.replace(evidence.sign(DRILL, SEED), **changes)
    assert not evidence.holds(signed, TRUSTED)


def test_another_key_is_not_trusted() -> None:
    signed = evidence.sign(DRILL, OTHER)
    assert not evidence.holds(signed, TRUSTED)
    assert not evidence.holds(evidence.sign(DRILL, SEED), "")
    claimed = msgspec.structs.replace(signed, signature=Signature(key=TRUSTED, text=signed.signature.text))  # type: ignore[union-attr]
    assert not evidence.holds(claimed, TRUSTED)


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(Invalid, match="32 bytes, not 5"):
        evidence.sign(DRILL, b"short")


@given(st.text(), st.floats(0, 2e9), st.booleans(), st.integers(0, 2**40))
def test_anything_that_is_told_can_be_signed(text: str, at: float, passed: bool, size: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    drill = msgspec.structs.replace(
        DRILL, sentence=text, saved_at=at, bytes=size, checks=(Check(name=text, passed=passed),)
    )
    signed = evidence.sign(drill, SEED)
    assert evidence.holds(msgspec.msgpack.decode(msgspec.msgpack.encode(signed), type=DrillRun), TRUSTED)
