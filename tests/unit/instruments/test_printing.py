"""Printing trusts neither the page nor the browser that read it."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from vedette.core.errors import Unavailable
from vedette.instruments import printing

PAGE = "<html><head></head><body>{}</body></html>"
_BROWSER = """#!/bin/sh
echo "$*" >> {log}
for each in "$@"; do case "$each" in --print-to-pdf=*) made="${{each#*=}}";; esac; done
{does}
"""
_PRINTS = 'printf "%%PDF-1.4" > "$made"'
# What the user of this process is called: a browser of a test lies where nobody else may look.
USER = "root"


def browser(folder: Path, does: str) -> str:
    made = folder / "chromium"
    made.write_text(_BROWSER.format(log=folder / "log", does=does))
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return str(made)


def runs(folder: Path) -> list[bool]:
    """Tell of each run whether it was without the sandbox."""
    return ["--no-sandbox" in line for line in (folder / "log").read_text().splitlines()]


def test_a_page_that_breaks_the_browser_is_not_tried_without_its_sandbox(tmp_path: Path) -> None:
    path = browser(tmp_path, f'grep -q boom "$(dirname "$made")/page.html" && exit 1; {_PRINTS}')
    with pytest.raises(Unavailable, match="could not print"):
        printing.pdf(PAGE.format("boom"), path, USER)
    assert printing.pdf(PAGE.format("fine"), path, USER) == b"%PDF-1.4"
    assert runs(tmp_path) == [False, False, False]  # the empty page once, then each of these


def test_where_the_system_allows_no_sandbox_it_is_tried_once(tmp_path: Path) -> None:
    path = browser(tmp_path, f'case "$*" in *--no-sandbox*) {_PRINTS};; *) exit 1;; esac')
    for _ in range(2):
        assert printing.pdf(PAGE.format("fine"), path, USER)
    assert runs(tmp_path) == [False, True, True, True]


def test_that_nothing_prints_is_not_remembered(tmp_path: Path) -> None:
    path = browser(tmp_path, "exit 1")
    with pytest.raises(Unavailable, match="could not print"):
        printing.pdf(PAGE.format("fine"), path, USER)
    assert printing.pdf(PAGE.format("fine"), browser(tmp_path, _PRINTS), USER)


@pytest.mark.parametrize(
    "does",
    [
        'ln -s {secret} "$made"',
        'ln {secret} "$made"',
        'mkfifo "$made"',
        'mkdir "$made"',
        ': > "$made"',
        "true",
    ],
)
def test_what_the_browser_left_is_read_only_when_it_is_a_file_of_its_own(tmp_path: Path, does: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the key")
    path = browser(tmp_path, does.format(secret=secret))
    with pytest.raises(Unavailable, match="could not print"):
        printing.pdf(PAGE.format("fine"), path, USER)


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    path = browser(tmp_path, f'head -c {printing.MOST_BYTES + 1} /dev/zero > "$made"')
    with pytest.raises(Unavailable, match="could not print"):
        printing.pdf(PAGE.format("fine"), path, USER)


def test_only_the_folder_that_was_opened_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "page.pdf").write_text("the key")
    does = f'printf x > "$made"; mv "$(dirname "$made")" {tmp_path}/moved; ln -s {tmp_path}/other "$(dirname "$made")"'
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert printing.pdf(PAGE.format("fine"), browser(tmp_path, does), USER) == b"x"


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root prints as who they are")
def test_who_prints_may_read_the_page_of_a_server_that_keeps_its_files_to_itself(tmp_path: Path) -> None:
    path = browser(tmp_path, f'stat -c mode=%a "$(dirname "$made")/page.html" >> {tmp_path}/log; {_PRINTS}')
    before = os.umask(0o077)
    try:
        assert printing.pdf(PAGE.format("fine"), path, USER)
    finally:
        os.umask(before)
    modes = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("mode=")]
    assert modes == ["mode=444", "mode=444"]
