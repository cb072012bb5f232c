"""The recovery sheet: everything that restores is on it, as text and as a page that can be printed."""

import re
from pathlib import Path

import pytest
import qrcode
from tests.support.backups import NOW

from vedette.instruments.backup import sheet
from vedette.instruments.backup.sheet import Recovery
from vedette.instruments.backup.types import Repository, Secret, Tools

PASSWORD = "acorn-actor-adapt"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n<b>&\n-----END OPENSSH PRIVATE KEY-----"
PLACES = {
    "borg": "ssh://u1@box.example/./shop",
    "restic": "sftp://u1@box.example:23/shop",
    "pgbackrest": "/backup/shop",
}


def made(tmp_path: Path, engine: str) -> Recovery:
    secrets = {} if engine == "pgbackrest" else {"ssh_key": Secret(KEY)}
    settings = {"remote_path": "borg-1.4"} if engine == "borg" else {}
    place = Repository(
        name="shop/box", at=PLACES[engine], password=Secret(PASSWORD), secrets=secrets, settings=settings
    )
    return sheet.recovery_of(place, engine, "web1", Tools(now=lambda: NOW, state=tmp_path))


@pytest.mark.parametrize("engine", PLACES)
def test_all_that_restores_is_on_it(tmp_path: Path, engine: str) -> None:
    found = made(tmp_path, engine)
    text = sheet.as_text(found)
    assert "Recovery sheet: shop of web1, copy box" in text
    assert PLACES[engine] in text
    assert f"\n{PASSWORD}\n" in text
    assert text.endswith("\n".join(found.commands) + "\n")
    if found.secrets:
        assert KEY in text
        assert "chmod 600 KEY_FILE" in " ".join(text.split())
    assert PASSWORD not in "".join(found.commands)
    assert "--set= " not in text


def test_a_storage_box_is_told_which_borg(tmp_path: Path) -> None:
    assert "export BORG_REMOTE_PATH=borg-1.4" in made(tmp_path, "borg").commands


def test_the_page_is_one_file_and_escapes_what_it_holds(tmp_path: Path) -> None:
    page = sheet.as_page(made(tmp_path, "borg"))
    assert page.startswith("<!doctype html>")
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;" in page
    assert "<script" not in page
    assert "http" not in re.sub(r'http-equiv="[^"]*"', "", page)


def test_the_code_holds_the_password_alone(tmp_path: Path) -> None:
    """Every dark module is drawn, with four empty ones around (ISO/IEC 18004)."""
    drawn = sheet.qr(PASSWORD)
    code = qrcode.QRCode(border=4)
    code.add_data(PASSWORD)
    code.make(fit=True)
    dark = {(x, y) for y, row in enumerate(code.get_matrix()) for x, on in enumerate(row) if on}
    assert {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)} == dark
    assert sheet.as_page(made(tmp_path, "borg")).count("<svg") == 1
