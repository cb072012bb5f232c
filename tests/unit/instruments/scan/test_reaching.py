"""Is it imported at all: told only where it can be known, by what files say and by who needs whom."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.scan.reaching import imports, judging, looking, names
from vedette.wire.scan import Component


def component(name: str, *requires: str, direct: bool | None = None, ecosystem: str = "PyPI") -> Component:
    return Component(
        ecosystem=ecosystem, name=name, version="1", place="x.lock:1", requires=requires, direct=direct
    )


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("pyyaml", "import yaml"), ("pillow", "from PIL import Image"), ("beautifulsoup4", "import bs4 as soup"),
        ("django", "from django.db.models import F"), ("python-dateutil", "import dateutil.parser"),
        ("djangorestframework", "INSTALLED_APPS = ['rest_framework']"), ("django-allauth", "A = ['allauth.account']"),
        ("google-cloud-storage", "from google.cloud import storage"), ("scikit-learn", "import numpy, sklearn"),
        ("typing-extensions", "def f():\n    import typing_extensions"), ("pymysql", "import pymysql"),
    ],
)  # fmt: skip
def test_a_package_is_known_by_what_is_imported(package: str, line: str) -> None:
    assert not names.python_modules(package).isdisjoint(imports.python(line))


def test_what_only_looks_like_it_is_not_imported() -> None:
    text = "import yamllike\nfrom . import yaml\nfrom .yaml import x\n# import yaml\nx = 'import yaml'\n"
    assert names.python_modules("pyyaml").isdisjoint(imports.python(text))


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ('import a from "left"', "left"), ("const x = require('left/part')", "left"), ('export * from "@a/b/c"', "@a/b"),
        ("await import(`left`)", "left"), ('import "left"', "left"), ('import type {A} from "left"', "left"),
        ('import x from "./own"', ""), ('import fs from "node:fs"', ""),
    ],
)  # fmt: skip
def test_a_package_of_node_is_known_by_what_is_imported(line: str, package: str) -> None:
    assert {names.node_package(each) for each in imports.node(line)} == {package}


def test_what_is_needed_by_what_is_imported_is_reached() -> None:
    imported = judging.Imported(frozenset({"requests"}), frozenset(), {"PyPI": True})
    held = [
        component("requests", "urllib3", direct=True),
        component("urllib3", direct=False),
        component("mako", direct=True),
    ]
    assert judging.reachable(imported, held) == {
        ("PyPI", "requests"): True, ("PyPI", "urllib3"): True, ("PyPI", "mako"): False,
    }  # fmt: skip


def test_where_nothing_tells_who_needs_whom_it_is_not_told_that_it_is_not() -> None:
    imported = judging.Imported(frozenset({"requests"}), frozenset(), {"PyPI": True})
    held = [
        component("requests"),
        component("urllib3"),
        component("mako", direct=True),
        component("log", ecosystem="crates.io"),
    ]
    assert judging.reachable(imported, held) == {("PyPI", "requests"): True, ("PyPI", "mako"): False}


def test_while_a_file_could_not_be_read_nothing_is_unreached(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("import requests\n")
    (tmp_path / "bad.py").write_text("import mako\nprint 'python 2'\n")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/x.js").write_text("require('left')")
    found = looking.imported(tmp_path, [component("requests"), component("mako")])
    assert (found.whole["PyPI"], found.whole["npm"]) == (False, True)
    assert judging.reachable(found, [component("requests", "x"), component("mako")]) == {
        ("PyPI", "requests"): True
    }
    assert not found.packages


@given(st.sampled_from(sorted(Path(imports.__file__).parents[2].rglob("*.py"))))
def test_what_a_quick_look_finds_is_never_less(path: Path) -> None:
    tree = ast.parse(path.read_text())
    told = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    told |= {
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
    }
    assert {each.lower() for each in told} <= imports.perhaps(path.read_text())


@pytest.mark.parametrize(
    "text",
    [
        "import a, \\\n  yaml",
        "if x: import yaml",
        "x = 1; from yaml import y",
        "from yaml import (\n a,\n b)",
        "try:\n\timport yaml.x as z",
    ],
)
def test_a_quick_look_sees_imports_of_every_form(text: str) -> None:
    assert "yaml" in imports.perhaps(text)
    assert "yaml" in imports.python(text if "try" not in text else text + "\nexcept E: pass")


def test_nothing_that_is_read_is_run(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nimport x\nraise SystemExit\n")
    looking.imported(tmp_path, [component("x")])
    assert not (tmp_path / "ran").exists()


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    imports.node(text)
    try:
        imports.python(text)
    except ValueError as error:
        assert "no Python" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "-" * 100_000 + "1", "a." * 100_000 + "a", "x = " + "[" * 5_000, "\0", "f(" * 3_000],
)
def test_hostile_sources_are_refused(text: str) -> None:
    try:
        imports.python(text)
    except ValueError as error:
        assert "no Python" in str(error)  # noqa: PT017
