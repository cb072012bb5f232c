"""Which finding is the same as one of an earlier look: what a scanner says it is, within one target."""

import hashlib

from vedette.wire.finding import Finding


def fingerprint(target: int, finding: Finding) -> str:
    """Return 64 hexadecimal digits that stay as lines move and versions grow, and differ between targets.

    A scanner that gives an `identity` is believed; without one a finding is its check and its subject.
    """
    said = ("identity", finding.identity) if finding.identity else (finding.check, finding.subject)
    told = "\0".join((str(target), *(part.replace("\0", " ") for part in said)))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
