"""How the result of a check is printed: for people with colours where there are any, and for programs."""

import os
from collections.abc import Callable, Mapping

import msgspec

from vedette.core.clock import iso
from vedette.instruments.probe.sentences import day, name_of, span
from vedette.instruments.probe.types import Cause, Certificate, Phase, Request, Result

_Paint = Callable[[str, int], str]

_WIDTH = 40
_COLOURS = {
    Phase.DNS: 36, Phase.CONNECT: 34, Phase.TLS: 35, Phase.FIRST_BYTE: 33, Phase.TRANSFER: 32,
}  # fmt: skip
_WORDS = {Phase.DNS: "DNS", Phase.CONNECT: "connect", Phase.TLS: "TLS", Phase.FIRST_BYTE: "first byte"}
_GREEN, _RED = 32, 31


def value(request: Request, result: Result) -> Mapping[str, object]:
    """Return a result as programs read it; lengths in milliseconds, instants as ISO 8601."""
    seen = result.evidence
    return {
        "url": request.url,
        "ok": result.ok,
        "cause": result.code or None,
        "sentence": result.sentence,
        "at": iso(result.at),
        "phases": msgspec.to_builtins(result.phases),
        "address": seen.address or None,
        "status": seen.status,
        "protocol": seen.protocol or None,
        "certificate": _certificate(seen.chain[0]) if seen.chain else None,
        "chain": [_certificate(found) for found in seen.chain],
        "hops": msgspec.to_builtins(seen.hops),
        "headers": msgspec.to_builtins(seen.headers),
        "body": seen.body,
        "records": list(seen.records),
        "rcode": seen.rcode or None,
        "notes": list(seen.notes),
    }


def _certificate(found: Certificate) -> Mapping[str, object]:
    return {
        "subject": found.subject,
        "issuer": found.issuer,
        "names": list(found.names),
        "from": _instant(found.starts),
        "to": _instant(found.ends),
        "fingerprint": found.fingerprint,
    }


def _instant(instant: float) -> str | None:
    try:
        return iso(instant)
    except (ValueError, OverflowError, OSError):
        return None


def shown(request: Request, result: Result, *, brief: bool, colour: bool) -> str:
    """Return a result for a person: the sentence first, then phases and certificate; `brief` is one line."""
    paint = _painted if colour and "NO_COLOR" not in os.environ else _plain
    mark = paint("●", _GREEN) if result.ok else paint(f"◆ {result.code}", _RED)
    first = f"{mark} {request.url}: {result.sentence}"
    if brief:
        return f"{iso(result.at)[11:19]} {first}"
    return "\n".join([first, *_details(result, paint)])


def _details(result: Result, paint: _Paint) -> list[str]:
    seen = result.evidence
    lines = [_bar(result, paint), _phases(result, paint)]
    lines += [f"{hop.url} → {hop.status}" for hop in seen.hops[:-1]]
    lines.append(" · ".join(part for part in (seen.address, seen.protocol, seen.rcode) if part))
    lines += [_sentence_of(found, result.at) for found in seen.chain]
    lines += seen.records
    if result.cause is Cause.BLOCKED_ADDRESS:
        lines.append("--allow-private lets this check reach it.")
    lines += seen.notes
    return [f"  {line}" for line in lines if line]


def _spent(result: Result) -> Mapping[Phase, float]:
    found = {phase: getattr(result.phases, phase.value) for phase in Phase}
    return {phase: spent for phase, spent in found.items() if spent is not None}


def _bar(result: Result, paint: _Paint) -> str:
    """Return the phases as a bar, each as wide as its share."""
    spent = _spent(result)
    whole = sum(spent.values())
    if not whole:
        return ""
    return "".join(paint("━" * round(_WIDTH * ms / whole), _COLOURS[phase]) for phase, ms in spent.items())


def _phases(result: Result, paint: _Paint) -> str:
    parts = [
        f"{paint(_WORDS.get(phase, phase.value), _COLOURS[phase])} {_ms(spent)}"
        for phase, spent in _spent(result).items()
    ]
    return " · ".join([*parts, f"in all {_ms(result.phases.total)}"])


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"


def _sentence_of(found: Certificate, now: float) -> str:
    left = f"{span(found.ends - now)} left" if found.ends > now else f"expired {span(now - found.ends)} ago"
    return f"certificate {name_of(found.subject)} by {name_of(found.issuer)} until {day(found.ends)}, {left}"


def _painted(text: str, colour: int) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def _plain(text: str, _: int) -> str:
    return text
