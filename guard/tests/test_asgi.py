"""What only ASGI has: streams, WebSockets, lifespan, bodies that come slowly."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from guard.tests.clock import Clock
from guard.tests.doors import Act, Ask, asgi_scope, ask_asgi, raw_asgi
from vedette_guard import Cookies, Csrf, Guard, Https, Limits, Policy, Rate, client, nonce

Message = dict[str, Any]


def talk(app: Any, scope: Message, said: list[Message]) -> list[Message]:
    """Let a server say these messages to an application; return what it sent."""
    sent: list[Message] = []

    async def receive() -> Message:
        if not said:
            await asyncio.Event().wait()
        return said.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(app(scope, receive, send), 10))
    return sent


def handshake(**changes: Any) -> Message:
    """Return the scope of a WebSocket."""
    headers = [(b"host", b"shop.example"), (b"upgrade", b"websocket"), (b"cookie", b"sessionid=1")]
    more = changes.pop("headers", [])
    scope = asgi_scope(Ask(scheme="wss", path="/live"), type="websocket", subprotocols=[], **changes)
    del scope["method"]
    return {**scope, "headers": [*headers, *more]}


async def chat(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Accept a WebSocket and say two things."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", "headers": []})
    await send({"type": "websocket.send", "text": client(scope)})
    await send({"type": "websocket.send", "bytes": b"\0" * 3})


CONNECT = {"type": "websocket.connect"}
EVIL = [(b"origin", b"https://evil.example")]


def test_a_stream_begins_once_and_passes_chunk_by_chunk() -> None:
    act = Act(chunks=[b"one", b"two", b"three", b"four"])
    answer = ask_asgi(Guard(raw_asgi(act), "strict"), Ask())
    assert (answer.starts, answer.chunks) == (1, [b"one", b"two", b"three", b"four"])


def test_chunks_pass_as_they_come() -> None:
    order: list[str] = []

    async def app(scope: Message, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": iter([[b"X-A", b"1"]])})
        for n in range(3):
            order.append(f"said {n}")
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body"})

    async def send(message: Message) -> None:
        order.append(message["type"].rpartition(".")[2])

    asyncio.run(Guard(app)(asgi_scope(Ask()), None, send))  # type: ignore[arg-type]
    assert order == ["start", "said 0", "body", "said 1", "body", "said 2", "body", "body"]


def test_a_message_that_is_used_again_is_left_as_it_is() -> None:
    message = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1")]}

    async def app(scope: Message, receive: Any, send: Any) -> None:
        await send(message)
        await send({"type": "http.response.body", "body": b""})

    guarded = Guard(app)
    for _ in range(2):
        assert ask_asgi(guarded, Ask()).one("x-content-type-options") == "nosniff"
    assert message["headers"] == [(b"x-a", b"1")]


def test_lifespan_and_what_is_yet_to_come_pass_untouched() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    for kind in ("lifespan", "something.new"):
        scope, receive, send = {"type": kind}, object(), object()
        asyncio.run(Guard(app, "strict")(scope, receive, send))  # type: ignore[arg-type]
        assert seen.pop() == (scope, receive, send)


def test_a_websocket_of_ones_own_pages_passes_untouched() -> None:
    for headers in ([(b"origin", b"https://shop.example")], [], [(b"sec-fetch-site", b"same-origin")]):
        sent = talk(Guard(chat, "strict"), handshake(headers=headers), [CONNECT])
        assert sent == [
            {"type": "websocket.accept", "headers": []},
            {"type": "websocket.send", "text": "198.51.100.7"},
            {"type": "websocket.send", "bytes": b"\0\0\0"},
        ]


def test_a_websocket_of_a_foreign_page_is_refused() -> None:
    for headers in (EVIL, [(b"sec-fetch-site", b"cross-site")], [(b"origin", b"null")]):
        sent = talk(Guard(chat), handshake(headers=headers), [CONNECT])
        assert [message["type"] for message in sent] == ["websocket.close"]
    trusting = Guard(chat, Policy(csrf=Csrf(trusted=("https://evil.example",))))
    assert talk(trusting, handshake(headers=EVIL), [CONNECT])[0]["type"] == "websocket.accept"


def test_a_server_that_can_answer_handshakes_answers_with_the_reason() -> None:
    scope = handshake(headers=EVIL, extensions={"websocket.http.response": {}})
    start, body = talk(Guard(chat), scope, [CONNECT])
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert (b"x-content-type-options", b"nosniff") in start["headers"]
    assert b"another origin" in body["body"]


def test_websockets_are_counted_and_need_a_known_host_and_https() -> None:
    counted = Guard(chat, Policy(rates=(Rate("all", limit=2),)))
    kinds = [talk(counted, handshake(), [CONNECT])[0]["type"] for _ in range(3)]
    assert kinds == ["websocket.accept", "websocket.accept", "websocket.close"]
    assert (
        talk(Guard(chat, Policy(hosts=("other.example",))), handshake(), [CONNECT])[0]["type"]
        == "websocket.close"
    )
    plain = Guard(chat, Policy(https=Https(redirect=True)))
    assert talk(plain, handshake(scheme="ws"), [CONNECT])[0]["type"] == "websocket.close"


def test_a_websocket_gets_its_cookies_by_their_own_names() -> None:
    seen = []

    async def app(scope: Message, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"])[b"cookie"])

    scope = handshake()
    scope["headers"][2] = (b"cookie", b"__Host-sessionid=1")
    talk(Guard(app, Policy(cookies=Cookies(host_prefix=("sessionid",)))), scope, [])
    assert seen == [b"sessionid=1"]


def post(**more: Any) -> Message:
    """Return the scope of a request that posts a body of unknown length."""
    return asgi_scope(Ask(method="POST", headers=[("transfer-encoding", "chunked")]), **more)


def test_a_body_that_does_not_come_is_answered_in_time() -> None:
    guarded = Guard(raw_asgi(Act()), Policy(limits=Limits(body_time="1s", body_rate=0)))
    sent = talk(guarded, post(), [{"type": "http.request", "body": b"x", "more_body": True}])
    assert [message.get("status") for message in sent] == [408, None]
    assert b"too slowly" in sent[1]["body"]


def test_a_body_that_is_waited_for_in_small_steps_has_no_more_time() -> None:
    clock = Clock()

    async def app(scope: Message, receive: Any, send: Any) -> None:
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        clock.now += 1
        waiting.cancel()
        await asyncio.wait([waiting])
        await receive()

    policy = Policy(limits=Limits(body_time="1s", body_rate=0))
    sent = talk(Guard(app, policy, clock=clock), post(), [])
    assert [message.get("status") for message in sent] == [408, None]


def test_after_its_body_a_request_may_last_and_hear_of_the_end() -> None:
    heard = []

    async def app(scope: Message, receive: Any, send: Any) -> None:
        heard.append((await receive())["type"])
        heard.append((await receive())["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    said = [{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}]
    talk(Guard(app, Policy(limits=Limits(body_time="1s"))), post(), said)
    assert heard == ["http.request", "http.disconnect"]


def test_a_body_that_is_refused_while_it_is_answered_ends_there() -> None:
    """An answer that is on its way cannot be taken back; the application hears that nobody listens."""
    heard = []

    async def app(scope: Message, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        heard.extend([(await receive())["type"], (await receive())["type"]])
        await send({"type": "http.response.body", "body": b"end"})

    said = [{"type": "http.request", "body": b"x" * 20, "more_body": True}]
    sent = talk(Guard(app, Policy(limits=Limits(body=10))), post(), said)
    assert heard == ["http.disconnect", "http.disconnect"]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


def test_in_http_2_a_get_may_have_a_body_that_nothing_tells_of() -> None:
    scope = asgi_scope(Ask(), http_version="2")
    said = [{"type": "http.request", "body": b"x" * 20}]
    assert talk(Guard(raw_asgi(Act()), Policy(limits=Limits(body=10))), scope, said)[0]["status"] == 413


def test_an_exception_is_answered_with_headers_and_goes_on_to_the_server() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    with pytest.raises(RuntimeError, match="the application fails"):
        asyncio.run(Guard(raw_asgi(Act(raises=True)))(asgi_scope(Ask()), receive, send))
    assert sent[0]["status"] == 500
    assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]


def test_a_nonce_that_comes_too_late_is_an_error_not_a_page_that_does_not_work() -> None:
    async def app(scope: Message, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        nonce(scope)

    with pytest.raises(RuntimeError, match="after the headers left"):
        talk(Guard(app, "strict"), asgi_scope(Ask()), [])
