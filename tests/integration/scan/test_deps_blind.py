"""A scan of dependencies that cannot know says so, and is never clean."""

from pathlib import Path

import pytest
from tests.support.osv import osv_record
from tests.support.scanned import NOW, feeds, is_blind, look, why

from vedette.instruments.scan.advisories.types import DAY

LOCK = '[[package]]\nname = "alpha"\nversion = "1.0"\nsource = {registry = "x"}\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/uv.lock").write_text(LOCK)
    return tmp_path / "tree"


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return feeds(tmp_path, osv_record("PYSEC-1", "PyPI/alpha", ["introduced 2.0, fixed 3.0"]))


def test_what_is_known_to_be_good_is_clean(tree: Path, known: Path) -> None:
    report = look("deps", tree, known)
    assert (report.findings, report.unknown, report.complete) == ((), (), True)


def test_blind_no_feed(tree: Path, tmp_path: Path) -> None:
    report = look("deps", tree, tmp_path / "nothing", now=NOW)
    assert is_blind(report)
    assert "there is no feed" in why(report)


def test_blind_stale_feed(tree: Path, known: Path) -> None:
    report = look("deps", tree, known, now=NOW + 30 * DAY)
    assert is_blind(report)
    assert "days old" in why(report)


def test_blind_feed_older_than_is_allowed(tree: Path, known: Path) -> None:
    at = (known.parent / "all.zip").stat().st_mtime + 2 * DAY
    assert not look("deps", tree, known, now=at).unknown
    assert is_blind(look("deps", tree, known, now=at, max_feed_age="1"))


@pytest.mark.parametrize("age", ["soon", "-1", "nan", "inf", "0"])
def test_blind_age_that_is_no_number(tree: Path, known: Path, age: str) -> None:
    assert "no number of days" in why(look("deps", tree, known, max_feed_age=age))


def test_blind_truncated_index(tree: Path, known: Path) -> None:
    (index,) = [
        each
        for each in known.rglob("*")
        if each.is_file() and each.read_bytes().startswith(b"SQLite format 3")
    ]
    index.write_bytes(index.read_bytes()[:4096])
    assert is_blind(look("deps", tree, known))


def test_blind_other_ecosystem(tree: Path, known: Path) -> None:
    (tree / "Cargo.lock").write_text(
        'version = 4\n[[package]]\nname = "log"\nversion = "0.4.17"\nsource = "x"\n'
    )
    report = look("deps", tree, known)
    assert is_blind(report)
    assert "crates.io" in why(report)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package-lock.json", '{"packages": {'), ("poetry.lock", "[[package"), ("pnpm-lock.yaml", "a: ["), ("bom.xml", "<bom>"),
        ("requirements.txt", "flask>=2\n"), ("go.mod", "module a\nrequire b\n"), ("bun.lockb", "binary"), ("Cargo.lock", "\xff"),
        ("pom.xml", "<project><dependencies><dependency><groupId>a</groupId></dependency></dependencies></project>"),
        ("package.json", '{"dependencies": {"left": "^1"}}'),
    ],
)  # fmt: skip
def test_blind_unreadable_lock_file(tree: Path, known: Path, name: str, text: str) -> None:
    (tree / name).write_bytes(text.encode("latin-1"))
    report = look("deps", tree, known)
    assert is_blind(report)
    assert name in why(report)


def test_blind_version_that_cannot_be_compared(tree: Path, tmp_path: Path) -> None:
    (tree / "uv.lock").write_text(LOCK.replace('"1.0"', '"of today"'))
    known = feeds(tmp_path, osv_record("PYSEC-1", "PyPI/alpha", ["introduced 0, fixed 3.0"]))
    report = look("deps", tree, known)
    assert is_blind(report)
    assert "alpha" in why(report)


def test_blind_empty_tree(tmp_path: Path, known: Path) -> None:
    (tmp_path / "empty").mkdir()
    report = look("deps", tmp_path / "empty", known)
    assert is_blind(report)
    assert "Nothing that names versions was found" in why(report)


def test_blind_nothing_there(tmp_path: Path, known: Path) -> None:
    assert "is not there" in why(look("deps", tmp_path / "gone", known))


def test_blind_file_of_no_format(tmp_path: Path, known: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert is_blind(look("deps", tmp_path / "notes.txt", known))
