"""The words of hardening: what is known of a host (facts), what should be so (measures), and what has to be done for it (steps)."""

import enum
from collections.abc import Callable, Iterable, Mapping

import msgspec

from vedette.core.errors import VedetteError
from vedette.instruments.live.memory import Made, MemoryLive
from vedette.wire.infra import Rule

Level = int  # of the CIS profiles: 1 or 2


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a host in one go: files and folders by path, and what programs say by their words.

    What is not in `files` is not there; a program that is not in `says` is not there or failed. `login` is who signed in,
    `peer` the address we came from (empty: not told), `at` the host's clock.
    """

    files: Mapping[str, Made]
    says: Mapping[str, str] = {}
    login: str = "root"
    peer: str = ""
    at: float = 0.0

    def text(self, path: str) -> str:
        """Return a file's text, or nothing where there is none."""
        found = self.files.get(path)
        return (found.text or "") if found else ""

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted."""
        base = folder.rstrip("/") + "/"
        return tuple(
            sorted({path[len(base) :].split("/")[0] for path in self.files if path.startswith(base)})
        )

    def live(self) -> MemoryLive:
        """Return it as the checks of the audit read hosts."""
        return MemoryLive(self.files, dict(self.says), now=self.at)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of hosts: up to which level, which rules let in (None: nobody said), and what is left out, each with why and its last day (`ends`).

    `reboot` is when updates may reboot (`04:00`; empty: never). `databases` lets measures change what applications may notice.
    `live` names which kernel values are set at once, by how they begin; the others wait for the next boot.
    """

    level: Level = 1
    rules: tuple[Rule, ...] | None = None
    waived: Mapping[str, str] = {}
    ends: Mapping[str, str] = {}
    reboot: str = "04:00"
    databases: bool = False
    live: tuple[str, ...] = ("",)


class Put(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A file has this text, mode and owner."""

    path: str
    text: str
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"


class Mode(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A path that is there has at most these permission bits, and this owner (empty: whoever has it)."""

    path: str
    most: int
    owner: str = "root"
    group: str = ""


class Value(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A value of the kernel is so from now on."""

    name: str
    value: str


class Packages(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Packages are there, or are not."""

    names: tuple[str, ...]
    there: bool = True


class Enabled(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A unit of systemd starts with the host. `link` is what shows that."""

    unit: str
    link: str


class Run(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A command of ours for what is more than a file; `touches` are the files it may change, which are kept before."""

    command: str
    touches: tuple[str, ...]
    told: str


class Note(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a person has to know or do: nothing is changed by it."""

    text: str


Step = Put | Mode | Value | Packages | Enabled | Run
Yielded = Step | Note


class Service(enum.StrEnum):
    """What is told to read its files anew once they changed."""

    SSHD = "sshd"
    RULES = "rules"
    TABLE = "table"  # our rules as they were, not as their file says
    JOURNAL = "journal"
    NGINX = "nginx"
    POSTGRES = "postgres"
    SYSTEMD = "systemd"
    AUDIT = "audit"
    SHM = "shm"


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that makes a host harder.

    `steps` says what should be so on this host (also what is so already); it is pure. `checks` are the checks of the audit that
    pass afterwards. `proof` is a command of the host that must succeed once its files changed; `reload` who reads them anew.
    """

    id: str
    title: str
    checks: tuple[str, ...]
    steps: Callable[[Facts, Wanted], Iterable[Yielded]]
    level: Level = 1
    proof: str = ""
    reload: Service | None = None


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What a measure has to do on a host; without steps it is done. `waived` is why it is left out."""

    measure: str
    title: str
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    waived: str = ""
    proof: str = ""
    reload: Service | None = None


class HardenPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What hardening has to do on a host."""

    planned: tuple[Planned, ...]
    score: float  # of the audit's checks that these facts suffice for, 0 to 100

    @property
    def changes(self) -> tuple[Planned, ...]:
        """Return the measures that change something."""
        return tuple(each for each in self.planned if each.steps)


class Ended(enum.StrEnum):
    """How a run on a host ended."""

    UNCHANGED = "unchanged"
    KEPT = "kept"  # a new connection proved that people still get in
    REVERTED = "reverted"
    UNKNOWN = "unknown"  # nobody could look again: the host reverts by itself


class Hardened(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a run: how it ended and why, what a second look still found to do, and the scores before and after."""

    ended: Ended
    reason: str
    before: float = 0.0
    after: float = 0.0
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    seconds: float = 0.0


class Former(msgspec.Struct, frozen=True, kw_only=True):
    """The run of a host that was kept last: when, which paths go back to what they were, and which stay since somebody changed them meanwhile.

    `packages` are those that go or come again with it.
    """

    run: str
    at: float
    paths: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


class Unreached(VedetteError):
    """A host could not be signed in to, or did not do what it was told; the text says which and why."""
