"""What an agent is told by `/etc/vedette/agent.toml`; what is wrong is told with file, line, key and what was meant."""

import difflib
import enum
import ipaddress
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from vedette.core import zones
from vedette.core.errors import ConfigError, Invalid
from vedette.instruments.attack import tightening
from vedette.instruments.attack.types import Shield
from vedette.wire.ascode import lengths, reading
from vedette.wire.ascode.reading import Fault, Read

FILE = Path("/etc/vedette/agent.toml")
STATE = Path("/var/lib/vedette-agent")
MOST_ACTIONS, MOST_WORDS, MOST_SECONDS = 50, 100, 300.0
_ACTION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}\$?")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class SetMode(enum.StrEnum):
    """What is done with a set of rules: nothing, tell what would be done, or do it."""

    OFF = "off"
    SIMULATE = "simulate"
    ENFORCE = "enforce"


class SourceText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of `[[sources]]` as it is written: a path or pattern, or `journal = true`."""

    path: str = ""
    journal: bool = False
    units: tuple[str, ...] = ()
    parser: str = ""
    zone: str = ""
    start: str = "end"
    silent_after: str = ""


class Files(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[files]`: paths whose change is told beside the `usual` ones, and patterns of what is left out."""

    paths: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    usual: bool = True


class ScanText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[scan]`: folders with lock files, and whether installed packages and what listens are told."""

    paths: tuple[str, ...] = ()
    packages: bool = True
    listening: bool = True


class BackupText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[backup]`: whether the server may plan backups here at all, and what its plans may run and write.

    `programs` are what hooks, commands and assertions of a plan may run; `repositories` are folders below which it may keep
    copies on this host, `restore_to` those below which it may bring something back; `restore_live` lets it also write where
    that was.
    """

    plans: bool = False
    programs: tuple[str, ...] = ()
    restore_live: bool = False
    repositories: tuple[str, ...] = ("/backup",)
    restore_to: tuple[str, ...] = ("/var/lib/vedette-restored",)


class AttackText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[attack]`: whether the server may tighten limits here for a while, for how many minutes at most, and what that means.

    The rest is as `Shield` says.
    """

    switch: bool = False
    longest: int = 240
    ports: tuple[int, ...] = Shield().ports
    front: tuple[str, ...] = ()
    only_front: bool = False
    rate: int = Shield().rate
    burst: int = Shield().burst


class InfraText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[infra]`: whether the server may have what hardening set here put back or adopted, and connections tried from here.

    What is put back comes from this host's own manifest: the server says which of it, never what.
    """

    revert: bool = True
    connections: bool = True


class ActionText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of `[actions.NAME]` as it is written: a program with its arguments, for how many seconds at most, and as whom it runs."""

    run: tuple[str, ...]
    seconds: float = 60.0
    user: str = msgspec.field(default="", name="as")


class _Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    server: str = ""
    name: str = ""
    state: str = str(STATE)
    zone: str = ""
    sources: tuple[SourceText, ...] | None = None
    trusted_proxies: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    sets: dict[str, str] = {}
    rules: str = ""
    sigma: str = ""
    parsers: str = ""
    metrics: bool = True
    files: Files = Files()
    scan: ScanText = ScanText()
    backup: BackupText = BackupText()
    attack: AttackText = AttackText()
    infra: InfraText = InfraText()
    actions: dict[str, ActionText] = {}
    enforce: dict[str, dict[str, object]] = {}
    audit: dict[str, object] = {}  # its own module reads it


_SECTIONS: Mapping[str, type[msgspec.Struct]] = {
    **dict.fromkeys(_Text.__struct_fields__, _Text),
    "sources": SourceText,
    "files": Files,
    "scan": ScanText,
    "backup": BackupText,
    "attack": AttackText,
    "infra": InfraText,
    "actions": ActionText,
}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where lines come from: a path or pattern, or (with an empty path) the journal, of some units or the whole.

    `parser` names the only one that reads it, any without one. `zone` is that of stamps without one; `silent_after` are
    seconds, 0 lets its rhythm decide. `beginning` reads a file from there that was never read before.
    """

    path: str = ""
    units: tuple[str, ...] = ()
    parser: str = ""
    zone: str = ""
    beginning: bool = False
    silent_after: float = 0.0


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What the server may order by a name: a program with fixed arguments, for so many seconds, as a user (the agent's own without)."""

    argv: tuple[str, ...]
    seconds: float = 60.0
    user: str = ""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is told. `sources` are None where none are named: what is on the host is found (`discovering`)."""

    file: Path = FILE
    server: str = ""
    name: str = ""
    state: Path = STATE
    zone: str = ""
    sources: tuple[Source, ...] | None = None
    trusted_proxies: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    sets: Mapping[str, SetMode] = {}
    rules: Path | None = None
    sigma: Path | None = None
    parsers: Path | None = None
    metrics: bool = True
    files: Files = Files()
    scan: ScanText = ScanText()
    backup: BackupText = BackupText()
    attack: AttackText = AttackText()
    infra: InfraText = InfraText()
    waive: object = msgspec.field(default_factory=dict)  # `instruments/audit/waiving` reads it
    enforce: Mapping[str, Mapping[str, object]] = {}
    actions: Mapping[str, Action] = {}


def attack_shield(said: AttackText) -> Shield:
    """Return what the switch against floods tightens on this host."""
    return Shield(
        ports=said.ports, front=said.front, only_front=said.only_front, rate=said.rate, burst=said.burst
    )


def again(config: Config) -> Config:
    """Read the file of a configuration once more, its state folder and its name as they were worked out; raises `ConfigError`."""
    found = load(None if config.file == FILE else config.file)
    return msgspec.structs.replace(found, state=config.state, name=config.name)


def load(path: Path | None = None) -> Config:
    """Read a file, by default `/etc/vedette/agent.toml` where that exists; raises `ConfigError`."""
    if path is None and not FILE.exists():
        return Config()
    path = path or FILE
    try:
        return read(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is no text in UTF-8 (byte {error.start}).") from None


def read(text: str, path: Path = FILE) -> Config:
    """Return what a text says that stands in a file; raises `ConfigError` for the first thing that is wrong."""
    return _config(reading.checked(str(path), text, _Text, _SECTIONS, _faults).said, path)


def _config(said: _Text, path: Path) -> Config:
    sources = None if said.sources is None else tuple(_source(one, said.zone) for one in said.sources)
    return Config(
        file=path, server=said.server.rstrip("/"), name=said.name, state=Path(said.state), zone=said.zone, sources=sources,
        trusted_proxies=said.trusted_proxies, allow=said.allow, sets={name: SetMode(mode) for name, mode in said.sets.items()},
        rules=Path(said.rules) if said.rules else None, sigma=Path(said.sigma) if said.sigma else None,
        parsers=Path(said.parsers) if said.parsers else None,
        metrics=said.metrics, files=said.files, scan=said.scan, backup=said.backup, attack=said.attack, infra=said.infra, waive=said.audit.get("waive", {}), enforce=said.enforce,
        actions={name: Action(argv=one.run, seconds=one.seconds, user=one.user) for name, one in said.actions.items()},
    )  # fmt: skip


def _source(said: SourceText, zone: str) -> Source:
    return Source(
        path=said.path, units=said.units, parser=said.parser, zone=said.zone or zone, beginning=said.start == "beginning",
        silent_after=lengths.seconds(said.silent_after) if said.silent_after else 0.0,
    )  # fmt: skip


def _faults(found: Read[_Text]) -> Iterator[Fault]:
    said = found.said
    if said.server and not re.match(r"https?://[^/\s]+", said.server):
        yield found.fault(
            ("server",), f"`server` starts with https:// (or http://), not {said.server[:60]!r}."
        )
    for name in ("state", "rules", "sigma", "parsers"):
        text = getattr(said, name)
        if text and not text.startswith("/"):
            yield found.fault((name,), f"`{name}` is a whole path, not {text[:60]!r}: write /…/{text[:40]}.")
    for name, mode in said.sets.items():
        if mode not in set(SetMode):
            yield found.fault(("sets", name), f"`{name}` is {_one_of(mode, [*SetMode])}")
    yield from _zone(found, ("zone",), said.zone)
    yield from _list_faults(found)
    for place, source in enumerate(said.sources or ()):
        yield from _source_faults(found, place, source)
    yield from _attack_faults(found)
    if len(said.actions) > MOST_ACTIONS:
        yield found.fault(("actions",), f"There are at most {MOST_ACTIONS} actions.")
    for name, action in said.actions.items():
        yield from _action_faults(found, name, action)


def _attack_faults(found: Read[_Text]) -> Iterator[Fault]:
    said = found.said.attack
    if said.switch:
        try:
            tightening.fit(attack_shield(said), said.longest * 60)
        except Invalid as error:
            yield found.fault(("attack",), str(error))


def _action_faults(found: Read[_Text], name: str, action: ActionText) -> Iterator[Fault]:
    def fault(key: str, text: str) -> Fault:
        return found.fault(("actions", name, key), text)

    if not _ACTION.fullmatch(name):
        yield fault("run", f"{name[:60]!r} is no name of an action: small letters, digits, `-`, at most 60.")
    if not action.run or not action.run[0].startswith("/"):
        yield fault(
            "run",
            '`run` begins with the whole path of a program: run = ["/usr/bin/systemctl", "restart", "shop"].',
        )
    if any("\0" in word for word in action.run) or len(action.run) > MOST_WORDS:
        yield fault("run", f"`run` has at most {MOST_WORDS} words, none with a zero byte.")
    if not 0 < action.seconds <= MOST_SECONDS:
        yield fault(
            "seconds", f"`seconds` is more than 0 and at most {MOST_SECONDS:.0f}, not {action.seconds:g}."
        )
    if action.user and not _USER.fullmatch(action.user):
        yield fault("as", f"`as` is the name of a user, not {action.user[:40]!r}.")


def _list_faults(found: Read[_Text]) -> Iterator[Fault]:
    for name in ("trusted_proxies", "allow"):
        for one in getattr(found.said, name):
            yield from _network(found, name, one)
    for name in ("paths", "excludes"):
        for one in getattr(found.said.files, name):
            if not one.startswith("/"):
                yield found.fault(("files", name), f"`{name}` holds whole paths, not {one[:60]!r}.")
    for one in found.said.scan.paths:
        if not one.startswith("/"):
            yield found.fault(("scan", "paths"), f"`paths` holds whole paths, not {one[:60]!r}.")
    yield from _backup_faults(found)


def _backup_faults(found: Read[_Text]) -> Iterator[Fault]:
    for name in ("programs", "repositories", "restore_to"):
        for one in getattr(found.said.backup, name):
            if not one.startswith("/") or ".." in one.split("/"):
                yield found.fault(
                    ("backup", name), f"`{name}` holds whole paths without `..`, not {one[:60]!r}."
                )


def _network(found: Read[_Text], name: str, text: str) -> Iterator[Fault]:
    """Refuse what is no address or network, or a network with bits of a host in it: `fe80::1/16` is not what was meant."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        try:
            meant = f"; {ipaddress.ip_interface(text).network} was meant?"
        except ValueError:
            meant = "; write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32."
        yield found.fault((name,), f"`{name}`: {text[:60]!r} is no address or network{meant}")


def _zone(found: Read[_Text], path: reading.Path, zone: str) -> Iterator[Fault]:
    if zone and zones.problem(zone):
        near = difflib.get_close_matches(zone, zoneinfo.available_timezones(), 1)
        hint = f"did you mean {near[0]}?" if near else "write Europe/Berlin or UTC."
        yield found.fault(path, f"`zone`: {zone[:60]!r} is no time zone; {hint}")


def _source_faults(found: Read[_Text], place: int, source: SourceText) -> Iterator[Fault]:
    def fault(key: str, text: str) -> Fault:
        return found.fault(("sources", place, key), text)

    if bool(source.path) == source.journal:
        yield fault(
            "path", '[[sources]] has either a `path` or `journal = true`: path = "/var/log/auth.log".'
        )
    elif source.path and not source.path.startswith("/"):
        yield fault("path", f"`path` is a whole path, not {source.path[:60]!r}.")
    elif "**" in source.path:
        yield fault("path", "`path` takes *, ? and […] within a folder's name, no **; name each folder.")
    if source.units and not source.journal:
        yield fault("units", "`units` are those of the journal: write `journal = true`.")
    if source.start not in {"end", "beginning"}:
        yield fault("start", f"`start` is {_one_of(source.start, ['end', 'beginning'])}")
    for unit in source.units:
        if not re.fullmatch(r"[A-Za-z0-9@:_.\\*?-]{1,255}", unit) or unit.startswith("-"):
            yield fault("units", f"{unit[:60]!r} is no unit: write ssh.service.")
    try:
        lengths.seconds(source.silent_after or "0s")
    except Invalid as error:
        yield fault("silent_after", f"`silent_after`: {error}")
    yield from _zone(found, ("sources", place, "zone"), source.zone)


def _one_of(given: str, choices: list[str]) -> str:
    near = difflib.get_close_matches(given, choices, 1)
    hint = f"did you mean {near[0]}?" if near else ""
    return f"one of {', '.join(choices)}, not {given[:40]!r}. {hint}".strip()
