"""The recovery sheet: everything that restores is on it, as text and as a page that can be printed."""

import re
from pathlib import Path

import msgspec
import pytest
import zxingcpp
from PIL import Image
from tests.support.backups import NOW

from vedette.instruments.backup import sheet
from vedette.instruments.backup.sheet import Recovery
from vedette.instruments.backup.types import Repository, Secret, Tools

PASSWORD = "acorn-actor-adapt"
DOTS = 4  # each way, of a square of a code
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


@pytest.mark.parametrize("text", [PASSWORD, "-".join(["acorn"] * 14), "Ünlaut & <b>"])
def test_a_decoder_reads_the_password_and_nothing_else_from_the_page(tmp_path: Path, text: str) -> None:
    """As a telephone does, from what is drawn: by a library that has nothing to do with the one that draws."""
    page = sheet.as_page(msgspec.structs.replace(made(tmp_path, "borg"), password=Secret(text)))
    assert page.count("<svg") == 1
    found = zxingcpp.read_barcodes(drawn(page))
    assert [(one.format, one.text) for one in found] == [(zxingcpp.BarcodeFormat.QRCode, text)]


def drawn(page: str) -> Image.Image:
    """Paint what the SVG of a page says: dark squares on white, a few dots each."""
    box = re.search(r'viewBox="0 0 (\d+) \1"', page)
    assert box
    image = Image.new("L", (int(box[1]), int(box[1])), 255)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", page):
        image.putpixel((int(x), int(y)), 0)
    return image.resize((image.width * DOTS, image.height * DOTS), Image.Resampling.NEAREST)
