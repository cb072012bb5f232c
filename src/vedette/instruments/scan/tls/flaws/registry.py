"""All that is looked for, and what comes of it for one server."""

from vedette.instruments.scan.tls.flaws import certificates, ciphers, features, keys, protocols
from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.seeing import Seen, deployed


def found(seen: Seen) -> tuple[Flaw, ...]:
    """Return what is wrong with a server, worst first; each of its certificates is looked at."""
    flaws = {
        (flaw.check, flaw.subject): flaw
        for look in (protocols.flaws, ciphers.flaws, keys.flaws, features.flaws)
        for flaw in look(seen)
    }
    for one in deployed(seen):
        flaws |= {(flaw.check, flaw.subject): flaw for flaw in certificates.flaws(one)}
    return tuple(sorted(flaws.values(), key=lambda flaw: (-flaw.risk, flaw.check, flaw.subject)))
