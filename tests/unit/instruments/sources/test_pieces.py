"""Splitting, marks, names, silence, standard input: the pieces of sources."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.core.clock import ManualClock
from vedette.instruments.logs.sources import marks, places, rotated, silence, stdin
from vedette.instruments.logs.sources.follower import Follower
from vedette.instruments.logs.sources.splitting import Splitter
from vedette.instruments.logs.sources.types import Chunk, Rhythm, Start

DAY = 86_400.0


@given(st.lists(st.binary(max_size=30)), st.integers(5, 20))
def test_a_stream_is_split_into_the_lines_that_are_in_it(pieces: list[bytes], longest: int) -> None:
    splitter = Splitter(longest)
    found = b"".join(splitter.feed(piece) for piece in pieces) + splitter.rest()
    written = b"".join(pieces).split(b"\n")
    wanted = written if written[-1] else written[:-1]
    assert found.endswith(b"\n") or not found
    told = found.split(b"\n")[:-1]
    assert [line for line in told if len(line) <= longest] == [
        line for line in wanted if len(line) <= longest
    ]


@given(
    st.lists(
        st.binary(min_size=20, max_size=60).map(lambda b: b.replace(b"\n", b"?")),
        min_size=1,
        max_size=80,
        unique=True,
    ),
    st.data(),
)
@settings(max_examples=40)
def test_the_place_is_found_in_what_is_left_of_a_file(lines: list[bytes], data: st.DataObject) -> None:
    content = b"".join(line + b"\n" for line in lines)
    upto = data.draw(st.integers(1, len(lines)))
    begin = data.draw(st.integers(0, upto - 1))
    read = b"".join(line + b"\n" for line in lines[:upto])
    left = content[len(b"".join(line + b"\n" for line in lines[:begin])) :]
    place = marks.found(left, marks.mark_of(read), whole=True)
    assert place == len(b"".join(line + b"\n" for line in lines[begin:upto]))


def test_a_place_is_not_found_in_other_content() -> None:
    mark = marks.mark_of(b"some line that was read before\n" * 3)
    assert marks.found(b"other line that was read never\n" * 3, mark, whole=True) is None
    assert marks.found(b"", mark, whole=True) is None


def test_names_that_only_rotation_makes() -> None:
    for name in (
        "a.log.1",
        "a.log.2.gz",
        "a.log-20261126",
        "a.log-20261126.gz",
        "a.old",
        "a.gz",
        "a.log-2026112617.xz",
    ):
        assert rotated.looks_rotated(name), name
    for name in ("a.log", "app-2026-11-26.log", "access_log", "mail.err", "a.log.json"):
        assert not rotated.looks_rotated(name), name


def test_predecessors_of_a_log(tmp_path: Path) -> None:
    names = ["app.log.1", "app.log.2.gz", "app-20261126.log", "app.log-20261125", "app.1.log", "app.log.old"]
    for name in [
        *names,
        "app.log",
        "apple.log.1",
        "app.log.json",
        "other.log.1",
        "app.log.3",
        "app.log.3.gz",
    ]:
        (tmp_path / name).touch()
    found = {one.path.name for one in rotated.siblings(tmp_path / "app.log")}
    assert found == {*names, "app.log.3"}


def test_the_folders_that_decide_what_a_path_is(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "a.log").symlink_to(tmp_path / "b.log")
    found = places.deciding(str(tmp_path / "link" / "a.log"))
    assert found == {str(tmp_path), str(tmp_path / "real")}
    assert places.deciding(str(tmp_path / "none" / "x" / "y.log")) == {str(tmp_path)}
    (tmp_path / "loop").symlink_to("loop")
    assert str(tmp_path) in places.deciding(str(tmp_path / "loop" / "y.log"))


def test_a_source_is_silent_when_it_is_longer_than_ever() -> None:
    rhythm = Rhythm()
    now = 1_000_000.0
    for _ in range(200):
        now += 1_200.0
        rhythm = silence.heard(rhythm, 1, now)
    assert not silence.silent(rhythm, 0.0, now + 3_599)
    assert silence.silent(rhythm, 0.0, now + 3_601)
    assert silence.silent(rhythm, 60.0, now + 61)
    assert not silence.silent(rhythm, 60.0, now + 59)
    assert "no line for 2 h; the longest before was 20 min" in silence.sentence("a.log", rhythm, now + 7_300)


def test_what_is_new_or_has_always_been_quiet_is_not_silent() -> None:
    now = 1_000_000.0
    assert not silence.silent(Rhythm(since=now), 0.0, now + 30 * DAY)
    assert silence.silent(Rhythm(since=now), 60.0, now + 61)
    rhythm = Rhythm()
    for _ in range(100):
        now += DAY
        rhythm = silence.heard(rhythm, 1, now)
    assert not silence.silent(rhythm, 0.0, now + 1.5 * DAY)


def test_standard_input_is_read_to_its_end() -> None:
    got: list[Chunk] = []
    out, into = os.pipe()
    os.write(into, b"one\ntwo\nlast")
    os.close(into)
    assert stdin.read(got.append, ManualClock(), out) == 0
    os.close(out)
    assert b"".join(chunk.data for chunk in got) == b"one\ntwo\nlast\n"


def test_a_file_that_can_no_longer_be_read_is_let_go_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n")
    said: list[tuple[str, str]] = []
    got: list[Chunk] = []
    follower = Follower(
        path, Start.BEGINNING, None, fresh=False, watch=lambda _: None, unwatch=lambda _: None, taken=lambda _: False,
        say=lambda kind, text: said.append((kind, text)),
    )  # fmt: skip
    follower.look(1.0)
    follower.pump(got.append, ManualClock().now)
    assert follower.current is not None
    os.close(follower.current.fd)
    with pytest.raises(OSError) as broken:
        follower.pump(got.append, ManualClock().now)
    follower.current.fd = os.open(path, os.O_RDONLY)
    follower.broke(broken.value)
    assert said == [("unreadable", f"{path} is not read: Bad file descriptor.")]
    assert follower.standing().state == "unreadable"
    with path.open("ab") as file:
        file.write(b"two\n")
    follower.look(2.0)
    follower.pump(got.append, ManualClock().now)
    assert b"".join(chunk.data for chunk in got) == b"one\ntwo\n"
    assert follower.standing().state == "followed"
    follower.close()
