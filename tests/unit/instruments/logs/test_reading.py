"""The reader: what is wanted is found in any chunk, and nothing else is touched."""

import datetime
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.instruments.logs import patterns, prefilter, registry
from vedette.instruments.logs.prefilter import Sought, literal, scanner
from vedette.instruments.logs.reading import CHUNK, Reader
from vedette.instruments.logs.types import LONGEST, EntryKind
from vedette.instruments.logs.wanting import EVERYTHING, Wanted

NOW = 1_795_713_567.0
PARSERS = registry.parsers()
ENGINES = ["hyperscan", "re2"]
FAILED = b"Nov 26 15:40:14 web1 sshd[7]: Failed password for root from 198.51.100.5 port 50022 ssh2\n"
ORDINARY = b"Nov 26 15:40:14 web1 CRON[9]: (root) CMD (run-parts /etc/cron.hourly)\n"
ASKED = b'198.51.100.5 - - [26/Nov/2026:17:14:27 +0000] "GET /%s HTTP/1.1" 404 1 "-" "curl"\n'


def made(tmp_path: Path, wanted: Wanted = EVERYTHING, engine: str = "auto", **more: object) -> Reader:
    return Reader(PARSERS, wanted, engine=engine, cache=tmp_path, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_chunk_of_any_size_is_read_whole_and_in_order(tmp_path: Path, engine: str) -> None:
    reader = made(tmp_path, engine=engine)
    lines = [ORDINARY, FAILED, ASKED % b"a", ORDINARY] * 2_000
    chunk = b"".join(lines)
    assert len(chunk) > CHUNK
    found = [one.kind for one in reader.entries(chunk, "x.log", NOW)]
    assert found == [EntryKind.LOGIN_FAILED, EntryKind.REQUEST] * 2_000
    assert (reader.seen.lines, reader.seen.entries, reader.seen.too_long) == (8_000, 4_000, 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_last_line_may_lack_its_end_and_lines_may_end_as_on_windows(tmp_path: Path, engine: str) -> None:
    reader = made(tmp_path, engine=engine)
    found = [*reader.entries(FAILED.replace(b"\n", b"\r\n") + b"\n" + FAILED.rstrip(), "x.log", NOW)]
    assert [one.address for one in found] == ["198.51.100.5"] * 2
    assert found[0].line == found[1].line == FAILED.decode().rstrip()
    assert [*reader.entries(b"", "x.log", NOW)] == []


@pytest.mark.parametrize("engine", ENGINES)
def test_two_sources_may_be_read_by_turns(tmp_path: Path, engine: str) -> None:
    reader = made(tmp_path, engine=engine)
    both = zip(
        reader.entries(FAILED * 3, "a", NOW), reader.entries((ASKED % b"x") * 3, "b", NOW), strict=True
    )
    assert [(one.kind, one.source, two.kind, two.source) for one, two in both] == [
        (EntryKind.LOGIN_FAILED, "a", EntryKind.REQUEST, "b")
    ] * 3


@pytest.mark.parametrize("engine", ENGINES)
def test_only_what_is_wanted_is_told(tmp_path: Path, engine: str) -> None:
    chunk = FAILED + ASKED % b".env" + ASKED % b"ordinary" + ASKED % b"WP-LOGIN.php"

    def kinds(*kinds: EntryKind, requests: tuple[str, ...] | None = None) -> list[str]:
        reader = made(tmp_path, Wanted(frozenset(kinds), requests), engine)
        return [one.fields.get("path", one.user) for one in reader.entries(chunk, "x.log", NOW)]

    every = ["/.env", "/ordinary", "/WP-LOGIN.php"]
    assert kinds(EntryKind.LOGIN_FAILED) == ["root"]
    assert kinds(EntryKind.REQUEST) == every
    assert kinds(EntryKind.REQUEST, requests=(r"/\.env\b", "wp-login")) == ["/.env", "/WP-LOGIN.php"]
    assert kinds(EntryKind.REQUEST, EntryKind.LOGIN_FAILED, requests=()) == ["root"]
    assert kinds(EntryKind.ACCOUNT) == []
    assert kinds() == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_line_too_long_is_counted_and_never_matched(tmp_path: Path, engine: str) -> None:
    reader = made(tmp_path, engine=engine)
    begun = FAILED.rstrip().replace(b"root", b"%s")
    longest = begun % (b"r" * (LONGEST - len(begun) + 2))
    wide = begun % ("é" * (LONGEST - len(begun) + 2)).encode()
    chunk = b"\n".join((longest, longest + b" ", wide, b"x" * 2_000_000, begun % b"last", b"")).replace(
        b"%%", b"%"
    )
    assert (len(longest), len(wide.decode())) == (LONGEST, LONGEST)
    found = [*reader.entries(chunk, "x.log", NOW)]
    assert [len(one.user) for one in found] == [LONGEST - len(begun) + 2] * 2 + [4]
    assert reader.seen.too_long == 2
    assert reader.explain(longest + b" ", NOW).too_long


def test_an_access_line_of_five_minutes_ago_is_of_then(tmp_path: Path) -> None:
    (found,) = made(tmp_path).entries(ASKED % b"a", "x.log", NOW)
    assert found.at == NOW - 300


def test_a_line_without_a_year_is_of_the_readers_zone(tmp_path: Path) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    (found,) = made(tmp_path, zone=zone).entries(FAILED, "x.log", NOW)
    assert datetime.datetime.fromtimestamp(found.at, zone).isoformat() == "2026-11-26T15:40:14+02:00"


def test_what_syslog_says_was_repeated_counts_as_often(tmp_path: Path) -> None:
    reader = made(tmp_path)
    line = b"Nov 26 15:40:14 web1 sshd[7]: message repeated %d times: [ Failed password for root from 198.51.100.5 port 5 ssh2]\n"
    assert len([*reader.entries(line % 3, "x.log", NOW)]) == 3
    assert len([*reader.entries(line % 999_999, "x.log", NOW)]) == 100
    assert len([*reader.entries(line % 0, "x.log", NOW)]) == 1


def test_a_proxy_is_believed_only_when_it_is_trusted(tmp_path: Path) -> None:
    line = b'10.0.0.7 - - [26/Nov/2026:17:14:27 +0000] "GET / HTTP/1.1" 404 1 "-" "curl" "203.0.113.9, 198.51.100.5"\n'
    json = b'{"remote_addr":"10.0.0.7","http_cf_connecting_ip":"198.51.100.5","uri":"/","status":404}\n'
    forged = line.replace(b"10.0.0.7", b"192.0.2.66")
    trusting, wary = made(tmp_path, trusted_proxies=["10.0.0.0/8"]), made(tmp_path)
    assert [one.address for one in trusting.entries(line + json + forged, "x", NOW)] == [
        *("198.51.100.5", "198.51.100.5", "192.0.2.66")
    ]
    assert [one.address for one in wary.entries(line + json + forged, "x", NOW)] == [
        *("10.0.0.7", "10.0.0.7", "192.0.2.66")
    ]


def test_an_address_is_exactly_what_is_written(tmp_path: Path) -> None:
    line = b"Nov 26 15:40:14 w sshd[7]: Failed password for root from a:b:c:1287::1:1 port 22 ssh2\n"
    mapped = line.replace(b"a:b:c:1287::1:1", b"::ffff:61.4.83.52")
    found = [one.address for one in made(tmp_path).entries(line + mapped, "x", NOW)]
    assert found == ["a:b:c:1287::1:1", "61.4.83.52"]


def test_a_line_that_none_fits_is_explained_by_the_nearest(tmp_path: Path) -> None:
    reader = made(tmp_path, Wanted(frozenset({EntryKind.LOGIN_OK})))
    whole = reader.explain(FAILED, NOW)
    assert whole.entry is not None
    assert not whole.wanted
    near = reader.explain(FAILED.replace(b" port 50022", b""), NOW)
    assert near.entry is None
    assert (near.nearest[0].parser, near.nearest[0].event) == ("sshd", "failed")
    assert "fits up to" in near.nearest[0].reason
    other = reader.explain(FAILED.replace(b"sshd", b"other"), NOW).nearest
    assert "program is 'other'" in other[0].reason
    nowhere = reader.explain(FAILED.replace(b"198.51.100.5", b"example.com"), NOW).nearest
    assert nowhere[0].reason == "its address is no address"
    assert reader.explain(ORDINARY, NOW).nearest == ()


@settings(max_examples=30)
@given(
    st.lists(st.sampled_from([b"ab", b"abc", b"b c", b"\n", b"x", b"\xff", b" "]), max_size=30).map(b"".join)
)
def test_engines_find_the_same_lines(chunk: bytes) -> None:
    sought = [literal("abc", 0), literal("b c", 1), Sought("A[bx]", 2, caseless=True)]
    both = [_by_line(chunk, scanner(sought, engine)(chunk)) for engine in ENGINES]
    assert both[0] == both[1]


def _by_line(chunk: bytes, hits: list[prefilter.Hit]) -> set[tuple[int, int]]:
    return {(chunk.count(b"\n", 0, at - 1), number) for number, at in hits}


def test_a_compiled_copy_is_kept_and_used(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    sought = [literal("witness", 7)]
    assert scanner(sought, "hyperscan", folder)(b"a witness") == [(7, 9)]
    (copy,) = folder.iterdir()
    kept = copy.read_bytes()
    assert scanner(sought, "hyperscan", folder)(b"a witness") == [(7, 9)]
    assert copy.read_bytes() == kept
    assert (folder.stat().st_mode & 0o777, copy.stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "writable", "linked", "folder"])
def test_a_copy_that_is_damaged_or_that_others_may_write_is_made_again(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "cache"
    sought = [literal("witness", 7)]
    scanner(sought, "hyperscan", folder)
    (copy,) = folder.iterdir()
    good = copy.read_bytes()
    if damage in ("cut", "flipped", "empty"):
        copy.write_bytes({"cut": good[:-5], "flipped": good[:-5] + b"?" + good[-4:], "empty": b""}[damage])
    elif damage == "linked":
        copy.rename(tmp_path / "elsewhere")
        copy.symlink_to(tmp_path / "elsewhere")
    else:
        (copy if damage == "writable" else folder).chmod(0o777)
    with pytest.raises((ValueError, OSError)):
        patterns.own(copy)
    assert scanner(sought, "hyperscan", folder)(b"a witness") == [(7, 9)]
    if damage != "folder":
        assert patterns.own(copy)


def test_of_many_copies_the_last_few_are_kept(tmp_path: Path) -> None:
    for number in range(patterns.KEPT + 3):
        patterns.keep(tmp_path / f"logs-{number}.hs", b"x")
        os.utime(tmp_path / f"logs-{number}.hs", (number, number))
    assert len([*tmp_path.iterdir()]) == patterns.KEPT


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_pattern_is_named(tmp_path: Path, engine: str) -> None:
    with pytest.raises(
        ValueError, match=engine[:4].replace("re2", "RE2") if engine == "hyperscan" else "RE2"
    ):
        made(tmp_path, Wanted(frozenset({EntryKind.REQUEST}), ("(?=a)a",)), engine)


@pytest.mark.parametrize(
    "line",
    [
        b'{"remote_addr":' + b"[" * 9_000,
        b'{"remote_addr":' + b"[" * 4_500 + b"]" * 4_500 + b"}",
        b'{"remote_addr":1e999,"uri":"/"}',
        b'{"remote_addr":"192.0.2.1","uri":"\\ud800x"}',
        b'{"remote_addr":["192.0.2.1',
        b'{"remote_addr":{"remote_addr":null}}',
        b'{"log":' + b"[" * 9_000,
        b'{"log":"","stream":"stdout","time":"Failed remote_addr"}',
    ],
)
def test_objects_that_are_none_or_go_too_deep_are_no_entries(tmp_path: Path, line: bytes) -> None:
    reader = made(tmp_path)
    found = [*reader.entries(line + b"\n" + FAILED, "x", NOW)]
    assert [one.event for one in found] == ["failed"]
    assert reader.explain(line, NOW).entry is None
