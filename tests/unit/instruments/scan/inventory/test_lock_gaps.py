"""What lock files do not hold is not known: locks of other projects, forms nobody reads, and what is asked for and not listed."""

import json
from pathlib import Path

import pytest

from vedette.instruments.scan import poisoning
from vedette.instruments.scan.inventory import reading

_LOCK = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/fine": {"version": "1.0.0"}}}


def _tree(root: Path, files: dict[str, object]) -> tuple[str, ...]:
    for name, body in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body if isinstance(body, str) else json.dumps(body))
    return tuple(each.subject for each in reading.read(root).unknown)


def test_a_lock_above_that_does_not_name_a_folder_does_not_hold_it(tmp_path: Path) -> None:
    asks = {"dependencies": {"weakpkg": "^1"}}
    assert _tree(tmp_path, {"package-lock.json": _LOCK, "services/api/package.json": asks}) == (
        "services/api/package.json",
    )


def test_a_lock_above_holds_the_workspaces_it_names(tmp_path: Path) -> None:
    asks = {"dependencies": {"fine": "^1"}}
    lock = {**_LOCK, "packages": {**_LOCK["packages"], "services/api": asks}}  # type: ignore[dict-item]
    assert _tree(tmp_path, {"package-lock.json": lock, "services/api/package.json": asks}) == ()


def test_a_lock_of_cargo_holds_the_members_of_its_workspace(tmp_path: Path) -> None:
    files = {
        "Cargo.lock": 'version = 3\n[[package]]\nname = "a"\nversion = "1.0.0"\n',
        "Cargo.toml": '[workspace]\nmembers = [\n  "crates/*",\n]\n',
        "crates/a/Cargo.toml": '[dependencies]\nserde = "1"\n',
        "other/Cargo.toml": '[dependencies]\nserde = "1"\n',
    }
    assert _tree(tmp_path, dict(files)) == ("other/Cargo.toml",)


@pytest.mark.parametrize(
    "name", ["Podfile.lock", "deno.lock", "packages.config", "build.sbt", "environment.yml"]
)
def test_a_form_nobody_reads_is_not_known_beside_one_that_is(tmp_path: Path, name: str) -> None:
    assert _tree(tmp_path, {"package-lock.json": _LOCK, name: "weak 1.0"}) == (name,)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("setup.py", "setup(install_requires=['weak'])"),
        ("requirements.in", "weak\n"),
        ("pyproject.toml", "[dependency-groups]\ndev = ['weak']\n"),
    ],
)
def test_what_python_asks_for_without_a_lock_is_not_known(tmp_path: Path, name: str, body: str) -> None:
    assert _tree(tmp_path, {"package-lock.json": _LOCK, name: body}) == (name,)


def test_npm_asks_for_what_it_does_not_list(tmp_path: Path) -> None:
    lock = {"lockfileVersion": 3, "packages": {"": {"dependencies": {"weakpkg": "1"}}}}
    assert _tree(tmp_path, {"package-lock.json": lock}) == ("package-lock.json",)


def test_pnpm_asks_for_what_it_does_not_list(tmp_path: Path) -> None:
    lock = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      weakpkg:\n        specifier: ^1\n        version: 1.0.0\n"
    assert _tree(tmp_path, {"pnpm-lock.yaml": lock}) == ("pnpm-lock.yaml:1",)


def test_a_second_document_of_yaml_is_told(tmp_path: Path) -> None:
    body = "lockfileVersion: '9.0'\npackages: {}\n---\npackages:\n  weak@1.0.0: {}\n"
    assert _tree(tmp_path, {"pnpm-lock.yaml": body}) == ("pnpm-lock.yaml:3",)


def _components(root: Path, files: dict[str, object]) -> list[str]:
    _tree(root, files)
    return [f"{each.name} {each.version}" for each in reading.read(root).components]


def test_npm_is_judged_by_what_its_lock_fetches(tmp_path: Path) -> None:
    registry = "https://registry.npmjs.org"
    packages = {
        "": {}, "node_modules/a": {"version": "1.2.0", "resolved": f"{registry}/weakpkg/-/weakpkg-1.0.0.tgz"},
        "node_modules/@x/b": {"version": "2.0.0", "resolved": f"{registry}/@x%2fb/-/b-2.0.0.tgz#0a"},
        "node_modules/c": {"version": "3.0.0+build", "resolved": f"{registry}/c/-/c-3.0.0.tgz"},
        "node_modules/d": {"name": "e", "version": "4.0.0", "resolved": f"{registry}/e/-/e-4.0.0.tgz"},
        "node_modules/f": {"version": "5.0.0", "resolved": "https://npm.pkg.github.com/download/f/5.0.0/0a"},
    }  # fmt: skip
    lock = {"lockfileVersion": 3, "packages": packages}
    assert _components(tmp_path, {"package-lock.json": lock}) == [
        "@x/b 2.0.0", "c 3.0.0+build", "e 4.0.0", "f 5.0.0", "weakpkg 1.0.0",
    ]  # fmt: skip
    (found,) = poisoning.poisoned(reading.read(tmp_path).components)
    assert found.title == "a 1.2.0 is listed, and weakpkg 1.0.0 is fetched"
    assert found.place == "package-lock.json"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("package-lock.json", '{"lockfileVersion": 1, "dependencies": {"a": {"version": "1.2.0", "resolved": "https://r/weakpkg/-/weakpkg-1.0.0.tgz"}}}'),
        ("yarn.lock", '"a@^1":\n  version "1.2.0"\n  resolved "https://registry.yarnpkg.com/weakpkg/-/weakpkg-1.0.0.tgz#0a"\n'),
    ],
)  # fmt: skip
def test_older_locks_of_node_are_judged_by_what_they_fetch(tmp_path: Path, name: str, body: str) -> None:
    assert _components(tmp_path, {name: body}) == ["weakpkg 1.0.0"]
    assert [each.check for each in poisoning.poisoned(reading.read(tmp_path).components)] == [poisoning.CHECK]


def test_a_lock_of_version_1_lists_what_the_manifest_beside_it_asks_for(tmp_path: Path) -> None:
    lock = {"lockfileVersion": 1, "dependencies": {"fine": {"version": "1.0.0"}}}
    asks = {"dependencies": {"fine": "1", "weakpkg": "1"}, "optionalDependencies": {"maybe": "1"}}
    assert _tree(tmp_path, {"package-lock.json": lock, "package.json": asks}) == ("package-lock.json",)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("constraints.txt", "urllib3<2\nweakpkg==1.0.0\n"), ("dev.txt", "# tools\n-r base.txt\nweakpkg==1.0.0 ; python_version > '3'\n"),
        ("sbom.json", {"bomFormat": "CycloneDX", "components": [{"purl": "pkg:pypi/weakpkg@1.0.0"}]}),
        ("deploy/what.json", {"spdxVersion": "SPDX-2.3", "packages": [{"externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/weakpkg@1.0.0"}]}]}),
    ],
)  # fmt: skip
def test_a_name_of_its_own_hides_no_file_that_names_versions(tmp_path: Path, name: str, body: object) -> None:
    beside = {"package-lock.json": _LOCK, "base.txt": "other==1.0\n"}
    assert "weakpkg 1.0.0" in _components(tmp_path, {**beside, name: body})


def test_what_is_called_an_sbom_and_is_of_no_form_that_is_read_is_told(tmp_path: Path) -> None:
    found = _tree(
        tmp_path, {"package-lock.json": _LOCK, "sbom.json": {"artifacts": []}, "notes.txt": "weak flask"}
    )
    assert found == ("sbom.json",)
    assert "constraints.txt:1" in _tree(tmp_path / "b", {"constraints.txt": "weakpkg<2\n"})
