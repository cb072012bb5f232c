"""With which rules and readers a configuration and the server's orders detect: those of live lines, and of a replay alike."""

import datetime
import zoneinfo
from collections.abc import Callable, Sequence
from pathlib import Path

from vedette.agent.config import Config
from vedette.agent.detect import rules
from vedette.agent.detect.types import Rule
from vedette.agent.following import Way
from vedette.agent.guessing import Guessing
from vedette.agent.ordered import Ordered
from vedette.agent.ports import Reads, Say
from vedette.core.errors import ConfigError
from vedette.instruments.logs import registry as parsers
from vedette.instruments.logs.compiling import ParserError
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.wanting import Wanted

_HOSTS_ZONE = Path("/etc/localtime")


def rules_of(config: Config, told: Ordered, say: Say) -> Sequence[Rule]:
    """Return the rules; those of the server that are wrong are left out and said, as nobody here can mend them."""
    folders = (rules.SHIPPED, *([config.rules] if config.rules else []))
    texts = {f"rule {n} of the server": text for n, text in enumerate(told.rules, 1)}
    try:
        return rules.load(*folders, texts=texts)
    except ConfigError as error:
        if not texts:
            raise
        say(f"Rules of the server are left out: {error}")
        return rules.load(*folders)


def reader_of(config: Config, told: Ordered, wanted: Wanted, say: Say) -> Callable[[Way], Reads]:
    """Return what makes a reader for a zone and a parser; raises `ConfigError`, for an unknown parser when it is asked."""
    try:
        known = parsers.parsers(*([config.parsers] if config.parsers else []))
    except (ParserError, OSError) as error:
        raise ConfigError(str(error)) from None
    proxies = (*config.trusted_proxies, *told.trusted_proxies)

    def make(way: Way) -> Reads:
        zone, parser = way
        if parser and parser not in known:
            raise ConfigError(f"{config.file}: {parser} is no parser; there are {', '.join(sorted(known))}.")
        some = {parser: known[parser]} if parser else known
        reader = Reader(some, wanted, zone=_zone(zone or config.zone), trusted_proxies=proxies)
        return reader if parser else Guessing(reader, say)

    return make


def _zone(name: str) -> datetime.tzinfo:
    """Return a zone by its name, the host's without one."""
    if name:
        return zoneinfo.ZoneInfo(name)
    try:
        with _HOSTS_ZONE.open("rb") as file:
            return zoneinfo.ZoneInfo.from_file(file, key="local")
    except (OSError, ValueError):
        return datetime.UTC
