"""What was seen of ports from outside, beside what listens inside. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.instruments.live.types import Listener
from vedette.instruments.scan.ports.choosing import ports_of
from vedette.instruments.scan.ports.comparing import compared
from vedette.instruments.scan.ports.types import Outside, PortState
from vedette.wire.finding import Finding
from vedette.wire.scan import ScanReport

PUBLIC = "80,443"


def with_inside(report: ScanReport, inside: Sequence[Listener], options: Mapping[str, str]) -> ScanReport:
    """Return a report of ports with its findings told anew: which program answers, and what is led past the host."""
    public = ports_of(options.get("public", PUBLIC), "public")
    seen = list(_seen(report))
    findings = compared(report.target, inside, seen, public) if seen else report.findings
    facts = {**report.facts, "inside": f"{len(inside)} sockets listen, as the agent says"}
    return msgspec.structs.replace(report, findings=findings, facts=facts)


def _seen(report: ScanReport) -> Iterator[Outside]:
    """Yield the open ports of a report; its findings tell what each speaks and where it answered."""
    told = {one.labels.get("port", ""): one for one in report.findings}
    address = report.facts.get("addresses", "").partition(",")[0].strip()
    for port in filter(None, (text.strip() for text in report.facts.get("open", "").split(","))):
        if port.isdecimal() and address:
            yield _open(address, int(port), told.get(port))


def _open(address: str, port: int, found: Finding | None) -> Outside:
    return Outside(
        address=address, port=port, state=PortState.OPEN,
        service=found.labels.get("service", "") if found else "", detail=found.evidence[:200] if found else "",
    )  # fmt: skip
