"""The table of checks in docs/audit.md is that of the checks there are."""

from tools.audit_page import PAGE, page


def test_the_page_is_what_the_checks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.audit_page`"
