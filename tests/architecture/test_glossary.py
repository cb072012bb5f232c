"""Every noun of the product has its word: a type without a glossary entry fails, and so does an entry for nothing."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def type_names() -> set[str]:
    guard = ROOT / "guard/src/vedette_guard"
    files = [
        *ROOT.glob("src/vedette/**/types.py"),
        *ROOT.glob("src/vedette/deploy/words/*.py"),
        ROOT / "src/vedette/accounts/permissions.py",
        *(guard / name for name in ("policy.py", "passage.py", "plan.py", "decisions/asked.py")),
    ]
    trees = [ast.parse(path.read_text()) for path in files]
    return {
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


def words_of(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name.rstrip("_")).lower()


def entries() -> set[str]:
    text = (ROOT / "docs/glossary.md").read_text()
    return {
        word.strip()
        for line in re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE)
        for word in line.split(",")
    }


def test_every_type_has_an_entry() -> None:
    missing = sorted({words_of(name) for name in type_names()} - entries())
    assert not missing, f"add to docs/glossary.md: {missing}"
