"""What several people add to at once holds each line once: two that begin alike were left by a merge."""

from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAD = 40  # letters that tell lines apart


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "docs/glossary.md", "docs/architecture.md"])
def test_no_line_is_told_twice(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    heads = Counter(line[:HEAD] for line in lines if len(line) >= HEAD and line[0] not in "|#`")
    assert [head for head, n in heads.items() if n > 1] == []
