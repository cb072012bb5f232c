"""The recovery sheet: one page, to be printed, that brings a copy back with the bare engine and no Vedette."""

import html
import textwrap
from collections.abc import Iterator, Mapping

import msgspec

from vedette.core.clock import iso
from vedette.instruments.backup.registry import engine_of
from vedette.instruments.backup.types import Repository, Secret, Tools

_INSTALL: Mapping[str, str] = {
    "borg": "BorgBackup 1.4 (borgbackup.org; Debian: apt-get install borgbackup)",
    "restic": "restic 0.14 or later (restic.net; Debian: apt-get install restic)",
    "pgbackrest": "pgBackRest and the same major version of PostgreSQL (Debian: apt-get install pgbackrest postgresql)",
}
_QUIET = 4  # empty modules around a QR code (ISO/IEC 18004)
_WIDTH = 78
_STYLE = """
:root { color-scheme: light; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1.25rem; font: 11pt/1.5 Geist, "Helvetica Neue", Arial, sans-serif; color: #17181c; }
h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.25; } h2 { margin: 1.5rem 0 .5rem; font-size: 1.1rem; break-after: avoid; } h3 { margin: 1rem 0 .25rem; font-size: 1rem; break-after: avoid; }
dl { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .2rem 1rem; margin: 0; } dt { color: #565a66; } dd { margin: 0; overflow-wrap: anywhere; }
pre { padding: .6rem .8rem; border: 1px solid #999; font: .85em/1.6 "Geist Mono", Menlo, monospace; white-space: pre-wrap; overflow-wrap: anywhere; } pre, svg { break-inside: avoid; }
svg { print-color-adjust: exact; }
@page { size: A4; margin: 18mm; } @media print { body { margin: 0; padding: 0; max-width: none; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """All that restores a copy: of which plan and host, where it is, its password and other secrets, lines of a shell."""

    plan: str
    host: str
    copy: str
    engine: str
    at: str
    password: Secret
    commands: tuple[str, ...]
    made_at: float
    secrets: Mapping[str, Secret] = {}


def recovery_of(repository: Repository, engine: str, host: str, tools: Tools) -> Recovery:
    """Return the sheet of a repository; nothing is run. Raises `Invalid` for an engine or an address nobody knows."""
    plan, _, copy = repository.name.rpartition("/")
    return Recovery(
        plan=plan, host=host, copy=copy, engine=engine, at=repository.at, password=repository.password,
        commands=tuple(engine_of(engine).open(repository, tools).by_hand("")), made_at=tools.now(),
        secrets=repository.secrets,
    )  # fmt: skip


def as_text(sheet: Recovery) -> str:
    """Return the sheet as text of at most 78 columns, but for secrets and commands, which are never broken."""
    return "\n".join(_lines(sheet)) + "\n"


def as_html(sheet: Recovery) -> str:
    """Return the sheet as a fragment of HTML, every value escaped, without styles or scripts."""
    facts = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in _facts(sheet)
    )
    secrets = "".join(
        f"<h3>{html.escape(name)}</h3><pre>{html.escape(secret.reveal())}</pre>"
        for name, secret in sheet.secrets.items()
    )
    return (
        f'<section class="recovery"><dl>{facts}</dl><h2>Password</h2>'
        f"<pre>{html.escape(sheet.password.reveal())}</pre>{qr(sheet.password.reveal())}{secrets}"
        f"<h2>Restore</h2><ol>{''.join(f'<li>{html.escape(step)}</li>' for step in _steps(sheet))}</ol>"
        f"<pre>{html.escape(chr(10).join(sheet.commands))}</pre></section>"
    )


def as_page(sheet: Recovery) -> str:
    """Return the sheet as one file of HTML that needs nothing else, to be printed."""
    title = html.escape(_title(sheet))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n{as_html(sheet)}\n</body>\n</html>\n"
    )


def qr(text: str, title: str = "The password as a QR code") -> str:
    """Return a QR code as SVG in the text's own colour, on white: printers and telephones agree on that."""
    import qrcode  # heavy, and for the sheet alone

    code = qrcode.QRCode(border=_QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on)
    return (
        f'<svg class="qr" role="img" viewBox="0 0 {len(rows)} {len(rows)}" width="200" height="200">'
        f'<title>{html.escape(title)}</title><path fill="#fff" d="M0 0h{len(rows)}v{len(rows)}H0z"/>'
        f'<path fill="#000" d="{dark}"/></svg>'
    )


def _lines(sheet: Recovery) -> Iterator[str]:
    yield from (_title(sheet), "=" * _WIDTH, "")
    yield from (f"{name + ':':<12}{value}" for name, value in _facts(sheet))
    yield from ("", "Password", "--------", sheet.password.reveal())
    for name, secret in sheet.secrets.items():
        yield from ("", name, "-" * len(name), secret.reveal())
    yield from ("", "Restore", "-------")
    for number, step in enumerate(_steps(sheet), 1):
        yield textwrap.fill(step, _WIDTH, initial_indent=f"{number}. ", subsequent_indent="   ")
    yield ""
    yield from sheet.commands


def _title(sheet: Recovery) -> str:
    return f"Recovery sheet: {sheet.plan} of {sheet.host}, copy {sheet.copy}"


def _facts(sheet: Recovery) -> Iterator[tuple[str, str]]:
    yield from (("Plan", sheet.plan), ("Host", sheet.host), ("Copy", sheet.copy), ("Engine", sheet.engine))
    yield from (("Kept at", sheet.at), ("Printed", iso(sheet.made_at)))


def _steps(sheet: Recovery) -> Iterator[str]:
    yield f"On any Linux host, install {_INSTALL.get(sheet.engine, sheet.engine)}."
    yield "Put the password into the variable PASSWORD: read -rs PASSWORD, then type it as it is printed, small letters and hyphens, or scan its QR code."
    if "ssh_key" in sheet.secrets:
        yield "Write the text under ssh_key into the file KEY_FILE, and chmod 600 KEY_FILE."
    if "access_key" in sheet.secrets:
        yield "Put the texts under access_key and secret_key into the variables ACCESS_KEY and SECRET_KEY."
    if "rclone_config" in sheet.secrets:
        yield "Write the text under rclone_config into the file RCLONE_CONFIG_FILE, and chmod 600 RCLONE_CONFIG_FILE."
    if sheet.engine == "pgbackrest":
        yield "Run these lines as root, one after another. The cluster comes back into the folder DATA names."
        return
    yield "Run these lines. What comes back lies below the folder restored; look at it before you put it anywhere."
