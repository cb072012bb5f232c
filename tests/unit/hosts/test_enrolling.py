"""How a host is let in: once, within the hour, by both sides' keys; and what ends when it is revoked or its key replaced."""

from pathlib import Path

import msgspec
import pytest
from tests.support.agents import URL, DoorNet, enrolled, speaker
from tests.support.rooms import NOW

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.agent.config import STATE, load
from vedette.agent.link.enrolling import Named, Place, configure, enroll, place_of, server_of
from vedette.agent.link.fetching import Fetcher
from vedette.agent.link.identity import KEY, Identity
from vedette.core.clock import ManualClock
from vedette.core.errors import ConfigError, Forbidden, Invalid
from vedette.hosts import admitting, service
from vedette.hosts.types import HostState
from vedette.plumbing.net.asking import Away, Refused
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.agent import enrolling
from vedette.wire.agent.batches import ORDERS
from vedette.wire.agent.types import Orders

pytestmark = pytest.mark.django_db(transaction=True)
MEMBER = Actor(kind=ActorKind.USER, id=3, name="Mo", role=Role.MEMBER)


def enroll_by(token: str, net: DoorNet, folder: Path, name: str = "web1") -> str:
    where = Place(state=folder / name, config=folder / name / "agent.toml")
    return enroll(URL, token, where, Named(name), net=net, now=lambda: NOW).name


def test_a_host_is_let_in_once_and_both_sides_are_known(net: DoorNet, tmp_path: Path) -> None:
    token, made = service.invite(SYSTEM, NOW)
    assert token.startswith("vde_")
    assert token.endswith(service.server_key().fingerprint)
    assert enroll_by(token, net, tmp_path) == "web1"
    (host,) = service.every()
    identity = Identity(tmp_path / "web1")
    assert (host.name, host.key, host.by) == ("web1", identity.key.fingerprint, "vedette")
    assert enrolling.key_of(identity.server.key) == service.server_key().public
    assert (tmp_path / "web1" / KEY).stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match="used already"):
        enroll_by(token, net, tmp_path, "web2")
    assert [one.used_at for one in service.invitations()] == [NOW]
    secret = enrolling.take_apart(token).secret
    assert not any(secret.encode() in body for _, _, body in net.requests), "the token never travels"
    trail = [(entry.action, entry.subject) for entry in accounts.audit_page(n=10).entries]
    assert trail == [("host.enrol", "web1"), ("host.invite", made.id[:8])]


def test_a_token_that_is_of_no_use_says_why(net: DoorNet, clock: ManualClock, tmp_path: Path) -> None:
    gone, made = service.invite(SYSTEM, NOW)
    service.withdraw(SYSTEM, made.id, NOW)
    with pytest.raises(Refused, match="was revoked"):
        enroll_by(gone, net, tmp_path)
    late, _ = service.invite(SYSTEM, NOW - 3_601)
    with pytest.raises(Refused, match="expired at"):
        enroll_by(late, net, tmp_path)
    good, _ = service.invite(SYSTEM, NOW)
    with pytest.raises(Refused, match="not of this installation"):
        enroll_by(enrolling.put_together("x" * 32, enrolling.take_apart(good).server), net, tmp_path)
    with pytest.raises(Invalid, match="begins with vde_"):
        enroll_by("vdl_abc", net, tmp_path)
    assert service.every() == ()


def test_an_answer_that_is_not_the_servers_is_not_believed(net: DoorNet, tmp_path: Path) -> None:
    token, _ = service.invite(SYSTEM, NOW)
    other = enrolling.put_together(enrolling.take_apart(token).secret, SigningKey(b"2" * 32).fingerprint)
    with pytest.raises(Away, match="is not signed by the server"):
        enroll_by(other, net, tmp_path)
    assert not (tmp_path / "web1" / "server.json").exists()


def test_who_knows_the_id_of_a_token_alone_gets_nothing(net: DoorNet, tmp_path: Path) -> None:
    token, _ = service.invite(SYSTEM, NOW)
    key = SigningKey(b"3" * 32)
    asked = enrolling.Enrolling(
        token=enrolling.id_of(enrolling.take_apart(token).secret), name="web1", key=enrolling.text_of(key.public),
        proof="0" * 64,
    )  # fmt: skip
    with pytest.raises(Forbidden, match="proof does not fit"):
        service.enrol(asked, NOW)
    assert [one.used_at for one in service.invitations()] == [None]


def test_when_the_answer_is_lost_the_same_words_let_the_same_host_in(net: DoorNet, tmp_path: Path) -> None:
    token, _ = service.invite(SYSTEM, NOW)
    net.fates = ["unanswered"]
    with pytest.raises(Away):
        enroll_by(token, net, tmp_path)
    assert enroll_by(token, net, tmp_path) == "web1"
    assert [one.key for one in service.every()] == [Identity(tmp_path / "web1").key.fingerprint]


def test_a_name_that_is_taken_gets_a_number_and_a_revoked_host_comes_back(
    net: DoorNet, tmp_path: Path
) -> None:
    enrolled(net, tmp_path / "a")
    assert enrolled(net, tmp_path / "b").name == "web1-2"
    service.revoke(SYSTEM, service.find("web1"), NOW)
    before = service.find("web1").id
    assert enrolled(net, tmp_path / "c").host == before
    assert service.find("web1").state is HostState.ACTIVE


def test_only_those_who_look_after_the_installation_let_hosts_in(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    host = service.find("web1")
    for act in (
        lambda: service.invite(MEMBER, NOW),
        lambda: service.revoke(MEMBER, host, NOW),
        lambda: service.rotate(MEMBER, host, NOW),
        lambda: service.remove(MEMBER, host, NOW),
        lambda: service.settle(MEMBER, host, {}, NOW),
    ):
        with pytest.raises(Forbidden):
            act()


def orders(net: DoorNet, folder: Path, since: str = "") -> Orders:
    response = speaker(net, folder)("GET", f"{ORDERS}?since={since}", b"", 5)
    assert response.status == 200, response.body
    return msgspec.json.decode(response.body, type=Orders)


def test_a_revoked_host_is_refused_at_once(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    assert orders(net, tmp_path).whole
    service.revoke(SYSTEM, service.find("web1"), NOW)
    response = speaker(net, tmp_path)("GET", ORDERS, b"", 5)
    assert (response.status, b"revoked" in response.body) == (401, True)
    service.remove(SYSTEM, service.find("web1"), NOW)
    assert b"removed" in speaker(net, tmp_path)("GET", ORDERS, b"", 5).body


def test_the_server_has_a_key_replaced_and_the_old_one_ends_at_the_first_use_of_the_new(
    net: DoorNet, tmp_path: Path
) -> None:
    enrolled(net, tmp_path)
    old = speaker(net, tmp_path)
    service.rotate(SYSTEM, service.find("web1"), NOW)
    said: list[str] = []
    heard: list[Orders] = []
    ours = speaker(net, tmp_path)
    fetcher = Fetcher(ours, Identity(tmp_path / "web1"), version="1", order=heard.append, say=said.append)
    fetcher.fetch()
    assert heard[-1].rotate
    net.fates = ["unanswered"]  # the new key arrived, and nobody says so: it is told again
    assert fetcher.fetch() > 0
    before = service.find("web1").key
    assert fetcher.fetch() == 0.0
    assert said[-1] == f"This host has a new key, {ours.key.fingerprint}."
    assert service.find("web1").key == ours.key.fingerprint != before
    assert not heard[-1].rotate
    assert old("GET", ORDERS, b"", 5).status == 401
    assert speaker(net, tmp_path)("GET", ORDERS, b"", 5).status == 200, "the key in the file is the new one"


def test_a_clock_that_is_wrong_is_corrected_by_what_the_server_signs(
    net: DoorNet, clock: ManualClock, tmp_path: Path
) -> None:
    enrolled(net, tmp_path)
    late = speaker(net, tmp_path)
    late._now = lambda: NOW - 86_400
    assert late("GET", ORDERS, b"", 5).status == 200
    assert late.ahead == pytest.approx(86_400, abs=1)


def test_what_was_recorded_on_the_way_is_of_no_use_later(
    net: DoorNet, clock: ManualClock, tmp_path: Path
) -> None:
    enrolled(net, tmp_path)
    kept: list[list[tuple[bytes, bytes]]] = []
    net.change = lambda asked: kept.append(asked["headers"])
    assert speaker(net, tmp_path)("GET", ORDERS, b"", 5).status == 200
    clock.forward(301)
    net.change = lambda asked: asked.update(headers=kept[0])
    again = speaker(net, tmp_path)._net.request("GET", f"{URL}{ORDERS}")
    assert (again.status, b"another time" in again.body) == (401, True)


@pytest.mark.parametrize(
    ("url", "server"),
    [("https://v.example/", "https://v.example"), ("http://127.0.0.1:8700", "http://127.0.0.1:8700")],
)
def test_the_address_is_one_that_nobody_can_listen_at(url: str, server: str) -> None:
    assert server_of(url) == server
    for wrong in ("http://v.example", "ftp://v.example", "v.example"):
        with pytest.raises(ConfigError):
            server_of(wrong)


def test_a_configuration_is_written_where_there_is_none(
    net: DoorNet, house: MemoryPorts, tmp_path: Path
) -> None:
    server = enrolled(net, tmp_path)
    where = Place(state=tmp_path / "web1", config=tmp_path / "etc" / "agent.toml")
    assert configure(where, server)
    assert f'server = "{URL}"' in where.config.read_text()
    assert load(where.config).state == where.state, "who runs by it finds the key"
    where.config.write_text("mine")
    assert not configure(where, server)
    assert where.config.read_text() == "mine"


def test_the_key_is_kept_where_the_agent_will_look_for_it(net: DoorNet, tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    assert place_of(None, config).state == STATE, "without a configuration"
    config.write_text(f'server = "{URL}"\nstate = "{tmp_path}/kept"\n')
    where = place_of(None, config)
    token, _ = service.invite(SYSTEM, NOW)
    made = enroll(URL, token, where, Named("web1"), net=net, now=lambda: NOW)
    assert not configure(where, made), "it stays as it is"
    assert Identity(load(config).state).key.fingerprint == service.find("web1").key
    assert place_of(tmp_path / "other", config).state == tmp_path / "other", "what is named goes first"


def test_a_configuration_that_cannot_be_read_lets_no_host_in(tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text("state = 5")
    with pytest.raises(ConfigError, match="state"):
        place_of(None, config)


@pytest.mark.parametrize("name", ["7", "\u0663", "1" * 40, "a1" * 16, "A1" * 16])
def test_a_name_that_reads_as_another_host_is_refused(net: DoorNet, tmp_path: Path, name: str) -> None:
    token, _ = service.invite(SYSTEM, NOW)
    with pytest.raises(Invalid, match="give it a name with other letters"):
        enroll_by(token, net, tmp_path, name)
    assert service.every() == ()
    assert not enrolling.name_problem(f"web-{name[:8]}")


def test_a_stranger_takes_no_lock(net: DoorNet, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = service.invite(SYSTEM, NOW)
    secret, key = enrolling.take_apart(token).secret, SigningKey(b"3" * 32)

    def taken() -> None:
        raise AssertionError("the lock was taken")

    monkeypatch.setattr(admitting, "transaction", taken)
    for known in (enrolling.id_of(secret), "0" * 32):
        asked = enrolling.Enrolling(
            token=known, name="web1", key=enrolling.text_of(key.public), proof="0" * 64
        )
        with pytest.raises(Forbidden):
            service.enrol(asked, NOW)
