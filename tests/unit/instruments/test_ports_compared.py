"""What listens inside against what answers outside, which ports are meant, and what they speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.instruments.live.types import Listener
from vedette.instruments.scan.ports.choosing import ports_of
from vedette.instruments.scan.ports.comparing import compared
from vedette.instruments.scan.ports.greeting import spoken
from vedette.instruments.scan.ports.services import service_of, services
from vedette.instruments.scan.ports.types import Outside, PortState
from vedette.wire.finding import Finding, FindingState, severity_of

OPEN, CLOSED, FILTERED = PortState
POSTGRES = Listener(protocol="tcp", address="0.0.0.0", port=5432, program="postgres", user="postgres")
LOCAL = Listener(protocol="tcp", address="127.0.0.1", port=5432, program="postgres", user="postgres")


def outside(port: int, state: PortState = OPEN, address: str = "9.9.9.9", service: str = "") -> Outside:
    return Outside(address=address, port=port, state=state, service=service)


def only(found: tuple[Finding, ...]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def test_a_database_that_answers_from_the_internet() -> None:
    found = only(compared("db-1", (POSTGRES,), [outside(5432, service="PostgreSQL")], {443}))
    assert found.title == "db-1:5432 (PostgreSQL) answers from the internet"
    assert (found.check, found.exposed, str(severity_of(found.risk))) == ("port-open", True, "high")
    assert "postgres of postgres" in found.evidence


def test_from_a_private_address_it_is_not_the_internet() -> None:
    assert only(compared("db-1", None, [outside(5432, address="10.0.0.7")], ())).title.endswith(
        "answers from outside"
    )
    assert only(compared("db-1", None, [outside(5432, address="127.0.0.1")], ())).title.endswith(
        "from this machine"
    )


def test_what_is_meant_to_answer_is_no_finding() -> None:
    assert compared("web-1", None, [outside(443), outside(80)], {80, 443}) == ()


@pytest.mark.parametrize("inside", [(), (LOCAL,)])
def test_what_answers_though_nothing_listens_for_others_is_forwarded(inside: tuple[Listener, ...]) -> None:
    found = only(compared("db-1", inside, [outside(5432)], ()))
    assert (found.check, found.exposed) == ("port-forwarded", True)
    assert "it is forwarded" in found.title


def test_the_firewall_holds() -> None:
    found = only(compared("db-1", (POSTGRES,), [outside(5432, FILTERED)], ()))
    assert (found.check, found.state, found.risk, found.exposed) == (
        "port-held",
        FindingState.PASSED,
        0.0,
        False,
    )
    assert "the firewall holds" in found.title
    assert compared("db-1", (POSTGRES,), [outside(22, CLOSED)], ()) == ()  # nobody looked at 5432


def test_the_worst_comes_first_and_udp_is_not_mixed_in() -> None:
    dns = Listener(protocol="udp", address="0.0.0.0", port=53, program="named")
    found = compared("h", (dns, POSTGRES), [outside(22), outside(5432), outside(2375)], ())
    assert [one.subject for one in found] == ["h:2375", "h:5432", "h:22"]


def test_what_a_port_speaks_counts_more_than_its_number() -> None:
    assert service_of(8080, "Redis").name == "Redis"
    assert service_of(8080, "HTTP").risk == service_of(8080).risk
    assert service_of(49_999).name == "unknown service"
    assert 200 <= len(services()) <= 400


@pytest.mark.parametrize(
    ("text", "ports"), [("22", (22,)), ("80,443, 22", (22, 80, 443)), ("1-3,3-4", (1, 2, 3, 4))]
)
def test_ports_are_named(text: str, ports: tuple[int, ...]) -> None:
    assert ports_of(text) == ports


@pytest.mark.parametrize("text", ["", "0", "65536", "9-1", "a", "1-", "80;443", "99999999"])
def test_what_are_no_ports_is_said(text: str) -> None:
    with pytest.raises(Invalid):
        ports_of(text)


@pytest.mark.parametrize(
    ("answer", "asked", "name"),
    [(b"SSH-2.0-OpenSSH_9.2\r\n", b"", "SSH"), (b"HTTP/1.1 200 OK\r\n", b"HEAD", "HTTP"), (b"\x15\x03\x01\x00\x02\x02\x46", b"", "TLS"),
     (b"-NOAUTH Authentication required.\r\n", b"PING\r\n", "Redis"), (b"N", bytes.fromhex("0000000804d2162f"), "PostgreSQL"), (b"N", b"", ""),
     (b"\x4a\x00\x00\x00\x0a8.0.36\x00", b"", "MySQL"), (b"220 mx ESMTP\r\n", b"", "SMTP"), (b"220 (vsFTPd)\r\n", b"", "FTP"),
     (b"+OK ready", b"", "POP3"), (b"* OK IMAP4", b"", "IMAP"), (b"", b"", ""), (b"\xff\xfe", b"", "")],
)  # fmt: skip
def test_greetings(answer: bytes, asked: bytes, name: str) -> None:
    assert spoken(answer, asked) == name


_SEEN = st.builds(outside, st.sampled_from([22, 80, 5432, 6379]), st.sampled_from(PortState))
_HEARD = st.builds(
    Listener, protocol=st.sampled_from(["tcp", "udp"]), address=st.sampled_from(["0.0.0.0", "::", "127.0.0.1"]), port=st.sampled_from([22, 80, 5432, 6379]),
)  # fmt: skip


@given(
    st.none() | st.lists(_HEARD, max_size=6), st.lists(_SEEN, max_size=6), st.sets(st.sampled_from([22, 80]))
)
def test_each_port_is_told_once_or_is_fine(
    inside: list[Listener] | None, seen: list[Outside], public: set[int]
) -> None:
    found = compared("h", inside, seen, public)
    failed = [int(one.labels["port"]) for one in found if one.state is FindingState.FAILED]
    assert sorted(failed) == sorted({one.port for one in seen if one.state is OPEN} - public)
    assert len({one.identity for one in found}) == len(found)
    assert [one.risk for one in found] == sorted((one.risk for one in found), reverse=True)


@given(st.text("0123456789-, ", max_size=20))
def test_any_text_names_ports_or_is_refused(text: str) -> None:
    try:
        ports = ports_of(text)
    except Invalid:
        return
    assert ports == tuple(sorted(set(ports)))
    assert 1 <= ports[0] <= ports[-1] <= 65_535


@given(st.binary(max_size=64), st.sampled_from([b"", b"PING\r\n"]))
def test_any_greeting_is_read(answer: bytes, asked: bytes) -> None:
    assert isinstance(spoken(answer, asked), str)
