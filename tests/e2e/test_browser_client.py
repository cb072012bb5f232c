"""Our browser client in headless Chromium against a real server: the shop of `browser/examples`, and a page without a build."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route
from tests.support import shop_site
from tests.support.browser import Watched, context, watch
from tests.support.server import Vedette

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-client")]

# Headless pages never are in the background.
HIDE = """() => {
  Object.defineProperties(document, { visibilityState: { value: "hidden" }, hidden: { value: true } });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


def address_of(server: Vedette) -> str:
    """Return where a DSN of the server points."""
    return f"http://localhost:{server.port}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, vedette_server: Vedette) -> Path:
    made = tmp_path_factory.mktemp("shop")
    shop_site.bundle(made)
    shop_site.lay_out(made, address_of(vedette_server))
    return made


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[str]:
    """Serve the shop; yield its address."""
    with shop_site.served(folder) as address:
        yield address


class Visit:
    """A page that reports to a project of its own."""

    def __init__(self, server: Vedette, browser: Browser, name: str) -> None:
        self.server, self.project = server, server.add_project(name, "react")
        self.context = context(browser)
        self.watched: Watched = watch(self.context)
        self.page: Page = self.watched.page

    def shop(self, address: str) -> "Visit":
        self.page.goto(f"{address}/?dsn={quote(self.project.dsn)}")
        return self

    def press(self, *buttons: str) -> "Visit":
        for button in buttons:
            self.page.click(f"#{button}")
        return self

    def issues(self) -> list[dict[str, Any]]:
        return self.server.issues(project=self.project.slug)

    def events(self, count: int) -> list[dict[str, Any]]:
        """Return the newest event of each issue as it was sent, the first issue first, once there are so many."""
        self.server.wait(lambda: len(self.issues()) >= count)
        return sorted(
            (newest(self.server, issue["id"]) for issue in self.issues()),
            key=lambda event: event["timestamp"],
        )


def newest(server: Vedette, issue: str) -> dict[str, Any]:
    page = server.api("GET", f"/issues/{issue}/events")[1]
    status, event = server.api("GET", f"/events/{page['items'][0]['id']}/json")
    assert status == 200, event
    return dict(event)


def outer(event: dict[str, Any]) -> tuple[str, str]:
    found = event["exception"]["values"][-1]
    return found["type"], found["value"]


def test_the_shop_tells_what_fails(vedette_server: Vedette, browser: Browser, shop: str) -> None:
    visit = Visit(vedette_server, browser, "Shop in React").shop(shop)
    page = visit.page
    visit.press("boundary", "reject", "console", "failed")
    caught, rejected, said, failed = visit.events(4)

    assert outer(caught) == ("TypeError", "Cannot read properties of undefined (reading 'map')")
    assert caught["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "Basket"
    assert "at Basket" in caught["contexts"]["react"]["componentStack"]
    assert (caught["release"], caught["environment"], caught["user"]["id"], caught["tags"]) == (
        "shop@9.1.0", "production", "42", {"shop": "north"},
    )  # fmt: skip
    assert outer(rejected) == ("Error", "the payment was refused")
    assert rejected["exception"]["values"][0]["mechanism"] == {"type": "unhandledrejection", "handled": False}
    assert (outer(said), said["logger"]) == (("Error", "stock of tea is out {name}"), "console")
    assert outer(failed) == ("RequestError", f"GET {shop}/api/orders/17?…: HTTP 503")
    assert "4111" not in str(failed).replace(shop, "")  # its port may be 41115
    assert [(crumb["category"], crumb.get("message")) for crumb in failed["breadcrumbs"]["values"] if crumb["category"] != "longtask"] == [
        ("ui.click", "button#boundary"), ("console", "TypeError: Cannot read properties of undefined (reading 'map')"),
        ("ui.click", "button#reject.act"), ("ui.click", "button#console.act"), ("console", "stock of tea is out {name}"),
        ("ui.click", "button#failed.act"), ("http", None),
    ]  # fmt: skip

    assert page.inner_text("#event") == caught["event_id"]
    visit.press("tell")
    page.fill("vedette-feedback textarea", "I opened the basket.")
    page.fill("vedette-feedback [name=email]", "ann@shop.example")
    page.click("vedette-feedback [type=submit]")
    (feedback,) = vedette_server.wait(
        lambda: vedette_server.api("GET", f"/events/{caught['event_id']}/feedback")[1]
    )
    assert (feedback["comments"], feedback["email"]) == ("I opened the basket.", "ann@shop.example")
    page.click("vedette-feedback button")
    visit.press("fill")  # a reset key
    assert page.inner_text("main ul") == "tea"
    assert not [problem for problem in visit.watched.problems() if problem.startswith("policy")]
    visit.context.close()


def test_the_script_of_a_key_reports_without_a_build(
    vedette_server: Vedette, browser: Browser, folder: Path, shop: str
) -> None:
    visit = Visit(vedette_server, browser, "Without a build")
    shop_site.lay_out(folder, address_of(vedette_server), visit.project.key)
    with visit.page.expect_response(lambda answer: answer.url.endswith(".vitals.js")) as vitals:
        visit.page.goto(f"{shop}/plain.html")
    visit.press("throw")
    (event,) = visit.events(1)
    assert (outer(event), event["release"], event["environment"]) == (
        ("Error", "nobody built this"),
        "plain@1",
        "test",
    )
    assert vitals.value.ok
    with visit.page.expect_request(lambda request: "/envelope/" in request.url) as sent:
        visit.page.evaluate(HIDE)
    measured = json.loads(sent.value.post_data.splitlines()[2])["measurements"]
    assert (
        {"fcp", "lcp", "cls", "ttfb", "inp"}
        >= set(measured) - {"long_tasks", "blocking_time"}
        >= {"fcp", "lcp", "cls", "ttfb"}
    )
    assert 0 < measured["ttfb"]["value"] <= measured["fcp"]["value"] <= measured["lcp"]["value"] < 60_000
    key = vedette_server.api("GET", f"/projects/{visit.project.slug}/keys")[1][0]
    change = {"label": key["label"], "origins": ["https://elsewhere.example"]}
    assert vedette_server.api("PUT", f"/projects/{visit.project.slug}/keys/{key['id']}", change)[0] == 200
    vedette_server.wait(
        lambda: vedette_server.request("GET", f"/js/{key['public']}.js", headers={"Origin": shop})[0] == 403
    )
    visit.context.close()


FAILURES = {
    "throw": ("error", "TypeError", "the till is open"),
    "nowhere": ("error", "RequestError", "GET {shop}/cut: failed to fetch"),
    "slow": ("warning", "RequestError", "GET {shop}/slow: slow"),
    "given_up": ("warning", "RequestError", "GET {shop}/never: abort"),
    "timeout": ("error", "RequestError", "POST {shop}/never: timeout"),
    "xhr": ("error", "RequestError", "POST {shop}/api/orders/18?…: HTTP 503"),
    "image": ("error", "ResourceError", "img did not load: {shop}/missing.png?…"),
    "policy": ("error", "PolicyError", "connect-src blocked https://elsewhere.example/track?…"),
    "log": ("error", "E_STOCK", "no tea left"),
    "handler": ("error", "RangeError", "the card has no number"),
}
PRIVATE = ("4111", "1234", "who=ann", "size=9", "id=7", "sentry_key")


@pytest.mark.deep
def test_every_failure_has_its_sentence_and_nothing_private(
    vedette_server: Vedette, browser: Browser, shop: str
) -> None:
    visit = Visit(vedette_server, browser, "Every failure").shop(shop)
    visit.page.fill("#card", "4111 1111 1111 1111")
    visit.press(*FAILURES)
    found = {outer(event): event for event in visit.events(len(FAILURES) + 1)}
    wanted = {(kind, value.format(shop=shop)): level for level, kind, value in FAILURES.values()}
    told = {named: event["level"] for named, event in found.items()}
    # What the policy stops also fails as a request.
    assert told == wanted | {
        ("RequestError", "GET https://elsewhere.example/track?…: failed to fetch"): "error"
    }
    assert not [word for word in PRIVATE if word in json.dumps(list(found.values())).replace(shop, "")]
    assert any(
        crumb.get("message") == "input#card"
        for crumb in found["TypeError", "the till is open"]["breadcrumbs"]["values"]
    )

    causes = found["TypeError", "the till is open"]["exception"]["values"]
    assert [cause["value"] for cause in causes] == ["no key for /till?…", "the till is open"]
    slow = found["RequestError", f"GET {shop}/slow: slow"]
    assert slow["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "slow"
    logged = found["E_STOCK", "no tea left"]
    assert (logged["request"]["headers"]["User-Agent"][:8], logged["extra"], logged["request"]["url"]) == (
        "Till/1.0",
        {"shelf": 9},
        f"{shop}/stock?…",
    )
    assert logged["timestamp"] < found["TypeError", "the till is open"]["timestamp"]
    visit.context.close()


@pytest.mark.deep
def test_what_repeats_is_sent_once_and_what_the_hook_drops_never(
    vedette_server: Vedette, browser: Browser, shop: str
) -> None:
    visit = Visit(vedette_server, browser, "Storm").shop(shop)
    visit.press("drill", "storm", "crumbs")
    storm, last = visit.events(2)
    assert outer(storm) == ("Error", "the same again")
    assert [issue["events"] for issue in visit.issues()] == [1, 1]
    crumbs = last["breadcrumbs"]["values"]
    assert (len(crumbs), crumbs[-2]["category"]) == (30, "till")
    assert crumbs[-1]["data"] == {"from": f"{shop}/?…", "to": f"{shop}/checkout?…"}
    visit.context.close()


@pytest.mark.deep
def test_what_cannot_be_sent_survives_a_reload(vedette_server: Vedette, browser: Browser, shop: str) -> None:
    visit = Visit(vedette_server, browser, "Offline").shop(shop)
    page = visit.page
    held = "() => Object.keys(localStorage).filter(key => key.startsWith('vedette-queue:')).length"
    page.route("**/envelope/**", lambda route: route.abort())
    visit.press("throw", "reject")
    page.wait_for_function(f"{held} === 1".replace("() => ", ""))
    page.reload()
    assert visit.issues() == []
    page.unroute("**/envelope/**")
    page.reload()
    thrown, rejected = visit.events(2)
    assert (outer(thrown)[1], outer(rejected)[1]) == ("the till is open", "the payment was refused")
    page.wait_for_function(f"({held})() === 0")
    assert [issue["events"] for issue in visit.issues()] == [1, 1]
    visit.context.close()


@pytest.mark.deep
def test_a_server_that_asks_to_wait_is_waited_for(
    vedette_server: Vedette, browser: Browser, shop: str
) -> None:
    visit = Visit(vedette_server, browser, "Throttled")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        headers = {
            "retry-after": "1",
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "retry-after",
        }
        if len(asked) == 1:
            route.fulfill(status=429, headers=headers)
        else:
            route.continue_()

    visit.page.route("**/envelope/**", refuse)
    visit.shop(shop)
    with visit.page.expect_request_finished(lambda _: len(asked) == 3):
        visit.press("throw", "reject")
    assert [outer(event)[1] for event in visit.events(2)] == ["the till is open", "the payment was refused"]
    assert len(asked) == 3
    visit.context.close()


@pytest.mark.deep
def test_vitals_are_sent_when_the_page_is_left(vedette_server: Vedette, browser: Browser, shop: str) -> None:
    visit = Visit(vedette_server, browser, "Vitals").shop(shop)
    visit.page.wait_for_load_state("networkidle")
    visit.page.evaluate(
        "history.pushState({}, '', '/checkout')"
    )  # what was measured is of the page that was loaded
    visit.page.goto("about:blank")
    vitals = f"/projects/{visit.project.slug}/vitals"
    found = vedette_server.wait(lambda: vedette_server.api("GET", vitals)[1]["items"], 20)
    assert {one["vital"] for one in found} >= {"cls", "ttfb"}
    assert {(one["page"], one["samples"]) for one in found} == {("/", 1)}
    visit.context.close()


@pytest.mark.deep
def test_the_form_is_used_by_keys_and_by_screen_readers(
    vedette_server: Vedette, browser: Browser, shop: str
) -> None:
    visit = Visit(vedette_server, browser, "Feedback").shop(shop)
    page = visit.page
    visit.press("handler")
    (event,) = visit.events(1)
    page.get_by_role("button", name="Tell us what happened").focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="What happened?")
    form.wait_for()
    assert visit.watched.axe() == []
    assert form.get_by_label("What did you do, and what went wrong?").evaluate(
        "box => box === box.getRootNode().activeElement"
    )
    page.keyboard.press("Escape")
    form.wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Tell us what happened"
    page.keyboard.press("Enter")
    page.keyboard.type("I paid by card.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("no address")
    page.keyboard.press("Enter")
    assert form.is_visible()  # the browser asks for a better one
    page.keyboard.press("Control+a")
    page.keyboard.type("ann@shop.example")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert visit.watched.axe() == []
    (told,) = vedette_server.wait(
        lambda: vedette_server.api("GET", f"/events/{event['event_id']}/feedback")[1]
    )
    assert (told["comments"], told["email"]) == ("I paid by card.", "ann@shop.example")
    page.keyboard.press("Enter")
    assert not page.get_by_role("dialog").count()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Pay by card").wait_for()
    visit.context.close()


@pytest.mark.deep
@pytest.mark.parametrize("rate", ["0", "1"])
def test_sampling_by_the_attributes_of_the_tag(
    vedette_server: Vedette, browser: Browser, folder: Path, shop: str, rate: str
) -> None:
    visit = Visit(vedette_server, browser, f"Sampled {rate}")
    sent: list[str] = []
    visit.page.on(
        "request", lambda request: sent.append(request.url) if "/envelope/" in request.url else None
    )
    shop_site.lay_out(folder, address_of(vedette_server), visit.project.key)
    page = folder / "plain.html"
    page.write_text(page.read_text().replace('data-vitals="yes"', f'data-sample-rate="{rate}"'))
    visit.page.goto(f"{shop}/plain.html")
    visit.press("throw").press("throw")
    visit.page.evaluate("new Promise(done => setTimeout(done, 50))")
    assert len(sent) == int(rate)
    visit.context.close()


@pytest.mark.deep
def test_without_a_dsn_it_says_so_and_reports_nothing(browser: Browser, shop: str) -> None:
    page = browser.new_page()
    with page.expect_console_message(lambda message: message.type == "warning") as warned:
        page.goto(f"{shop}/?dsn=")
    assert warned.value.text == "Vedette: no DSN like https://KEY@host/1; nothing is sent"
    page.click("#log")
    page.close()


@pytest.mark.deep
def test_a_policy_that_blocks_what_is_sent_is_no_loop(browser: Browser, tmp_path: Path) -> None:
    shop_site.bundle(tmp_path)
    shop_site.lay_out(tmp_path, "https://elsewhere.example")
    watched = watch(context(browser))
    with shop_site.served(tmp_path) as shop:
        watched.page.goto(f"{shop}/?dsn={quote('http://0123456789abcdef@localhost:9/1')}")
        watched.page.click("#throw")
        watched.page.wait_for_function("window.__csp.length")
        watched.page.evaluate("new Promise(done => setTimeout(done, 200))")
        assert len(watched.page.evaluate("window.__csp")) == 1
    watched.page.context.close()
