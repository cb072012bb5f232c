"""What else a server does, and known holes. Sources: RFC 5746, RFC 7507, RFC 7627, RFC 8446 section 8, RFC 6797; the papers named at each."""

from collections.abc import Iterator

from vedette.core.address import parse
from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.seeing import Seen

_UPDATE = "Update the TLS library of the server."
_HALF_YEAR = 15_768_000
_ROBOT = {"VULNERABLE_STRONG_ORACLE": ("", 7.4), "VULNERABLE_WEAK_ORACLE": (", slowly", 5.9)}


def flaws(seen: Seen) -> Iterator[Flaw]:
    """Yield what is wrong beside protocols, suites and certificates."""
    yield from _holes(seen)
    yield from _renegotiation(seen)
    yield from _older(seen)
    yield from _header(seen)
    if seen.answer.early_data:
        yield Flaw(check="tls-early-data", title="Requests are taken before the handshake is done (0-RTT)", cap="A", risk=3.1,
                   why="Whoever records one can send it again: an order may be made twice.", references=("RFC 8470",),
                   fix="nginx: ssl_early_data off; or answer 425 to what changes anything.")  # fmt: skip


def _holes(seen: Seen) -> Iterator[Flaw]:
    answer = seen.answer
    if answer.heartbleed:
        yield Flaw(check="tls-heartbleed", title="The server's memory can be read (Heartbleed)", risk=9.0, cap="F", exploited=True, fix=f"{_UPDATE} Then make new keys and passwords.",
                   why="Keys, passwords and cookies come out of it, and nobody sees that in a log.", references=("CVE-2014-0160",))  # fmt: skip
    if answer.ccs:
        yield Flaw(check="tls-ccs", title="Somebody in between can choose the keys (CCS injection)", risk=7.4, cap="F", fix=_UPDATE,
                   why="All of the traffic can be read and changed.", references=("CVE-2014-0224",))  # fmt: skip
    if answer.robot in _ROBOT:
        how, risk = _ROBOT[answer.robot]
        yield Flaw(check="tls-robot", title=f"What was recorded can be decrypted with the server's own help{how} (ROBOT)", risk=risk, cap="F",
                   why="It tells whether a padding is right, which is enough.", fix="Take no suites with RSA key exchange, and update.", references=("https://robotattack.org/",))  # fmt: skip
    if answer.compression:
        yield Flaw(check="tls-compression", title="TLS compresses", risk=5.9, cap="C", fix="Switch compression of TLS off.",
                   why="The length of what is sent gives cookies away (CRIME).", references=("CVE-2012-4929",))  # fmt: skip


def _renegotiation(seen: Seen) -> Iterator[Flaw]:
    if seen.answer.spoken == ("TLS 1.3",):
        return  # there is none any more
    if seen.answer.secure_renegotiation is False:
        yield Flaw(check="tls-renegotiation-insecure", title="Renegotiation is not bound to the connection", risk=7.4, cap="F", fix=_UPDATE,
                   why="Somebody in between puts his request before that of the user.", references=("RFC 5746", "CVE-2009-3555"))  # fmt: skip
    if seen.answer.client_renegotiation:
        yield Flaw(check="tls-renegotiation-client", title="Clients may renegotiate as often as they like", risk=4.3, fix="Switch renegotiation by clients off.",
                   why="One connection keeps a processor busy (CVE-2011-1473).", references=("CVE-2011-1473",))  # fmt: skip


def _older(seen: Seen) -> Iterator[Flaw]:
    spoken = set(seen.answer.spoken)
    old = spoken & {"SSL 3.0", "TLS 1.0", "TLS 1.1"}
    if seen.answer.fallback is False and old and len(spoken) > 1:
        yield Flaw(check="tls-fallback", title="A connection can be pushed down to an older protocol", risk=3.7, fix="Switch old protocols off, or update.",
                   why="The server does not notice that the client could do better (RFC 7507).", references=("RFC 7507",))  # fmt: skip
    if seen.answer.master_secret is False and spoken - {"TLS 1.3", "SSL 2.0", "SSL 3.0"}:
        yield Flaw(check="tls-master-secret", title="Keys are not bound to the handshake (no extended master secret)", risk=2.6, fix=_UPDATE,
                   why="Two connections can be made to share a key (Triple Handshake).", references=("RFC 7627",))  # fmt: skip


def _header(seen: Seen) -> Iterator[Flaw]:
    header = seen.answer.header
    fix = "Send Strict-Transport-Security: max-age=63072000; includeSubDomains"
    if header is None or header.seconds >= _HALF_YEAR or not _heeded(seen):
        return
    if not header.present:
        yield Flaw(check="tls-hsts", title="Browsers are not told to come by HTTPS alone", risk=3.1, fix=fix, cap="A",
                   why="A first visit by HTTP can be led anywhere.", references=("RFC 6797",))  # fmt: skip
    else:
        yield Flaw(check="tls-hsts-short", title=f"Browsers are told to come by HTTPS alone for {header.seconds} s only", risk=2.0, fix=fix, cap="A",
                   why="Who comes back later than that can be led anywhere.", references=("RFC 6797",))  # fmt: skip


def _heeded(seen: Seen) -> bool:
    """Tell whether the header would count: browsers heed it of names alone, and who is asked for a certificate saw an error page."""
    return parse(seen.name) is None and seen.answer.client_certificate == "DISABLED"
