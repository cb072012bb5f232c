"""Writes small files as MaxMind's format says (https://maxmind.github.io/MaxMind-DB/), IPv4 alone, for tests."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path

Value = str | int | Mapping[str, "Value"]
_MARK = b"\xab\xcd\xefMaxMind.com"
_STRING, _UINT16, _UINT32, _MAP, _UINT64, _ARRAY = 2, 5, 6, 7, 9, 11
_SHORT = {
    "record_size": 24, "ip_version": 4, "binary_format_major_version": 2, "binary_format_minor_version": 0,
}  # fmt: skip


def write(path: Path, networks: Mapping[str, Mapping[str, Value]]) -> None:
    """Write a file that knows these networks."""
    nodes: list[list[int]] = [[0, 0]]
    leaves: dict[tuple[int, int], int] = {}
    data = b""
    for text, value in networks.items():
        _insert(nodes, leaves, ipaddress.IPv4Network(text), len(data))
        data += _encoded(value)
    n = len(nodes)
    tree = b"".join(
        (n + 16 + leaves[number, side] if (number, side) in leaves else one or n).to_bytes(3, "big")
        for number, node in enumerate(nodes)
        for side, one in enumerate(node)
    )
    path.write_bytes(tree + bytes(16) + data + _MARK + _told(n))


def _told(nodes: int) -> bytes:
    """Return the metadata, whose numbers have types of their own."""
    parts = [
        _encoded("node_count") + _encoded(nodes),
        *(
            _encoded(name) + bytes([_UINT16 << 5 | 2]) + value.to_bytes(2, "big")
            for name, value in _SHORT.items()
        ),
        _encoded("build_epoch") + bytes([1, _UINT64 - 7, 1]),
        _encoded("database_type") + _encoded("test"),
        _encoded("description") + _encoded({"en": "test"}),
        _encoded("languages") + bytes([0, _ARRAY - 7]),
    ]
    return bytes([_MAP << 5 | len(parts)]) + b"".join(parts)


def _insert(
    nodes: list[list[int]], leaves: dict[tuple[int, int], int], net: ipaddress.IPv4Network, offset: int
) -> None:
    number, bits = 0, int(net.network_address)
    for depth in range(net.prefixlen - 1):
        side = bits >> (31 - depth) & 1
        if not nodes[number][side]:
            nodes.append([0, 0])
            nodes[number][side] = len(nodes) - 1
        number = nodes[number][side]
    leaves[number, bits >> (32 - net.prefixlen) & 1] = offset


def _encoded(value: Value) -> bytes:
    """Return a value; texts have fewer than 285 bytes, maps fewer than 29 pairs."""
    if isinstance(value, str):
        size = len(value.encode())
        head = bytes([_STRING << 5 | size]) if size < 29 else bytes([_STRING << 5 | 29, size - 29])
        return head + value.encode()
    if isinstance(value, int):
        body = value.to_bytes(4, "big").lstrip(b"\0")
        return bytes([_UINT32 << 5 | len(body)]) + body
    body = b"".join(_encoded(key) + _encoded(one) for key, one in value.items())
    return bytes([_MAP << 5 | len(value)]) + body
