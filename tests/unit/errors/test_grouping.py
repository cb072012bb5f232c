"""What is one problem is one issue: each step of the order, what is cleaned away, and why it says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.errors.conftest import delivery, error

from vedette.errors import cleaning, grouping
from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import scrubber
from vedette.errors.types import Fingerprint
from vedette.projects.types import ScrubRules

OWN = {"module": "shop.orders", "function": "pay", "in_app": True}
LIBRARY = {"module": "django.core", "function": "get_response", "in_app": False}


def grouped(sent: object, project: int = 1) -> Fingerprint:
    return grouping.fingerprint(normalize(delivery(sent, project=project), scrubber(ScrubRules())).event)


def stacked(*frames: dict[str, object], platform: str = "python", **more: object) -> dict[str, object]:
    exception = {"type": "ValueError", "value": "no", "stacktrace": {"frames": list(frames)}}
    return {"platform": platform, "exception": {"values": [exception]}, **more}


def values(found: Fingerprint) -> list[str]:
    return [part.value for part in found.parts]


def test_the_same_problem_is_the_same_whatever_else_differs() -> None:
    one = grouped(error(value="order 1", release="1", tags={"a": "b"}, user={"id": 1}))
    assert grouped(error(value="order 2", release="2")) == one
    assert len(one.hash) == 16
    assert one.component == "exception"
    assert [part.name for part in one.parts] == ["exception type", "your frame"]


def test_kind_place_and_project_tell_problems_apart() -> None:
    hashes = {
        grouped(error()).hash, grouped(error("KeyError")).hash, grouped(error(function="refund")).hash,
        grouped(error(), project=2).hash,
    }  # fmt: skip
    assert len(hashes) == 4


def test_your_frames_decide_and_all_do_when_none_is_yours() -> None:
    assert grouped(stacked(LIBRARY, OWN)).hash == grouped(stacked({**LIBRARY, "function": "other"}, OWN)).hash
    assert values(grouped(stacked(LIBRARY))) == ["ValueError", "django.core get_response"]


def test_a_recursion_counts_once() -> None:
    assert grouped(stacked(*[OWN] * 40)).hash == grouped(stacked(OWN)).hash
    other = {**OWN, "function": "visit"}
    assert grouped(stacked(*[OWN, other] * 90, OWN)) == grouped(stacked(OWN, other))


def test_the_line_does_not_matter_but_the_source_does_where_the_function_has_no_name() -> None:
    lambda_ = {"module": "m", "function": "<lambda>", "in_app": True, "context_line": "  lambda x: x / 0"}
    other = {**lambda_, "context_line": "  lambda x: x.y"}
    assert grouped(stacked({**lambda_, "lineno": 1})).hash == grouped(stacked({**lambda_, "lineno": 2})).hash
    assert grouped(stacked(lambda_)).hash != grouped(stacked(other)).hash
    assert values(grouped(stacked(lambda_))) == ["ValueError", "m lambda x: x / 0"]
    assert grouped(stacked(lambda_, platform="java")).hash == grouped(stacked(other, platform="java")).hash


def test_a_minified_line_does_not_decide() -> None:
    frame = {"filename": "https://x/app.js", "function": "pay", "in_app": True, "context_line": "x" * 5_000}
    assert values(grouped(stacked(frame, platform="javascript"))) == ["ValueError", "/app.js pay"]


def test_a_stack_that_names_nothing_lets_the_value_speak() -> None:
    frame = {"filename": "https://x/app.js", "function": "t", "colno": 48_000, "in_app": True}
    assert values(grouped(stacked(frame, platform="javascript"))) == ["ValueError", "/app.js", "no"]
    named = {**frame, "function": "e.openCart"}
    assert values(grouped(stacked(named, frame, platform="javascript"))) == [
        "ValueError",
        "/app.js openCart",
        "/app.js",
    ]
    assert values(grouped(stacked({**frame, "colno": 8}, platform="javascript"))) == [
        "ValueError",
        "/app.js t",
    ]


def test_a_minified_kind_does_not_decide() -> None:
    sent = {"platform": "javascript", "exception": [{"type": "t", "value": "no"}]}
    assert values(grouped(sent)) == ["no"]
    assert values(grouped({**sent, "platform": "python"})) == ["t", "no"]


def test_what_engines_and_transpilers_put_between_does_not_decide() -> None:
    own = {"filename": "https://x/app.js", "function": "pay", "in_app": True}
    between = [
        {"filename": "<anonymous>", "function": "Array.map"}, {"filename": "[native code]", "function": "map"},
        {**own, "function": "asyncGeneratorStep"}, {**own, "function": "ZoneDelegate.invoke"}, {"filename": "index 0", "function": "Promise.all"},
        {**own, "filename": "webpack:///node_modules/react-dom/index.js", "function": "callCallback"},
    ]  # fmt: skip
    assert grouped(stacked(*between, own, platform="javascript")) == grouped(
        stacked(own, platform="javascript")
    )
    comprehension = {**OWN, "function": "<listcomp>"}
    assert grouped(stacked(OWN, comprehension)) == grouped(stacked(OWN))


def test_libraries_of_a_cause_say_nothing_where_another_of_the_chain_is_yours() -> None:
    def chain(*frames: dict[str, object]) -> dict[str, object]:
        cause = {"type": "OSError", "value": "reset", "stacktrace": {"frames": list(frames)}}
        return {"exception": [cause, {"type": "PaymentError", "stacktrace": {"frames": [OWN]}}]}

    assert values(grouped(chain(LIBRARY))) == ["OSError", "PaymentError", "shop.orders pay"]
    assert grouped(chain(LIBRARY)) == grouped(chain({**LIBRARY, "function": "other"}))
    assert values(grouped({"exception": [*chain(LIBRARY)["exception"][:1]]})) == [
        "OSError",
        "django.core get_response",
    ]


def test_the_whole_chain_decides() -> None:
    chain = {"exception": [{"type": "A", "value": "a"}, {"type": "B", "value": "b 7"}]}
    assert values(grouped(chain)) == ["A", "a", "B", "b <int>"]
    assert grouped({"exception": chain["exception"][1:]}).hash != grouped(chain).hash


def test_the_value_joins_only_without_a_stack() -> None:
    assert values(grouped({"exception": [{"type": "E", "value": "order 17 of a@b.de"}]})) == [
        "E",
        "order <int> of <email>",
    ]
    assert "no" not in values(grouped(stacked(OWN)))


def test_a_made_up_kind_does_not_decide() -> None:
    sent = {
        "exception": [
            {
                "type": "SIGSEGV",
                "value": "at 0x1",
                "mechanism": {"synthetic": True},
                "stacktrace": {"frames": [OWN]},
            }
        ]
    }
    assert values(grouped(sent)) == ["shop.orders pay"]


@pytest.mark.parametrize(
    ("sent", "component", "told"),
    [
        ({"threads": [{"id": 1}, {"crashed": True, "stacktrace": {"frames": [OWN]}}]}, "threads", ["shop.orders pay"]),
        ({"threads": [{"current": True, "stacktrace": {"frames": [OWN]}}, {"stacktrace": {"frames": [LIBRARY]}}]}, "threads", ["shop.orders pay"]),
        ({"threads": [{"stacktrace": {"frames": [OWN]}}]}, "threads", ["shop.orders pay"]),
        ({"stacktrace": {"frames": [OWN]}, "message": "m"}, "stack trace", ["shop.orders pay"]),
        ({"template": {"filename": "a.html", "context_line": "{% x %}"}}, "template", ["a.html", "{% x %}"]),
        ({"csp": {"effective_directive": "script-src", "blocked_uri": "https://evil.example/x.js?1"}}, "security report", ["script-src", "evil.example"]),
        ({"nel": {"type": "tcp.timed_out", "url": "https://shop.example/a"}}, "security report", ["tcp.timed_out", "shop.example"]),
        ({"message": "user 17 is gone"}, "message", ["user <int> is gone"]),
        ({"logentry": {"message": "user %s is gone", "params": ["17"], "formatted": "user 17 is gone"}}, "message", ["user %s is gone"]),
        ({}, "nothing", ["", "other"]),
    ],
)  # fmt: skip
def test_the_order_of_components(sent: object, component: str, told: list[str]) -> None:
    found = grouped(sent)
    assert (found.component, values(found)) == (component, told)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (["mine"], ["mine"]),
        (["a", 7], ["a", "7"]),
        ("mine", ["mine"]),
        (["{{ transaction }}", "x"], ["/pay", "x"]),
        (["{{ error.type }}", "{{ function }}", "{{ unknown }}"], ["ValueError", "pay", "{{ unknown }}"]),
        (["{{ default }}", "tenant"], ["ValueError", "shop.orders pay", "tenant"]),
    ],
)
def test_the_clients_fingerprint_comes_first(sent: object, told: list[str]) -> None:
    found = grouped(stacked(OWN, fingerprint=sent, transaction="/pay"))
    assert (found.component, values(found)) == ("fingerprint", told)


@pytest.mark.parametrize("sent", [["{{ default }}"], ["{{default}}"], [], "", None, [None], {}, [{}], [[]]])
def test_a_fingerprint_that_says_nothing_leaves_it_to_the_content(sent: object) -> None:
    assert grouped(stacked(OWN, fingerprint=sent)) == grouped(stacked(OWN))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("pay", "pay"), ("<lambda>", ""), ("?", ""), ("<anonymous>", ""), ("Object.<anonymous>", ""), ("{closure}", ""),
        ("App\\Shop::{closure}", ""), ("lambda$pay$0", "pay"), ("lambda$0", ""), ("block in pay", "pay"),
        ("block (2 levels) in pay", "pay"), ("rescue in pay", "pay"), ("async pay", "pay"), ("Module.pay", "pay"),
        ("<Pay>b__0_1", "Pay"), ("<PayAsync>d__5.MoveNext", "PayAsync"), ("shop::pay::h0123456789abcdef", "shop::pay"),
        ("main.pay.func1", "main.pay.func"), ("main.pay.func2.1", "main.pay.func"), ("0x7fff01", ""),
        ("__42-[Shop pay]_block_invoke_2", "-[Shop pay]"), ("access$000", "access"), ("Shop::pay(int, char const*)", "Shop::pay"),
        ("new Shop", "new Shop"), ("operator()", "operator()"), ("shop::pay::{{closure}}::{{closure}}", "shop::pay"),
        ("__report.cold.1", "__report"), ("pay.isra.0.cold", "pay"), ("pay(int) [clone .isra.0]", "pay"),
        ("(anonymous namespace)::pay(int)", "<anonymous namespace>::pay"), ("(2) await resume partial function for Cart.total()", "Cart.total()"),
        ("onPay$lambda$3", "onPay"), ("$anonfun$pay$1", "pay"), ("Cart.open.<anonymous closure>", "Cart.open"), ("main.pay.gowrap1", "main.pay"),
        ("anonymous fn/2 in Shop.pay/1", "Shop.pay/1"),
    ],
)  # fmt: skip
def test_functions_are_cleaned(name: str, clean: str) -> None:
    assert cleaning.NEWEST.function(name) == clean


@pytest.mark.parametrize(
    ("platform", "name", "clean"),
    [
        ("javascript", "Foo.prototype.pay", "pay"), ("javascript", "Foo.pay [as handler]", "pay"), ("javascript", "pay/</<", "pay"),
        ("javascript", "async*pay", "pay"), ("javascript", "Cart/this.pay", "pay"), ("node", "new Shop", "Shop"), ("node", "Shop.<anonymous>", ""),
        ("javascript", "Object.4837", ""), ("javascript", "_callee3$", ""), ("javascript", "eval code", ""), ("javascript", "$", "$"),
        ("ruby", "Shop::Cart#pay", "pay"), ("ruby", "block in Shop::Cart.pay", "pay"), ("ruby", "pay!", "pay!"),
        ("python", "checkout.<locals>.pay", "pay"), ("python", "Foo.pay", "Foo.pay"),
    ],
)  # fmt: skip
def test_functions_are_cleaned_as_their_language_writes_them(platform: str, name: str, clean: str) -> None:
    assert cleaning.NEWEST.function(name, platform) == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("https://shop.example.org/static/app.4f3e2d1c.js?v=3", "/static/app.<v>.js"),
        ("webpack:///./src/cart.ts", "/src/cart.ts"),
        ("/usr/lib/python3.11/site-packages/django/http.py", "/django/http.py"),
        ("/home/anna/shop/orders.py", "/~/shop/orders.py"),
        ("C:\\shop\\orders.cs", "C:/shop/orders.cs"),
        ("/srv/releases/20261125/app.rb", "/app.rb"), ("/srv/shop/current/lib/app.rb", "/lib/app.rb"),
        ("C:\\Users\\anna\\shop\\orders.cs", "/~/shop/orders.cs"), ("https://x.de/assets/index-BkH3_x9a.js", "/assets/index-<v>.js"),
        ("https://x.de/assets/shop-checkout.js", "/assets/shop-checkout.js"), ("https://x.de/shop-CheckOut.js", "/shop-CheckOut.js"),
        ("https://x.de/js/123.0a1b2c3d.chunk.js", "/js/<v>.<v>.chunk.js"), ("/go/pkg/mod/github.com/x/y@v1.2.3/z.go", "/github.com/x/y/z.go"),
        ("/usr/lib/gems/rails-8.0.0.rc1/lib/a.rb", "/rails-<v>/lib/a.rb"), ("actionpack (6.1.7.7) lib/a.rb", "actionpack (<v>) lib/a.rb"),
        ("/usr/lib/python3.11/asyncio/tasks.py", "/asyncio/tasks.py"), ("/var/www/vendor/laravel/a.php", "/laravel/a.php"),
        ("/private/A0B1C2D3-0000-4000-8000-ABCDEF012345/Shop.app/a.swift", "/private/<v>/Shop.app/a.swift"), ("/tmp/tmpab12cd3_/x.py", "/tmp/<tmp>/x.py"),
        ("<ipython-input-7-abcdef>", "<ipython-input>"), ("https://x.de/a.js line 3 > eval", "/a.js"),
        ("shop/orders.py", "shop/orders.py"),
        ("<anonymous>", ""), ("[native code]", ""),
    ],
)  # fmt: skip
def test_paths_are_cleaned(name: str, clean: str) -> None:
    assert cleaning.NEWEST.path(name) == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("com.shop.Pay$$EnhancerBySpringCGLIB$$1a2b", "com.shop.Pay"), ("com.sun.proxy.$Proxy42", "com.sun.proxy.$Proxy"),
        ("com.shop.Pay$$Lambda$14/0x0001", "com.shop.Pay"), ("com.shop.Pay$1", "com.shop.Pay$"), ("shop.orders", "shop.orders"),
        ("com.shop.Pay$$SpringCGLIB$$0", "com.shop.Pay"), ("com.shop.Order$HibernateProxy$a1B2", "com.shop.Order"),
        ("com.shop.Pay$$ExternalSyntheticLambda0", "com.shop.Pay"), ("Shop.Orders+<PayAsync>d__5", "Shop.Orders+PayAsync"),
        ("Shop.Orders+<>c__DisplayClass3_0", "Shop.Orders"), ("class@anonymous\x00/var/www/a.php:12$0", "class@anonymous"),
    ],
)  # fmt: skip
def test_modules_are_cleaned(name: str, clean: str) -> None:
    assert cleaning.NEWEST.module(name) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail to anna.b+x@shop.example.org", "mail to <email>"),
        ("GET https://shop.example.org/a?b=1 failed", "GET <url> failed"),
        ("cannot reach db-1.shop.internal", "cannot reach <hostname>"),
        ("from 10.0.0.7:5432", "from <ip>"), ("from fe80::1 and ::1", "from <ip> and ::<int>"),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "<traceparent>"),
        ("order 0af76519-16cd-43dd-8448-eb211c80319c", "order <uuid>"),
        ("sha 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "sha <sha1>"), ("md5 9e107d9d372bb6826bd81d3542a419d6", "md5 <md5>"),
        ("at 2026-11-25T03:00:00.123Z", "at <date>"), ("on 2026-11-25", "on <date>"), ("took 12.5ms", "took <duration>"),
        ("after 30 seconds", "after <duration>"), ("at 0x7fff0a", "at <hex>"), ("commit 4ead75dc", "commit <git_sha>"),
        ("ratio 0.25", "ratio <float>"), ("order 17", "order <int>"), ("no key 'basket'", "no key <quoted_str>"),
        ('no key "basket"', "no key <quoted_str>"), ("flag is True", "flag is <bool>"), ("division by zero", "division by zero"),
        ("  many   \n spaces ", "many spaces"), ("face it", "face it"),
        ("can't open 7, won't retry", "can't open <int>, won't retry"), ("no “tea” or «thé»", "no <quoted_str> or <quoted_str>"),
        ("1,234.50 1.234,50 12,50 0.5", "<float> <float> <float> <float>"), ("1,234,567 1.234.567 17", "<int> <int> <int>"),
        ("on 25.11.2026 at 9:15 AM or Nov 25, 2026", "on <date> at <date> or <date>"), ("after 1h30m5s", "after <duration>"),
        ("12.5 MB of 900 bytes", "<size> of <size>"), ("charge ch_3NabcXYZ0123456789", "charge <id>"), ("no order_items_of_customers", "no order_items_of_customers"),
        ("ULID 01ARZ3NDEKTSV4RRFFQ69G5FAV", "ULID <ulid>"), ("sha " + "ab12" * 16, "sha <sha256>"), ("eyJhbGciOi.eyJzdWIiOi.c2ln_x", "<jwt>"),
    ],
)  # fmt: skip
def test_texts_lose_what_varies(text: str, clean: str) -> None:
    assert cleaning.NEWEST.text(text) == clean


@given(st.text(max_size=300))
def test_cleaning_takes_any_text(text: str) -> None:
    for clean in (
        cleaning.NEWEST.function,
        cleaning.NEWEST.module,
        cleaning.NEWEST.path,
        cleaning.NEWEST.text,
    ):
        assert clean(text) == clean(text)
        assert len(clean(text)) <= 12 * max(1, len(text))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5))
def test_messages_that_differ_in_numbers_are_one(numbers: list[int]) -> None:
    assert len({grouped({"message": f"order {n} failed"}).hash for n in numbers}) == 1
