"""Cipher suites, each counted once under the worst that is to be said of it. Sources: RFC 7465 (RC4), RFC 9325, CVE-2016-2183 (64-bit blocks)."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from vedette.instruments.scan.tls.answering import Cipher
from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.seeing import Seen

_FIX = (
    "Take Mozilla's list: https://ssl-config.mozilla.org/ (ssl_ciphers of nginx, SSLCipherSuite of Apache)."
)
_SHOWN = 12


class _Sort(NamedTuple):
    check: str
    title: str
    risk: float
    cap: str
    why: str
    fits: Callable[[Cipher], bool]
    old_too: bool = True


def _static(one: Cipher) -> bool:
    """Tell whether a suite agrees on its key by the certificate's; those of TLS 1.3 are named after the cipher alone."""
    return "_WITH_" in one.name and not one.name.startswith(("TLS_ECDHE_", "TLS_DHE_"))


_SORTS = (
    _Sort("tls-cipher-null", "Suites that encrypt nothing are taken", 9.0, "F",
          "Everybody on the way reads all of it.", lambda one: "NULL" in one.openssl or one.bits == 0),
    _Sort("tls-cipher-anonymous", "Suites without a certificate are taken", 8.1, "F",
          "Whoever is in between can say that he is the server.", lambda one: one.anonymous or "_anon_" in one.name),
    _Sort("tls-cipher-export", "Suites weakened for export are taken", 8.1, "F",
          "Their keys are broken within hours (FREAK, Logjam).", lambda one: "EXPORT" in one.name or one.bits < 56),
    _Sort("tls-cipher-rc4", "RC4 is taken", 5.9, "C",
          "Cookies can be guessed from its output (RFC 7465).", lambda one: "RC4" in one.openssl),
    _Sort("tls-cipher-64-bit-blocks", "Suites with blocks of 64 bits (3DES, DES, IDEA, RC2) are taken", 5.3, "B",
          "A long connection gives cookies away (Sweet32, CVE-2016-2183).",
          lambda one: any(word in one.openssl for word in ("DES-CBC", "3DES", "IDEA", "RC2"))),
    _Sort("tls-cipher-no-forward-secrecy", "Suites without forward secrecy are taken", 3.7, "B",
          "Whoever gets the key some day reads all that was recorded before.", _static, old_too=False),
    _Sort("tls-cipher-cbc", "Suites in CBC mode are taken", 2.6, "",
          "Their padding was attacked again and again (Lucky 13, GOLDENDOODLE); AEAD suites have none.", lambda one: "CBC" in one.name, old_too=False),
)  # fmt: skip


def flaws(seen: Seen) -> Iterator[Flaw]:
    """Yield what is wrong with the suites."""
    for sort, suites in sorted_out(seen.answer.protocols).items():
        if seen.profile == "old" and not sort.risk > 5.5:
            continue
        shown = ", ".join(suites[:_SHOWN]) + (
            f" and {len(suites) - _SHOWN} more" if len(suites) > _SHOWN else ""
        )
        yield Flaw(
            check=sort.check, title=sort.title, risk=sort.risk, cap=sort.cap, why=sort.why, fix=_FIX, evidence=shown,
            references=("RFC 9325",),
        )  # fmt: skip


def sorted_out(protocols: Mapping[str, tuple[Cipher, ...]]) -> dict[_Sort, list[str]]:
    """Return the suites by the worst that is to be said of each; those that are fine are left out.

    In protocols before TLS 1.2 there is nothing but CBC and its like: there the protocol itself is the fault.
    """
    found: dict[_Sort, list[str]] = {}
    for protocol, suites in protocols.items():
        for suite in suites:
            sort = next((each for each in _SORTS if each.fits(suite)), None)
            if sort is not None and (sort.old_too or protocol == "TLS 1.2"):
                found.setdefault(sort, []).append(suite.openssl)
    return {sort: list(dict.fromkeys(found[sort])) for sort in _SORTS if sort in found}
