"""What is asked of a journey: a script, and what it knows. Decisions only.

The script is Python that defines `async def journey(page, step)`; it is read here and never run here.
"""

import ast
import keyword
import re
from collections.abc import Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.probe.optioning import wrong
from vedette.instruments.probe.types import Request

KIND = "journey"
SCHEMES = {KIND: 0}
MOST_SCRIPT = 60 * 1024
MOST_KNOWN = 50
ENTRY = "journey"
_PARAMETERS = 2
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TEXT = 8_192
_ENTRY_LINE = "async def journey(page, step):"
EXAMPLE = """\
async def journey(page, step):
    with step("open"):
        await page.goto("https://shop.example/")
    with step("sign in"):
        await page.fill("[name=user]", variables["user"])
        await page.fill("[name=password]", secrets["password"])
        await page.click("text=Sign in", timeout=5_000)
    with step("pay"):
        await page.click("[name=pay]", timeout=5_000)
        await page.wait_for_selector("text=Thank you", timeout=5_000)
"""


class JourneyOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A script, and texts that it finds as `variables["name"]` and `secrets["name"]`; the latter print as dots."""

    script: str = ""
    variables: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}


def check(options: JourneyOptions, request: Request) -> None:
    """Raise `Invalid` that names the option that can never work, for a script with its line."""
    if request.pins:
        raise Invalid("A journey goes to many hosts: it takes no pins.", {"pins": "a journey takes none"})
    for which in ("variables", "secrets"):
        _check_known(which, getattr(options, which))
    check_script(options.script)


def check_script(script: str) -> None:
    """Raise `Invalid` for a script that Python cannot read, or that holds no journey."""
    if len(script.encode("utf-8", "replace")) > MOST_SCRIPT:
        raise wrong("script", f"{MOST_SCRIPT:,} bytes are the most")
    if not script.strip():
        raise wrong("script", f"write one that begins with {_ENTRY_LINE}")
    _check_entry(_tree(script))


def _tree(script: str) -> ast.Module:
    try:
        return ast.parse(script, "journey.py")
    except SyntaxError as error:
        raise wrong("script", f"line {error.lineno or 1}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise wrong("script", f"it cannot be read: {error or 'it is nested too deeply'}") from None


def _check_entry(tree: ast.Module) -> None:
    found = [
        one
        for one in tree.body
        if isinstance(one, ast.AsyncFunctionDef | ast.FunctionDef) and one.name == ENTRY
    ]
    if not found or isinstance(found[-1], ast.FunctionDef):
        raise wrong("script", f"it has no {_ENTRY_LINE}")
    named = found[-1].args
    if len(named.posonlyargs) + len(named.args) != _PARAMETERS or named.kwonlyargs:
        raise wrong("script", f"line {found[-1].lineno}: write {_ENTRY_LINE}")


def _check_known(which: str, known: Mapping[str, str]) -> None:
    if len(known) > MOST_KNOWN:
        raise wrong(which, f"{MOST_KNOWN} at most")
    for name, text in known.items():
        if not _NAME.fullmatch(name) or keyword.iskeyword(name):
            raise wrong(which, f"{name[:40]!r} is no name; write lower-case letters, digits and _")
        if len(text) > _TEXT:
            raise wrong(which, f"{name} is longer than {_TEXT:,} characters")
