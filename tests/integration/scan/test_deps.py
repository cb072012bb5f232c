"""A scan of dependencies from a folder to findings: what is weak, by which way, whether it is reached, and what mends it."""

from pathlib import Path

import pytest
from tests.support import lockfiles
from tests.support.osv import osv_record
from tests.support.scanned import feeds, look

LOCK = """
[[package]]
name = "shop"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "requests" }, { name = "alpha" }]

[[package]]
name = "requests"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "urllib3" }]

[[package]]
name = "urllib3"
version = "1.26.4"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "alpha"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    (made / "uv.lock").write_text(LOCK)
    (made / "pyproject.toml").write_text('[project]\ndependencies = [\n  "requests",\n  "alpha==1.0",\n]\n')
    (made / "app.py").write_text("import requests\n")
    return made


def weak(tmp_path: Path) -> Path:
    return feeds(
        tmp_path,
        osv_record("GHSA-u", "PyPI/urllib3", ["introduced 0, fixed 1.26.5"], aliases=["CVE-2021-33503"], summary="Slow"),
        osv_record("PYSEC-2021-108", "PyPI/urllib3", ["introduced 0, fixed 1.26.5"], aliases=["CVE-2021-33503", "GHSA-u"]),
        osv_record("GHSA-a", "PyPI/alpha", ["introduced 0, fixed 1.1"]),
        osv_record("GHSA-b", "PyPI/alpha", ["introduced 0, fixed 1.2"]),
    )  # fmt: skip


def test_what_is_weak_is_told_with_its_way_and_what_mends_it(tree: Path, tmp_path: Path) -> None:
    report = look("deps", tree, weak(tmp_path))
    assert not report.unknown
    assert report.complete
    told = {each.identity: each for each in report.findings}
    assert set(told) == {"PyPI/urllib3/GHSA-u", "PyPI/alpha/GHSA-a", "PyPI/alpha/GHSA-b"}
    urllib3 = told["PyPI/urllib3/GHSA-u"]
    assert urllib3.check == "CVE-2021-33503"
    assert urllib3.evidence == "urllib3 1.26.4 in uv.lock:14, by way of requests → urllib3"
    assert (urllib3.reachable, told["PyPI/alpha/GHSA-a"].reachable) == (True, False)
    assert report.facts["upgrades"].splitlines() == [
        "alpha 1.0 → 1.2 mends GHSA-a, GHSA-b", "urllib3 1.26.4 → 1.26.5 mends CVE-2021-33503; it comes by requests",
    ]  # fmt: skip
    assert report.facts["components"] == "3 PyPI"
    assert len(report.components) == 3


def test_a_fix_is_shown_then_written_and_the_manifest_says_the_new_version(
    tree: Path, tmp_path: Path
) -> None:
    known = weak(tmp_path)
    shown = look("deps", tree, known, fix="show")
    assert '-  "alpha==1.0",\n+  "alpha==1.2",\n' in shown.facts["patch"]
    assert shown.facts["next"].splitlines() == [
        "uv lock --upgrade-package alpha==1.2",
        "uv lock --upgrade-package urllib3==1.26.5",
    ]
    assert "alpha==1.0" in (tree / "pyproject.toml").read_text()
    assert look("deps", tree, known, fix="write").facts["patched"] == "pyproject.toml"
    assert "alpha==1.2" in (tree / "pyproject.toml").read_text()
    assert (tree / "uv.lock").read_text() == LOCK


def test_a_fix_of_no_known_kind_is_refused(tree: Path, tmp_path: Path) -> None:
    (unknown,) = look("deps", tree, weak(tmp_path), fix="all").unknown
    assert "--fix write" in unknown.fix


def test_a_lock_of_poetry_with_a_debugger_is_read_and_matched(tmp_path: Path) -> None:
    known = feeds(tmp_path, osv_record("GHSA-d", "PyPI/debugpy", ["introduced 1.8.0, fixed 1.8.1"]))
    report = look("deps", lockfiles.FOLDER / "poetry", known)
    assert not report.unknown
    assert [each.identity for each in report.findings] == ["PyPI/debugpy/GHSA-d"]


def test_a_package_made_to_harm_is_found_whatever_its_version(tree: Path, tmp_path: Path) -> None:
    report = look("deps", tree, feeds(tmp_path, osv_record("MAL-2026-1", "PyPI/alpha", ["introduced 0"])))
    assert [(each.check, each.risk) for each in report.findings] == [("MAL-2026-1", 10.0)]


def test_what_is_left_out_is_named(tree: Path, tmp_path: Path) -> None:
    (tree / "samples/old").mkdir(parents=True)
    (tree / "samples/old/Cargo.lock").write_text("broken [")
    known = weak(tmp_path)
    assert look("deps", tree, known).unknown
    report = look("deps", tree, known, exclude="docs, samples/*")
    assert not report.unknown
    assert report.facts["excluded"] == "samples/old"


def test_one_file_is_scanned_by_itself(tree: Path, tmp_path: Path) -> None:
    report = look("deps", tree / "uv.lock", weak(tmp_path))
    assert len(report.findings) == 3
    assert all(each.reachable is None for each in report.findings)
