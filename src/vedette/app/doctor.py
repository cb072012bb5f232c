"""Looks an installation over: what is wrong, and what to do about it. Works with and without a running server."""

import contextlib
import os
import shutil
import smtplib
import socket
import sqlite3
import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

import msgspec

from vedette.app import agent_looks, keyfile, migrate
from vedette.app.own_address import own_address, own_tls
from vedette.certificates import telling
from vedette.certificates.keeping import Folder
from vedette.certificates.types import Wanted
from vedette.core.clock import SystemClock, iso
from vedette.core.errors import ConfigError, Invalid
from vedette.core.settings import Settings
from vedette.instruments.probe.journey import ability, trial
from vedette.instruments.probe.types import Failed
from vedette.plumbing.breaches import reader as breaches

_TIMEOUT = 5.0
_FUTURE_SECONDS = 120.0
_BUILT = 1_750_000_000.0  # no clock is right that shows an instant before this version was written


class Finding(msgspec.Struct, frozen=True):
    """What one look found: `state` is ok, warn or fail; `todo` says what to do, empty when nothing is to be done."""

    check: str
    state: str
    text: str
    todo: str = ""


Look = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Return every finding, in the order of the looks."""
    looks: tuple[Look, ...] = (
        _folder,
        _modes,
        _key,
        _databases,
        _disk,
        _port,
        _certificate,
        _mail,
        _clock,
        _passwords,
        _journeys,
        _agent,
    )
    return tuple(finding for look in looks for finding in look(settings))


def _folder(settings: Settings) -> Iterator[Finding]:
    data = settings.data
    if not data.is_dir():
        yield Finding("data folder", "warn", f"{data} does not exist yet.", "`vedette up` makes it.")
    elif not os.access(data, os.W_OK | os.X_OK):
        yield Finding("data folder", "fail", f"{data} cannot be written by this user.", f"Give it to the user that runs Vedette: `chown -R USER {data}`.")  # fmt: skip
    else:
        yield Finding("data folder", "ok", f"{data.absolute()} can be written.")


def _modes(settings: Settings) -> Iterator[Finding]:
    open_ones = [p for p in _files(settings.data) if stat.S_IMODE(p.lstat().st_mode) & 0o077]
    if open_ones:
        text = f"{len(open_ones)} files or folders can be read by others, the first is {open_ones[0]}."
        yield Finding("file modes", "fail", text, f"`chmod -R go= {settings.data}`")
    elif settings.data.is_dir():
        yield Finding("file modes", "ok", "Nobody else can read the data.")


def _key(settings: Settings) -> Iterator[Finding]:
    if not (settings.data / keyfile.NAME).exists():
        if (settings.data / "core.db").exists():
            text = "The key file is missing: sealed secrets (channels, TOTP) cannot be opened."
            yield Finding(
                "key file", "fail", text, f"Restore {settings.data / keyfile.NAME} from your backup."
            )
        return
    try:
        keyfile.read_or_create(settings.data)
    except ConfigError as error:
        yield Finding("key file", "fail", str(error))
    else:
        yield Finding("key file", "ok", "The key file is whole. Back it up apart from the database.")


def _databases(settings: Settings) -> Iterator[Finding]:
    core = settings.data / "core.db"
    found = [core, *sorted((settings.data / "telemetry").glob("*.db"))[-2:]]
    for path in (p for p in found if p.is_file()):
        answer = _quick_check(path)
        if answer == "ok":
            yield Finding("database", "ok", f"{path.name} is whole.")
        else:
            yield Finding("database", "fail", f"{path}: {answer}.", f"Stop Vedette and restore it; copies of core.db are in {settings.data / 'backups'}.")  # fmt: skip
    if core.is_file() and not migrate.is_current(core):
        yield Finding("database", "warn", "core.db was written by another version.", "`vedette up` copies and upgrades it.")  # fmt: skip


def _quick_check(path: Path) -> str:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_TIMEOUT)) as connection:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.data.is_dir():
        return
    free, least = shutil.disk_usage(settings.data).free, settings.min_free_disk_bytes
    text = f"{free / 1e9:.1f} GB are free; below {least / 1e9:.2f} GB events are refused."
    if free < least:
        yield Finding("disk", "fail", text, "Free space, or lower retention_days.")
    elif free < 4 * least:
        yield Finding("disk", "warn", text, "Free space soon, or lower retention_days.")
    else:
        yield Finding("disk", "ok", text)


def _port(settings: Settings) -> Iterator[Finding]:
    host, port, base = own_address(settings)
    try:
        socket.create_connection((host, port), _TIMEOUT).close()
    except OSError:
        yield Finding(
            "server", "ok", f"Nothing listens on port {settings.port}: Vedette is not running there."
        )
        return
    url = f"{base}/-/ready"
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT, context=own_tls(settings)):  # noqa: S310
            yield Finding("server", "ok", f"Vedette runs on port {settings.port} and is ready.")
    except urllib.error.HTTPError as error:
        text = f"What listens on port {settings.port} answers {error.code} to /-/ready."
        yield Finding("server", "fail", text, f"If it is Vedette, read its log and {url}.")
    except (OSError, HTTPException):
        text = f"Something else listens on port {settings.port}."
        yield Finding("server", "fail", text, "Stop it, or choose another port (VEDETTE_PORT).")


def _certificate(settings: Settings) -> Iterator[Finding]:
    """Tell how the certificate stands, and which of its names have no address, as seen from here."""
    if not settings.names:
        return
    folder, wanted = Folder(settings.data), Wanted(settings.names, settings.acme_url)
    try:
        found = telling.report(folder.certificate(), folder.standing(wanted), SystemClock().now())
    except ConfigError as error:
        yield Finding("certificate", "fail", str(error))
        return
    state = {"ok": "ok", "warn": "warn"}.get(found.tone, "fail")
    yield Finding("certificate", state, found.sentence)
    for name in settings.names:
        try:
            socket.getaddrinfo(name, settings.http_port)
        except OSError as error:
            yield Finding("certificate", "warn", f"{name} has no address, as seen from here ({error}).", "Make an A record that points to this machine.")  # fmt: skip


def _mail(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp_host:
        yield Finding("mail", "warn", "No mail server is set; e-mail channels cannot send.", "Set smtp_host, or use webhooks.")  # fmt: skip
        return
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    kind = smtplib.SMTP_SSL if settings.smtp_tls == "tls" else smtplib.SMTP
    try:
        with kind(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "mail", "fail", f"{where} does not answer: {error}.", "Check smtp_host, smtp_port, smtp_tls."
        )
    else:
        yield Finding("mail", "ok", f"{where} answers.")


def _passwords(settings: Settings) -> Iterator[Finding]:
    """Read the whole filter of leaked passwords, where one is installed or named."""
    path = breaches.path_of(settings.data, settings.password_filter)
    try:
        found = breaches.verify(path)
    except Invalid as error:
        yield Finding("password filter", "fail", str(error), "Until then passwords are accepted without it.")
        return
    if found is not None:
        yield Finding("password filter", "ok", f"{found.count} leaked passwords are refused.")
    elif settings.password_filter:
        yield Finding("password filter", "fail", f"{path} is not there, so leaked passwords are accepted.", "Build it with `vedette passwords filter build`, or unset password_filter.")  # fmt: skip


def _journeys(settings: Settings) -> Iterator[Finding]:
    """Start the browser of journeys once, where a user is named for them."""
    if not settings.journey_user:
        return
    try:
        found = trial.tried(ability.rules_of(settings))
    except Failed as error:
        yield Finding(
            "journeys", "fail", str(error), "Until then browser journeys are unknown, and never down."
        )
        return
    yield Finding("journeys", "ok", f"Chromium {found.version} runs as {settings.journey_user}.")
    if not found.sandbox:
        yield Finding("journeys", "warn", "Chromium runs without its own sandbox: the system lets this user make no namespaces.", "Allow them (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns).")  # fmt: skip
    if not found.apart:
        yield Finding("journeys", "warn", "Scripts share the network of this machine: no namespaces can be made for them.", "Run Vedette as root or with CAP_SYS_ADMIN and CAP_NET_ADMIN, or let nobody but you write journeys.")  # fmt: skip
    if found.same_user:
        yield Finding("journeys", "warn", "Scripts run as the user of Vedette itself, and can read what it can.", "Name another user (journey_user).")  # fmt: skip


def _agent(settings: Settings) -> Iterator[Finding]:
    """Tell how the agent beside the server fares."""
    yield from (Finding("agent", *row) for row in agent_looks.looked(settings))


def _clock(settings: Settings) -> Iterator[Finding]:
    now = SystemClock().now()
    newest = max((p.stat().st_mtime for p in settings.data.glob("*.db*")), default=0.0)
    if now < _BUILT or newest > now + _FUTURE_SECONDS:
        text = f"This machine believes it is {iso(now)}; the data was written at {iso(max(newest, _BUILT))}."
        yield Finding("clock", "fail", text, "Set the clock and keep it right (systemd-timesyncd, chrony).")
    else:
        yield Finding("clock", "ok", f"The clock shows {iso(now)}.")


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield folder
        yield from (path for path in folder.rglob("*") if not path.is_symlink())
