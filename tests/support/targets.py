"""What probes are shown: one table of servers, good and naughty, each with the verdict it must get."""

import contextlib
import dataclasses
import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path

from tests.support import naughty, pki, signing
from tests.support.names import NameServer
from tests.support.naughty import Naughty, answer, drips, redirects, says, starttls, then_waits
from tests.support.ports import free_port

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.types import Request, Standpoint

PATIENCE = 1.0  # seconds; for targets that are silent on purpose


@dataclasses.dataclass(frozen=True)
class Case:
    """A target, how it is asked, and the code of the result (empty: fine); `saying` must stand in the sentence."""

    url: str
    code: str = ""
    saying: str = ""
    expect: tuple[str, ...] = ()
    options: Mapping[str, object] = dataclasses.field(default_factory=dict)
    family: str = "any"
    deadline: float = 10.0


class Targets:
    """The servers and the name server; `cases` is the table by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: dict[str, Naughty] = {}
        self._closers = contextlib.ExitStack()
        zones, self.anchor = signing.zones()
        self.names = NameServer(_RECORDS, zones, proven=True)
        self._closers.callback(self.names.close)
        self.root = folder / "root.pem"
        self.root.write_text(pki.root().pem)
        self.cases = {**self._http(), **self._tls(), **self._starttls(), **self._net(), **self._dns()}

    def close(self) -> None:
        self._closers.close()

    def standpoint(self, policy: AddressPolicy | None = None) -> Standpoint:
        """Return a standpoint that knows these names and this authority."""
        return Standpoint(
            policy=policy or AddressPolicy(allow_private=True),
            name_servers=(self.names.at,),
            authorities=str(self.root),
            hosts="",
        )

    def request(self, name: str) -> Request:
        """Return the request of a case."""
        import msgspec

        case = self.cases[name]
        return msgspec.convert(
            {"url": case.url, "expect": case.expect, "options": case.options, "family": case.family, "deadline": case.deadline},
            Request,
        )  # fmt: skip

    def serve(self, name: str, script: naughty.Script, tls: str = "", **how: object) -> int:
        """Start a server and return its port."""
        context = pki.server_context(self.folder, tls) if tls else None
        made = Naughty(script, context, **how)  # type: ignore[arg-type]
        self.servers[name] = made
        self._closers.callback(made.close)
        return made.port

    def _plain(self, name: str, script: naughty.Script, **case: object) -> dict[str, Case]:
        port = self.serve(name, script)
        return {name: Case(f"http://127.0.0.1:{port}/", **case)}  # type: ignore[arg-type]

    def _http(self) -> dict[str, Case]:
        closed, good = free_port(), self.serve("good", says(answer()))
        json = answer(
            body=b'{"status": "ok", "items": [1, 2], "age": 7}', headers="Content-Type: application/json\r\n"
        )
        german = "Grüße, alles läuft".encode("latin-1")
        cases = {
            "good": Case(f"http://127.0.0.1:{good}/", saying="answered 200"),
            "by name": Case(f"http://shop.test:{good}/"),
            "dead AAAA, live A": Case(f"http://dual.test:{good}/"),
            "refused": Case(f"http://127.0.0.1:{closed}/", "refused", f"127.0.0.1:{closed}"),
            "nxdomain": Case("http://nowhere.test/", "nxdomain", "nowhere.test does not exist"),
            "servfail": Case("http://servfail.test/", "servfail"),
            "resolver refused": Case("http://refused.test/", "resolver-refused"),
            "resolver silent": Case("http://silent.test/", "resolver-timeout", deadline=PATIENCE),
            "IPv6 wanted, none there": Case(
                f"http://shop.test:{good}/", "no-address", "no IPv6 address", family="ipv6"
            ),
            "head allowed": Case(f"http://127.0.0.1:{good}/", options={"method": "HEAD"}),
            **self._six(),
        }
        for more in (
            self._plain("not found", says(answer("404 Not Found")), code="bad-status", saying="404"),
            self._plain("not found, expected", says(answer("404 Not Found")), expect=("[STATUS] == 404",)),
            self._plain("accepted status", says(answer("401 Unauthorized")), options={"status": "200-299,401"}),
            self._plain("server error", says(answer("503 Service Unavailable")), code="bad-status"),
            self._plain("no content", says(b"HTTP/1.1 204 No Content\r\n\r\n")),
            self._plain("json", says(json), expect=('[BODY].status == "ok"', "len([BODY].items) == 2", "[BODY].age < 10")),
            self._plain("json, wrong", says(json), code="assertion-2", saying="it is 7", expect=("[STATUS] == 200", "[BODY].age > 10")),
            self._plain("schema", says(json), expect=('[BODY] == schema({"type":"object","required":["status"]})',)),
            self._plain("schema, wrong", says(json), code="assertion-1", saying="age", expect=('[BODY] == schema({"properties":{"age":{"maximum":5}}})',)),
            self._plain("keyword, latin-1", says(answer(body=german, headers="Content-Type: text/plain; charset=iso-8859-1\r\n")), expect=('[BODY] contains "Grüße"',)),
            self._plain("keyword, utf-8", says(answer(body="läuft 完了".encode())), expect=("[BODY] == pat(*完了)",)),
            self._plain("keyword, missing", says(answer()), code="assertion-1", expect=('[BODY] contains "fertig"',)),
            self._plain("header", says(answer(headers="X-Ready: yes\r\n")), expect=("[HEADER].x-ready == yes",)),
            self._plain("HEAD is not GET", naughty.head_differs, code="bad-status", options={"method": "HEAD"}),
            self._plain("GET is not HEAD", naughty.head_differs),
            self._plain("redirect", redirects(f"http://127.0.0.1:{good}/"), saying=f"127.0.0.1:{good}"),
            self._plain("redirect not followed", redirects("/x"), code="bad-status", options={"follow": False}),
            self._plain("redirect loop", naughty.redirects_to_itself, code="too-many-redirects"),
            self._plain("redirect to a closed port", redirects(f"http://127.0.0.1:{closed}/"), code="refused", saying=f":{closed}"),
            self._plain("redirect to ftp", redirects("ftp://127.0.0.1/x"), code="bad-redirect"),
            self._plain("redirect with a cookie", naughty.wants_cookie, expect=("[BODY] == signed in",)),
            self._plain("slow headers", drips(naughty.slow_headers), code="timeout-in-first-byte", deadline=PATIENCE),
            self._plain("silence", naughty.waits, code="timeout-in-first-byte", deadline=PATIENCE, saying="within 1 s"),
            self._plain("stalled body", then_waits(answer(length=100)), code="timeout-in-transfer", deadline=PATIENCE),
            self._plain("body cut short", says(answer(length=100)), code="closed-early"),
            self._plain("endless body", naughty.endless, code="body-too-large", saying="4194304 bytes"),
            self._plain("gzip lies", says(answer(headers="Content-Encoding: gzip\r\n")), code="bad-answer"),
            self._plain("gzip bomb", says(naughty.bomb()), code="body-too-large"),
            self._plain("chunked without end, closed", says(_CHUNKED), code="closed-early"),
            self._plain("chunked without end, open", then_waits(_CHUNKED), code="timeout-in-transfer", deadline=PATIENCE),
            self._plain("broken chunks", says(_CHUNKED.replace(b"5\r\nhello", b"zz\r\nhello")), code="bad-answer"),
            self._plain("nothing at all", says(b""), code="closed-early"),
            self._plain("reset", naughty.resets, code="reset"),
            self._plain("no HTTP", says(b"SSH-2.0-OpenSSH_9.2\r\n"), code="bad-answer"),
            self._plain("informational first", says(b"HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n" + answer()), expect=("[HEADER].x-a != 1",)),
        ):  # fmt: skip
            cases |= more
        return cases

    def _six(self) -> dict[str, Case]:
        port = self.serve("six", naughty.echoes_host, host="::1")
        return {
            "Host of [::1]": Case(
                f"http://[::1]:{port}/", expect=(f'[BODY] == "[::1]:{port}"', "[IP] == ::1")
            ),
            "IPv6 only": Case(f"http://six.test:{port}/", expect=("[IP] == ::1",)),
        }

    def _tls(self) -> dict[str, Case]:
        wanted = {
            "good": ("", ""), "cross-signed": ("", ""), "soon": ("", ""),
            "expired": ("tls-expired", "expired on 2021-06-01"),
            "early": ("tls-not-yet-valid", "2090-01-01"),
            "self-signed": ("tls-untrusted", "it signed itself"),
            "wrong-name": ("tls-wrong-name", "but for other.test, www.other.test"),
            "no-intermediate": ("tls-untrusted", "Test Intermediate, which signed shop.test, was neither sent"),
            "unknown-root": ("tls-untrusted", "Unknown Root"),
            "expired-intermediate": ("tls-expired", "Old Intermediate"),
            "tls1": ("tls-protocol", ""),
            "mutual": ("tls-client-certificate", ""),
        }  # fmt: skip
        cases = {}
        for kind, (code, saying) in wanted.items():
            port = self.serve(f"https {kind}", says(answer()), kind)
            cases[f"https {kind}"] = Case(f"https://shop.test:{port}/", code, saying)
            port = self.serve(f"tls {kind}", _closes_when_told, kind, reads=False)
            if kind != "mutual":  # with TLS 1.3 a server's refusal comes after the handshake
                cases[f"tls {kind}"] = Case(f"tls://shop.test:{port}", code, saying)
        good, soon = self.servers["https good"].port, self.servers["https soon"].port
        shown = pki.make("client", pki.root())
        port = self.serve("mutual, shown", says(answer()), "mutual")
        silent = self.serve("tls silent", naughty.waits)
        plain = self.serve("plain", then_waits(answer()), reads=False)
        hop = self.serve("https to soon", redirects(f"https://shop.test:{soon}/"), "good")
        back = self.serve("soon to https", redirects(f"https://shop.test:{good}/"), "soon")
        return cases | {
            "certificate known": Case(f"https://shop.test:{good}/", expect=("[CERTIFICATE_EXPIRATION] > 240h",)),
            "certificate soon": Case(f"https://shop.test:{soon}/", "assertion-1", "120.", expect=("[CERTIFICATE_EXPIRATION] > 240h",)),
            "redirect to expiring": Case(f"https://shop.test:{hop}/", "assertion-1", expect=("[CERTIFICATE_EXPIRATION] > 240h",)),
            "redirect from expiring": Case(f"https://shop.test:{back}/", "assertion-1", expect=("[CERTIFICATE_EXPIRATION] > 240h",)),
            "expired, not verified": Case(cases["https expired"].url, options={"verify": False}),
            "own authority": Case(cases["https unknown-root"].url, options={"authority": pki.leaf("unknown-root").above[0].pem}),
            "client certificate shown": Case(f"https://shop.test:{port}/", options={"client_certificate": shown.pem, "client_key": shown.key_pem}),
            "https to plain http": Case(f"https://127.0.0.1:{plain}/", "tls-protocol"),
            "https of silence": Case(f"https://127.0.0.1:{silent}/", "timeout-in-tls", deadline=PATIENCE),
            "tls of silence": Case(f"tls://127.0.0.1:{silent}", "timeout-in-tls", deadline=PATIENCE),
            "tls of plain http": Case(f"tls://127.0.0.1:{plain}", "tls-protocol"),
            "tls, other name": Case(cases["tls wrong-name"].url, options={"name": "www.other.test"}),
        }  # fmt: skip

    def _starttls(self) -> dict[str, Case]:
        cases = {}
        good, bad = pki.server_context(self.folder, "good"), pki.server_context(self.folder, "expired")
        for kind in ("smtp", "imap", "pop3", "ftp", "postgres"):
            port = self.serve(f"{kind} good", starttls(kind, good), reads=False)
            cases[f"{kind}+starttls"] = Case(
                f"{kind}+starttls://shop.test:{port}", expect=("[CERTIFICATE_EXPIRATION] > 24h",)
            )
            port = self.serve(f"{kind} expired", starttls(kind, bad), reads=False)
            cases[f"{kind}+starttls, expired"] = Case(
                f"{kind}+starttls://shop.test:{port}", "tls-expired", "2021-06-01"
            )
            port = self.serve(f"{kind} refuses", starttls(kind, good, offered=False), reads=False)
            cases[f"{kind}+starttls, refused"] = Case(
                f"{kind}+starttls://shop.test:{port}", "starttls-refused"
            )
        return cases

    def _net(self) -> dict[str, Case]:
        banner = self.serve("banner", then_waits(b"SSH-2.0-OpenSSH_9.2\r\n"), reads=False)
        quiet = self.serve("quiet", naughty.waits, reads=False)
        return {
            "tcp": Case(f"tcp://127.0.0.1:{quiet}", saying="took the connection"),
            "tcp, refused": Case(f"tcp://127.0.0.1:{free_port()}", "refused"),
            "tcp, expected to be closed": Case(f"tcp://127.0.0.1:{free_port()}", expect=("[CONNECTED] == false",)),
            "tcp, dead AAAA and live A": Case(f"tcp://dual.test:{quiet}"),
            "banner": Case(f"tcp://127.0.0.1:{banner}", options={"banner": True}, expect=("[BODY] == pat(SSH-2.0-*)",)),
            "no banner": Case(f"tcp://127.0.0.1:{quiet}", "timeout-in-first-byte", options={"banner": True}, deadline=PATIENCE),
        }  # fmt: skip

    def _dns(self) -> dict[str, Case]:
        proven = {"dnssec": "validate", "anchors": [self.anchor]}
        zone = {"each": True, "port": self.names.port}
        return {
            "dns": Case("dns://shop.test", saying="127.0.0.1"),
            "dns of a server": Case(f"dns://{self.names.at}/shop.test?type=A", expect=("[BODY] == 127.0.0.1", "[DNS_RCODE] == NOERROR")),
            "dns, mail": Case("dns://shop.test?type=MX", options={"values": ["10 mx.shop.test"]}),
            "dns, text": Case("dns://shop.test?type=TXT", options={"values": ['"v=spf1 -all"'], "match": "exact"}),
            "dns, wrong value": Case("dns://shop.test", "wrong-records", "192.0.2.1 is missing", options={"values": ["192.0.2.1"]}),
            "dns, one of several": Case("dns://many.test", options={"values": ["192.0.2.1", "9.9.9.9"], "match": "any"}),
            "dns, one too many": Case("dns://many.test", "wrong-records", "is there too", options={"values": ["192.0.2.1"], "match": "exact"}),
            "dns, large answer by TCP": Case("dns://large.test?type=TXT"),
            "dns, nxdomain": Case("dns://nowhere.test", "nxdomain"),
            "dns, nxdomain expected": Case("dns://nowhere.test", expect=("[DNS_RCODE] == NXDOMAIN",)),
            "dns, servfail": Case("dns://servfail.test", "servfail"),
            "dns, refused": Case("dns://refused.test", "resolver-refused"),
            "dns, silent": Case("dns://silent.test", "resolver-timeout", deadline=PATIENCE),
            "dns, no such type": Case("dns://shop.test?type=CAA", "wrong-records", "no record of type CAA"),
            "dns, nobody there": Case(f"dns://127.0.0.1:{free_port()}/shop.test", "resolver-timeout", deadline=PATIENCE),
            "dns, AD": Case("dns://www.signed.test", options={"dnssec": "ad"}),
            "dns, proven": Case("dns://www.signed.test", options=proven, saying="192.0.2.10"),
            "dns, proven below": Case("dns://www.child.signed.test", options=proven),
            "dns, forged": Case("dns://forged.signed.test", "dnssec", "signature", options=proven),
            "dns, not signed": Case("dns://shop.test", "dnssec", "not signed", options=proven),
            "dns, other anchor": Case("dns://www.signed.test", "dnssec", options={"dnssec": "validate", "anchors": [self.anchor[:-4] + "0000"]}),
            "dns, each server": Case("dns://www.signed.test", options=zone),
        }  # fmt: skip


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
_RECORDS = {
    "shop.test A": ["127.0.0.1"],
    "shop.test MX": ["10 mx.shop.test."],
    "shop.test TXT": ['"v=spf1 -all"'],
    "dual.test A": ["127.0.0.1"],
    "dual.test AAAA": ["::1"],
    "six.test AAAA": ["::1"],
    "many.test A": ["192.0.2.1", "192.0.2.2"],
    "large.test TXT": [f'"{number:03d}{"x" * 200}"' for number in range(20)],
}


def _closes_when_told(connection: socket.socket, _: bytes) -> None:
    naughty.waits(connection, b"")


class Proxy:
    """A proxy that knows CONNECT of HTTP and of SOCKS 5; remembers where it was asked to go, and with which credentials."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._lead, args=(connection,), daemon=True).start()

    def _lead(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), connection:
            if connection.recv(1, socket.MSG_PEEK) == b"\x05":
                self._lead_socks(connection)
                return
            request = naughty.read_request(connection).decode()
            self.asked.append(request)
            host, _, port = request.split()[1].rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as other:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                threading.Thread(target=_pump, args=(other, connection), daemon=True).start()
                _pump(connection, other)

    def _lead_socks(self, connection: socket.socket) -> None:
        connection.recv(2 + connection.recv(2, socket.MSG_PEEK)[1])
        connection.sendall(b"\x05\x00")
        asked = connection.recv(10)
        host, port = socket.inet_ntoa(asked[4:8]), int.from_bytes(asked[8:10], "big")
        self.asked.append(f"SOCKS {host}:{port}")
        with socket.create_connection((host, port)) as other:
            connection.sendall(b"\x05\x00\x00\x01" + bytes(6))
            threading.Thread(target=_pump, args=(other, connection), daemon=True).start()
            _pump(connection, other)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
