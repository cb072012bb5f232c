"""Certificate and chain. Sources: RFC 5280, RFC 9525, RFC 7633, CA/Browser Forum Baseline Requirements 6.1.5, 6.3.2 and 7.1.3."""

from collections.abc import Iterator

from vedette.instruments.scan.tls.answering import Deployment
from vedette.instruments.scan.tls.certifying import Leaf, names_fit
from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.seeing import Seen

_DAY = 86_400
_BROKEN = {"sha1", "md5"}
_SOON = ((7, 7.0), (14, 5.0), (30, 3.0))
# The longest public authorities may give, by when it was given (ballot SC-081v3); others by Apple's rule of 2019.
_LONGEST = ((1_773_532_800.0, 200), (1_598_918_400.0, 398), (1_519_862_400.0, 825))
_LONGEST_PRIVATE = 825
_RENEW = "Renew it, and let it be renewed by itself (ACME)."
_CHAIN = "Send the server's own certificate, then each that signed the one before, without the root (fullchain.pem)."


def flaws(seen: Seen) -> Iterator[Flaw]:
    """Yield what is wrong with a certificate and the chain it comes in."""
    leaf, how = seen.leaf, seen.deployment
    if leaf is None or how is None:
        return
    yield from _dates(seen, leaf)
    if not names_fit(leaf.names, seen.name):
        yield Flaw(
            check="tls-certificate-name", title=f"The certificate is not for {seen.name}", risk=7.4, cap="F",
            why="Every client that looks refuses it.", fix=f"Get one that names {seen.name}.",
            evidence=f"it is for {', '.join(leaf.names[:10]) or 'no name at all'}", references=("RFC 9525",),
        )  # fmt: skip
    yield from _trust(seen, leaf, how)
    yield from _strength(seen)
    yield from _bounds(seen, leaf, how)
    yield from _stapling(how)


def _dates(seen: Seen, leaf: Leaf) -> Iterator[Flaw]:
    left = (leaf.ends - seen.now) / _DAY
    if left < 0:
        yield Flaw(check="tls-certificate-expired", title=f"The certificate expired {-left:.0f} days ago", risk=7.4, cap="F",
                   why="Every client that looks refuses it.", fix=_RENEW)  # fmt: skip
    elif leaf.starts > seen.now:
        yield Flaw(check="tls-certificate-early", title="The certificate is not valid yet", risk=7.4, cap="F",
                   why="Every client that looks refuses it.", fix="Look at the clock of the host it was made on, or wait.")  # fmt: skip
    else:
        risk = next((risk for days, risk in _SOON if left <= days and left < leaf.days / 3), None)
        if risk is not None:
            yield Flaw(check="tls-certificate-soon", title=f"The certificate expires in {left:.0f} days", risk=risk, fix=_RENEW,
                       why="Certificates are renewed a third of their life before they end: something does not.")  # fmt: skip


def _trust(seen: Seen, leaf: Leaf, how: Deployment) -> Iterator[Flaw]:
    if not how.ordered:
        yield Flaw(check="tls-chain-order", title="The certificates are sent in a wrong order", risk=2.5, fix=_CHAIN,
                   why="Some clients build no chain of it.", references=("RFC 8446 section 4.4.2",))  # fmt: skip
    if how.symantec:
        yield Flaw(check="tls-chain-distrusted", title="The certificate comes from an authority nobody trusts any more", risk=7.4, cap="F",
                   why="Browsers refuse it.", fix=_RENEW)  # fmt: skip
    if how.trusted or _told_otherwise(seen, leaf):
        return
    if leaf.own:
        yield Flaw(check="tls-certificate-self-signed", title="The certificate signed itself", risk=6.5, cap="F",
                   why="Whoever is in between can make one like it: nobody can tell them apart.",
                   fix="Get one of an authority; Let's Encrypt gives them for nothing.")  # fmt: skip
    elif _broken_off(seen):
        yield Flaw(check="tls-chain-incomplete", title="The chain is incomplete: who signed the certificate is not sent", risk=4.5, cap="B",
                   why="Browsers that met the missing one before connect; programs and phones do not.", fix=_CHAIN, evidence=f"missing: {seen.chain[-1].issuer}")  # fmt: skip
    else:
        yield Flaw(check="tls-certificate-untrusted", title="The certificate is not trusted", risk=6.5, cap="F",
                   why="Every client that looks refuses it.", fix="Get one of an authority that clients trust.", evidence=how.problem[:300])  # fmt: skip


def _told_otherwise(seen: Seen, leaf: Leaf) -> bool:
    """Tell whether another check says why it is not trusted: out of date, not for servers, or signed with what nobody takes."""
    return not (leaf.starts <= seen.now <= leaf.ends and leaf.server) or leaf.digest in _BROKEN


def _broken_off(seen: Seen) -> bool:
    """Tell whether the chain ends with the server's own certificate, which somebody signed who is not sent."""
    return len(seen.chain) == 1 and not seen.chain[0].own


def _strength(seen: Seen) -> Iterator[Flaw]:
    for one in seen.chain[: 1 if len(seen.chain) == 1 else None]:
        if one.digest in _BROKEN and not (one.own and one is not seen.leaf):
            yield Flaw(check="tls-certificate-digest", subject=one.subject, title=f"A certificate of the chain is signed with {one.digest.upper()}",
                       risk=7.4, cap="F", why="A second one with the same signature can be made.", fix=_RENEW, references=("https://shattered.io/",))  # fmt: skip
        least = {"RSA": 2048, "DSA": 2048, "EC": 224}.get(one.kind, 0)
        if 0 < one.bits < least:
            yield Flaw(check="tls-certificate-key", subject=one.subject, title=f"A key of the chain has {one.bits} bits ({one.kind})", risk=7.4,
                       cap="F" if one.bits < least / 2 else "B", why="It can be computed from what everybody sees.", fix="Make a new key: EC P-256, or RSA 2048.")  # fmt: skip


def _bounds(seen: Seen, leaf: Leaf, how: Deployment) -> Iterator[Flaw]:
    longest = (
        _LONGEST_PRIVATE
        if seen.private
        else next((days for since, days in _LONGEST if leaf.starts >= since), 1_187)
    )
    if how.trusted and leaf.days > longest + 1:
        yield Flaw(check="tls-certificate-long", title=f"The certificate is valid for {leaf.days:.0f} days", risk=3.0, fix=_RENEW,
                   why=f"Clients refuse those that are valid for more than {longest} days.", references=("CA/Browser Forum BR 6.3.2",))  # fmt: skip
    if how.trusted and not seen.private and how.timestamps == 0:
        yield Flaw(check="tls-certificate-unlogged", title="The certificate is in no public log (no SCT)", risk=4.0, fix=_RENEW,
                   why="Chrome and Safari refuse it: a wrong one would be noticed by nobody.", references=("RFC 6962",))  # fmt: skip
    if leaf.authority and not leaf.own:
        yield Flaw(check="tls-certificate-authority", title="The server's certificate may sign others", risk=6.5, fix=_RENEW,
                   why="Whoever gets the server's key can make a certificate for every name.", references=("RFC 5280 section 4.2.1.9",))  # fmt: skip
    if not leaf.server:
        yield Flaw(check="tls-certificate-purpose", title="The certificate is not for servers", risk=5.0, cap="F", evidence=", ".join(leaf.purposes),
                   why="Clients refuse it: its key may be used otherwise only.", fix="Get one with the purpose serverAuth.", references=("RFC 5280 section 4.2.1.12",))  # fmt: skip


def _stapling(how: Deployment) -> Iterator[Flaw]:
    if how.stapled_status == "REVOKED":
        yield Flaw(check="tls-certificate-revoked", title="The certificate is revoked", risk=9.0, cap="F", fix="Find out why, make a new key and get a new one.",
                   why="Its key is said to be in wrong hands, and clients that look refuse it.", references=("RFC 6960",))  # fmt: skip
    if how.must_staple and not how.stapled:
        yield Flaw(check="tls-must-staple", title="The certificate says that its status comes along, and it does not", risk=6.0, cap="F",
                   why="Clients that hold to it refuse the connection (RFC 7633).", fix="nginx: ssl_stapling on; or get one without must-staple.", references=("RFC 7633",))  # fmt: skip
