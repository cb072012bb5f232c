"""A name server on loopback (UDP and TCP) with zones, signatures and every way to fail."""

import contextlib
import socket
import struct
import threading
from collections.abc import Mapping

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone


def _both(tries: int = 20) -> tuple[socket.socket, socket.socket]:
    """Return a socket of UDP and one of TCP on the same port, which must be free for both."""
    for _ in range(tries):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        with contextlib.suppress(OSError):  # another has this port of TCP
            return udp, socket.create_server(udp.getsockname())
        udp.close()
    raise OSError("no port is free for both UDP and TCP")


class NameServer:
    """Answers from `records` (`name type` → values) and zones; names that end in a word of `faults` fail that way."""

    def __init__(
        self,
        records: Mapping[str, list[str]],
        zones: list[dns.zone.Zone] | None = None,
        *,
        proven: bool = False,
    ) -> None:
        self._records, self._zones, self._proven = records, zones or [], proven
        self._udp, self._tcp = _both()
        self.port = int(self._udp.getsockname()[1])
        self.asked: list[str] = []
        threading.Thread(target=self._serve_udp, daemon=True).start()
        threading.Thread(target=self._serve_tcp, daemon=True).start()

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        for sock in (self._udp, self._tcp):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _serve_udp(self) -> None:
        while True:
            try:
                data, sender = self._udp.recvfrom(4096)
            except OSError:
                return
            if not data:  # the socket was shut down
                return
            made = self.answer(data)
            if made is not None:
                with contextlib.suppress(OSError):
                    self._udp.sendto(
                        made.to_wire(max_size=1232) if len(made.to_wire()) <= 1232 else _cut(made), sender
                    )

    def _serve_tcp(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError, struct.error):
                size = struct.unpack("!H", connection.recv(2))[0]
                made = self.answer(connection.recv(size))
                if made is not None:
                    wire = made.to_wire()
                    connection.sendall(struct.pack("!H", len(wire)) + wire)

    def answer(self, data: bytes) -> dns.message.Message | None:
        query = dns.message.from_wire(data)
        asked = query.question[0]
        name, kind = asked.name.to_text().lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append(f"{name} {kind}")
        made = dns.message.make_response(query)
        made.flags |= dns.flags.RA | (dns.flags.AD if self._proven else 0)
        if "silent" in name:
            return None
        for word, code in (("servfail", dns.rcode.SERVFAIL), ("refused", dns.rcode.REFUSED)):
            if word in name:
                made.set_rcode(code)
                return made
        if not (self._from_records(made, name, kind) or self._from_zones(made, asked)):
            made.set_rcode(dns.rcode.NXDOMAIN)
        return made

    def _from_records(self, made: dns.message.Message, name: str, kind: str) -> bool:
        values = self._records.get(f"{name.rstrip('.')} {kind}")
        if values:
            made.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
        return any(key.split()[0] == name.rstrip(".") for key in self._records)

    def _from_zones(self, made: dns.message.Message, asked: dns.rrset.RRset) -> bool:
        for zone in sorted(self._zones, key=lambda z: -len(z.origin)):
            parent_side = asked.rdtype == dns.rdatatype.DS and asked.name == zone.origin
            if not asked.name.is_subdomain(zone.origin) or parent_side:
                continue
            node = zone.get_node(asked.name)
            for rdataset in node or ():
                if asked.rdtype in {rdataset.rdtype, rdataset.covers}:
                    rrset = dns.rrset.from_rdata_list(asked.name, rdataset.ttl, list(rdataset))
                    made.answer.append(rrset)
            return node is not None
        return False


def _cut(made: dns.message.Message) -> bytes:
    short = dns.message.Message(made.id)
    short.flags = made.flags | dns.flags.TC
    short.question = made.question
    return short.to_wire()
