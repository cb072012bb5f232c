"""The filter of leaked passwords: never misses one, hardly ever errs, and says so when it is damaged."""

import hashlib
import io
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.plumbing.breaches import builder, layout, reader
from vedette.plumbing.breaches.lines import LONGEST, Kind, hashes

NOW = 1_764_000_000.0
WORDS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1, max_size=20)


def sha1(word: str) -> str:
    return hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()


def built(path: Path, words: list[str], kind: Kind = Kind.PLAIN) -> layout.Head:
    lines = [f"{sha1(word)}:{n}" for n, word in enumerate(words)] if kind is Kind.SHA1 else words
    return builder.build(io.BytesIO("\n".join(lines).encode()), path, NOW, kind=kind)


@given(words=st.lists(WORDS, min_size=1, max_size=60), kind=st.sampled_from([Kind.PLAIN, Kind.SHA1]))
@settings(max_examples=40, deadline=None)
def test_no_leaked_password_is_missed(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], kind: Kind
) -> None:
    path = tmp_path_factory.getbasetemp() / "words.filter"
    head = built(path, words, kind)
    assert all(reader.holds(path, word) for word in words)
    assert head.count <= len(set(words))
    assert reader.verify(path) == head


def test_heaps_in_files_give_back_every_hash_sorted_and_once(tmp_path: Path) -> None:
    heaps = builder.Heaps(tmp_path, held=64 << 10)
    dealt = [(n * 7919 % 20_000) << 45 for n in range(30_000)]
    for hashed in dealt:
        heaps.add(hashed)
    assert len(list(tmp_path.iterdir())) > 100, "heaps wait in files"
    assert [hashed for heap in heaps.sorted() for hashed in heap] == sorted(set(dealt))
    assert (heaps.count, list(tmp_path.iterdir())) == (30_000, [])


def test_doubles_in_an_unsorted_list_count_once(tmp_path: Path) -> None:
    words = [f"pass-{n * 79 % 2_000}" for n in range(3_000)]
    head = built(tmp_path / "filter", words)
    assert all(reader.holds(tmp_path / "filter", word) for word in words)
    assert (head.source_lines, head.count) == (3_000, 2_000)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 1_000, 20_000])
def test_others_are_mistaken_less_than_once_in_a_million(tmp_path: Path, count: int) -> None:
    """SHA-1 is even over its range, so the share of (bucket, remainder) places that are taken is the rate itself."""
    head = built(tmp_path / "f", [f"word {n}" for n in range(count)])
    taken = {layout.place(layout.hash_of(f"word {n}".encode()), head.bits) for n in range(count)}
    places = 1 << (head.bits + 24)
    assert len(taken) / places == head.false_positive_rate <= 1e-6
    assert not any(reader.holds(tmp_path / "f", f"other {n}") for n in range(500))


def test_a_billion_passwords_fit_the_rate_and_three_and_a_half_bytes_each() -> None:
    for count in (900_000_000, 1_073_741_824, layout.MOST):
        head = layout.Head(layout.bits_for(count), count, NOW, count, b"")
        assert head.false_positive_rate <= 1e-6
        assert head.file_bytes / count < 3.51


def test_the_file_is_for_its_owner_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    built(path, ["one"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Invalid, match="holds no password"):
        builder.build(io.BytesIO(b"\n\r\n"), path, NOW)
    assert reader.holds(path, "one"), "the one before stays"
    built(path, ["two"])
    assert [p.name for p in tmp_path.iterdir()] == ["f"], "nothing is left behind"
    assert not reader.holds(path, "one")


def test_there_may_be_none(tmp_path: Path) -> None:
    assert reader.head(tmp_path / "none") is None
    assert reader.verify(tmp_path / "none") is None
    assert reader.holds(tmp_path / "none", "anything") is False


@pytest.mark.parametrize("at", [0, 5, 16, 30, 50, 60])
def test_a_damaged_header_is_told(tmp_path: Path, at: int) -> None:
    path = tmp_path / "f"
    built(path, ["one", "two"])
    flip(path, at)
    with pytest.raises(Invalid, match=r"cannot be used.*filter build"):
        reader.holds(path, "one")


@pytest.mark.parametrize(
    "change", [lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: raw[:40], lambda _: b""]
)
def test_a_cut_file_is_told(tmp_path: Path, change) -> None:
    path = tmp_path / "f"
    built(path, [f"word {n}" for n in range(100)])
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Invalid, match="cannot be used"):
        reader.head(path)


def test_damaged_content_is_found_by_the_whole_look_and_a_wild_index_by_the_question(tmp_path: Path) -> None:
    path = tmp_path / "f"
    head = built(path, [f"word {n}" for n in range(100)])
    flip(path, layout.HEADER + 3)
    assert reader.head(path) == head
    with pytest.raises(Invalid, match="content is damaged"):
        reader.verify(path)
    raw = bytearray(path.read_bytes())
    raw[head.index_at :] = b"\xff" * (len(raw) - head.index_at)
    path.write_bytes(raw)
    with pytest.raises(Invalid, match="index is damaged"):
        reader.holds(path, "word 1")


@given(st.binary(max_size=200))
def test_any_other_file_is_no_filter(raw: bytes) -> None:
    with pytest.raises(Invalid):
        layout.unpack(raw)


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 0x40
    path.write_bytes(raw)


def read(text: bytes, kind: Kind = Kind.AUTO) -> list[int]:
    return list(hashes(io.BytesIO(text), kind, lambda _: None))


def test_lists_are_told_apart_by_their_first_line() -> None:
    wanted = [layout.hash_of(b"one"), layout.hash_of(b"two")]
    assert read(b"one\r\n\r\ntwo") == wanted
    assert read(f"{sha1('one')}:5\r\n{sha1('two').lower()}\n".encode()) == wanted
    assert read(sha1("one").encode(), Kind.PLAIN) == [layout.hash_of(sha1("one").encode())]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{'A' * 40}:1\npassword\n".encode(), "Line 2 is not a SHA-1"),
        (f"{'A' * 35}:1\n".encode(), "Line 1 is a part of a hash"),
        (f"{'A' * 32}:1\n".encode(), "Line 1 is an NTLM hash"),
        (b"x" * (LONGEST + 1), "Line 1 is longer"),
        (b"one\n" + b"x" * (3 << 20), "Line 2 is longer"),
    ],
)
def test_a_line_that_does_not_fit_is_named(text: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read(text)


def test_progress_counts_bytes() -> None:
    told: list[int] = []
    list(hashes(io.BytesIO(b"a password of forty signs, like these 12\n" * 60_000), Kind.PLAIN, told.append))
    assert told == [1 << 20, 2 << 20, 2_460_000]
