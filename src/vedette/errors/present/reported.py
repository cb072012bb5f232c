"""How the book of browsers' reports reads to a person: a sentence for the whole, one for each line. Pure."""

from collections.abc import Sequence

import msgspec

from vedette.errors.reported.types import CSP, NETWORK, ReportLine

_KINDS = {
    "deprecation": "Deprecated", "intervention": "The browser intervened", "crash": "Pages crashed",
    "coop": "COOP cut pages off", "coep": "COEP refused", "permissions-policy-violation": "Permissions policy refused",
    "document-policy-violation": "Document policy refused", "integrity-violation": "Integrity policy refused",
}  # fmt: skip
_PHASES = {"dns": "DNS failed for", "tcp": "No connection to", "tls": "TLS failed for", "http": "HTTP failed at",
           "abandoned": "Requests were given up at"}  # fmt: skip
_WORDS = {
    "self": "the page's own origin",
    "inline": "what is inline",
    "eval": "eval of a text",
    "wasm-eval": "WebAssembly",
}


class Shown(msgspec.Struct, frozen=True):
    """A line as it is shown: what happened, how often, and whether it was only told of."""

    text: str
    amount: str
    line: ReportLine
    only_told: bool


def sentence(lines: Sequence[ReportLine], days: int) -> str:
    """Say what browsers reported in the last days."""
    span = "today" if days == 1 else f"in the last {days} days"
    if not lines:
        return f"No browser reported anything {span}."
    worst = next((one for one in lines if one.kind == NETWORK), lines[0])
    total = sum(one.n for one in lines)
    return (
        f"Browsers sent {total:,} {'report' if total == 1 else 'reports'} {span}; the worst: {text(worst)}."
    )


def network(lines: Sequence[ReportLine]) -> list[Shown]:
    """Return the network errors, the most frequent first."""
    return sorted((_shown(one) for one in lines if one.kind == NETWORK), key=lambda one: -one.line.weight)


def refused(lines: Sequence[ReportLine]) -> list[Shown]:
    """Return what content policies refused, what is in force first."""
    return sorted(
        (_shown(one) for one in lines if one.kind == CSP), key=lambda one: (one.only_told, -one.line.n)
    )


def others(lines: Sequence[ReportLine]) -> list[Shown]:
    """Return everything else."""
    return [_shown(one) for one in lines if one.kind not in {CSP, NETWORK}]


def text(line: ReportLine) -> str:
    """Return what a line is about: `DNS failed for cdn.example: dns.name_not_resolved, seen by 41 browsers`."""
    return f"{_what(line)}, seen by {browsers(line.browsers)}"


def _what(line: ReportLine) -> str:
    if line.kind == NETWORK:
        phase = _PHASES.get(line.what.partition(".")[0].partition(" ")[0], "A request failed at")
        return f"{phase} {line.source or 'an unknown host'}: {line.what}"
    if line.kind == CSP:
        verb = "would refuse" if line.watched == line.n else "refused"
        source = _WORDS.get(line.source, line.source) or "something"
        return f"{line.what or 'The policy'} {verb} {source}" + (f" on {line.page}" if line.page else "")
    about = " ".join(filter(None, (line.what, line.source)))
    return f"{_KINDS.get(line.kind, line.kind)}" + (f": {about}" if about else "")


def _shown(line: ReportLine) -> Shown:
    amount = f"{line.n:,} {'report' if line.n == 1 else 'reports'}"
    if line.weight >= line.n * 1.05:  # browsers were told to report a share of what fails
        amount += f", about {round(line.weight):,} failures"
    return Shown(text(line), amount, line, line.watched == line.n)


def browsers(n: int) -> str:
    """Return a number of browsers in words; many are told about right."""
    return "one browser" if n == 1 else f"{'about ' if n > 20 else ''}{n:,} browsers"
