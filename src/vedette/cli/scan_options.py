"""What every `vedette scan …` can be told."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vedette.core.errors import ConfigError
from vedette.wire.finding import Severity


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What counts, how it is told, and where to.

    Parameters
    ----------
    fail_on
        From which severity on a finding makes the exit code 1: critical, high, medium, low or info.
    json
        Print all that was found as JSON.
    github
        Print annotations of GitHub Actions.
    format
        Print in this format: table, json, sarif, cyclonedx, vex, junit or github.
    output
        Write what would be printed into this file.
    sarif
        Write SARIF 2.1.0 into this file as well.
    cyclonedx
        Write CycloneDX 1.6 (SBOM and VEX) into this file as well.
    vex
        Write CycloneDX 1.6 with VEX alone into this file as well.
    junit
        Write JUnit's XML into this file as well.
    vex_from
        A file of VEX (CycloneDX or OpenVEX) that says what does not reach you; may be repeated.
    baseline
        A file of what was there before: only what is new counts.
    write_baseline
        Write what is there now into this file; the exit code is 2 where something could not be known, else 0.
    config
        The file whose tables [[scan.accept]] say what is accepted; else .vedette-scan.toml or vedette.toml of the target or here,
        with --diff BASE as it is in BASE.
    no_config
        Accept nothing: no file is looked for, as it should be for what strangers wrote.
    feeds
        Where feeds of advisories are; else $VEDETTE_FEEDS, feeds in the data folder, or ~/.local/share/vedette/feeds.
    max_feed_age
        Days after which a feed of advisories is stale, and what it is about is not known.
    option
        Any option of the scanner, name=value; may be repeated.
    deadline
        Seconds a scan may take.
    allow_private
        Let private, loopback and other addresses that are not public be reached.
    send
        Send the report to the Vedette at this address: https://vedette.example
    token_file
        A file whose first line is the token for --send; else $VEDETTE_TOKEN.
    target_name
        What the server calls the target; else the target as it is written here.
    project
        The project of the server it belongs to (its slug).
    release
        The release that was scanned.
    quiet
        Print the verdict alone, and no progress.
    """

    fail_on: Severity = Severity.HIGH
    json: bool = False
    github: bool = False
    format: str = ""
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None
    sarif: Path | None = None
    cyclonedx: Path | None = None
    vex: Path | None = None
    junit: Path | None = None
    vex_from: tuple[Path, ...] = ()
    baseline: Path | None = None
    write_baseline: Path | None = None
    config: Path | None = None
    no_config: bool = False
    feeds: Path | None = None
    max_feed_age: float | None = None
    option: tuple[str, ...] = ()
    deadline: float = 600.0
    allow_private: bool = False
    send: str = ""
    token_file: Path | None = None
    target_name: str = ""
    project: str = ""
    release: str = ""
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"))] = False

    def printed(self) -> str:
        """Return the format that is printed; raises `ConfigError` where two are wanted."""
        flags = {"json": self.json, "github": self.github, self.format: bool(self.format)}
        names = [name for name, given in flags.items() if given]
        if len(names) > 1:
            raise ConfigError(f"One format is printed, not {' and '.join(names)}; write others into files (--sarif FILE …).")  # fmt: skip
        return names[0] if names else "table"

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the formats that are written into files beside."""
        named = (
            ("sarif", self.sarif),
            ("cyclonedx", self.cyclonedx),
            ("vex", self.vex),
            ("junit", self.junit),
        )
        yield from ((name, path) for name, path in named if path is not None)


NOTHING_SAID = Wanted()
