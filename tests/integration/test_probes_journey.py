"""A journey of a real browser through a real shop, and the proxy on its way. What must never happen is in tests/deep."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import pytest
from tests.support.journeys import PASSWORD, Shop, go, left, request_of, standpoint

from vedette.instruments.probe.journey.proxying import Proxy

pytestmark = pytest.mark.xdist_group("kinds")
BUYS = """
async def journey(page, step):
    with step("open"):
        await page.goto(variables["url"])
        print("with", secrets["password"])
    with step("read the terms"):
        async with page.expect_popup() as opening:
            await page.click("text=Terms")
        terms = await opening.value
        assert await terms.title() == "Terms"
    async with step("sign in"):
        await page.fill("[name=user]", variables["user"])
        await page.fill("[name=password]", secrets["password"])
        await page.click("text=Sign in")
        await page.wait_for_url("**/cart")
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.close()


def test_a_journey_goes_through_a_shop_and_names_the_step_that_fails(shop: Shop) -> None:
    pays = f"{BUYS}\n    with step('pay'):\n        await page.click('[name=pay]', timeout=400)\n"
    found = go(pays, shop.url)
    told = "Step 4, “pay”, failed: the element [name=pay] could not be used within 400 ms: element is not enabled."
    assert (found.code, found.sentence) == ("step-failed", told)
    assert [path for path in shop.asked if "icon" not in path] == ["/", "/terms", "POST /in", "/cart"]
    seen = json.loads(found.evidence.body)
    assert [step["name"] for step in seen["steps"]] == ["open", "read the terms", "sign in", "pay"]
    assert [step["ms"] is None for step in seen["steps"]] == [False, False, False, True]
    assert (seen["title"], seen["url"], seen["console"]) == ("Cart", f"{shop.url}/cart", ["no till today"])
    assert seen["printed"] == "with ••••\n"
    assert PASSWORD not in repr(found)
    assert (found.evidence.status, found.evidence.address) == (200, "127.0.0.1")
    assert found.evidence.picture.startswith(b"\xff\xd8\xff")
    assert found.evidence.notes[0].startswith("Step 1, “open”: ")
    assert left() == []


def through_the_proxy(*asked: str) -> tuple[list[bytes], dict[str, str]]:
    """Return what a proxy answers to each request, and the causes of what it did not reach."""

    async def answers() -> tuple[list[bytes], dict[str, str]]:
        proxy = Proxy(request_of("", ""), standpoint())
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)  # what is sent waits in the proxy
        await proxy.open(listening)
        found = []
        for text in asked:
            ours = socket.socket()
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            ours.connect(listening.getsockname())
            reader, writer = await asyncio.open_connection(sock=ours, limit=1_000)
            writer.write(text.replace("\n", "\r\n").encode())
            await asyncio.sleep(0.05)  # whoever reads late gets all of it, too
            found.append(await reader.read())
            writer.close()
        await proxy.close()
        return found, {host: str(error.cause) for host, error in proxy.refused.items()}

    return asyncio.run(answers())


def test_the_proxy_passes_on_all_of_an_answer_and_ends_the_connection(shop: Shop) -> None:
    host = shop.url.removeprefix("http://")
    (big, tunnelled), refused = through_the_proxy(
        f"GET {shop.url}/big HTTP/1.1\nHost: {host}\nProxy-Connection: keep-alive\n\n",
        f"CONNECT {host} HTTP/1.1\n\nGET /terms HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    )
    head, _, body = big.partition(b"\r\n\r\n")
    assert (len(body), b"Connection: close" in head, refused) == (60_000, True, {})
    assert tunnelled.startswith(b"HTTP/1.1 200 Connected\r\n\r\nHTTP/1.")
    assert tunnelled.endswith(b"<h1>Terms of the shop</h1>")


def test_the_proxy_ends_what_never_comes_to_its_answer() -> None:
    """Sixteen answers before the answer are as many as pass; the server has no end of them."""
    hint = b"HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n"

    def endless(server: socket.socket) -> None:
        with contextlib.suppress(OSError), server.accept()[0] as one:
            one.recv(4_096)
            while True:
                one.sendall(hint)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=endless, args=(server,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        (answer,), _ = through_the_proxy(f"GET {url} HTTP/1.1\nHost: 127.0.0.1\n\n")
        thread.join(5)
    assert answer == hint * 17
    assert not thread.is_alive()


def test_the_proxy_leads_nowhere_inside(shop: Shop) -> None:
    inside = shop.secret_url.removeprefix("http://")
    found, refused = through_the_proxy(
        f"GET {shop.secret_url}/ HTTP/1.1\nHost: {shop.url}\n\n", f"CONNECT {inside} HTTP/1.1\n\n",
        f"GET / HTTP/1.1\nHost: {inside}\n\n", "CONNECT update.googleapis.com:443 HTTP/1.1\n\n", "nonsense\n\n",
    )  # fmt: skip
    assert [text[:12] for text in found] == [b"HTTP/1.1 502", b"HTTP/1.1 502", b"", b"", b""]
    assert (refused, shop.inside) == ({"127.0.0.2": "blocked-address"}, [])
