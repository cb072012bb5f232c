"""What may be put into a text without harm: constants, what is chosen from them, numbers, and marks for parameters.

Names count as long as every assignment of the function (or of what is around it) gives them something of the kind. What a
function was given never does.
"""

import ast
import re
from collections.abc import Callable
from typing import Any

_NUMBERS = frozenset({"int", "len", "float", "bool", "round", "ord"})
_KEEPS = frozenset(
    {
        "sorted",
        "tuple",
        "list",
        "set",
        "frozenset",
        "reversed",
        "zip",
        "enumerate",
        "str",
        "repr",
        "iter",
        "next",
    }
)
_CHOOSES = frozenset({"get", "keys", "values", "items", "index", "count"})
_MAKERS = re.compile(
    r"(?:^|_)(?:q?marks?|placeholders?|binds|bindparams?|pairs|quoted?|quote_name|quote_ident(?:ifier)?)$",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"[bcdeEfFgGnoxX%]$")

_REQUEST = frozenset({"request", "req"})  # request.GET is no constant
_WHOLE = (ast.BoolOp, ast.UnaryOp, ast.Tuple, ast.List, ast.Set, ast.Dict)
_CHOSEN = (ast.Subscript, ast.Starred, ast.NamedExpr)


class Plain:
    """Which names of a function are plain, within those `around` it."""

    def __init__(self, around: "Plain | None" = None, given: ast.arguments | None = None) -> None:
        self._around = around
        told = [each for each in ast.walk(given) if isinstance(each, ast.arg)] if given else []
        self._names = {each.arg: _is_number(each.annotation) for each in told}

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        """Take note of an assignment: one that is not plain is enough."""
        for name in _names(target):
            self._names[name] = self._names.get(name, True) and self.holds(value)

    def loop(self, target: ast.expr, over: ast.expr) -> None:
        """Take note of what a loop binds."""
        for part, source in _paired(target, over):
            holds = self.holds(source)
            self._names.update(dict.fromkeys(_names(part), holds))

    def holds(self, value: ast.expr) -> bool:
        """Whether a value is plain."""
        if isinstance(value, _WHOLE):
            return all(self.holds(each) for each in ast.iter_child_nodes(value) if isinstance(each, ast.expr))
        if isinstance(value, _CHOSEN):
            return self.holds(value.value)
        form = _FORMS.get(type(value))
        return form is not None and form(self, value)

    def name(self, value: ast.Name) -> bool:
        """Whether a name is one of a constant, or was given something plain."""
        return value.id.isupper() or self.knows(value.id)

    def attribute(self, value: ast.Attribute) -> bool:
        """Whether it is a constant of a module or class, or the name of a model's table or column."""
        name = dotted(value)
        parts = name.split(".")[1:]
        return "._meta." in name or (any(map(str.isupper, parts)) and _REQUEST.isdisjoint(name.split(".")))

    def choice(self, value: ast.IfExp) -> bool:
        """Whether both ways are plain; what decides is not put in."""
        return self.holds(value.body) and self.holds(value.orelse)

    def product(self, value: ast.BinOp) -> bool:
        """Whether parts are plain; of a repetition (`"?" * n`) one is enough."""
        sides = self.holds(value.left), self.holds(value.right)
        return any(sides) if isinstance(value.op, ast.Mult) else all(sides)

    def comprehension(self, value: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> bool:
        """Whether each element is plain."""
        for each in value.generators:
            self.loop(each.target, each.iter)
        return self.holds(value.elt)

    def text(self, value: ast.JoinedStr) -> bool:
        """Whether all that is put into an f-string is plain."""
        return all(self._part(part) for part in value.values)

    def knows(self, name: str) -> bool:
        """Whether a name, here or around, was given plain values alone."""
        known = self._names.get(name)
        return known if known is not None else self._around is not None and self._around.knows(name)

    def call(self, call: ast.Call) -> bool:
        """Whether a call gives a number, marks, or what its arguments or its object hold."""
        name = dotted(call.func).rpartition(".")[2]
        given = [*call.args, *(each.value for each in call.keywords)]
        if _MAKERS.search(name) or (isinstance(call.func, ast.Name) and name in _NUMBERS):
            return True
        if isinstance(call.func, ast.Attribute):
            return self.holds(call.func.value) and (name in _CHOOSES or all(map(self.holds, given)))
        return name in _KEEPS and all(map(self.holds, given))

    def _part(self, part: ast.expr) -> bool:
        if not isinstance(part, ast.FormattedValue):
            return True
        form = part.format_spec.values[-1:] if isinstance(part.format_spec, ast.JoinedStr) else []
        numeric = any(isinstance(each, ast.Constant) and _NUMERIC.search(str(each.value)) for each in form)
        return numeric or self.holds(part.value)


_FORMS: dict[type[ast.expr], Callable[[Plain, Any], bool]] = {
    ast.Constant: lambda _, __: True,
    ast.Compare: lambda _, __: True,
    ast.Name: Plain.name,
    ast.Attribute: Plain.attribute,
    ast.Call: Plain.call,
    ast.BinOp: Plain.product,
    ast.JoinedStr: Plain.text,
    ast.IfExp: Plain.choice,
    ast.ListComp: Plain.comprehension,
    ast.SetComp: Plain.comprehension,
    ast.GeneratorExp: Plain.comprehension,
}


def dotted(node: ast.expr) -> str:
    """Return the dotted name of an expression (`os.path.join`), with what is called or indexed left out; empty for none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return ""


def _is_number(kind: ast.expr | None) -> bool:
    return isinstance(kind, ast.Name) and kind.id in {"int", "float", "bool"}


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)] if _binds(target) else []


def _binds(target: ast.expr) -> bool:
    return isinstance(target, (ast.Name, ast.Tuple, ast.List, ast.Starred))


def _paired(target: ast.expr, over: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Return what a loop binds with where it comes from: `zip` and `enumerate` by their parts."""
    if isinstance(target, ast.Tuple) and isinstance(over, (ast.Tuple, ast.List)):
        rows = [row.elts for row in over.elts if isinstance(row, ast.Tuple)]
        if len(rows) == len(over.elts) and all(len(row) == len(target.elts) for row in rows):
            columns = [ast.Tuple(list(column), ast.Load()) for column in zip(*rows, strict=True)]
            return list(zip(target.elts, columns, strict=False))
    if isinstance(target, ast.Tuple) and isinstance(over, ast.Call):
        name, parts = dotted(over.func), target.elts
        if name == "zip" and len(parts) == len(over.args):
            return list(zip(parts, over.args, strict=True))
        if name == "enumerate" and len(parts) == 2 and over.args:
            return [(parts[0], ast.Constant(0)), (parts[1], over.args[0])]
    return [(target, over)]
