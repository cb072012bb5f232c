"""Protocols: old ones that are spoken, and the newest that is not. Sources: RFC 6176, RFC 7568, RFC 8996, RFC 8446."""

from collections.abc import Iterator

from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.seeing import Seen

_OLD = {
    "SSL 2.0": (9.0, "F", "Its traffic can be read with the help of old export keys (DROWN).", "RFC 6176"),
    "SSL 3.0": (7.5, "C", "Cookies can be read byte by byte (POODLE).", "RFC 7568"),
    "TLS 1.0": (4.3, "B", "It leans on MD5 and SHA-1 and has no modern suites (BEAST).", "RFC 8996"),
    "TLS 1.1": (4.0, "B", "It leans on SHA-1 and has no modern suites.", "RFC 8996"),
}
_FIX = "nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3"


def flaws(seen: Seen) -> Iterator[Flaw]:
    """Yield what is wrong with the protocols."""
    spoken = seen.answer.spoken
    for name in spoken:
        if name in _OLD and not (seen.profile == "old" and name.startswith("TLS")):
            risk, cap, why, source = _OLD[name]
            yield Flaw(
                check="tls-protocol-old", subject=name, title=f"{name} is spoken", risk=risk, why=why, fix=_FIX, cap=cap,
                references=(source,),
            )  # fmt: skip
    if spoken and "TLS 1.3" not in spoken and "TLS 1.3" in seen.answer.protocols:
        yield Flaw(
            check="tls-protocol-no-1.3", title="TLS 1.3 is not spoken", risk=2.0, cap="A-", fix=_FIX, references=("RFC 8446",),
            why="It has no weak suites at all, hides the certificate, and needs a round trip less.",
            evidence=f"spoken: {', '.join(spoken)}",
        )  # fmt: skip
