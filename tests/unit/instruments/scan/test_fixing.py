"""The smallest patch: that version and nothing else, all files or none, and no hash that would be of another version."""

import stat
from pathlib import Path

import pytest

from vedette.core.errors import Conflict
from vedette.instruments.scan import editing, fixing
from vedette.instruments.scan.editing import Refused
from vedette.instruments.scan.upgrading import Upgrade
from vedette.wire.scan import Component


def upgrade(name: str, old: str, to: str, place: str, ecosystem: str = "PyPI", **more: object) -> Upgrade:
    hashes = ("sha256:00",) if more.pop("hashed", False) else ()
    package = Component(ecosystem=ecosystem, name=name, version=old, place=place, hashes=hashes)
    by = ("top",) if more.pop("along", False) else ()
    return Upgrade(component=package, to=to, mends=("CVE-1",), by=by)


REQUIREMENTS = """# joblib==1.4.2 is old
Joblib[all] == 1.4.2 ; python_version > "3.8"  # pinned
joblib-extra==1.4.2
other==1.4.2
joblib==1.4.2.post1
"""


def test_a_requirement_is_pinned_anew_and_nothing_else() -> None:
    changed = editing.edit(
        "requirements", REQUIREMENTS, upgrade("joblib", "1.4.2", "1.5.0", "requirements.txt:2")
    )
    assert changed == REQUIREMENTS.replace("Joblib[all] == 1.4.2", "Joblib[all] == 1.5.0")


def test_a_requirement_with_hashes_is_not_touched() -> None:
    text = "joblib==1.4.2 --hash=sha256:00\n"
    told = editing.edit(
        "requirements", text, upgrade("joblib", "1.4.2", "1.5.0", "requirements.txt:1", hashed=True)
    )
    assert isinstance(told, Refused)
    assert "its hashes are of 1.4.2" in told.why


@pytest.mark.parametrize(
    ("kind", "name", "text", "after"),
    [
        ("npm", "semver", '{\n  "semver": "^6.3.0",\n  "semver-x": "6.3.0"\n}', '{\n  "semver": "^6.3.1",\n  "semver-x": "6.3.0"\n}'),
        ("npm", "@a/b.c", '  "@a/b.c": "6.3.0"', '  "@a/b.c": "6.3.1"'),
        ("uv", "my-lib", 'dependencies = ["my_lib[x]==6.3.0", "lib==6.3.0"]', 'dependencies = ["my_lib[x]==6.3.1", "lib==6.3.0"]'),
        ("poetry", "lib", 'dependencies = ["lib (==6.3.0)"]', 'dependencies = ["lib (==6.3.1)"]'),
        ("go", "a.org/b", "require a.org/b v6.3.0 // indirect\n", "require a.org/b v6.3.1 // indirect\n"),
        ("go", "a.org/b", "require (\n\ta.org/b v6.3.0\n\ta.org/b/c v6.3.0\n)\n", "require (\n\ta.org/b v6.3.1\n\ta.org/b/c v6.3.0\n)\n"),
    ],
)  # fmt: skip
def test_manifests_are_changed_where_they_pin(kind: str, name: str, text: str, after: str) -> None:
    assert editing.edit(kind, text, upgrade(name, "6.3.0", "6.3.1", "x")) == after


@pytest.mark.parametrize("to", ['1"\n[tool', "1 ; rm -rf /", "$(id)", ""])
def test_a_version_that_is_none_is_written_nowhere(to: str) -> None:
    made = upgrade("joblib", "1.4.2", to, "uv.lock:1")
    assert isinstance(editing.edit("uv", '"joblib==1.4.2"', made), Refused)
    assert editing.command(made) == ""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("joblib==1.4.2\r\nsix==1.0\r\n", newline="")
    (tmp_path / "web").mkdir()
    (tmp_path / "web/package.json").write_text('{"dependencies": {\n"semver": "6.3.0"}}')
    (tmp_path / "web/package.json").chmod(0o640)
    return tmp_path


UPGRADES = (
    upgrade("joblib", "1.4.2", "1.5.0", "requirements.txt:1"),
    upgrade("semver", "6.3.0", "6.3.1", "web/package-lock.json:9", "npm"),
    upgrade("left", "1.0.0", "1.0.1", "web/package-lock.json:20", "npm", along=True),
    upgrade("log", "0.4.0", "0.4.1", "Cargo.lock:3", "crates.io"),
)


def test_a_patch_is_shown_and_nothing_written(tree: Path) -> None:
    told = fixing.apply(tree, UPGRADES, write=False)
    assert told["patch"].startswith(
        "--- a/requirements.txt\n+++ b/requirements.txt\n@@ -1,2 +1,2 @@\n-joblib==1.4.2\r\n+joblib==1.5.0\r\n"
    )
    assert told["refused"].splitlines() == [
        "left 1.0.0 → 1.0.1 in web/package-lock.json:20: it comes by top; what locks it does the rest",
        "log 0.4.0 → 0.4.1 in Cargo.lock:3: no file of its kind can be changed by hand",
    ]
    assert told["next"].splitlines() == [
        "npm update semver",
        "npm update left",
        "cargo update -p log --precise 0.4.1",
    ]
    assert "1.4.2" in (tree / "requirements.txt").read_text()


def test_a_patch_is_written_with_rights_and_line_ends_as_they_were(tree: Path) -> None:
    assert fixing.apply(tree, UPGRADES, write=True)["patched"] == "requirements.txt, web/package.json"
    assert (tree / "requirements.txt").read_bytes() == b"joblib==1.5.0\r\nsix==1.0\r\n"
    assert stat.S_IMODE((tree / "web/package.json").stat().st_mode) == 0o640
    assert sorted(each.name for each in tree.rglob("*")) == ["package.json", "requirements.txt", "web"]


def test_all_files_are_written_or_none(tree: Path) -> None:
    changes = fixing.patch(tree, UPGRADES).changes
    (tree / "web/package.json").write_text("somebody else was here")
    with pytest.raises(Conflict, match="changed meanwhile"):
        fixing.write_all(tree, changes)
    assert (tree / "requirements.txt").read_bytes() == b"joblib==1.4.2\r\nsix==1.0\r\n"


def test_no_link_is_written_through(tree: Path, tmp_path: Path) -> None:
    changes = fixing.patch(tree, UPGRADES).changes
    (tree / "web/package.json").rename(tree / "kept.json")
    (tree / "web/package.json").symlink_to(tree / "kept.json")
    with pytest.raises(Conflict):
        fixing.write_all(tree, changes)
    assert "6.3.0" in (tree / "kept.json").read_text()
    assert (tree / "web/package.json").is_symlink()
