"""The scenarios of the CrowdSec hub's tests: lines of a log, and whose address must be detected, or that nobody must be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

_SOURCE = re.compile(r'Overflow\.Sources\["([^"]+)"\]\.GetValue\(\)')
_EMPTY = re.compile(r"^len\(results\) == 0$", re.MULTILINE)
_HARMLESS = ("-whitelist", "whitelists", "-fp")
_AROUND = frozenset(
    {
        "syslog-logs",
        "dateparse-enrich",
        "http-logs",
        "geoip-enrich",
        "whitelists",
        "docker-logs",
        "cri-logs",
        "",
    }
)


class Scenario(NamedTuple):
    """A test: what reads its lines, the addresses that must be detected (none: nobody must be), and where the lines are."""

    name: str
    parsers: frozenset[str]
    must: frozenset[str]
    log: Path


def scenarios(hub: Path) -> Iterator[Scenario]:
    """Yield the tests of which a scenario must fire for an address, or none must.

    None must where the test expects no result, and where the hub itself calls the lines harmless: its whitelists' tests and
    those of false positives.
    """
    for folder in sorted((hub / ".tests").iterdir()):
        if not (folder / "config.yaml").is_file():
            continue
        config = yaml.safe_load((folder / "config.yaml").read_text())
        expected = folder / "scenario.assert"
        text = expected.read_text() if expected.is_file() else ""
        must = frozenset(_SOURCE.findall(text))
        if must or _EMPTY.search(text) or folder.name.endswith(_HARMLESS):
            read = frozenset(_bare(each) for each in config.get("parsers") or ()) - _AROUND
            yield Scenario(folder.name, read, must, folder / config["log_file"])


def _bare(name: str | None) -> str:
    return (name or "").rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")
