import pytest

from vedette.wire import auth
from vedette.wire.auth import Credentials, Dsn


@pytest.mark.parametrize(
    "value",
    [
        b"Sentry sentry_key=abc, sentry_version=7, sentry_client=raven/1",
        b"Sentry sentry_version=7,sentry_client=raven/1,sentry_key=abc,sentry_secret=s",
        b"sentry sentry_key = abc ,sentry_client= raven/1",
        b'Sentry sentry_key="abc", sentry_client="raven/1"',
        b"sentry_key=abc, sentry_client=raven/1",
    ],
)
def test_the_sentry_header_is_read_in_all_its_spellings(value: bytes) -> None:
    assert auth.from_header(value) == Credentials("abc", "raven/1")


@pytest.mark.parametrize(
    "value", [b"", b"Bearer abc", b"Basic YTpi", b"Sentry", b"Sentry sentry_key=", b"\xff"]
)
def test_another_header_is_no_credential(value: bytes) -> None:
    assert auth.from_header(value) is None


def test_the_query_is_read() -> None:
    query = b"sentry_version=7&sentry_key=abc&sentry_client=sentry.javascript.browser%2F8.1"
    assert auth.from_query(query) == Credentials("abc", "sentry.javascript.browser/8.1")
    assert auth.from_query(b"") is auth.from_query(b"sentry_key=") is auth.from_query(b"x=1") is None


@pytest.mark.parametrize(
    ("text", "dsn"),
    [
        ("http://k@localhost:8700/1", Dsn("http", "k", "localhost:8700", "", "1")),
        ("https://k:secret@errors.example.org/7", Dsn("https", "k", "errors.example.org", "", "7")),
        ("https://k@example.org/a/b/7", Dsn("https", "k", "example.org", "/a/b", "7")),
        ("https://k@example.org//1", Dsn("https", "k", "example.org", "", "1")),
        (" https://k@example.org/1/ ", Dsn("https", "k", "example.org", "", "1")),
        ("https://k@[::1]:9000/1", Dsn("https", "k", "::1:9000", "", "1")),
    ],
)
def test_a_dsn_is_taken_apart(text: str, dsn: Dsn) -> None:
    assert auth.parse_dsn(text) == dsn


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "http://localhost/1",
        "http://k@localhost",
        "http://k@/1",
        "//k@h/1",
        "http://k@h:x/1",
        "http://[/1",
    ],
)
def test_what_is_no_dsn_is_none(text: str) -> None:
    assert auth.parse_dsn(text) is None
