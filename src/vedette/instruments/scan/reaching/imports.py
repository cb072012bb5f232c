"""What a source file imports; it is read and never run. Pure."""

import ast
import re
import warnings

_DOTTED = re.compile(r"[A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){0,9}\Z")
_IMPORTS = re.compile(r"(?:^|[;:])[ \t]*import[ \t]+([^\n;#]{1,2000})", re.MULTILINE)
_FROM = re.compile(
    r"(?:^|[;:])[ \t]*from[ \t]+([A-Za-z_][\w.]{0,300})[ \t]+import\b([^\n;#]{0,2000})", re.MULTILINE
)
_TEXTS = re.compile(r"""["']([A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){0,9})["']""")
_NODE = re.compile(
    r"""\b(?:from|import|require|import\.meta\.resolve)\s{0,20}\(?\s{0,20}["'`]([^"'`\n]{1,200})["'`]"""
)


def perhaps(text: str) -> frozenset[str]:
    """Return what a file of Python may import or name in a text: all imports there are, and what only looks like one.

    It is many times as quick, so that most files need not be taken apart.
    """
    text = text.replace("\\\n", " ")
    told = [each.strip().split(" ")[0] for row in _IMPORTS.findall(text) for each in row.split(",")]
    told += [
        f"{module}.{each.strip(' ()').split(' ')[0]}"
        for module, row in _FROM.findall(text)
        for each in row.split(",")
    ]
    return frozenset(part for name in (*told, *_TEXTS.findall(text)) for part in _parts(name.lower()))


def python(text: str) -> frozenset[str]:
    """Return the modules that a file imports or names in a text, with those they lie in, in small letters.

    A text that looks like a module counts, since frameworks load what settings name. Raises `ValueError` for what cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"it is no Python: {error}") from None
    return frozenset(
        part for node in ast.walk(tree) for name in _named(node) for part in _parts(name.lower())
    )


def node(text: str) -> frozenset[str]:
    """Return what a file of JavaScript or TypeScript imports, as it is written there."""
    return frozenset(_NODE.findall(text))


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{each.name}" for each in node.names] if node.module and not node.level else []
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _DOTTED.match(node.value[:1_000]):
        return [node.value]
    return []


def _parts(name: str) -> list[str]:
    parts = name.split(".")[:10]
    return [".".join(parts[: n + 1]) for n in range(len(parts))]
