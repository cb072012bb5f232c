"""Text of strangers: escaped for where it goes, tidied, and made a name of a file. Nothing raises, whatever it is."""

import csv as csv_module
import html as html_module
import io
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette_guard.decisions.filenames import fault
from vedette_guard.decisions.invisible import BIDI, is_invisible
from vedette_guard.text import clean_filename, clean_text, escape, safe_url, sanitize_html, strip_invisible

# All of Unicode, lone surrogates too, and more of what is special than chance would bring.
SPECIAL = "\0\t\n\r\x0b\x7f\x85\xad<>&\"'`=/\\%;:.-+@ \u200c\u200d\u200e\u202e\u2028\u2066\ufeff\ufe0f\ud800\U000e0041\U000e0101"
anything = st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from(SPECIAL + "aé中א🏴")))
JOINERS = {"\u200c", "\u200d", *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}
OTHERWISE = {"\0", "\x0b", "\x7f"} | {chr(n) for n in (*range(9), *range(14, 32))}


def readable(text: str) -> str:
    """Return text with U+FFFD for what HTML cannot hold."""
    return "".join("\ufffd" if one in OTHERWISE or "\ud800" <= one <= "\udfff" else one for one in text)


def escapes_hold(text: str) -> None:
    """Assert what is true of every text that was escaped."""
    element, attribute, js = escape(text), escape(text, "attribute"), escape(text, "js")
    assert not set("<>\"'") & set(element)
    assert html_module.unescape(element) == readable(text)
    assert not set("<>\"'`= \t\n\r\f/") & set(attribute)
    c1 = {chr(n) for n in range(0x80, 0xA0)}
    assert html_module.unescape(attribute) == "".join("\ufffd" if o in c1 else o for o in readable(text))
    assert js.isascii()
    assert not set("<>\"'`&$/-\n\r") & set(js)
    said = json.loads(f'"{js}"')
    assert said.encode("utf-16-be", "surrogatepass") == text.encode("utf-16-be", "surrogatepass")
    assert set(escape(text, "url")) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%"
    )
    assert unquote(escape(text, "url")) == "".join("\ufffd" if "\ud800" <= o <= "\udfff" else o for o in text)
    for context in ("html", "attribute", "js", "url", "csv"):
        escape(text, context).encode()


def cells_hold(text: str) -> None:
    """Assert that a cell is read as what it was, or as text that is nothing to calculate."""
    plain = "".join("\ufffd" if o == "\0" or "\ud800" <= o <= "\udfff" else o for o in text)
    line = f"{escape('before', 'csv')},{escape(text, 'csv')},{escape('after', 'csv')}\r\n"
    before, cell, after = next(csv_module.reader(io.StringIO(line, newline="")))
    assert (before, after) == ("before", "after")
    assert cell in {plain, "'" + plain}
    if cell == plain and plain.lstrip()[:1] in {"=", "+", "-", "@"} - {""}:
        assert plain == "" or plain[1:2].isdigit()


def names_hold(text: str) -> None:
    """Assert that a name is one segment that every system takes, and stays what it is."""
    name = clean_filename(text)
    assert name not in {"", ".", ".."}
    assert 0 < len(name.encode()) <= 200
    assert not set('/\\:*?"<>|%;$&`~\n\0') & set(name)
    assert name[0] not in ".- ~"
    assert name[-1] not in ". "
    assert not [one for one in name if is_invisible(one)]
    assert unicodedata.is_normalized("NFC", name)
    assert clean_filename(name) == name


def cleaned_holds(text: str) -> None:
    """Assert that text that was cleaned has nothing hidden, and stays what it is."""
    for form in ("NFC", "NFKC"):
        cleaned = clean_text(text, form)
        cleaned.encode()
        assert unicodedata.is_normalized(form, cleaned)
        assert not BIDI.search(cleaned)
        assert not [one for one in cleaned if is_invisible(one) and one not in JOINERS]
        assert clean_text(cleaned, form) == cleaned
        assert "\n" not in clean_text(text, form, lines=False)
    strip_invisible(text).encode()


def everything_holds(text: str) -> None:
    escapes_hold(text)
    cells_hold(text)
    names_hold(text)
    cleaned_holds(text)
    fault(text)
    assert not safe_url(text).lower().startswith(("javascript:", "data:", "vbscript:", "//"))
    for preset in ("plain", "comment", "article", "email"):
        cleaned = sanitize_html(text, preset)
        cleaned.encode()
        assert sanitize_html(cleaned, preset) == cleaned


@settings(max_examples=50)
@given(anything)
def test_whatever_it_is_everything_holds(text: str) -> None:
    everything_holds(text)


@pytest.mark.deep
@settings(max_examples=10_000)
@given(anything)
def test_very_much_of_whatever_it_is_holds(text: str) -> None:
    everything_holds(text)


def fuzzdb(corpora: Path) -> Iterator[str]:
    for path in sorted((corpora / "fuzzdb").glob("*/*.txt")):
        if path.parent.name in {"unicode", "file-upload", "redirect"}:
            yield from path.read_bytes().decode("utf-8", "surrogateescape").splitlines()


@pytest.mark.corpus
def test_naughty_strings_pass_everything(corpora: Path) -> None:
    strings = json.loads((corpora / "blns/blns.json").read_text())
    assert len(strings) > 500
    for text in strings:
        everything_holds(text)


@pytest.mark.deep
@pytest.mark.corpus
def test_strings_of_fuzzdb_pass_everything(corpora: Path) -> None:
    strings = list(fuzzdb(corpora))
    assert len(strings) > 400
    for text in strings:
        everything_holds(text)


CELLS = [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("  =1+1", "'  =1+1"), ("@SUM(1)", "'@SUM(1)"), ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"), ("＝1", "'＝1"), ("-12.50", "-12.50"), ("+49 30", "'+49 30"), ("1e5", "1e5"), ("a=b", "a=b"),
        ('say "x", y', 'say "x", y'), ("", ""),
    ]  # fmt: skip


def test_spreadsheets_calculate_nothing() -> None:
    for said, cell in CELLS:
        assert next(csv_module.reader([escape(said, "csv")])) == [cell]


RUNNING = [
        "javascript:alert(1)", " JavaScript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)", "data:text/html,x",
        "vbscript:x", "//evil.example", "/\\evil.example", "\t//evil.example", "\\\\evil.example", "feed:javascript:x",
        "javascript&colon;alert(1)", "&#106;avascript:x", "x\0y", "https://[::1", "1:2",
    ]  # fmt: skip


def test_addresses_that_run_or_leave_are_no_links() -> None:
    for address in RUNNING:
        assert safe_url(address) == "#"


LINKS = [
        "https://a.example/?q=1#x",
        "/path?x=a:b",
        "page.html",
        "#top",
        "?q=1",
        "mailto:a@b.example",
        "HTTP://A",
        "",
    ]  # fmt: skip


def test_other_addresses_are_links() -> None:
    for address in LINKS:
        assert safe_url(address) == address
        assert safe_url("ftp://a.example", ("ftp",)) == "ftp://a.example"


NAMES = [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\photo.JPG", "photo.JPG"), ("a.jpg.php", "a_jpg.php"),
        ("a.php.jpg", "a_php.jpg"), ("a.php\0.jpg", "a_php.jpg"), ("photo\u202egpj.exe", "photogpj.exe"), ("..%252fx", "_252fx"),
        ("a.asp;.jpg", "a_asp_.jpg"), ("x.php::$DATA", "x.php_DATA"), ("COM1.txt", "_COM1.txt"), ("com¹", "_com¹"), ("nul", "_nul"),
        ("-rf", "rf"), (".htaccess", "htaccess"), ("backup.tar.gz", "backup.tar.gz"), ("report v1.2.pdf", "report v1.2.pdf"),
        ("Rechnung (2).pdf", "Rechnung (2).pdf"), ("日本語.txt", "日本語.txt"), ("cafe\u0301.txt", "café.txt"), ("", "file"),
        ("...", "file"), ("a" * 300 + ".jpeg", "a" * 195 + ".jpeg"), ("x. .", "x"), ("a . jpg", "a.jpg"),
    ]  # fmt: skip


def test_names_of_files() -> None:
    for said, name in NAMES:
        assert clean_filename(said) == name


def test_a_name_is_as_long_as_one_asks_and_falls_back_to_what_one_says() -> None:
    assert len(clean_filename("日" * 100 + ".txt", most=50).encode()) <= 50
    assert clean_filename("///", fallback="upload") == "upload"


UNSEEN = [
        ("user\u202etxt.exe", "usertxt.exe"), ("pay\u200bpal", "paypal"), ("a\u200db", "ab"), ("a\u2066b\u2069", "ab"),
        ("x\U000e0041\U000e0042", "x"), ("a\ufe0f\U000e0101", "a\ufe0f"), ("葛\U000e0100", "葛\U000e0100"), ("a\r\nb\u2028c", "a\nb\nc"),
        ("\u3164", ""), ("👩\u200d💻", "👩\u200d💻"), ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"), ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u0601١", "\u0601١"), ("e\u0301", "é"), ("\ud800", "\ufffd"), ("a\0b", "ab"), ("\ufdd0\uffff", ""),
    ]  # fmt: skip


def test_what_is_not_seen_goes_and_what_scripts_need_stays() -> None:
    for said, cleaned in UNSEEN:
        assert clean_text(said) == cleaned


def test_one_chooses_the_form_and_whether_there_are_lines() -> None:
    assert (clean_text("ﬁ①Ａ"), clean_text("ﬁ①Ａ", "NFKC")) == ("ﬁ①Ａ", "fi1A")
    assert clean_text(" a\n\n b\tc ", lines=False) == "a b c"


def test_another_context_or_preset_is_told_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"'xml' is no context: there are html, attribute, js, url, csv"):
        escape("x", "xml")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"'all' is no preset: there are plain, comment, article, email"):
        sanitize_html("x", "all")
