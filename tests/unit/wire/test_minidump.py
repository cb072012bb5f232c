"""What a minidump's head says."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.dumps import dump

from vedette.wire.attachment import file_name, made, nested
from vedette.wire.minidump import Crash, read


@pytest.mark.parametrize(
    ("platform", "code", "system", "reason"),
    [
        (2, 0xC0000005, "Windows", "EXCEPTION_ACCESS_VIOLATION"),
        (0x8201, 11, "Linux", "SIGSEGV"),
        (0x8101, 1, "macOS", "EXC_BAD_ACCESS"),
        (0x8203, 99, "Android", "exception 0x00000063"),
        (77, 6, "", "SIGABRT"),
    ],
)
def test_the_reason_in_the_words_of_the_system(platform: int, code: int, system: str, reason: str) -> None:
    assert read(io.BytesIO(dump(platform, code))) == Crash(reason, 0xDEAD, system, "10.0.7", "x86_64")


def test_a_dump_without_streams_says_nothing() -> None:
    assert read(io.BytesIO(b"MDMP" + struct.pack("<III", 0, 0, 32))) == Crash()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_no_dump(body: bytes) -> None:
    assert read(io.BytesIO(body)) is None or body.startswith(b"MDMP")
    assert read(io.BytesIO(b"MDMP" + body)) is None or len(body) >= 12


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\log.txt", "log.txt"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("\ud800", "?"),
        ("..", "attachment"),
        (None, "attachment"),
        ("x" * 500, "x" * 200),
    ],
)
def test_names_of_files_are_made_harmless(sent: object, name: str) -> None:
    assert file_name(sent) == name


@pytest.mark.parametrize("sent", ["text/html\r\nx: y", 7, "", "text", "TEXT/"])
def test_a_type_that_is_none_is_plain(sent: object) -> None:
    assert made("a", sent, None, 1, "f").content_type == "application/octet-stream"


def test_fields_in_brackets_spell_an_object() -> None:
    fields = {"sentry[release]": "1", "sentry[user][id]": "7", "sentry[release][x]": "no", "other": "x"}
    assert nested(fields) == {"release": "1", "user": {"id": "7"}}
