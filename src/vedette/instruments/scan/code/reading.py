"""Reads Python by its syntax tree: nothing is imported or run.

Whether a value comes from a request is followed within one function only: what is assigned from something that names the
request is taken as its. That misses much and invents little.
"""

import ast
import warnings
from collections.abc import Iterator

from vedette.instruments.scan.code.calls import of_call
from vedette.instruments.scan.code.settings import of_assignment, of_decorator
from vedette.instruments.scan.code.sources import Scope

Spot = tuple[str, int]


def read(source: bytes, path: str) -> tuple[list[Spot], frozenset[str]]:
    """Return the ids of checks with the lines where they hold, and the packages that are imported.

    Raises ValueError where it is no Python that can be read.
    """
    reader = _Reader(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        reader.visit(tree)
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno or 1}: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise ValueError("it is nested too deeply") from error
    return sorted(set(reader.found), key=lambda spot: (spot[1], spot[0])), frozenset(reader.imported)


class _Reader(ast.NodeVisitor):
    def __init__(self, path: str) -> None:
        self.found: list[Spot] = []
        self.imported: set[str] = set()
        self._path, self._scopes = path, [Scope()]

    def visit_Import(self, node: ast.Import) -> None:
        self.imported.update(alias.name.partition(".")[0] for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and not node.level:
            self.imported.add(node.module.partition(".")[0])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._assigned(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._assigned(node.target, node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        grown = ast.BinOp(node.target, node.op, node.value)
        self._scopes[-1].assign(node.target, grown)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._loop(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._loop(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._loop(node)

    def visit_Call(self, node: ast.Call) -> None:
        self._tell(of_call(node, self._scopes[-1]), node.lineno)
        self.generic_visit(node)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.comprehension) -> None:
        self._scopes[-1].loop(node.target, node.iter)
        self.generic_visit(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self._tell(of_decorator(decorator), decorator.lineno)
        self._scopes.append(Scope(self._scopes[-1], node.args))
        self.generic_visit(node)
        self._scopes.pop()

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        self._scopes[-1].assign(target, value)
        self._tell(of_assignment(target, value, self._path), value.lineno)

    def _tell(self, checks: Iterator[str], line: int) -> None:
        self.found.extend((check, line) for check in checks)
