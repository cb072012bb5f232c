"""The sources stay readable: files of one idea, short functions, and no broad `except` but the named ones."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
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
    "instruments/probe/journey/apart/driving.py",
    "reports/making.py",
    "status/site.py",
    "vedette_guard/background.py",
    "vedette_guard/doors/wsgi.py",
    "vedette_guard/telemetry/courier.py",
    "vedette_guard/telemetry/events.py",
}


Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")


@dataclass(frozen=True)
class Module:
    """What the rules ask of a file; its tree, large as it is, is let go at once."""

    name: str
    lines: int
    functions: tuple[tuple[int, str], ...]
    is_broad: bool
    is_full_init: bool


@functools.cache
def modules() -> tuple[Module, ...]:
    return tuple(
        read(str(path.relative_to(sources)), path.read_text())
        for sources in SOURCES
        for path in sorted(sources.rglob("*.py"))
        if "migrations" not in path.parts
    )


def read(name: str, text: str) -> Module:
    found = list(statements(ast.parse(text)))
    return Module(
        name,
        len(text.splitlines()),
        tuple((length(one), f"{name}:{one.name}") for one in found if isinstance(one, Function)),
        any(is_broad(one) for one in found if isinstance(one, ast.ExceptHandler)),
        Path(name).name == "__init__.py" and bool(text.strip()),
    )


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and every statement below it; expressions, nine tenths of a tree, hold none."""
    yield node
    for block in _BLOCKS:
        for child in getattr(node, block, ()):
            yield from statements(child)


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_hold_one_idea() -> None:
    assert not {module.name: module.lines for module in modules() if module.lines > MOST_LINES}


def test_functions_are_short() -> None:
    lengths = [one for module in modules() for one in module.functions]
    assert not [f"{name} {lines}" for lines, name in lengths if lines > LONGEST_FUNCTION]
    assert sorted(lengths)[len(lengths) // 2][0] <= 10, "the median function is longer than ten lines"


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler swallows everything; one that ends in a bare `raise` only looks."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    return handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}


def test_everything_is_caught_only_where_named() -> None:
    assert {module.name for module in modules() if module.is_broad} == BROAD_EXCEPTS


def test_init_files_are_empty() -> None:
    assert not [module.name for module in modules() if module.is_full_init and module.name not in FACES]
