import pytest

from vedette.intake import cors


@pytest.mark.parametrize(
    ("allowed", "origin"),
    [
        ("*", "https://anything.example"),
        ("*", "null"),
        ("https://shop.example.org", "https://shop.example.org"),
        ("https://shop.example.org/", "https://SHOP.example.org"),
        ("https://shop.example.org", "https://shop.example.org:8443"),
        ("https://shop.example.org:8443", "https://shop.example.org:8443"),
        ("shop.example.org", "http://shop.example.org:3000"),
        ("localhost:3000", "http://localhost:3000"),
        ("*.example.org", "https://a.b.example.org"),
        ("*.example.org", "https://example.org"),
        ("https://*.example.org", "https://a.example.org"),
        ("https://*", "https://a.example"),
        ("http://[::1]", "http://[::1]:3000"),
    ],
)
def test_an_allowed_origin_may_send(allowed: str, origin: str) -> None:
    assert cors.allows(("https://never.example", allowed), origin)


@pytest.mark.parametrize(
    ("allowed", "origin"),
    [
        ("https://shop.example.org", "http://shop.example.org"),
        ("https://shop.example.org", "https://shop.example.org.evil.example"),
        ("https://shop.example.org:8443", "https://shop.example.org"),
        ("*.example.org", "https://evilexample.org"),
        ("https://*.example.org", "http://a.example.org"),
        ("shop.example.org", "null"),
        ("", "https://shop.example.org"),
    ],
)
def test_another_origin_may_not(allowed: str, origin: str) -> None:
    assert not cors.allows((allowed,), origin)


def test_no_origins_allow_nobody() -> None:
    assert not cors.allows((), "https://shop.example.org")
