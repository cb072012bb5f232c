"""The report of a drill as one file of HTML, which needs nothing else: to be handed on, and to be printed. Pure."""

from collections.abc import Iterable, Sequence
from html import escape

from vedette.backups.types import Known
from vedette.ui import words
from vedette.wire.backup import Check, DrillRun, Stage

_STYLE = """
:root { color-scheme: light; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1.25rem; font: 11pt/1.5 Geist, "Helvetica Neue", Arial, sans-serif; color: #17181c; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; } h2 { margin: 1.75rem 0 .5rem; font-size: 1.1rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .3rem 1rem .3rem 0; border-bottom: 1px solid #d9dbe1; text-align: left; vertical-align: top; overflow-wrap: anywhere; } th { font-weight: 500; color: #565a66; white-space: nowrap; }
.no { color: #8f1d1d; font-weight: 600; } .yes { color: #155a33; font-weight: 600; } .meta { color: #565a66; font-size: .85rem; }
td:is(.yes, .no) { width: 1%; white-space: nowrap; } td:is(.yes, .no) + td { width: 32%; }
code { font: .8em "Geist Mono", Menlo, monospace; overflow-wrap: anywhere; } tr { break-inside: avoid; }
@page { size: A4; margin: 18mm 18mm 20mm; } @media print { body { margin: 0; padding: 0; max-width: none; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_SIGNED = {
    True: '<span class="yes">Signed</span> by the key of the host, and the signature was verified here.',
    False: '<span class="no">Not as it was signed</span>: what is written here is not what the host vouched for.',
    None: "Not signed.",
}


def whole(one: DrillRun, known: Known | None, host: str, signed: bool | None, zone: str) -> str:
    """Return the file: what was restored, what was looked at, how long it took against the goals, and who vouches for it."""
    proven = one.stage is Stage.DONE
    title = f"Restore of {one.plan} {'proven' if proven else 'not proven'}"
    body = (
        f"<h1>{escape(title)}</h1>\n<p>{escape(one.sentence)}</p>\n"
        f"{_figures(one, known, host, zone)}{_fix(one)}{_checks(one.checks)}{_vouched(one, signed)}"
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n'
    )


def _figures(one: DrillRun, known: Known | None, host: str, zone: str) -> str:
    goals = known.plan.goals if known else None
    rows = [
        ("Plan", one.plan), ("Host", host), ("Copy", f"{one.copy} ({one.engine})"), ("Backup", one.snapshot),
        ("Saved", words.exact(one.saved_at, zone)), ("Restored", words.exact(one.began_at, zone)),
        ("Time to restore", _goal(one.rto, goals.rto if goals else None)), ("Would be lost", _goal(one.rpo, goals.rpo if goals else None)),
        ("Files", words.number(one.files)), ("Size", words.size(one.bytes)),
        ("Read", f"{words.percent(one.share)} this time, {words.percent(one.coverage)} of it lately"),
    ]  # fmt: skip
    return _table(f"<th>{escape(name)}</th><td>{escape(text)}</td>" for name, text in rows if text)


def _goal(value: float | None, goal: float | None) -> str:
    if value is None:
        return "not measured"
    return words.duration(value) + (f", of {words.duration(goal)} at most" if goal is not None else "")


def _checks(found: Sequence[Check]) -> str:
    if not found:
        return "<h2>What was looked at</h2>\n<p>Nothing.</p>\n"
    rows = (
        f'<td class="{"yes" if check.passed else "no"}">{"Passed" if check.passed else "Failed"}</td><td>{escape(check.name)}</td><td>{escape(check.text)}</td>'
        for check in sorted(found, key=lambda check: check.passed)
    )
    return f"<h2>What was looked at</h2>\n{_table(rows)}"


def _fix(one: DrillRun) -> str:
    return f"<h2>What to do</h2>\n<p>{escape(one.fix)}</p>\n" if one.fix else ""


def _vouched(one: DrillRun, signed: bool | None) -> str:
    told = f"<h2>Who vouches for it</h2>\n<p>{_SIGNED[signed]}</p>\n"
    if one.signature is None:
        return told
    return (
        f'{told}<p class="meta">Ed25519 key <code>{escape(one.signature.key)}</code>, signature <code>{escape(one.signature.text)}</code>'
        f" over the report {escape(one.id)} in MessagePack.</p>\n"
    )


def _table(rows: Iterable[str]) -> str:
    return "<table>\n" + "".join(f"<tr>{row}</tr>\n" for row in rows) + "</table>\n"
