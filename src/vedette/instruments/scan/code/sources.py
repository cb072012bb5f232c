"""What an expression is made of: is it fixed, is it put together, does it come from a request."""

import ast

from vedette.instruments.scan.code.plain import Plain, dotted

_REQUESTS = frozenset(
    {"request", "req", "self.request", "flask.request", "quart.request", "bottle.request", "info.context"}
)
_PARTS = frozenset({
    "args", "form", "values", "json", "data", "GET", "POST", "FILES", "COOKIES", "cookies", "headers", "query_params", "query",
    "body", "files", "get_json", "path_params", "META", "forms", "params", "get_data", "view_args", "query_string", "media",
})  # fmt: skip
_KEEPS = frozenset({
    "str", "bytes", "unquote", "unquote_plus", "b64decode", "urlsafe_b64decode", "join", "format", "loads", "fromhex", "dict",
    "list", "BytesIO", "decompress", "urljoin", "Path", "decode",
})  # fmt: skip


class Scope:
    """What one function knows of its names, within those `around` it."""

    def __init__(self, around: "Scope | None" = None, given: ast.arguments | None = None) -> None:
        self._sent: set[str] = set()
        self._built: set[str] = set()
        self.plain: Plain = Plain(around.plain if around else None, given)

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        """Take note of an assignment to a name."""
        if isinstance(target, ast.Name):
            for known, holds in ((self._sent, self.sent(value)), (self._built, self.built(value))):
                known.discard(target.id)
                if holds:
                    known.add(target.id)
        self.plain.assign(target, value)

    def loop(self, target: ast.expr, over: ast.expr) -> None:
        """Take note of what a loop binds."""
        self.plain.loop(target, over)

    def sent(self, value: ast.expr) -> bool:
        """Whether a value is what a request sends, as it is: what a function of yours was given may be checked by it."""
        if isinstance(value, ast.Name):
            return value.id in self._sent
        if isinstance(value, ast.Attribute):
            return _of_request(value) or self.sent(value.value)
        if isinstance(value, ast.Call):
            return self._passed_on(value)
        if isinstance(value, (ast.Compare, ast.Lambda)):
            return False
        return any(self.sent(child) for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr))

    def _passed_on(self, call: ast.Call) -> bool:
        """Whether a call gives back what was sent: a method of it, or one that changes no more than its form."""
        through = isinstance(call.func, ast.Attribute) and self.sent(call.func.value)
        keeps = dotted(call.func).rpartition(".")[2] in _KEEPS
        return through or (keeps and any(self.sent(each) for each in call.args))

    def built(self, value: ast.expr) -> bool:
        """Whether a text is put together from parts that are not all fixed."""
        if isinstance(value, ast.Name):
            return value.id in self._built
        if isinstance(value, ast.JoinedStr):
            return not self.plain.holds(value)
        if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Mod)):
            sides = [each.id for each in (value.left, value.right) if isinstance(each, ast.Name)]
            grown = any(name in self._built or self.plain.knows(name) for name in sides)
            return (grown or _textual(value)) and not self.plain.holds(value)
        return isinstance(value, ast.Call) and _formats(value.func) and not self.plain.holds(value)


def fixed(value: ast.expr) -> bool:
    """Whether an expression holds constants only, or names of constants (`TABLE`)."""
    return not any(
        (isinstance(node, ast.Name) and not node.id.isupper()) or isinstance(node, (ast.Call, ast.Attribute, ast.Subscript, ast.Await))
        for node in ast.walk(value)
    )  # fmt: skip


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """Return the value of a keyword argument, by whichever of its names."""
    return next((each.value for each in call.keywords if each.arg in names), None)


def is_constant(node: ast.expr | None, value: object) -> bool:
    """Whether an expression is exactly a constant."""
    return isinstance(node, ast.Constant) and node.value is value


def holds_star(node: ast.expr | None) -> bool:
    """Whether an expression is `"*"` or a list that holds it."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return any(holds_star(each) for each in node.elts)
    return isinstance(node, ast.Constant) and node.value == "*"


def _formats(called: ast.expr) -> bool:
    """Whether it is the `format` of a text that stands there."""
    of = called.value if isinstance(called, ast.Attribute) and called.attr == "format" else None
    return isinstance(of, ast.Constant)


def _of_request(value: ast.Attribute) -> bool:
    return value.attr in _PARTS and dotted(value.value) in _REQUESTS


def _textual(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _textual(node.left) or _textual(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
