"""Live streams at the level of ASGI: who may listen, what is told, and that nobody is left behind."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable

import pytest

from vedette.core.errors import Forbidden, Unauthenticated
from vedette.plumbing.bus.local import LocalBus
from vedette.ui.live import Live


class Client:
    """A browser that listens: `sent` is what it was told; `leave()` closes its connection."""

    def __init__(self, app: Live, query: str) -> None:
        self.sent: list[dict] = []
        self._gone, self._told = asyncio.Event(), asyncio.Event()
        self.task = asyncio.ensure_future(
            app({"type": "http", "query_string": query.encode(), "headers": []}, self._receive, self._send)
        )

    async def _receive(self) -> dict:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message) -> None:
        self.sent.append(dict(message))
        self._told.set()

    def leave(self) -> None:
        self._gone.set()

    @property
    def text(self) -> str:
        return b"".join(m.get("body", b"") for m in self.sent).decode()

    async def until(self, part: str) -> None:
        async with asyncio.timeout(5):
            while part not in self.text:
                self._told.clear()
                await self._told.wait()


async def _anna(scope) -> str:
    return "anna"


def _anything(who: str, topic: str) -> None:
    return None


def live(
    bus: LocalBus,
    authorise: Callable[..., Awaitable[str]] = _anna,
    check: Callable[[str, str], None] = _anything,
    **more,
) -> Live:
    return Live(bus.listen, authorise, check, **more)


def run(story: Callable[[LocalBus], Awaitable[None]]) -> None:
    asyncio.run(story(LocalBus()))


def test_a_change_reaches_who_named_the_topic() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus)
        one, other = Client(app, "topics=issues,issue:7"), Client(app, "topics=project:1")
        await one.until("beat")
        await other.until("beat")
        threading.Thread(target=bus.wake, args=("live:issue:7",)).start()
        await one.until("event: changed\ndata: issue:7\n\n")
        bus.wake("live:db")
        await other.until("event: changed\ndata: db\n\n")
        assert "issue:7" not in other.text
        app.close()
        await asyncio.gather(one.task, other.task)

    run(story)


def test_what_changed_while_the_page_was_on_its_way_is_told_at_once() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus)
        bus.wake("live:issues")
        bus.wake("live:project:1")
        bus.wake("live:db")
        late = Client(app, "topics=issues&age=20000")
        await late.until("event: changed\ndata: db\n\nevent: changed\ndata: issues\n\n")
        assert "project:1" not in late.text
        others = [
            Client(app, f"topics=issues{age}") for age in ("", "&age=0", "&age=-5", "&age=%C2%B2", "&age=x")
        ]
        for other in others:
            await other.until("beat")
            bus.wake("live:issues")
            await other.until("data: issues")
            assert other.text.count("changed") == 1, "what was before is theirs already"
        app.close()
        await asyncio.gather(late.task, *(other.task for other in others))

    run(story)


def test_what_is_remembered_is_bounded() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus)
        for n in range(5_000):
            bus.wake(f"live:issue:{n}")
        late = Client(app, "topics=issue:0,issue:3999,issue:4000,issue:4999&age=30000")
        await late.until("issue:4999")
        assert late.text.count("event: changed") == 2
        app.close()
        await late.task

    run(story)


def test_other_wakes_of_the_bus_stay_inside() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus)
        client = Client(app, "topics=issues,outbox")
        await client.until("beat")
        bus.wake("outbox")
        bus.wake("live:issues")
        await client.until("data: issues")
        assert "outbox" not in client.text
        app.close()
        await client.task

    run(story)


def test_many_wakes_are_told_once() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus)
        client = Client(app, "topics=issues")
        await client.until("beat")
        for _ in range(500):
            bus.wake("live:issues")
        await client.until("changed")
        await asyncio.sleep(0)
        assert client.text.count("data: issues") == 1
        app.close()
        await client.task

    run(story)


def test_whoever_leaves_is_forgotten() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus)
        clients = [Client(app, "topics=issues") for _ in range(20)]
        for client in clients:
            await client.until("beat")
        assert app.streams == 20
        for client in clients:
            client.leave()
        await asyncio.gather(*(c.task for c in clients))
        assert app.streams == 0

    run(story)


def test_a_send_that_fails_frees_the_stream() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus, beat=0.01)

        async def receive() -> dict:
            await asyncio.Event().wait()
            return {}

        sent = 0

        async def send(message) -> None:
            nonlocal sent
            sent += 1
            if sent > 2:
                raise OSError("the client is gone")

        with pytest.raises(OSError, match="gone"):
            await app({"type": "http", "query_string": b"topics=issues", "headers": []}, receive, send)
        assert app.streams == 0

    run(story)


def test_beats_go_on_in_silence_and_the_lifetime_ends() -> None:
    async def story(bus: LocalBus) -> None:
        client = Client(live(bus, beat=0.01, lifetime=0.1), "topics=issues")
        await client.task
        assert client.text.count("event: beat") > 2
        assert client.sent[-1] == {"type": "http.response.body", "body": b""}

    run(story)


def test_nobody_listens_without_a_session() -> None:
    async def nobody(scope) -> str:
        raise Unauthenticated("Nobody is signed in.")

    async def story(bus: LocalBus) -> None:
        client = Client(live(bus, nobody), "topics=issues")
        await client.task
        assert client.sent[0]["status"] == 401
        assert json.loads(client.text)["status"] == 401

    run(story)


def test_a_topic_may_be_refused() -> None:
    def check(who: str, topic: str) -> None:
        if topic == "audit":
            raise Forbidden(f"{who} may not see {topic}.")

    async def story(bus: LocalBus) -> None:
        client = Client(live(bus, check=check), "topics=issues,audit")
        await client.task
        assert client.sent[0]["status"] == 403
        assert "anna may not see audit" in client.text

    run(story)


def test_the_number_of_streams_is_bounded() -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus, limit=1)
        first = Client(app, "topics=a")
        await first.until("beat")
        second = Client(app, "topics=a")
        await second.task
        assert second.sent[0]["status"] == 503
        assert (b"retry-after", b"30") in second.sent[0]["headers"]
        app.close()
        await first.task

    run(story)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "topics=",
        "topics=%00",
        "topics=a%0Adata:x",
        "topics=" + "x" * 500,
        "topics=" + ",".join(f"t{i}" for i in range(500)),
    ],
)
def test_odd_topics_are_left_out(query: str) -> None:
    async def story(bus: LocalBus) -> None:
        app = live(bus)
        client = Client(app, query)
        await client.until("beat")
        (stream,) = app._streams
        assert len(stream.topics) <= 20
        assert all(topic.isprintable() for topic in stream.topics)
        app.close()
        await client.task

    run(story)


@pytest.mark.parametrize("busy", [False, True], ids=["silent", "busy"])
def test_who_may_no_longer_listen_is_cut_off(busy: bool) -> None:
    asked = 0

    async def anna_until_revoked(scope) -> str:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Unauthenticated("The session was ended.")
        return "anna"

    async def story(bus: LocalBus) -> None:
        client = Client(live(bus, anna_until_revoked, beat=0.01), "topics=issues")
        async with asyncio.timeout(5):
            while not client.task.done():
                if busy:
                    bus.wake("live:issues")
                await asyncio.sleep(0)
        assert asked == 3
        assert client.sent[-1] == {"type": "http.response.body", "body": b""}

    run(story)


def test_a_topic_that_is_refused_later_ends_the_stream() -> None:
    seen: list[str] = []

    def check(who: str, topic: str) -> None:
        seen.append(topic)
        if len(seen) > 1:
            raise Forbidden(f"{who} may no longer see {topic}.")

    async def story(bus: LocalBus) -> None:
        client = Client(live(bus, check=check, beat=0.01), "topics=audit")
        await asyncio.wait_for(client.task, 5)
        assert client.sent[-1] == {"type": "http.response.body", "body": b""}

    run(story)
