"""Patterns of what is left out: what they fit, and that they stay with the source that names them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.backup.excluding import exactly, leaving_out, within


@pytest.mark.parametrize(
    ("pattern", "path", "out"),
    [
        ("*.log", "/srv/shop/a.log", True),
        ("*.log", "/srv/shop/a.log/inside", True),
        ("*.log", "/srv/shop/a.logs", False),
        ("cache", "/srv/cache", True),
        ("cache", "/srv/mycache", False),
        ("cache/tmp", "/srv/cache/tmp/x", True),
        ("cache/tmp", "/srv/cache/other/tmp", False),
        ("/srv/shop/cache", "/srv/shop/cache/x", True),
        ("/srv/shop/cache", "/mnt/srv/shop/cache", False),
        ("/srv/*/cache", "/srv/shop/cache", True),
        ("/srv/*/cache", "/srv/a/b/cache", False),
        ("/srv/**/cache", "/srv/a/b/cache", True),
        ("/srv/**/cache", "/srv/cache", True),
        ("file?", "/srv/file1", True),
        ("[a-c]x", "/srv/bx", True),
        ("[!a-c]x", "/srv/bx", False),
        ("[!a-c]x", "/srv/dx", True),
        ("100%25", "/srv/100%", True),
        ("a%0Ab", "/srv/a\nb", True),
        ("(x", "/srv/(x", True),
        ("[", "/srv/[", True),
        ("", "/srv", False),
        ("/", "/srv", False),
    ],
)
def test_what_a_pattern_fits(pattern: str, path: str, out: bool) -> None:
    assert leaving_out([pattern])(path) is out


def test_patterns_stay_with_their_source() -> None:
    kept = within(["*.sqlite", "/etc/x"], [Path("/srv/a*"), Path("/home")])
    assert kept == ("/srv/a[*]/**/*.sqlite", "/home/**/*.sqlite", "/etc/x")
    out = leaving_out(kept)
    assert (out("/srv/a*/b/c.sqlite"), out("/srv/a*/c.sqlite"), out("/state/c.sqlite")) == (True, True, False)


@given(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1))
def test_an_exact_pattern_fits_its_path_and_no_other(name: str) -> None:
    path = Path("/srv") / name
    if path.parent == Path("/srv") and name not in {".", ".."}:
        out = leaving_out([exactly(path)])
        assert out(str(path))
        assert not out(f"{path}x")


@given(st.text(max_size=30))
def test_any_text_is_a_pattern(pattern: str) -> None:
    if "\0" not in pattern and not any("\ud800" <= char <= "\udfff" for char in pattern):
        leaving_out([pattern])("/srv/shop/file")
