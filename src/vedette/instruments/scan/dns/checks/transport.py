"""How mail to a domain is encrypted on its way (MTA-STS, RFC 8461; TLS-RPT, RFC 8460), and domains without mail (RFC 7505)."""

from collections.abc import AsyncIterator, Iterator, Sequence

from vedette.instruments.probe import resolving
from vedette.instruments.probe.types import Cause, Failed, Request
from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns.checks.dmarc import tags_of
from vedette.instruments.scan.dns.zone import Zone
from vedette.instruments.scan.fetching import Fetcher

CHECKS = (
    Check("mta-sts-missing", "Mail may be sent to you in clear (no MTA-STS)", 1.5, "Whoever sits on the way can switch encryption off.", "Publish TXT _mta-sts and a policy (RFC 8461)."),
    Check("mta-sts-invalid", "MTA-STS is announced, and its policy cannot be used", 3.0, "Senders go on without it.", "Serve https://mta-sts.<domain>/.well-known/mta-sts.txt."),
    Check("mta-sts-testing", "MTA-STS only tests", 1.5, "Nothing is enforced.", "Write mode: enforce."),
    Check("mta-sts-misses-mx", "MTA-STS does not name a mail server", 5.0, "Senders refuse to deliver to it.", "Add it to the policy as mx:."),
    Check("tls-rpt-missing", "Nobody is told of broken encryption of mail (no TLS-RPT)", 0.0, "Failures are seen by senders alone.", "Publish TXT _smtp._tls: v=TLSRPTv1; rua=mailto:…."),
    Check("null-mx-missing", "A domain without mail does not say so", 0.0, "Mail is tried at its address for days.", "Publish MX 0 . (RFC 7505)."),
)  # fmt: skip


async def probe(zone: Zone) -> AsyncIterator[Hit]:
    """Look at the transport of a domain that gets mail."""
    records = await zone.records(zone.domain, "MX")
    hosts = [record.split()[-1].rstrip(".").lower() for record in records]
    if not any(hosts):
        if not records:
            yield Hit("null-mx-missing", zone.domain)
        return
    texts = [
        text for text in await zone.texts(f"_mta-sts.{zone.domain}") if text.lower().startswith("v=stsv1")
    ]
    if not texts:
        yield Hit("mta-sts-missing", f"_mta-sts.{zone.domain}")
    elif len(texts) > 1 or not tags_of(texts[0]).get("id"):
        yield Hit("mta-sts-invalid", f"_mta-sts.{zone.domain}", texts[0][:200])
    else:
        for check, evidence in judged(await _policy(zone), hosts):
            yield Hit(check, f"https://mta-sts.{zone.domain}/.well-known/mta-sts.txt", evidence)
    if not any(
        text.lower().startswith("v=tlsrptv1") for text in await zone.texts(f"_smtp._tls.{zone.domain}")
    ):
        yield Hit("tls-rpt-missing", f"_smtp._tls.{zone.domain}")


def judged(policy: str, hosts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return what is wrong with a policy for these mail servers; an empty policy is one that is not served."""
    lines = [line.partition(":") for line in policy.splitlines() if ":" in line]
    fields = [(name.strip().lower(), value.strip().lower()) for name, _, value in lines]
    first = dict(reversed(fields))
    age = first.get("max_age", "")
    if (
        first.get("version") != "stsv1"
        or first.get("mode") not in {"enforce", "testing", "none"}
        or not age.isdigit()
    ):
        yield "mta-sts-invalid", policy[:100]
        return
    if first["mode"] != "enforce":
        yield "mta-sts-testing", f"mode: {first['mode']}"
    named = [value for name, value in fields if name == "mx"]
    missed = [host for host in hosts if not any(_fits(host, pattern) for pattern in named)]
    if missed:
        yield "mta-sts-misses-mx", ", ".join(missed)[:200]


def _fits(host: str, pattern: str) -> bool:
    return host.partition(".")[2] == pattern[2:] if pattern.startswith("*.") else host == pattern


async def _policy(zone: Zone) -> str:
    """Return the policy as it is served, empty when its host does not exist or says that there is none."""
    host = f"mta-sts.{zone.domain}"
    try:
        addresses = await resolving.addresses_of(host, Request(url=host), zone.standpoint, 5.0)
    except Failed as error:
        if error.cause in {Cause.NXDOMAIN, Cause.NO_ADDRESS}:
            return ""
        raise
    fetcher = Fetcher(host, addresses, zone.standpoint, zone.end, paced=True)
    page = await fetcher.get(f"https://{host}/.well-known/mta-sts.txt")
    return page.text[:65_536] if page.status == 200 else ""
