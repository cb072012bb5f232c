"""How the certificate stands, in words: what is wrong and how bad, and what the pages show. Pure."""

from vedette.certificates import renewing
from vedette.certificates.types import Certificate, Report, Standing, Trouble
from vedette.core.clock import iso
from vedette.signals.types import Severity

# One failure is weather; a second one, five minutes or a twentieth of the life later, is somebody's to look at.
TOLD_AFTER = 2
LATE, LAST = 0.25, 0.1  # of the life that is left: one failure is told; it is critical
OVERDUE_SECONDS = 600.0
_TONES = {Severity.CRITICAL: "crit", Severity.HIGH: "warn"}
_PUBLIC = {
    "acme-v02.api.letsencrypt.org": "Let's Encrypt",
    "acme-staging-v02.api.letsencrypt.org": "Let's Encrypt (staging)",
}


def trouble(
    certificate: Certificate | None, standing: Standing, now: float, shown: str = ""
) -> Trouble | None:
    """Return what a person has to know of, None while all goes well. `shown` is the serial of what visitors get (empty: unknown)."""
    if certificate is None or not renewing.covers(certificate, standing.wanted):
        return _without(certificate, standing, now)
    if now >= certificate.end:
        return Trouble(Severity.CRITICAL, f"The certificate for {_names(standing)} ended {_at(certificate.end)}.{_why(standing)}")  # fmt: skip
    left = (certificate.end - now) / certificate.life
    severity = Severity.CRITICAL if left < LAST else Severity.HIGH
    if standing.failures >= (1 if left < LATE else TOLD_AFTER):
        text = f"The certificate for {_names(standing)} could not be renewed; it ends {_at(certificate.end)}."
        return Trouble(severity, text + _why(standing))
    due = renewing.renew_at(certificate)
    if not standing.failures and now > due + max(OVERDUE_SECONDS, certificate.life / renewing.PARTS):
        return Trouble(severity, f"The certificate for {_names(standing)} was to be renewed {_at(due)}, and nobody tried; restart Vedette.")  # fmt: skip
    if shown and shown != certificate.serial and now > certificate.installed_at + OVERDUE_SECONDS:
        return Trouble(severity, f"The certificate for {_names(standing)} was renewed, and visitors still get the old one; restart Vedette.")  # fmt: skip
    return None


def _without(certificate: Certificate | None, standing: Standing, now: float) -> Trouble | None:
    """Return what is wrong while the first certificate is not there: a failure, or that nobody tried for long."""
    since = certificate.installed_at if certificate is not None and certificate.self_signed else now
    waiting = now > since + OVERDUE_SECONDS
    if not standing.failures and not waiting:
        return None
    why = _why(standing) or " Nobody tried for long; restart Vedette."
    return Trouble(Severity.CRITICAL, f"There is no certificate for {_names(standing)}.{why}")


def unreadable(error: str) -> Report:
    """Return what the pages show when the files of certificates cannot be read."""
    return Report(tone="crit", sentence=error, facts={}, trouble=Trouble(Severity.CRITICAL, error))


def report(certificate: Certificate | None, standing: Standing, now: float, shown: str = "") -> Report:
    """Return what the pages show of it."""
    wrong = trouble(certificate, standing, now, shown)
    facts = {"Names": ", ".join(standing.wanted.names), "Authority": authority(standing.wanted.directory)}
    if certificate is not None:
        by = "itself, for now" if certificate.self_signed else certificate.issuer
        facts |= {"Signed by": by, "Valid until": _at(certificate.end)}
    facts["Next try" if standing.failures else "Renewed"] = _next(certificate, standing, now)
    return Report(tone=_TONES[wrong.severity] if wrong else "ok", sentence=_sentence(certificate, standing, wrong), facts=facts, trouble=wrong)  # fmt: skip


def authority(directory: str) -> str:
    """Return how an authority is called, by its directory URL."""
    host = directory.partition("://")[2].partition("/")[0]
    return _PUBLIC.get(host, host)


def _sentence(certificate: Certificate | None, standing: Standing, wrong: Trouble | None) -> str:
    if wrong is not None:
        return wrong.text
    if certificate is None or certificate.self_signed:
        return "The first certificate is on its way."
    text = f"Served by HTTPS; the certificate is valid until {_at(certificate.end)} and renewed before."
    return f"{text} The last try failed.{_why(standing)}" if standing.failures else text


def _next(certificate: Certificate | None, standing: Standing, now: float) -> str:
    due = renewing.plan(certificate, standing).at
    return f"from {_at(due)} on" if due > now and not standing.failures else _at(max(due, now))


def _why(standing: Standing) -> str:
    if not standing.failures:
        return ""
    return f" {standing.error} It is tried again at {_at(standing.next_at)}."


def _names(standing: Standing) -> str:
    first, *others = standing.wanted.names
    return f"{first} and {len(others)} more" if len(others) > 1 else " and ".join((first, *others))


def _at(instant: float) -> str:
    return iso(instant)[:16].replace("T", " ") + " UTC"
