"""Feeds fail closed: whatever is missing, stale, damaged or half-read is told, and what was there before stands."""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from tests.support.osv import osv_record, osv_zip

from vedette.core.errors import NotFound, VedetteError
from vedette.instruments.scan.advisories import add, open_feeds, remove, sources, update
from vedette.instruments.scan.advisories.types import DAY, BadFeed, FeedKind, Fetch, Fetched, Match, Sink
from vedette.wire.scan import Component, Unknown

NOW = 4_000_000_000.0  # later than any file these tests make: a file's own time counts, never one to come
ALPHA = Component(ecosystem="PyPI", name="alpha", version="1.0")
RECORD = osv_record("PYSEC-1", "PyPI/alpha", ["introduced 0, fixed 2.0"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "feeds"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return osv_zip(tmp_path / "all.zip", [RECORD])


def _now(source: Path) -> float:
    return source.stat().st_mtime


def _look(folder: Path, now: float, *components: Component) -> tuple[tuple[Match, ...], tuple[Unknown, ...]]:
    feeds = open_feeds(folder, now)
    try:
        return feeds.match(components), feeds.unknown(components)
    finally:
        feeds.close()


def _why(folder: Path, now: float, *components: Component) -> str:
    return " ".join(f"{each.subject} {each.why} {each.fix}" for each in _look(folder, now, *components)[1])


def test_what_is_known_is_told(folder: Path, source: Path) -> None:
    (made,) = add(folder, str(source), _now(source))
    assert (made.name, made.covers, made.records, made.trouble) == ("osv-all", ("PyPI",), 1, "")
    assert made.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    matches, unknown = _look(folder, _now(source), ALPHA)
    assert [(each.advisory.id, each.fixed_in) for each in matches] == [("PYSEC-1", "2.0")]
    assert unknown == ()


@pytest.mark.parametrize(
    ("component", "told"),
    [
        (Component(ecosystem="npm", name="alpha", version="1"), "the feeds here are for PyPI"),
        (
            Component(ecosystem="Nowhere", name="alpha", version="1"),
            "Nothing is known of weaknesses in Nowhere",
        ),
        (Component(ecosystem="PyPI", name="alpha", version="?"), "cannot be compared with version ?"),
    ],
)
def test_blind_another_ecosystem_or_version(
    folder: Path, source: Path, component: Component, told: str
) -> None:
    add(folder, str(source), _now(source))
    assert told in _why(folder, _now(source), component)


def test_blind_no_feed(folder: Path) -> None:
    assert "there is no feed in" in _why(folder, NOW, ALPHA)
    assert "vedette feeds add" in _why(folder, NOW, ALPHA)
    assert _look(folder, NOW) == ((), ())


def test_blind_stale(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    assert _why(folder, _now(source) + 7 * DAY, ALPHA) == ""
    told = _why(folder, _now(source) + 7.2 * DAY, ALPHA)
    assert "7.2 days old, and 7 are allowed" in told
    assert "vedette feeds update osv-all" in told
    assert len(_look(folder, _now(source) + 30 * DAY, ALPHA)[0]) == 1  # what is known is told all the same


def test_blind_wrong_clock(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    assert "from the future" in _why(folder, _now(source) - 2 * DAY, ALPHA)


@pytest.mark.parametrize("cut", [0, 1, 5_000])
def test_blind_truncated_index(folder: Path, source: Path, cut: int) -> None:
    add(folder, str(source), _now(source))
    (index,) = folder.glob("*.index")
    index.write_bytes(index.read_bytes()[:cut])
    assert f"has {cut:,} bytes instead of" in _why(folder, _now(source), ALPHA)
    update(folder, _now(source), None)
    assert _why(folder, _now(source), ALPHA) == ""


def test_blind_index_that_was_changed(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    (index,) = folder.glob("*.index")
    data = bytearray(index.read_bytes())
    data[data.index(b"alpha")] ^= 1
    index.write_bytes(data)
    assert "not what was written" in _why(folder, _now(source), ALPHA)


def test_blind_index_that_is_gone(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    next(folder.glob("*.index")).unlink()
    assert "cannot be read" in _why(folder, _now(source), ALPHA)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"name": 1}', b"\xff\xfe", b"[" * 100_000])
def test_blind_damaged_manifest(folder: Path, source: Path, data: bytes) -> None:
    add(folder, str(source), _now(source))
    (folder / "osv-all.feed.json").write_bytes(data)
    assert "its manifest is damaged" in _why(folder, _now(source), ALPHA)


def test_a_manifest_names_no_file_elsewhere(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    path = folder / "osv-all.feed.json"
    told = json.loads(path.read_bytes())
    path.write_text(json.dumps({**told, "index": "../all.zip"}))
    assert "a file elsewhere" in _why(folder, _now(source), ALPHA)


def test_blind_broken_member(folder: Path, tmp_path: Path) -> None:
    source = osv_zip(
        tmp_path / "all.zip", [RECORD],
        **{"cut.json": b'{"id": "X', "no id.json": b"{}", "deep.json": b'{"id":"D","x":' + b"[" * 100_000, "latin.json": b'{"id":"\xe4"}',
           "type.json": b'{"id": "T", "affected": [{"versions": [1]}]}', "README.md": b"no record"},
    )  # fmt: skip
    (made,) = add(folder, str(source), _now(source))
    assert (made.records, made.broken) == (1, 5)
    told = _why(folder, _now(source), ALPHA)
    assert "5 of its records cannot be read: cut.json" in told
    assert len(_look(folder, _now(source), ALPHA)[0]) == 1


def test_blind_truncated_zip(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    whole = source.read_bytes()
    for cut in (0, 4, len(whole) // 2, len(whole) - 1):
        source.write_bytes(whole[:cut])
        with pytest.raises(BadFeed, match="no whole zip"):
            add(folder, str(source), _now(source))
        assert _why(folder, _now(source), ALPHA) == ""  # the old one stands


def test_a_member_that_was_changed_is_broken(folder: Path, tmp_path: Path) -> None:
    other = osv_record("PYSEC-2", "PyPI/beta", ["introduced 0"])
    source = tmp_path / "all.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.json", json.dumps(RECORD))
        archive.writestr("b.json", json.dumps(other))
    source.write_bytes(source.read_bytes().replace(b"PYSEC-2", b"PYSEC-3", 1))
    (made,) = add(folder, str(source), _now(source))
    assert (made.records, made.broken) == (1, 1)


def test_blind_empty(folder: Path, tmp_path: Path) -> None:
    for records, others in (
        ([], {}),
        ([{**RECORD, "withdrawn": "2026-01-01T00:00:00Z"}], {}),
        ([], {"a.json": b"{"}),
    ):
        source = osv_zip(tmp_path / "all.zip", records, **others)
        with pytest.raises(BadFeed, match="no record that can be read"):
            add(folder, str(source), NOW)
    assert not list(folder.glob("*.index"))
    assert "no feed" in _why(folder, NOW, ALPHA)


def test_withdrawn_is_not_told(folder: Path, tmp_path: Path) -> None:
    taken = {**osv_record("PYSEC-2", "PyPI/beta", ["introduced 0"]), "withdrawn": "2026-01-01T00:00:00Z"}
    source = osv_zip(tmp_path / "all.zip", [RECORD, taken])
    (made,) = add(folder, str(source), _now(source))
    assert (made.records, made.withdrawn) == (1, 1)
    assert _look(folder, _now(source), Component(ecosystem="PyPI", name="beta", version="1")) == ((), ())


def test_a_zip_of_too_much_is_no_feed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b'{"id": "B", "details": "' + b"0" * (17 * 1024 * 1024) + b'"}'
    source = osv_zip(tmp_path / "all.zip", [RECORD], **{"bomb.json": bomb})
    (made,) = add(folder, str(source), _now(source))
    assert made.broken == 1
    assert "larger than 16 MiB" in _why(folder, _now(source), ALPHA)
    monkeypatch.setattr(sources, "MOST_TOTAL", 10)
    with pytest.raises(BadFeed, match="it is no feed"):
        add(folder, str(source), _now(source))


def test_a_zip_of_too_many_names_is_not_opened(
    folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_MOST_DIRECTORY", 10)
    with pytest.raises(BadFeed, match="names more files"):
        add(folder, str(source), _now(source))


def test_names_in_a_zip_lead_nowhere(folder: Path, tmp_path: Path) -> None:
    source = osv_zip(tmp_path / "all.zip", [RECORD], **{"../../out\n\x1b[2J.json": b"{", "/etc/x.json": b"{"})
    add(folder, str(source), _now(source))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip", "feeds"]
    assert "\x1b" not in _why(folder, _now(source), ALPHA)


def test_a_folder_is_a_source_and_nothing_in_it_is_followed_or_run(folder: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    hooks = checkout / ".git" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout.json").write_text("{")
    (checkout / "2026").mkdir()
    (checkout / "2026" / "PYSEC-1.json").write_text(json.dumps(RECORD))
    (tmp_path / "secret.json").write_text(json.dumps({**RECORD, "id": "SECRET"}))
    (checkout / "link.json").symlink_to(tmp_path / "secret.json")
    (checkout / "round").symlink_to(checkout)
    (made,) = add(folder, str(checkout), NOW)
    assert (made.records, made.broken, made.covers) == (1, 2, ("PyPI",))  # both links are told


def test_one_file_is_a_source(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(RECORD).encode())
    assert add(folder, str(tmp_path / "one.json"), NOW)[0].records == 1


def test_a_source_of_several_ecosystems_is_whole_for_those_somebody_names(
    folder: Path, tmp_path: Path
) -> None:
    source = osv_zip(tmp_path / "all.zip", [RECORD, osv_record("GHSA-1", "npm/alpha", ["introduced 0"])])
    with pytest.raises(BadFeed, match=r"PyPI \(1\), npm \(1\)\. Say which"):
        add(folder, str(source), _now(source))
    with pytest.raises(BadFeed, match="no record of Maven"):
        add(folder, str(source), _now(source), ecosystems=("Maven",))
    assert add(folder, str(source), _now(source), ecosystems=("pypi",))[0].covers == ("PyPI",)
    assert "the feeds here are for PyPI" in _why(
        folder, _now(source), Component(ecosystem="npm", name="x", version="1")
    )


def test_a_release_without_records_is_not_covered(folder: Path, tmp_path: Path) -> None:
    source = osv_zip(tmp_path / "all.zip", [osv_record("DSA-1", "Debian:12/openssl", ["introduced 0"])])
    add(folder, str(source), _now(source))
    for release, told in (("Debian:12.5", False), ("Debian:13", True), ("Debian", True)):
        asked = Component(ecosystem=release, name="libssl3", source="openssl", version="3")
        assert bool(_why(folder, _now(source), asked)) is told


def test_a_source_package_stands_for_what_is_built_of_it(folder: Path, tmp_path: Path) -> None:
    source = osv_zip(tmp_path / "all.zip", [osv_record("DSA-1", "Debian:12/gcc", ["introduced 0, fixed 2"])])
    add(folder, str(source), _now(source))
    built = Component(
        ecosystem="Debian:12", name="libstdc++6", source="gcc", version="9", labels={"source_version": "1"}
    )
    assert len(_look(folder, _now(source), built)[0]) == 1
    assert not _look(folder, _now(source), msgspec.structs.replace(built, labels={}))[0]


def test_hashes_are_held_to(folder: Path, source: Path) -> None:
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert add(folder, str(source), _now(source), checksum=digest)
    with pytest.raises(BadFeed, match="was changed or cut"):
        add(folder, str(source), _now(source), checksum="0" * 64)
    sums = source.parent / "SHA256SUMS"
    sums.write_text(f"{'0' * 64}  other.zip\n{digest} *all.zip\n")
    assert add(folder, str(source), _now(source), checksum=str(sums))
    sums.write_text(f"{'1' * 64}  all.zip\n")
    with pytest.raises(BadFeed, match="was changed or cut"):
        add(folder, str(source), _now(source))
    Path(f"{source}.sha256").write_text(digest)
    assert add(folder, str(source), _now(source))


def test_records_that_tell_the_same_are_one(folder: Path, tmp_path: Path) -> None:
    vector = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
    twins = [
        osv_record("CVE-2026-1", "PyPI/alpha", ["introduced 0"], severity=vector),
        osv_record("GHSA-1", "PyPI/alpha", ["introduced 0, fixed 2.0"], aliases=["CVE-2026-1"]),
        osv_record(
            "PYSEC-1", "PyPI/alpha", ["introduced 0, last_affected 1.9"], aliases=["GHSA-1", "CVE-2026-1"]
        ),
        osv_record("PYSEC-2", "PyPI/alpha", ["introduced 0"]),
    ]
    source = osv_zip(tmp_path / "all.zip", twins)
    add(folder, str(source), _now(source))
    one, other = sorted(_look(folder, _now(source), ALPHA)[0], key=lambda match: match.advisory.id)
    assert (one.advisory.id, set(one.others), one.fixed_in, one.risk) == (
        "GHSA-1",
        {"CVE-2026-1", "PYSEC-1"},
        "2.0",
        9.8,
    )
    assert (other.advisory.id, other.others) == ("PYSEC-2", ())


def test_what_attackers_use(folder: Path, tmp_path: Path) -> None:
    source = osv_zip(tmp_path / "all.zip", [{**RECORD, "aliases": ["CVE-2026-1"]}])
    kev = tmp_path / "known_exploited_vulnerabilities.json"
    kev.write_text(json.dumps({"vulnerabilities": [{"cveID": "CVE-2026-1"}, {"cveID": "CVE-2026-2"}]}))
    epss = tmp_path / "epss_scores-current.csv.gz"
    epss.write_bytes(
        gzip.compress(b"#model_version:v2025.03.14\ncve,epss,percentile\nCVE-2026-1,0.91,0.99\n", mtime=0)
    )
    for each in (source, kev, epss):
        add(folder, str(each), _now(source))
    ((match,), unknown) = _look(folder, _now(source), ALPHA)
    assert (match.exploited, match.likelihood, unknown) == (True, 0.91, ())
    next(folder.glob("kev-*.index")).write_bytes(b"")
    assert "feed kev" in _why(folder, _now(source), ALPHA)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (FeedKind.KEV, b"{}"),
        (FeedKind.KEV, b"<html>"),
        (FeedKind.KEV, b'{"vulnerabilities": []}'),
        (FeedKind.EPSS, b"cve,score\n"),
        (FeedKind.EPSS, b"cve,epss\nCVE-1,2\n"),
        (FeedKind.EPSS, b"cve,epss\nCVE-1\n"),
        (FeedKind.EPSS, b"cve,epss,percentile\n"),
        (FeedKind.EPSS, b"\x1f\x8b\x00cut"),
        (FeedKind.EPSS, gzip.compress(b"cve,epss\nCVE-2026-1,0.5\n", mtime=0)[:-6]),
        (FeedKind.EPSS, b"cve,epss\n\xff,1\n"),
    ],
)
def test_what_is_no_hint(folder: Path, tmp_path: Path, kind: FeedKind, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(BadFeed):
        add(folder, str(tmp_path / "file"), NOW, kind=kind)
    assert open_feeds(folder, NOW).status() == ()


def _late(url: str, headers: Mapping[str, str], into: Sink) -> Fetched:
    raise VedetteError(f"{url} did not answer in time.")


class Server:
    """Answers as a bucket would."""

    def __init__(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.data, self.status, self.headers = data, status, headers
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def __call__(self, url: str, headers: Mapping[str, str], into: Sink) -> Fetched:
        self.asked.append((url, dict(headers)))
        if headers.get("If-None-Match", "-") == self.headers.get("etag"):
            return Fetched(304, {})
        if self.status == 200:
            into.write(self.data)
        return Fetched(self.status, self.headers)


BASE = "https://bucket.example"


def test_a_bucket_is_asked_for_each_ecosystem_and_again_only_when_it_changed(
    folder: Path, source: Path
) -> None:
    server = Server(source.read_bytes(), etag='"1"')
    (made,) = add(folder, BASE, NOW, ecosystems=("PyPI",), fetch=server)
    assert (made.name, made.age, server.asked[0][0]) == ("osv-PyPI", 0, f"{BASE}/PyPI/all.zip")
    (later,) = update(folder, NOW + 6 * DAY, server)
    assert (later.age, later.failed, server.asked[-1][1]) == (0, "", {"If-None-Match": '"1"'})
    next(folder.glob("*.index")).write_bytes(b"")
    update(folder, NOW, server)  # damaged: fetched again, whatever its tag
    assert server.asked[-1][1] == {}
    assert _why(folder, NOW, ALPHA) == ""


def test_blind_a_mirror_that_stopped(folder: Path, source: Path) -> None:
    server = Server(source.read_bytes(), etag='"1"', **{"last-modified": "Tue, 01 Jan 2019 00:00:00 GMT"})
    (made,) = add(folder, BASE, NOW, ecosystems=("PyPI",), fetch=server)
    assert made.age > 365 * DAY
    assert update(folder, NOW, server)[0].age > 365 * DAY  # 304 makes it no fresher
    assert _why(folder, NOW, ALPHA) != ""


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (_late, "did not answer in time"),
        (Server(b"", 404), "answered 404"),
        (Server(b"", 500), "answered 500"),
        (Server(b"<html>log in</html>"), "no whole zip"),
        (Server(b"PK", **{"content-length": "999"}), "broke off after 2 of 999 bytes"),
        (Server(b"", 302, location="http://elsewhere.example/all.zip"), "feeds come by https"),
        (Server(b"", 302, location=f"{BASE}/round"), "more than 3 redirects"),
    ],
)
def test_blind_what_a_server_may_answer(folder: Path, source: Path, server: Fetch, told: str) -> None:
    add(folder, BASE, NOW, ecosystems=("PyPI",), fetch=Server(source.read_bytes()))
    (status,) = update(folder, NOW + 8 * DAY, server)
    assert told in status.failed
    assert told in _why(folder, NOW + 8 * DAY, ALPHA)
    assert _why(folder, NOW + DAY, ALPHA) == ""  # the old one stands
    with pytest.raises(VedetteError, match=told):
        add(folder, BASE, NOW, ecosystems=("PyPI",), fetch=server)


@pytest.mark.parametrize(
    "url", ["http://mirror.example/all.zip", "https://user:secret@mirror.example/all.zip"]
)
def test_what_is_never_fetched(folder: Path, url: str) -> None:
    server = Server(b"")
    with pytest.raises(BadFeed) as caught:
        add(folder, url, NOW, fetch=server)
    assert not server.asked
    assert "secret" not in str(caught.value)


def test_what_was_left_half_written_is_swept_out(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    (folder / "osv-all-dead.index").write_bytes(b"half")
    (folder / "osv-all-dead.part").write_bytes(b"half")
    assert _why(folder, _now(source), ALPHA) == ""
    add(folder, str(source), _now(source))
    assert len(list(folder.glob("*.index"))) == 1
    assert not list(folder.glob("*.part"))


def test_removing(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    with pytest.raises(NotFound, match="there are osv-all"):
        remove(folder, "nothing")
    with pytest.raises(BadFeed):
        remove(folder, "../all")
    remove(folder, "osv-all")
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_the_version_changes_with_what_is_known(folder: Path, source: Path) -> None:
    add(folder, str(source), _now(source))
    before = open_feeds(folder, NOW).version()
    osv_zip(source, [RECORD, osv_record("PYSEC-2", "PyPI/beta", ["introduced 0"])])
    update(folder, _now(source), None)
    assert open_feeds(folder, NOW).version() != before
