"""NATS as it is; fakes of what RabbitMQ says and of what MongoDB's documentation says; and bad manners."""

import contextlib
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import brokers, pki
from tests.support.brokers import PASSWORD
from tests.support.looking import Script, look, look_at, then_hangs_up, then_listens, trusting
from tests.support.naughty import Naughty

from vedette.instruments.probe.mongodb import bson
from vedette.instruments.probe.rabbitmq import wire

pytestmark = pytest.mark.xdist_group("kinds")
INFO = b'INFO {"server_name":"post","version":"2.10.0"}\r\n'


@pytest.fixture(scope="module")
def nats() -> Iterator[int]:
    with brokers.nats() as port:
        yield port


def test_nats(nats: int) -> None:
    who = {"user": "checks", "password": PASSWORD}
    found = look(
        f"nats://shop.test:{nats}", "[HEADER].server_name == post", "[BODY].max_payload > 1000", **who
    )
    assert found.ok, found.sentence
    assert look(f"nats://shop.test:{nats}").code == "login-refused"
    wrong = look(f"nats://shop.test:{nats}", user="checks", password="planted-wrong")
    assert (wrong.code, "planted-wrong" in repr(wrong)) == ("login-refused", False)
    assert look(f"nats://shop.test:{nats}", tls=True, **who).code == "starttls-refused"
    assert look(f"nats://shop.test:{nats}", token="t", user="u").code == "bad-target"


def test_nats_in_tls() -> None:
    who = {"user": "checks", "password": PASSWORD}
    with brokers.nats(tls=True) as port:
        good = look(
            f"nats://shop.test:{port}", "[CERTIFICATE_EXPIRATION] > 24h", tls=True, **who, **trusting()
        )
        assert good.ok, good.sentence
        assert look(f"nats://shop.test:{port}", tls=True, **who).code == "tls-untrusted"
        plain = look(f"nats://shop.test:{port}", **who)
        assert (plain.code, "set tls" in plain.sentence) == ("tls-protocol", True)


def says_in_turn(*answers: bytes, first: bytes = b"") -> Script:
    """Play a server that answers whatever comes with one answer after the other."""

    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(first)
        for answer in answers:
            connection.recv(65_536)
            connection.sendall(answer)
        then_listens(b"")(connection, b"")

    return script


def document(value: object) -> bytes:
    """Return a value as BSON of our own, independent of what is tested."""
    if isinstance(value, bool):
        return b"\x08%s\0" + bytes([value])
    if isinstance(value, float):
        return b"\x01%s\0" + struct.pack("<d", value)
    if isinstance(value, int):
        return b"\x12%s\0" + struct.pack("<q", value)
    if isinstance(value, str):
        return b"\x02%s\0" + struct.pack("<i", len(value.encode()) + 1) + value.encode() + b"\0"
    if value is None:
        return b"\x0a%s\0"
    pairs = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    body = b"".join(document(v).replace(b"%s", str(k).encode(), 1) for k, v in pairs)
    return (
        (b"\x03%s\0" if isinstance(value, dict) else b"\x04%s\0")
        + struct.pack("<i", len(body) + 5)
        + body
        + b"\0"
    )


def mongo(*replies: dict[str, object]) -> Sequence[bytes]:
    said = []
    for number, reply in enumerate(replies, 1):
        body = bytes(5) + document(reply)[4:]
        said.append(struct.pack("<iiii", len(body) + 16, 99, number, 2013) + body)
    return said


def test_mongodb_by_a_fake() -> None:
    hello: dict[str, object] = {
        "isWritablePrimary": True,
        "setName": "rs0",
        "hosts": ["a:1", "b:2"],
        "x": None,
        "maxWireVersion": 21,
        "ok": 1.0,
    }
    good = look_at(
        "mongodb", says_in_turn(*mongo(hello, {"ok": 1.0})), "[BODY].isWritablePrimary == true", "len([BODY].hosts) == 2",
        "[HEADER].setName == rs0", "[HEADER].role == primary",
    )  # fmt: skip
    assert good.ok, good.sentence
    recovering = look_at(
        "mongodb", says_in_turn(*mongo({"isWritablePrimary": False, "secondary": False, "ok": 1.0}))
    )
    assert recovering.code == "not-serving"
    second = look_at(
        "mongodb", says_in_turn(*mongo({"secondary": True, "ok": 1}, {"ok": 0, "errmsg": "no ping"}))
    )
    assert (second.code, "no ping" in second.sentence) == ("query-failed", True)


def test_mongodb_in_tls(tmp_path: Path) -> None:
    script = says_in_turn(*mongo({"msg": "isdbgrid", "ok": 1.0}, {"ok": 1.0}))
    server = Naughty(script, pki.server_context(tmp_path, "good"), reads=False)
    url = f"mongodb://shop.test:{server.port}"
    assert look(url, "[HEADER].role == router", tls=True, **trusting()).ok
    assert look(url, tls=True).code == "tls-untrusted"
    server.close()


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(exclude_characters="%\0", exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_documents_come_back(value: object) -> None:
    assert bson.decoded(document({"v": value})[4:]) == {"v": value}


@given(st.binary(max_size=80))
def test_any_bytes_are_a_document_or_a_reason(data: bytes) -> None:
    whole = struct.pack("<i", len(data) + 4) + data
    with contextlib.suppress(ValueError, IndexError, struct.error):
        assert msgspec.json.encode(bson.decoded(whole))[:1] == b"{"


def method(which: tuple[int, int], arguments: bytes) -> bytes:
    return wire.frame(which, arguments)


START = method(
    wire.START,
    b"\0\x09" + wire.long(wire.short("product") + b"S" + wire.long(b"RabbitMQ") + wire.short("n") + b"I\0\0\0\1" + wire.short("c") + b"F\0\0\0\0"
    + wire.short("b") + b"t\1" + wire.short("version") + b"S" + wire.long(b"9.9")) + wire.long(b"AMQPLAIN PLAIN") + wire.long(b"en_US"),
)  # fmt: skip
TUNE, OPENED = method(wire.TUNE, b"\x07\xff\0\2\0\0\0\x3c"), method(wire.OPEN_OK, b"\0")


def closes(code: int, text: str) -> bytes:
    return method(wire.CLOSE, struct.pack(">H", code) + wire.short(text) + bytes(4))


def test_rabbitmq_by_a_fake() -> None:
    heartbeat = b"\x08\0\0\0\0\0\0\xce"
    good = look_at("amqp", says_in_turn(START, TUNE, b"", heartbeat + OPENED), "[HEADER].version == 9.9")
    assert (good.ok, "is RabbitMQ 9.9 and opened /" in good.sentence) == (True, True), good.sentence
    queue = says_in_turn(
        START,
        TUNE,
        b"",
        OPENED,
        method((20, 11), bytes(4)),
        method((50, 11), wire.short("jobs") + b"\0\0\0\5\0\0\0\1"),
    )
    assert look_at("amqp", queue, "[HEADER].messages == 5", "[HEADER].consumers == 1", queue="jobs").ok


NAUGHTY: dict[str, tuple[str, Script, str]] = {
    "nats, is redis": ("nats", then_listens(b"-ERR unknown command\r\n"), "query-failed"),
    "nats, no json": ("nats", then_listens(b"INFO {\r\n"), "bad-answer"),
    "nats, endless": ("nats", then_listens(INFO + b"MSG x\r\n" * 30), "bad-answer"),
    "nats, full": ("nats", then_listens(b"-ERR 'maximum connections exceeded'\r\n"), "not-serving"),
    "nats, leaving": ("nats", then_listens(b'INFO {"ldm":true}\r\n'), "not-serving"),
    "nats, gone": ("nats", then_hangs_up(INFO), "closed-early"),
    "amqp, other version": ("amqp", then_hangs_up(b"AMQP\0\0\x09\0"), "bad-answer"),
    "amqp, is http": ("amqp", then_listens(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "bad-answer"),
    "nats, no text": ("nats", then_listens(b'INFO {"version": "\xff"}\r\n'), "bad-answer"),
    "nats, nested": ("nats", then_listens(b'INFO {"x": ' + b"[" * 60_000 + b"\r\n"), "bad-answer"),
    "amqp, cut": ("amqp", then_listens(method(wire.START, b"\0\x09\0\0\0\x09a")), "bad-answer"),
    "amqp, other order": ("amqp", says_in_turn(TUNE), "bad-answer"),
    "amqp, no plain": ("amqp", says_in_turn(START.replace(b"AMQPLAIN PLAIN", b"EXTERNAL-ONLY ")), "login-refused"),
    "amqp, forced": ("amqp", says_in_turn(START, TUNE, b"", closes(320, "CONNECTION_FORCED - going")), "not-serving"),
    "amqp, no such host": ("amqp", says_in_turn(START, TUNE, b"", closes(530, "NOT_ALLOWED - vhost x not found")), "not-found"),
    "amqp, odd close": ("amqp", says_in_turn(START, TUNE, b"", closes(504, "CHANNEL_ERROR")), "query-failed"),
    "amqp, close cut": ("amqp", says_in_turn(START, TUNE, b"", method(wire.CLOSE, b"\1")), "bad-answer"),
    "mongodb, is http": ("mongodb", then_listens(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "bad-answer"),
    "mongodb, cut": ("mongodb", then_listens(struct.pack("<iiii", 30, 9, 1, 2013) + b"\0" * 5 + b"\x09\0\0\0\x02abcd"), "bad-answer"),
    "mongodb, gone": ("mongodb", then_hangs_up(b""), "closed-early"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAUGHTY)
def test_brokers_that_do_not_behave(name: str) -> None:
    scheme, script, code = NAUGHTY[name]
    result = look_at(scheme, script)
    assert result.code == code, result.sentence
