"""What lock files do not hold is not known: locks of other projects, forms nobody reads, and what is asked for and not listed."""

import json
from pathlib import Path

import pytest

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
