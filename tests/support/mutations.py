"""Damage to envelopes, as networks, proxies, half-written clients and attackers do it; reproducible by seed."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import brotli
import msgspec
import zstandard
from tests.support.door import AUTH, PUBLIC

Body = bytearray
Mutation = Callable[[random.Random, Body, Sequence[bytes]], Body]


class Attack(msgspec.Struct, frozen=True):
    """One damaged request; `n` and the seed of `attacks` make it again."""

    n: int
    what: str
    body: bytes
    headers: dict[str, str]
    path: str = "/api/1/envelope/"
    query: str = ""


ODD_VALUES: tuple[bytes, ...] = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"null",
    b"[]",
    b"{}",
    b"[null,[[]]]",
    b'"\\ud800"',
    b'"\\u0000"',
    b'"\x00"',
    b'"\xff\xfe"',
    b"9" * 400,
    b"-1",
    b"true",
    b'"soon"',
    b'"' + b"x" * 5_000 + b'"',
    b"[" * 300 + b"]" * 300,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'[["a","b"],["c"],null,7]',
    b'{"values":[null,{"type":[]},"x"]}',
    b"[1,2,],",
)
ODD_FIELDS = (
    b"event_id timestamp level platform exception breadcrumbs tags user request contexts extra fingerprint logentry message "
    b"release environment transaction server_name modules threads stacktrace sdk debug_meta errors type dist culprit"
).split()


def flip_bits(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    for _n in range(chance.randint(1, 12)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return body


def cut(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    return body[: chance.randrange(len(body))]


def cut_front(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    return body[chance.randrange(len(body)) :]


def remove(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    start = chance.randrange(len(body))
    del body[start : start + chance.randint(1, 200)]
    return body


def repeat(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    start = chance.randrange(len(body))
    piece = body[start : start + chance.randint(1, 200)]
    body[start:start] = piece * chance.randint(1, 5)
    return body


def insert(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    at = chance.randrange(len(body))
    body[at:at] = chance.choice(
        (chance.randbytes(20), b"\n", b"\r\n", b"\x00", b"\xff", b'"', b"{", b"]", b",")
    )
    return body


def odd_header(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    header, _, rest = bytes(body).partition(b"\n")
    try:
        fields: dict[str, Any] = dict(json.loads(header))
    except (ValueError, TypeError, RecursionError):
        return insert(chance, body, ())
    name = chance.choice(("event_id", "sent_at", "dsn", "sdk", "trace"))
    if chance.random() < 0.2:
        fields.pop(name, None)
    else:
        fields[name] = None
    line = json.dumps(fields).encode().replace(b"null", chance.choice(ODD_VALUES), 1)
    return Body(line + b"\n" + rest)


def odd_item(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    lengths = (b"-1", b"0", b"null", b'"7"', b"1.0", b"99999999999999999999", b"[]", b"true", b"7")
    change = chance.randrange(4)
    text = bytes(body)
    if change == 0:
        return Body(text.replace(b'"length":', b'"length":' + chance.choice(lengths) + b',"x":', 1))
    if change == 1:
        return Body(text.replace(b'"length":', b'"x":', 1))
    kind = chance.choice((b"transaction", b"session", b"novelty", b"", b"\xff", b"attachment", b"\\u0000"))
    if change == 2:
        return Body(text.replace(b'"type":"event"', b'"type":"' + kind + b'"', 1))
    return Body(text.replace(b'"type":"event"', b'"type":' + chance.choice(ODD_VALUES), 1))


def odd_value(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    """Put a value where nobody expects it, and keep the framing whole."""
    return _reframed(chance, body, lambda payload: _with_field(chance, payload))


def odd_text(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    """Swap a token of the payload for an odd one, and keep the framing whole."""
    return _reframed(chance, body, lambda payload: _swapped(chance, payload))


def cut_payload(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    return _reframed(chance, body, lambda payload: payload[: chance.randrange(len(payload) + 1)])


def crlf(_: random.Random, body: Body, __: Sequence[bytes]) -> Body:
    return Body(bytes(body).replace(b"\n", b"\r\n"))


def mark(_: random.Random, body: Body, __: Sequence[bytes]) -> Body:
    return Body(b"\xef\xbb\xbf" + body)


def splice(chance: random.Random, body: Body, seeds: Sequence[bytes]) -> Body:
    for _ in range(chance.randint(1, 4)):
        _header, _nl, items = chance.choice(seeds).partition(b"\n")
        body = body.rstrip(b"\n") + b"\n" + items
    return body


def cross(chance: random.Random, body: Body, seeds: Sequence[bytes]) -> Body:
    other = chance.choice(seeds)
    return body[: chance.randrange(len(body))] + other[chance.randrange(len(other)) :]


def empty_items(chance: random.Random, body: Body, _: Sequence[bytes]) -> Body:
    line = chance.choice((b'{"type":"event"}\n\n', b'{"type":"event","length":0}\n\n', b"{}\n{}\n"))
    return body.rstrip(b"\n") + b"\n" + line * chance.randint(1, 30)


def as_it_is(_: random.Random, body: Body, __: Sequence[bytes]) -> Body:
    return body


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    cut,
    cut_front,
    remove,
    repeat,
    insert,
    odd_header,
    odd_item,
    odd_value,
    odd_text,
    cut_payload,
    crlf,
    mark,
    splice,
    cross,
    empty_items,
    as_it_is,
)


def attacks(
    seeds: Sequence[bytes], count: int, seed: int, target: tuple[str, int] = (PUBLIC, 1)
) -> Iterator[Attack]:
    """Yield `count` damaged requests made of `seeds`, for a `target` of (DSN key, project).

    The same seed yields the same requests.
    """
    for n in range(count):
        chance = random.Random(f"{seed}:{n}")
        whole = _with_id(chance.choice(seeds), f"{chance.getrandbits(128):032x}")
        mutations = [chance.choice(MUTATIONS) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
        body = Body(whole)
        for mutation in mutations:
            body = mutation(chance, body or Body(b"{}"), seeds)
        yield _request(chance, n, "+".join(one.__name__ for one in mutations), bytes(body), target)


def _request(chance: random.Random, n: int, what: str, body: bytes, target: tuple[str, int]) -> Attack:
    public, project = target
    encoding, packed = _packed(chance, body)
    headers = {"x-sentry-auth": AUTH.replace(PUBLIC, public)}
    if encoding:
        headers["content-encoding"] = encoding
    query = ""
    if chance.random() < 0.1:
        del headers["x-sentry-auth"]
        query = chance.choice((f"sentry_key={public}", "", "sentry_key=%00"))
    door = "store" if chance.random() < 0.05 else "envelope"
    form = chance.choice(
        ("/api/{}/{}/",) * 6 + ("//api/{}/{}/", "/api//{}/{}/", "/x/api/{}/{}", "/api/{}//{}/")
    )
    return Attack(n, what, packed, headers, form.format(project, door), query)


def _packed(chance: random.Random, body: bytes) -> tuple[str, bytes]:
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gzip": lambda data: gzip.compress(data, 1),
        "deflate": lambda data: zlib.compress(data, 1),
        "br": lambda data: brotli.compress(data, quality=1),
        "zstd": zstandard.compress,
        "": bytes,
        "identity": bytes,
    }
    encoding = chance.choice(("gzip", "gzip", "", "", "deflate", "br", "zstd", "identity"))
    packed = packers[encoding](body)
    chosen = chance.random()
    if chosen < 0.03 and packed:
        packed = bytes(flip_bits(chance, Body(packed), ()))
    elif chosen < 0.05:
        packed = packed[: chance.randrange(len(packed) + 1)]
    elif chosen < 0.07:
        encoding = chance.choice(("gzip", "br", "zstd", "deflate", "snappy", "gzip, br", ""))
    return encoding, packed


def _with_id(seed: bytes, event_id: str) -> bytes:
    header, _, rest = seed.partition(b"\n")
    fields = json.loads(header)
    if "event_id" in fields:
        fields["event_id"] = event_id
    return json.dumps(fields).encode() + b"\n" + rest


def _reframed(chance: random.Random, body: Body, change: Callable[[bytes], bytes]) -> Body:
    """Change the payload of the first event and write its length anew."""
    lines = bytes(body).split(b"\n")
    for at, line in enumerate(lines[:-1]):
        if b'"event"' in line and line.startswith(b"{"):
            payload = change(lines[at + 1]).replace(b"\n", b" ")
            header = {"type": "event", "length": len(payload)} if chance.random() < 0.8 else {"type": "event"}
            lines[at : at + 2] = [json.dumps(header).encode(), payload]
            break
    return Body(b"\n".join(lines))


def _with_field(chance: random.Random, payload: bytes) -> bytes:
    field = b'"' + chance.choice(ODD_FIELDS) + b'":' + chance.choice(ODD_VALUES)
    if chance.random() < 0.5:
        return payload.replace(b"{", b"{" + field + b",", 1)
    return payload.rstrip().removesuffix(b"}") + b"," + field + b"}"


def _swapped(chance: random.Random, payload: bytes) -> bytes:
    tokens = (b'"', b":", b"{", b"}", b"[", b"]", b",", b"null", b"true", b"0", b"values", b"frames")
    return payload.replace(chance.choice(tokens), chance.choice((*ODD_VALUES, *tokens)), chance.randint(1, 3))
