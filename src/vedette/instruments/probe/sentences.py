"""How causes read to a person: one sentence that names who, what and since when. Words only."""

from collections.abc import Sequence

from vedette.core.clock import to_datetime
from vedette.instruments.probe.types import Cause, Certificate, Phase

_DAY = 86_400.0
_IN_PHASE = {
    Phase.DNS: "The resolver did not answer for {host} within {seconds}.",
    Phase.CONNECT: "{host} took no connection within {seconds}.",
    Phase.TLS: "{host} did not finish the TLS handshake within {seconds}.",
    Phase.FIRST_BYTE: "{host} took the request and did not begin to answer within {seconds}.",
    Phase.TRANSFER: "{host} began to answer and was not done within {seconds}.",
}
_NETWORK = {
    Cause.REFUSED: "Nothing listens at {where}: the connection was refused.",
    Cause.UNREACHABLE: "{where} cannot be reached: {why}.",
    Cause.RESET: "{where} cut the connection off.",
    Cause.CLOSED_EARLY: "{where} closed the connection before its answer was complete.",
    Cause.TLS_PROTOCOL: "{where} and Vedette could not agree on TLS: {why}.",
    Cause.TLS_CLIENT_CERTIFICATE: "{where} does not accept the certificate it is shown, or wants one: {why}.",
    Cause.BAD_ANSWER: "The answer of {where} breaks the rules of its protocol: {why}.",
    Cause.PROXY: "The proxy cannot be used: {why}.",
    Cause.BAD_TARGET: "This cannot be checked as it is written: {why}.",
    Cause.TIMEOUT_IN_CONNECT: "{where} took no connection in time.",
}


def timed_out(phase: Phase | None, host: str, seconds: float) -> str:
    """Say in which phase the time ran out."""
    return _IN_PHASE[phase or Phase.CONNECT].format(host=host, seconds=span(seconds))


def broken(cause: Cause, where: str, why: str = "") -> str:
    """Say what of the network or of a protocol went wrong at `where`; `why` is the system's or library's reason."""
    text = _NETWORK.get(cause, "{where} failed: {why}.")
    return text.format(where=where, why=(why or "no reason was given").strip().rstrip("."))


def blocked(host: str, reasons: Sequence[str]) -> str:
    """Say that none of a host's addresses may be reached, and why."""
    return f"{host} was not asked: {'; '.join(reasons)}. An administrator can allow private addresses."


def untrusted(cause: Cause, host: str, chain: Sequence[Certificate], now: float, why: str) -> str:
    """Say what is wrong with the certificates of a host; `why` is OpenSSL's own word."""
    if cause is Cause.TLS_WRONG_NAME and chain:
        return f"The certificate is not for {host} but for {_names(chain[0])}."
    if cause is Cause.TLS_EXPIRED:
        return _dated(host, [c for c in chain if c.ends < now], now, "expired", host_word="expired")
    if cause is Cause.TLS_NOT_YET_VALID:
        return _dated(host, [c for c in chain if c.starts > now], now, "not yet valid", host_word="begins")
    return f"The certificate of {host} is not trusted ({_missing(chain, why)}). Its chain: {chain_of(chain)}."


def _dated(host: str, wrong: Sequence[Certificate], now: float, what: str, host_word: str) -> str:
    if not wrong:
        return f"A certificate of {host} is {what}, by the verification of OpenSSL."
    first = wrong[0]
    whose = f"The certificate of {host} ({name_of(first.subject)})"
    if host_word == "expired":
        return f"{whose} expired on {day(first.ends)}, {span(now - first.ends)} ago."
    return f"{whose} is not valid before {day(first.starts)}, in {span(first.starts - now)}."


def _missing(chain: Sequence[Certificate], why: str) -> str:
    if not chain:
        return why
    last = chain[-1]
    if last.subject == last.issuer:
        return (
            "it signed itself" if len(chain) == 1 else f"the authority {name_of(last.subject)} is not known"
        )
    return f"{name_of(last.issuer)}, which signed {name_of(last.subject)}, was neither sent nor is it known"


def chain_of(chain: Sequence[Certificate]) -> str:
    """Return a chain of certificates as one line: `shop.example ← R11 ← ISRG Root X1`."""
    if not chain:
        return "none was sent"
    names = [name_of(certificate.subject) for certificate in chain]
    if chain[-1].issuer != chain[-1].subject:
        names.append(f"({name_of(chain[-1].issuer)})")
    return " ← ".join(names)


def name_of(subject: str) -> str:
    """Return the common name of an RFC 4514 name, or all of it when it has none."""
    for part in subject.split(","):
        if part.strip().upper().startswith("CN="):
            return part.strip()[3:]
    return subject or "a certificate without a name"


def _names(certificate: Certificate) -> str:
    names = certificate.names or (name_of(certificate.subject),)
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def day(instant: float) -> str:
    """Return the UTC day of an instant."""
    try:
        return to_datetime(instant).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return "a day beyond the calendar"


def span(seconds: float) -> str:
    """Return a length of time in its largest unit: `3 days`, `2 h`, `10 s`, `300 ms`."""
    if seconds >= 2 * _DAY:
        return f"{int(seconds // _DAY)} days"
    if seconds >= 7200:
        return f"{int(seconds // 3600)} h"
    if seconds >= 120:
        return f"{int(seconds // 60)} min"
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
