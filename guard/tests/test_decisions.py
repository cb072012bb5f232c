"""Vedette's ban list: who is refused, who never is, and what counts while the server is away."""

import http.server
import ipaddress
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from guard.tests.doors import Act, Ask, Door, ask_asgi, raw_asgi
from guard.tests.test_asgi import CONNECT, chat, handshake, talk
from guard.tests.vedette import Told
from vedette_guard import Decisions, Guard, Policy, PolicyError, Proxies
from vedette_guard.bans.puller import Bans
from vedette_guard.bans.table import Table
from vedette_guard.decisions.bans import Ban, Page, read_ban, read_page, read_text

URL = "https://watch.example/api/1/decisions/?sentry_key=0123"


class Feed:
    """A list of bans that tests write; an OSError in `answers` is a server that is away."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def ask(self, cursor: str) -> Page:
        """Return the next answer; afterwards nothing changes."""
        self.asked.append(cursor)
        answer = self.answers.pop(0) if self.answers else {"cursor": cursor}
        if isinstance(answer, Exception):
            raise answer
        return read_page(answer)


def ban(scope: str, until: float = 2000.0, **more: Any) -> dict[str, Any]:
    """Return an entry of the list."""
    return {"scope": scope, "until": until, "reason": "sign-ins", **more}


def pulled(feed: Feed, clock: Clock, policy: Policy | None = None, **said: Any) -> Bans:
    """Return bans after one step, without a thread."""
    proxies = () if policy is None else policy.proxies.trusted
    bans = Bans(Decisions(url=URL, **said), proxies, source=feed, wall=clock)
    bans._worker.close(0)
    bans.step()
    return bans


def all_of(*scopes: str) -> dict[str, Any]:
    """Return the whole list."""
    return {"cursor": "1", "reset": True, "added": [ban(scope) for scope in scopes]}


def test_a_banned_address_is_refused_and_told(door: Door) -> None:
    act, told, clock = Act(), Told(), Clock()
    bans = pulled(Feed(all_of("203.0.113.9", "198.51.100.0/25", "2001:db8:1:2::/64")), clock)
    ask = door.open(act, listener=told, bans=bans)
    banned = ["203.0.113.9", "198.51.100.7", "2001:db8:1:2::9", "2001:db8:1:2:ffff::1", "::ffff:203.0.113.9"]
    assert [ask(peer=peer).status for peer in banned] == [403] * 5
    assert not act.seen
    assert [ask(peer=peer).status for peer in ("203.0.113.8", "198.51.100.200", "2001:db8:1:3::9", "")] == [
        200
    ] * 4
    assert told.kinds == ["banned"] * 5
    clock.now = 2001.0
    assert ask(peer="203.0.113.9").status == 200, "the ban is over"


def test_behind_a_proxy_the_client_is_banned_and_the_proxy_is_not(door: Door) -> None:
    policy = Policy(proxies=Proxies(trusted=("203.0.113.1",)))
    bans = pulled(Feed(all_of("203.0.113.0/24", "198.51.100.7")), Clock(), policy)
    ask = door.open(Act(), policy, bans=bans)
    assert ask(peer="203.0.113.1").status == 200
    assert ask(peer="203.0.113.1", headers=[("x-forwarded-for", "198.51.100.7")]).status == 403


def test_a_websocket_of_a_banned_address_is_refused() -> None:
    guarded = Guard(chat, bans=pulled(Feed(all_of("198.51.100.7")), Clock()))
    assert talk(guarded, handshake(), [dict(CONNECT)])[0]["type"] == "websocket.close"


def test_what_is_allowed_is_never_banned() -> None:
    feed = Feed(all_of("203.0.113.0/24", "203.0.113.9", "10.0.0.1", "127.0.0.1", "fc00::1", "2001:db8::/32"))
    bans = pulled(feed, Clock(), allow=("203.0.113.9", "2001:db8:1::/48"))
    for address in ("203.0.113.9", "10.0.0.1", "127.0.0.1", "::1", "fc00::1", "2001:db8:1::9"):
        assert bans.refusal(address) is None, address
    for address in ("203.0.113.8", "2001:db8:2::9"):
        assert bans.refusal(address) is not None, address


def test_the_list_changes_by_what_is_added_and_removed() -> None:
    feed = Feed(
        {**all_of("203.0.113.1"), "more": True},
        {"cursor": "2", "added": [ban("203.0.113.2")]},
        {"cursor": "3", "added": [ban("203.0.113.3")], "removed": ["203.0.113.1/32"]},
        {"cursor": "9", "reset": True, "added": [ban("203.0.113.9")]},
    )
    bans = pulled(feed, Clock())
    assert [bans.refusal(f"203.0.113.{n}") is not None for n in (1, 2, 3)] == [True, True, False]
    bans.step()
    assert [bans.refusal(f"203.0.113.{n}") is not None for n in (1, 2, 3)] == [False, True, True]
    bans.step()
    assert [bans.refusal(f"203.0.113.{n}") is not None for n in (2, 3, 9)] == [False, False, True]
    assert feed.asked == ["", "1", "2", "3"]


def test_the_last_copy_counts_while_the_server_is_away(tmp_path: Path) -> None:
    file, clock = tmp_path / "bans.json", Clock()
    pulled(Feed(all_of("203.0.113.9", "2001:db8::/64")), clock, file=str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["bans.json"]
    away = Feed(OSError("away"), OSError("away"))
    bans = pulled(away, clock, file=str(file))
    assert bans.refusal("203.0.113.9") is not None
    assert bans.refusal("2001:db8::1") is not None
    assert away.asked == ["1"], "it goes on from where the copy was made"
    clock.now = 2001.0
    assert bans.refusal("203.0.113.9") is None
    assert pulled(Feed(OSError("away")), clock, file=str(file))._table.size == 0


def test_a_copy_that_is_none_is_an_empty_list(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "bans.json"
    for text in ("", "[]", '{"cursor": 3}', '{"cursor": "", "added": 3}', "\0", "[" * 100_000):
        file.write_text(text)
        assert pulled(Feed(OSError("away")), Clock(), file=str(file)).refusal("203.0.113.9") is None
    assert caplog.text.count("is no copy of a ban list") == 6
    elsewhere = pulled(Feed(all_of("203.0.113.9")), Clock(), file=str(tmp_path / "no" / "bans.json"))
    assert elsewhere.refusal("203.0.113.9") is not None, "a disk that takes nothing does not unban"


def test_waiting_for_a_server_that_is_away_grows() -> None:
    bans = pulled(Feed(*[OSError("away")] * 12), Clock(), every="10s")
    waits = [bans.step() for _ in range(12)]
    assert waits[0] == 10
    assert 300 <= waits[-2] <= 375
    assert 10 <= waits[-1] <= 11


@pytest.mark.parametrize("digits", [400, 5000])
def test_an_instant_of_many_digits_is_passed_over(digits: int) -> None:
    """One of 5000 is no number for `int`, and one of 400 is none for `float`."""
    sound = '{"scope": "6.6.6.6", "until": 4000000000}'
    endless = '{"scope": "7.7.7.7", "until": ' + "9" * digits + "}"
    page = read_text(f'{{"cursor": "1", "added": [{endless}, {sound}]}}'.encode())
    assert page.added == (Ban("6.6.6.6/32", 4e9, ""),)
    assert read_ban({"scope": "7.7.7.7", "until": 10**400}) is None


def test_entries_that_are_none_are_left_out_and_nobody_bans_everybody() -> None:
    entries = [
        ban("203.0.113.9"), ban("nonsense"), ban("0.0.0.0/0"), ban("::/0"), ban("1.2.3.4", until="soon"), 7, None,
        {"scope": "1.2.3.5"}, ban("1.2.3.6", type="captcha"), ban("1.2.3.7", until=True), ban("1.2.3.8", until=float("nan")),
        ban("198.51.100.9/24"),
    ]  # fmt: skip
    page = read_page({"cursor": "1", "added": entries, "removed": ["x", "1.1.1.1"]})
    assert [one.network for one in page.added] == ["203.0.113.9/32", "198.51.100.0/24"]
    assert page.removed == ("1.1.1.1/32",)
    for wrong in (None, [], {}, {"cursor": 3}, {"cursor": "", "added": {}}, {"cursor": "", "removed": "x"}):
        with pytest.raises(ValueError, match="has not its shape"):
            read_page(wrong)


numbers = st.integers(0, 2**32 - 1)
addresses = st.one_of(
    numbers.map(ipaddress.IPv4Address), numbers.map(lambda n: ipaddress.IPv6Address(n << 90 | n))
)
networks = st.builds(
    lambda address, part: ipaddress.ip_network((address, address.max_prefixlen * part // 10), strict=False),
    addresses, st.integers(1, 10),
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(
    st.lists(networks, max_size=20),
    st.lists(networks, max_size=5),
    st.lists(addresses, max_size=5),
    st.data(),
)
def test_a_table_says_what_the_networks_say(banned: Any, allowed: Any, asked: Any, data: Any) -> None:
    table = Table([Ban(str(one), 2000.0, "") for one in banned], [str(one) for one in allowed])
    inside = [one.network_address for one in banned]
    never = [ipaddress.ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
             "169.254.0.0/16", "::1", "fc00::/7", "fe80::/10")]  # fmt: skip
    for address in [*asked, *inside]:
        counted = getattr(address, "ipv4_mapped", None) or address
        expected = any(counted in one for one in banned) and not any(
            counted in one for one in [*allowed, *never]
        )
        assert (table.until(str(address)) > 0) == expected


@pytest.fixture
def server() -> Iterator[tuple[str, list[Any]]]:
    """Serve answers over a socket; what is asked is noted in the list, what is to be answered taken from it."""
    asked: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            asked.append(query)
            moved = query.get("cursor") == ["moved"]
            body = json.dumps(all_of("203.0.113.9") | {"cursor": "moved"}).encode()
            self.send_response(302 if moved else 200)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}/api/1/decisions/?sentry_key=0123", asked
        serving.shutdown()
        thread.join()


def test_the_list_is_pulled_over_http_beside_the_requests(server: tuple[str, list[Any]]) -> None:
    url, asked = server
    clock = Clock()
    bans = Bans(Decisions(url=url), wall=clock)
    guarded = Guard(raw_asgi(Act()), bans=bans)
    status, tries = 200, 0
    while status == 200 and tries < 100_000:  # the first request wakes the thread, and does not wait for it
        status, tries = ask_asgi(guarded, Ask(peer="203.0.113.9")).status, tries + 1
    assert status == 403
    assert asked[0] == {"sentry_key": ["0123"]}
    bans.close()
    assert bans.step() >= 15, "a redirect is not followed"
    assert asked[-1] == {"sentry_key": ["0123"], "cursor": ["moved"]}
    assert bans.refusal("203.0.113.9") is not None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Decisions(url="watch.example"), "guard.decisions.url = 'watch.example': meant is an address such as"),
        (Decisions(every="often"), "guard.decisions.every = 'often': meant is a duration"),
        (Decisions(every="0s"), "guard.decisions.every = '0s'"),
        (Decisions(allow=("unix",)), "guard.decisions.allow[0] = 'unix': meant is a network such as 203.0.113.0/24"),
    ],
)  # fmt: skip
def test_wrong_words_end_the_start(wrong: Decisions, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Guard(raw_asgi(Act()), Policy(decisions=wrong))
    assert said in str(caught.value)
