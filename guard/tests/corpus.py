"""Attacks and near misses that others collected: libinjection's lines, and the regression tests of the OWASP Core Rule Set."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

import yaml

from vedette_guard.inspecting import Looked

CRS = ("930", "931", "932", "941", "942")


def half(text: str) -> int:
    """Return of which half something is: what is tuned is tuned by half 0, and half 1 tells what that is worth."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[0] & 1


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Return the lines of a file of libinjection's with their half, decoded as its own reader does."""
    for line in path.read_text(errors="surrogateescape").split("\n"):
        if line and not line.startswith("#"):
            yield half(line), unquote_plus(line)


def searched(text: str) -> Looked:
    """Return a request that searches a text."""
    return Looked("/search?q=" + quote(text.encode("utf-8", "surrogateescape"), safe=""))


def rule_tests(folder: Path, rules: str, every: int = 1) -> Iterator[tuple[int, Looked]]:
    """Return the requests that rules of the Core Rule Set (`932`) are to find, with their half; of every so many files."""
    for path in sorted(folder.glob(f"REQUEST-{rules}-*/*.yaml"))[::every]:
        content = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        for test in content["tests"]:
            for stage in test["stages"]:
                if stage["output"].get("log", {}).get("expect_ids"):
                    yield half(f"{content['rule_id']}-{test['test_id']}"), _asked(stage["input"])


def _asked(said: dict[str, Any]) -> Looked:
    headers = {name.lower(): str(value) for name, value in (said.get("headers") or {}).items()}
    kind = headers.get("content-type", "")
    body = str(said.get("data") or "").encode("utf-8", "surrogateescape")
    if "multipart" in kind:
        body = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return Looked(str(said.get("uri") or "/"), tuple(headers.items()), kind, body)
