"""What the pages of the documentation tell people to write is what the guard reads."""

import datetime
import re
from pathlib import Path

import pytest
import tomllib

from vedette_guard import Policy
from vedette_guard.plan import compile_policy

TODAY = datetime.date(2026, 11, 26)
DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted([DOCS / "guard.md", *(DOCS / "guard").glob("*.md")])
TABLES = [
    pytest.param(text, id=f"{page.stem}-{n}")
    for page in PAGES
    for n, text in enumerate(re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL))
    if "[guard" in text
]


@pytest.mark.parametrize("text", TABLES)
def test_every_table_of_the_pages_is_a_policy(text: str) -> None:
    assert compile_policy(Policy.from_mapping(tomllib.loads(text)["guard"]), TODAY)


def test_every_library_has_its_table() -> None:
    page = (DOCS / "guard/migrating.md").read_text()
    sections = dict(zip(*[iter(re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:])] * 2, strict=True))
    assert list(sections) == ["secure", "flask-talisman", "slowapi", "starlette-csrf", "django-csp", "helmet"]
    assert all("```toml" in text and "| the guard |" in text for text in sections.values())
