"""Web vitals as clients send them, and what of it is kept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.wire import vitals
from vedette.wire.url import page_of
from vedette.wire.vitals import Load

LCP = {"lcp": {"value": 1_200.5, "unit": "millisecond"}}


def loads(kind: str, sent: object) -> tuple[Load, ...]:
    found = vitals.brief(kind, sent if isinstance(sent, bytes) else json.dumps(sent).encode())
    return vitals.loads(found) if found else ()


def page_load(**more: object) -> dict[str, object]:
    return {
        "type": "transaction",
        "transaction": "/orders/4711",
        "measurements": LCP,
        "spans": [{"op": "x"}],
        **more,
    }


def test_a_transaction_is_a_page_load() -> None:
    more = {"cls": {"value": 0.12, "unit": ""}, "ttfb": {"value": 0.3, "unit": "second"}, "fid": {"value": 1}}
    sent = page_load(measurements={**LCP, **more, "ttfb.requestTime": {"value": 9}})
    assert loads("transaction", sent) == (Load("/orders/*", {"lcp": 1_200.5, "cls": 0.12, "ttfb": 300.0}),)


def test_a_span_that_comes_alone_is_one() -> None:
    sent = {
        "op": "ui.interaction.click",
        "measurements": {"inp": {"value": 80, "unit": "millisecond"}},
        "data": {"transaction": "/cart"},
    }
    assert loads("span", sent) == (Load("/cart", {"inp": 80.0}),)


def test_a_container_holds_several() -> None:
    def span(name: str, value: float) -> dict[str, object]:
        attributes = {
            f"browser.web_vital.{name}.value": {"value": value, "type": "double"},
            "sentry.segment.name": {"value": "/map", "type": "string"},
        }
        return {"name": name, "attributes": attributes}

    found = loads("span", {"items": [span("lcp", 900), {"name": "db"}, 7, span("cls", 0.2)]})
    assert found == (Load("/map", {"lcp": 900.0, "cls": 0.2}),), "one page was loaded once"


def test_what_is_no_json_is_mended_by_nobody_here() -> None:
    """It would be on the thread that answers requests: seconds for some kilobytes that are packed."""
    sent = json.dumps(page_load()).encode()
    assert loads("transaction", sent)
    assert loads("transaction", sent[:-1] + b',"x":NaN}') == ()
    assert loads("span", b'{"web_vital":[' + b"NaN," * 9 + b"]}") == ()


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("GET /reset?token=s3cret", "GET /reset"),
        ("example.com/x?mail=jane@example.com", "example.com/x"),
        ("users/jane@example.com", "users/*"),
        ("GET https://shop.example/u/7?x=1", "GET /u/*"),
        (
            "/verify/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "/verify/*",
        ),
        ("/p;jsessionid=AB12CD34EF", "/p"),
        ("/u/jane.doe%2540x.de", "/u/*"),
        ("/tel/+491701234567", "/tel/*"),
        ("Checkout step", "Checkout step"),
        ("/users/[id]/edit", "/users/[id]/edit"),
    ],
)
def test_names_of_pages_keep_nothing_of_anybody(name: str, page: str) -> None:
    assert loads("transaction", page_load(transaction=name))[0].page == page


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("transaction", page_load(measurements={})),
        ("transaction", page_load(measurements=None)),
        ("transaction", page_load(measurements=[LCP])),
        ("transaction", page_load(measurements={"lcp": {"value": "fast"}})),
        ("transaction", page_load(measurements={"lcp": {"value": True}})),
        ("transaction", page_load(measurements={"lcp": {"value": -1}})),
        ("transaction", page_load(measurements={"lcp": {"value": 1, "unit": "parsec"}})),
        ("transaction", page_load(measurements={"lcp": {"value": 700_000, "unit": "millisecond"}})),
        ("transaction", page_load(transaction=None)),
        ("transaction", page_load(transaction=" ")),
        ("transaction", b'{"measurements"'),
        ("transaction", b"measurements"),
        ("transaction", b'["measurements"]'),
        ("span", b'"measurements"'),
        ("span", {"measurements": LCP}),
        ("event", page_load()),
    ],
)
def test_what_holds_no_vital_of_a_page_is_not_kept(kind: str, sent: object) -> None:
    assert loads(kind, sent) == ()


@given(st.binary(max_size=200), st.sampled_from(["transaction", "span"]))
def test_whatever_comes_nothing_is_raised(junk: bytes, kind: str) -> None:
    vitals.brief(kind, b'{"measurements":{"lcp":{"value":1}},"transaction":"' + junk)
    vitals.brief(kind, b"measurements" + junk)


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://shop.example/orders/17?a=1#b", "/orders/*"),
        ("https://shop.example", "/"),
        ("/users/0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0/edit", "/users/*/edit"),
        ("/u/anna@example.org/", "/u/*/"),
        ("/u/anna%40example.org", "/u/*"),
        ("/commit/9f86d081884c", "/commit/*"),
        ("/v2/users/:id", "/v2/users/:id"),
        ("/2026/11-24/tea", "/*/*/tea"),
        ("/s/eyJhbGciOiJIUzI1NiJ9x", "/s/*"),
        ("/about-us/our-very-long-company-history", "/about-us/our-very-long-company-history"),
        ("about:blank", ""),
        ("https://[broken/x", ""),
    ],
)
def test_a_page_is_its_path_without_what_names_one_of_many(url: str, page: str) -> None:
    assert page_of(url) == page


@pytest.mark.parametrize("value", [10**400, -(10**400), 10**12, 1e308])
def test_a_number_of_any_length_is_no_vital(value: float) -> None:
    assert loads("transaction", page_load(measurements={"lcp": {"value": value, "unit": "second"}})) == ()
