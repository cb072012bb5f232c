"""Domains of a local name server, each with one fault and the checks that must find it."""

import base64
import functools
from collections.abc import Mapping
from pathlib import Path

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.names import NameServer

from vedette.core.address import AddressPolicy
from vedette.core.clock import SystemClock
from vedette.instruments.scan import registry, running
from vedette.instruments.scan.types import Asked
from vedette.wire.scan import ScanReport

Records = dict[str, list[str]]
_SOA = "ns1.{d} root.{d} 1 3600 600 86400 300"
_TEN = " ".join(f"include:i{number}.many.test" for number in range(11))


class OwnServer(NameServer):
    """Has authority; `gives` are domains it transfers, `recurses` says that it answers for others, too."""

    gives: tuple[str, ...] = ()
    lame: tuple[str, ...] = ()
    recurses = False

    def answer(self, data: bytes) -> dns.message.Message | None:
        made = super().answer(data)
        asked = dns.message.from_wire(data).question[0]
        name = asked.name.to_text().rstrip(".")
        if made is None or name in self.lame:
            return made
        made.flags |= dns.flags.AA
        if asked.rdtype == dns.rdatatype.AXFR and name in self.gives:
            made.answer.append(
                dns.rrset.from_text(f"{name}.", 60, "IN", "SOA", *self._records[f"{name} SOA"])
            )
        if self.recurses and name == "example.com":
            made.answer.append(dns.rrset.from_text("example.com.", 60, "IN", "A", "192.0.2.1"))
        return made


@functools.cache
def _key(bits: int) -> str:
    public = rsa.generate_private_key(65_537, bits).public_key()
    text = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    return "v=DKIM1; k=rsa; p=" + '" "'.join(text[at : at + 200] for at in range(0, len(text), 200))


def _txt(text: str) -> list[str]:
    return [f'"{text}"']


def _clean(domain: str) -> Records:
    return {
        f"{domain} SOA": [_SOA.format(d=f"{domain}.")],
        f"{domain} NS": [f"ns1.{domain}.", f"ns2.{domain}."],
        f"{domain} A": ["127.0.0.1"],
        f"{domain} MX": [f"10 mx.{domain}."],
        f"{domain} TXT": _txt("v=spf1 mx -all"),
        f"_dmarc.{domain} TXT": _txt("v=DMARC1; p=reject; rua=mailto:d@x.test"),
        f"default._domainkey.{domain} TXT": _txt(_key(2048)),
        f"_smtp._tls.{domain} TXT": _txt("v=TLSRPTv1; rua=mailto:t@x.test"),
        f"{domain} CAA": ['0 issue "ca.test"'],
    }


# What changes against a clean domain (an empty list removes; `@` is the domain) and what must be found beside it.
FAULTS: Mapping[str, tuple[Records, tuple[str, ...]]] = {
    "clean.test": ({}, ()),
    "spf-none.test": ({"@ TXT": []}, ("spf-missing",)),
    "spf-two.test": ({"@ TXT": ['"v=spf1 mx -all"', '"v=spf1 -all"']}, ("spf-multiple",)),
    "spf-all.test": ({"@ TXT": _txt("v=spf1 +all")}, ("spf-pass-all",)),
    "spf-open.test": ({"@ TXT": _txt("v=spf1 mx")}, ("spf-neutral",)),
    "spf-bad.test": ({"@ TXT": _txt("v=spf1 ipv4:192.0.2.1 -all")}, ("spf-invalid",)),
    "spf-void.test": ({"@ TXT": _txt("v=spf1 a:x.gone a:y.gone include:z.gone -all")}, ("spf-void-lookups",)),
    "spf-many.test": ({"@ TXT": _txt(f"v=spf1 {_TEN} -all")}, ("spf-too-many-lookups",)),
    "spf-loop.test": ({"@ TXT": _txt("v=spf1 include:spf-loop.test -all")}, ("spf-too-many-lookups",)),
    "dmarc-none.test": ({"_dmarc.@ TXT": []}, ("dmarc-missing",)),
    "dmarc-two.test": ({"_dmarc.@ TXT": ['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"']}, ("dmarc-multiple",)),
    "dmarc-bad.test": ({"_dmarc.@ TXT": _txt("v=DMARC1; p=maybe")}, ("dmarc-invalid",)),
    "dmarc-watch.test": ({"_dmarc.@ TXT": _txt("v=DMARC1; p=none; rua=mailto:d@x.test")}, ("dmarc-none",)),
    "dmarc-sub.test": ({"_dmarc.@ TXT": _txt("v=DMARC1; p=reject; sp=none; rua=mailto:d@x.test")}, ("dmarc-subdomains-open",)),
    "dmarc-part.test": ({"_dmarc.@ TXT": _txt("v=DMARC1; p=reject; pct=5; rua=mailto:d@x.test")}, ("dmarc-partial",)),
    "dmarc-mute.test": ({"_dmarc.@ TXT": _txt("v=DMARC1; p=reject")}, ("dmarc-no-reports",)),
    "dkim-none.test": ({"default._domainkey.@ TXT": []}, ("dkim-not-found",)),
    "dkim-short.test": ({"default._domainkey.@ TXT": _txt(_key(1024))}, ("dkim-short-key",)),
    "dkim-tests.test": ({"default._domainkey.@ TXT": _txt("v=DKIM1; t=y; p=")}, ("dkim-testing",)),
    "dkim-bad.test": ({"default._domainkey.@ TXT": _txt("v=DKIM1; p=AAAA")}, ("dkim-invalid",)),
    "sts-bad.test": ({"_mta-sts.@ TXT": _txt("v=STSv1; id=1")}, ("mta-sts-invalid",)),
    "rpt-none.test": ({"_smtp._tls.@ TXT": []}, ("tls-rpt-missing",)),
    "caa-none.test": ({"@ CAA": []}, ("caa-missing",)),
    "ns-one.test": ({"@ NS": ["ns1.ns-one.test."]}, ("ns-single",)),
    "lame.test": ({}, ("ns-lame",)),
    "given.test": ({}, ("zone-transfer",)),
    "gone.test": ({"www.@ CNAME": ["nobody.gone."]}, ("cname-dangling",)),
    "taken.test": ({"shop.@ CNAME": ["taken.herokuapp.com."]}, ("cname-takeover",)),
    "unclaimed.test": ({"docs.@ CNAME": ["shop.github.io."], "docs.@ A": ["127.0.0.1"]}, ("cname-takeover",)),
    "claimed.test": ({"docs.@ CNAME": ["ours.github.io."], "docs.@ A": ["127.0.0.1"], "www.@ CNAME": ["shop.fly.dev."]}, ()),
    "wild.test": ({"vedette-no-such-name-7f3a.@ A": ["192.0.2.1"]}, ("wildcard",)),
    "mute.test": ({"@ MX": []}, ("null-mx-missing",)),
}  # fmt: skip
ALWAYS = {"dnssec-missing", "mta-sts-missing"}
WITHOUT = {"sts-bad.test": {"mta-sts-missing"}, "mute.test": {"mta-sts-missing"}}


def _zone(domain: str, changes: Records) -> Records:
    made = _clean(domain) | {key.replace("@", domain): values for key, values in changes.items()}
    return {key: values for key, values in made.items() if values}


def own_server(*, recurses: bool = False) -> OwnServer:
    """Return a server with all domains."""
    records = {f"i{number}.many.test TXT": _txt("v=spf1 -all") for number in range(11)}
    records |= {f"{name} A": ["127.0.0.1"] for name in ("shop.github.io", "ours.github.io", "shop.fly.dev")}
    for domain, (changes, _) in FAULTS.items():
        records |= _zone(domain, changes)
    made = OwnServer(records)
    made.gives, made.lame, made.recurses = ("given.test",), ("lame.test",), recurses
    return made


def scanned(domain: str, server: NameServer, folder: Path, **options: str) -> ScanReport:
    """Scan a domain by this server, which stands for the resolver and for the domain's own."""
    asked = Asked(
        target=domain, now=SystemClock().now(), feeds=folder, owned=frozenset({domain}), deadline=20.0,
        options={"server": server.at, "nameservers": server.at, **options}, policy=AddressPolicy(allow_private=True),
    )  # fmt: skip
    return running.run(registry.scanner_of("dns"), asked)
