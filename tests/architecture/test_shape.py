"""The sources stay readable: files of one idea, short functions, and no broad `except` but the named ones."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src" / "vedette", ROOT / "guard" / "src")
# Of a distribution of its own: what applications import, the whole and its parts.
FACES = {
    f"vedette_guard/{part}__init__.py"
    for part in ("", "mfa/", "passwords/", "sealed/", "sessions/", "stores/")
} | {f"instruments/scan/{part}/__init__.py" for part in ("advisories", "versions")}
MOST_LINES = 400
LONGEST_FUNCTION = 50

# Where everything is caught on purpose; each has a test that makes it catch.
pytestmark = pytest.mark.xdist_group("shape")  # the tree is taken apart once

BROAD_EXCEPTS: set[str] = {
    "agent/link/service.py",
    "agent/loop.py",
    "agent/pipeline.py",
    "agent/rounds.py",
    "app/agent_door.py",
    "app/digestion.py",
    "app/roles.py",
    "cli/scan_running.py",
    "errors/digesting.py",
    "hosts/apart.py",
    "instruments/backup/working.py",
    "instruments/probe/journey/apart/driving.py",
    "reports/making.py",
    "status/site.py",
    "vedette_guard/background.py",
    "vedette_guard/doors/wsgi.py",
    "vedette_guard/telemetry/courier.py",
    "vedette_guard/telemetry/events.py",
}


@functools.cache
def modules() -> tuple[tuple[str, Path, ast.Module], ...]:
    return tuple(
        (str(path.relative_to(sources)), path, ast.parse(path.read_text()))
        for sources in SOURCES
        for path in sorted(sources.rglob("*.py"))
        if "migrations" not in path.parts
    )


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_hold_one_idea() -> None:
    long = {name: n for name, path, _ in modules() if (n := len(path.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_functions_are_short() -> None:
    lengths = [(length(f), f"{name}:{f.name}") for name, _, tree in modules() for f in functions(tree)]
    long = [f"{name} {lines}" for lines, name in lengths if lines > LONGEST_FUNCTION]
    assert not long
    assert sorted(lengths)[len(lengths) // 2][0] <= 10, "the median function is longer than ten lines"


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler swallows everything; one that ends in a bare `raise` only looks."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    return handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}


def test_everything_is_caught_only_where_named() -> None:
    found = {
        name for name, _, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and is_broad(node)
    }  # fmt: skip
    assert found == BROAD_EXCEPTS


def test_init_files_are_empty() -> None:
    assert not [
        name
        for name, path, _ in modules()
        if path.name == "__init__.py" and path.read_text().strip() and name not in FACES
    ]
