"""A scan whose time is up is not clean, wherever it was."""

import io
import zlib
from pathlib import Path

import msgspec
import pytest
from tests.support import images
from tests.support.scanned import feeds, is_blind, why

from vedette.instruments.scan import timing
from vedette.instruments.scan.image.forward import Forward
from vedette.instruments.scan.registry import scanner_of
from vedette.instruments.scan.running import run
from vedette.instruments.scan.types import Asked, CannotKnow, silent

LATE = Asked(target="", now=0.0, feeds=Path("none"), deadline=1e-9)


@pytest.mark.parametrize("kind", ["deps", "image", "host"])
def test_blind_time_is_up(kind: str, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("version = 1\n")
    status = {"var/lib/dpkg/status": b"Package: a\nStatus: install ok installed\nVersion: 1\n"}
    target = images.saved(tmp_path / "i.tar", images.layer(status)) if kind == "image" else tmp_path
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_bytes(status["var/lib/dpkg/status"])
    asked = msgspec.structs.replace(
        LATE, target=str(target), feeds=feeds(tmp_path), options={"root": str(tmp_path)}
    )
    report = run(scanner_of(kind), asked)
    assert is_blind(report)
    assert "Time was up after 1e-09 seconds" in why(report)


def test_what_unpacks_without_end_is_ended_by_its_time() -> None:
    bomb = Forward(io.BytesIO(zlib.compress(b"\0" * 1_000)), tick=timing.Until(LATE).look)
    with pytest.raises(CannotKnow):
        bomb.read(1)


def test_each_word_of_progress_looks_at_the_time_and_says_where() -> None:
    with pytest.raises(CannotKnow, match=r"at src/a\.py"):
        timing.Until(LATE).telling(silent)("src/a.py", None)
