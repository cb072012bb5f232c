"""Bans of a host as the agent keeps them: written down before they are enforced, the same after a restart, told once."""

import os
import resource
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.agent import verbs
from vedette.agent.bans import SYNC_EVERY, Bans
from vedette.agent.book import NAME, Book
from vedette.agent.deciding.events import Held, Spared, Unbanned
from vedette.agent.desk import Answer, Asked, Desk, ask
from vedette.core.errors import ConfigError, Conflict, Invalid, NotFound, Unavailable
from vedette.instruments.packets import script
from vedette.instruments.packets.memory import Memory
from vedette.instruments.packets.people import Presence, present, signed_in
from vedette.instruments.packets.port import stops
from vedette.wire.agent.deciding import sparing
from vedette.wire.agent.deciding.types import Left, Response
from vedette.wire.agent.types import Decision, Detection, Happening, Lifted, Measure, Orders, Report, Scope

NOW = 1_764_000_000.0


class Host:
    """A host whose agent can be killed and started again."""

    def __init__(self, folder: Path, **others: Any) -> None:
        self.folder, self.others = folder, others
        self.kernel, self.told, self.here = Memory(), list[Report](), Presence()
        self.bans = self._made()
        self.bans.start(NOW)

    def _made(self) -> Bans:
        return Bans(
            Book(self.folder), [self.kernel], origin="web-1", tell=self.told.append, people=lambda: self.here, **self.others
        )  # fmt: skip

    def killed_and_started(self, now: float) -> None:
        """Nothing is written in farewell: what the file holds is what was written before."""
        book = self.bans._book
        os.close(book._lock)
        self.told.clear()
        self.bans = self._made()
        self.bans.start(now)

    def saw(self, address: str, now: float = NOW, **others: Any) -> list[Decision | Left]:
        response = others.pop("response", Response())
        given = {"simulated": False, "first_at": now - 1, **others}
        seen = Detection(
            id="d",
            at=now,
            rule="ssh",
            reason="6 failed",
            severity="high",
            service="ssh",
            address=address,
            **given,
        )
        return self.bans.consider(seen, response, now)

    def ask(self, verb: str, value: str = "", now: float = NOW, **others: Any) -> Answer:
        return verbs.answer(self.bans, Asked(verb=verb, value=value, by="ada", **others), now)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def ordered(value: str, **others: Any) -> Decision:
    others = {"at": NOW, "until": NOW + 900, **others}
    return Decision(
        id=value,
        scope=Scope.ADDRESS,
        value=value,
        measure=Measure.BAN,
        reason="elsewhere",
        origin="web-2",
        **others,
    )


def test_a_detection_is_decided_enforced_and_told(host: Host) -> None:
    (made,) = host.saw("198.51.100.7")
    assert isinstance(made, Decision)
    assert host.kernel.live == {"198.51.100.7": NOW + 600}
    assert host.told == [made]
    assert host.saw("198.51.100.7", NOW + 1) == [Left("198.51.100.7: ban stands for 9 min 59 s more")]
    host.saw("198.51.100.8", simulated=True)
    host.saw("198.51.100.9", response=Response(Measure.NOTE))
    assert list(host.kernel.live) == ["198.51.100.7"], "what is simulated or a note is enforced nowhere"
    assert len(host.told) == 3


def test_a_user_who_is_called_like_an_address_is_none(host: Host) -> None:
    """Names are chosen by whoever signs in."""
    (made,) = host.saw("198.51.100.7", user="203.0.113.9", response=Response(scope=Scope.USER))
    assert isinstance(made, Decision)
    assert (made.scope, made.value) == (Scope.USER, "203.0.113.9")
    host.bans.sync(NOW)
    assert host.kernel.live == {}
    assert script.element(made.value) is not None, "its value alone would do"
    assert not stops(made)
    assert "Nothing stood" in host.ask("bans remove", "203.0.113.9").text
    assert host.ask("bans remove", "user:203.0.113.9").text.startswith("203.0.113.9 is free")
    with pytest.raises(Invalid, match="1 to 200 characters"):
        host.ask("bans remove", "user:")


def test_a_restart_keeps_ends_unbans_and_what_is_remembered(host: Host) -> None:
    host.saw("198.51.100.7")
    host.saw("198.51.100.8")
    host.bans.order(Orders(revision="1", put=(ordered("203.0.113.5"),)), NOW)
    host.ask("bans remove", "198.51.100.8", NOW + 5)
    host.ask("allow add", "192.0.2.0/24", NOW + 5, note="office")
    before = dict(host.kernel.live)
    host.kernel.live.clear()
    host.killed_and_started(NOW + 60)
    assert host.kernel.live == before == {"198.51.100.7": NOW + 600, "203.0.113.5": NOW + 900}
    assert host.told == []
    assert isinstance(host.saw("198.51.100.8", NOW + 70, first_at=NOW + 4)[0], Left), (
        "an unban stays unbanned"
    )
    assert isinstance(host.saw("192.0.2.9", NOW + 70)[0], Left)
    (again,) = host.saw("198.51.100.7", NOW + 700)
    assert isinstance(again, Decision)
    assert again.until - again.at == 2400, "the second one lasts longer"


def test_a_kernel_that_kept_an_unbanned_one_is_put_right_at_the_start(host: Host) -> None:
    host.saw("198.51.100.7")
    host.kernel.live["203.0.113.99"] = NOW + 99
    host.killed_and_started(NOW + 1)
    assert list(host.kernel.live) == ["198.51.100.7"]


def test_who_signs_in_is_freed_and_stays_so(host: Host) -> None:
    host.saw("198.51.100.7")
    host.here = Presence(
        frozenset({"198.51.100.7", "tmux", "2001:db8:7::9"}), frozenset({"198.51.100.1", "fe80::1"})
    )
    host.bans.tick(NOW + 6)
    assert host.kernel.live == {}
    assert [(one.value, one.reason) for one in host.told if isinstance(one, Lifted)] == [("198.51.100.7", "198.51.100.7 is signed in here")]  # fmt: skip
    assert host.saw("198.51.100.7", NOW + 7) == [Left("198.51.100.7 is signed in here")]
    assert {row["network"]: row["why"] for row in host.ask("allow list").rows}[
        "198.51.100.7/32"
    ] == "signed in here"
    assert host.saw("2001:db8:7::1", NOW + 7) == [
        Left("2001:db8:7::/64 holds 2001:db8:7::9, which is signed in here")
    ]
    assert host.saw("198.51.100.1", NOW + 7) == [Left("198.51.100.1 is this host's own")]
    host.here = Presence()
    host.bans.tick(NOW + 20)
    assert isinstance(host.saw("198.51.100.7", NOW + 30)[0], Decision), "gone, it is one as any other"


def test_the_servers_orders_lift_spare_and_enforce(host: Host) -> None:
    for address in ("198.51.100.7", "198.51.100.8", "198.51.100.9"):
        host.saw(address)
    orders = Orders(
        revision="1", put=(ordered("203.0.113.5"), ordered("203.0.113.6", simulated=True)), drop=("address:198.51.100.7",),
        allow=("198.51.100.8",), never=("198.51.100.9",), trusted_proxies=("203.0.113.200/29",),
    )  # fmt: skip
    host.bans.order(orders, NOW + 1)
    assert host.kernel.live == {"203.0.113.5": NOW + 900}
    lifted = {one.value: one.reason for one in host.told if isinstance(one, Lifted)}
    assert lifted == {
        "198.51.100.7": "the server lifted it",
        "198.51.100.8": "198.51.100.8 is in the allowlist",
        "198.51.100.9": "198.51.100.9 is spared by the server",
    }
    host.killed_and_started(NOW + 2)
    assert host.saw("198.51.100.8", NOW + 9) == [Left("198.51.100.8 is in the allowlist")], (
        "while the server is away, too"
    )
    assert host.saw("203.0.113.201") == [Left("203.0.113.201 is a trusted proxy (203.0.113.200/29)")]


def test_a_long_allowlist_of_the_servers_outlives_a_restart(host: Host) -> None:
    allow = tuple(f"2001:db8:{n:x}:1111:2222:3333:4444:5555" for n in range(2_000))
    host.bans.order(Orders(revision="1", allow=allow), NOW)
    host.killed_and_started(NOW + 1)
    assert host.saw("2001:db8:7cf:1111::1", NOW + 2) == [
        Left("2001:db8:7cf:1111::/64 holds 2001:db8:7cf:1111:2222:3333:4444:5555, which is in the allowlist")
    ]


def test_a_crowd_brings_a_ban_of_its_network(host: Host) -> None:
    for n in range(1, 4):
        found = host.saw(f"198.51.100.{n}", response=Response(crowd=3))
    assert [one.value for one in found if isinstance(one, Decision)] == ["198.51.100.3", "198.51.100.0/24"]
    assert "198.51.100.0/24" in host.kernel.live
    answer = host.ask("bans remove", "198.51.100.3")
    assert "198.51.100.0/24 around it stands" in answer.text
    assert len(host.ask("bans remove", "198.51.100.0/24").rows) == 3
    assert host.kernel.live == {}


def test_an_enforcer_that_fails_says_so_once_and_is_brought_in_line(host: Host) -> None:
    host.kernel.broken = "nftables refuses: no."
    host.saw("198.51.100.7")
    host.bans.tick(NOW + 1)
    host.bans.tick(NOW + 2)
    told = [one for one in host.told if isinstance(one, Happening)]
    assert [(one.kind, one.text) for one in told] == [("bans-memory", "nftables refuses: no.")]
    host.kernel.broken = ""
    host.bans.tick(NOW + 3)
    assert host.kernel.live == {"198.51.100.7": NOW + 600}
    assert any(isinstance(one, Happening) and one.resolved for one in host.told)


def test_a_flushed_table_is_put_back_and_told(host: Host) -> None:
    host.saw("198.51.100.7")
    host.kernel.live.clear()
    host.bans.tick(NOW + SYNC_EVERY)
    assert host.kernel.live == {"198.51.100.7": NOW + 600}
    said = [one.text for one in host.told if isinstance(one, Happening)]
    assert said == ["1 bans were missing and are put back."]


def test_what_ends_is_dropped(host: Host) -> None:
    host.saw("198.51.100.7")
    host.bans.tick(NOW + 599)
    assert host.kernel.live
    host.bans.tick(NOW + 600)
    assert host.kernel.live == {}
    assert host.bans.listed(NOW + 600) == []


def test_the_configurations_allowlist_is_read_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"allow: fe80/16 is no address or network\. Did you mean fe80::/10\?"
    ):
        Bans(Book(tmp_path / "wrong"), (), origin="x", allow=["fe80/16"])
    never = sparing.addresses(["203.0.113.1"], "the server")
    host = Host(tmp_path / "right", allow=["198.51.100.0/24"], never=never)
    assert host.saw("198.51.100.7") == [Left("198.51.100.7 is in the allowlist (198.51.100.0/24)")]
    assert host.saw("203.0.113.1") == [Left("203.0.113.1 is the server")]


def test_people_ban_allow_and_are_told(host: Host) -> None:
    assert (
        host.ask("bans add", "2001:db8:1::5", seconds=3600.0).text
        == "2001:db8:1::/64 is banned for 1 h, until 2025-11-24T17:00:00.000Z."
    )
    assert host.ask("bans list").rows[0]["origin"] == "person:ada"
    assert host.ask("allow add", "2001:db8:1::5").text.endswith("The ban of 2001:db8:1::/64 is lifted.")
    for verb, value, why in (
        ("bans add", "2001:db8:1::6", "is in the allowlist"),
        ("bans add", "10.0.0.1", "is private"),
        ("bans add", "203.0.0.0/7", "Did you mean"),
        ("bans add", "64.0.0.0/7", "too wide"),
        ("bans add", "here", "no address"),
        ("allow remove", "203.0.113.1", "not on this host's allowlist"),
        ("bans nuke", "", "knows no"),
    ):
        with pytest.raises(Invalid, match=why):
            host.ask(verb, value, seconds=60.0)
    with pytest.raises(Invalid, match="longer than nothing"):
        host.ask("bans add", "203.0.113.1")
    assert host.ask("allow list").rows[0]["network"] == "2001:db8:1::5/128"
    assert host.ask("allow remove", "2001:db8:1::5").text == "2001:db8:1::5/128 is allowed no longer."
    assert "Nothing stood" in host.ask("bans remove", "203.0.113.1").text


def test_the_file_is_private_torn_lines_are_passed_over_and_it_is_held_once(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.saw("198.51.100.7")
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="in use"):
        Book(tmp_path)
    with (tmp_path / NAME).open("ab") as out:
        out.write(
            b'nonsense\n\xff\xfe\n{"type":"held","decision":{}}\n'
            + b"x" * 200_000
            + b'\n{"type":"held","deci'
        )
    host.killed_and_started(NOW + 1)
    assert list(host.kernel.live) == ["198.51.100.7"]
    assert any(isinstance(one, Happening) and "could not be read" in one.text for one in host.told)
    host.saw("198.51.100.8", NOW + 1)
    host.killed_and_started(NOW + 2)
    assert set(host.kernel.live) == {"198.51.100.7", "198.51.100.8"}, (
        "the torn line was ended before the next one"
    )


def test_the_file_is_shortened_to_what_is_needed(tmp_path: Path) -> None:
    book = Book(tmp_path)
    for _ in range(30):
        book.write(Held(ordered("203.0.113.5")))
        book.write(Unbanned(Scope.ADDRESS, "203.0.113.5", NOW))
    book.shorten([Held(ordered("203.0.113.6"))])
    book.write(Held(ordered("203.0.113.7")))
    book.close()
    again = Book(tmp_path)
    assert [one.decision.value for one in again.read() if isinstance(one, Held)] == [
        "203.0.113.6",
        "203.0.113.7",
    ]
    assert not (tmp_path / f"{NAME}.new").exists()
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_few_long_lines_make_the_file_short_too(tmp_path: Path) -> None:
    book = Book(tmp_path)
    long = Spared(allow=("x" * 4_000_000,))
    for _ in range(9):
        book.write(long)
    book.settle(1, lambda: [long])
    assert (tmp_path / NAME).stat().st_size < 5_000_000
    book.close()


def test_a_file_that_cannot_be_written_is_told_and_bans_go_on(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.bans._book._out = os.open("/dev/full", os.O_WRONLY)
    host.saw("198.51.100.7")
    assert host.kernel.live
    host.bans._book._path = tmp_path / "gone" / NAME
    host.bans.tick(NOW + 1)
    assert any(isinstance(one, Happening) and "cannot be written" in one.text for one in host.told)
    host.bans._book._path = tmp_path / NAME
    host.bans.tick(NOW + 2)
    host.killed_and_started(NOW + 3)
    assert list(host.kernel.live) == ["198.51.100.7"], "it is written whole once there is room"


def test_what_was_lost_while_the_disk_was_full_is_written_once_there_is_room(host: Host) -> None:
    """A line was cut short, and the next one was written well: the file still lacks the first."""
    host.saw("198.51.100.7")
    host.ask("bans remove", "198.51.100.7", NOW + 1)
    file, (soft, hard) = host.folder / NAME, resource.getrlimit(resource.RLIMIT_FSIZE)
    size = file.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, hard))
    try:
        host.saw("198.51.100.8", NOW + 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert file.stat().st_size == size, "nothing is left of the line that was cut short"
    host.saw("198.51.100.9", NOW + 3)
    assert host.bans._book.trouble, "the file lacks something"
    host.bans.tick(NOW + 4)
    assert not host.bans._book.trouble
    before = dict(host.kernel.live)
    host.killed_and_started(NOW + 5)
    assert host.kernel.live == before == {"198.51.100.8": NOW + 602, "198.51.100.9": NOW + 603}
    assert host.told == [], "each line is whole"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Path]:
    def answer(asked: Asked) -> Answer:
        if asked.verb == "bad":
            raise NotFound("There is none.")
        return Answer(text=f"{asked.verb} {asked.value}")

    made = Desk(tmp_path, answer)
    made.start()
    yield tmp_path
    made.close()
    assert ask(tmp_path, Asked(verb="late")) is None


def test_the_desk_answers_refuses_and_survives_nonsense(desk: Path) -> None:
    assert ask(desk, Asked(verb="bans list", value="x")) == Answer(text="bans list x")
    with pytest.raises(Invalid, match="There is none"):
        ask(desk, Asked(verb="bad"))
    assert stat.S_IMODE((desk / "desk.sock").stat().st_mode) == 0o600
    for nonsense in (b"", b"\n", b"{}\n", b"\xff" * 1000 + b"\n", b"x" * 100_000):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(desk / "desk.sock"))
            caller.sendall(nonsense)
            caller.shutdown(socket.SHUT_WR)
            assert b'"ok":false' in caller.recv(1000)
    assert ask(desk, Asked(verb="still")) is not None


def test_a_desk_that_a_killed_agent_left_is_taken_over(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "desk.sock"))
    left.close()
    assert ask(tmp_path, Asked(verb="x")) is None
    made = Desk(tmp_path, lambda asked: Answer(text=asked.verb))
    made.start()
    assert ask(tmp_path, Asked(verb="x")) == Answer(text="x")
    made.close()
    with pytest.raises(Unavailable, match="cannot be made"):
        Desk(tmp_path / "absent", lambda _: Answer())
    with pytest.raises(Unavailable, match="cannot be spoken with"):
        ask(tmp_path / ("x" * 120), Asked(verb="x"))


@pytest.mark.parametrize(
    "line",
    ["sshd: ada@pts/0", "sshd: ada@notty", "sshd: ada", "sshd-session: ada@pts/1", "sshd: o.k-1@pts/0,pts/2"],
)
def test_who_signed_in_is_told_by_the_name_of_sshds_process(line: str) -> None:
    assert signed_in([line])


@pytest.mark.parametrize(
    "line",
    ["sshd: root [net]", "sshd: root [priv]", "sshd: unknown [preauth]", "sshd: [accepted]", "/usr/sbin/sshd -D", "sshd: a b@pts/0",
     "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "", "notsshd: ada"],
)  # fmt: skip
def test_who_only_tries_is_not(line: str) -> None:
    assert not signed_in([line])


def test_sessions_of_logind_are_read_and_nonsense_is_not(tmp_path: Path) -> None:
    (tmp_path / "3").write_text("# private\nUID=1000\nSTATE=active\nREMOTE=1\nREMOTE_HOST=198.51.100.7\n")
    (tmp_path / "4").write_text("STATE=closing\nREMOTE_HOST=198.51.100.8\n")
    (tmp_path / "5").write_text("STATE=online\nREMOTE=0\n")
    (tmp_path / "6").write_bytes(b"\xff\xfe=\n")
    os.mkfifo(tmp_path / "3.ref")
    found = present(tmp_path)
    assert "198.51.100.7" in found.sessions
    assert "198.51.100.8" not in found.sessions
    assert "127.0.0.1" in found.own
    assert present(tmp_path / "absent").own == found.own
