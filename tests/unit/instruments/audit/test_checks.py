"""Every check of the hardening audit passes on one host, fails on another, and says nothing of a host it cannot read."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from tests.support import hardening
from tests.support.hardening.hosts import Pair, host

from vedette.instruments import audit
from vedette.instruments.audit import looking, registry
from vedette.instruments.live.types import FileStatus, Listener, PasswordState, Sweep, Unreadable
from vedette.wire.finding import Finding, FindingState

MODULES = [m.name for m in pkgutil.iter_modules(hardening.__path__) if m.name != "hosts"]
EXAMPLES: dict[str, Pair] = {
    check: pair
    for name in MODULES
    for check, pair in importlib.import_module(f"{hardening.__name__}.{name}").EXAMPLES.items()
}


class Closed:
    """A host of which nothing can be read."""

    now = 1_764_000_000.0

    def text(self, path: str) -> str:
        raise Unreadable(f"{path}: permission denied.")

    def status(self, path: str) -> FileStatus:
        raise Unreadable(f"{path}: permission denied.")

    def names(self, path: str) -> tuple[str, ...]:
        raise Unreadable(f"{path}: permission denied.")

    def ran(self, *argv: str) -> str:
        raise Unreadable(f"{argv[0]} failed.")

    def passwords(self) -> tuple[PasswordState, ...]:
        raise Unreadable("/etc/shadow: permission denied.")

    def listening(self) -> tuple[Listener, ...]:
        raise Unreadable("the kernel does not tell.")

    def sweep(self) -> Sweep:
        raise Unreadable("permission denied.")


def findings(check: str, live: object) -> list[Finding]:
    return list(looking.looked([registry.checks()[check]], live))  # type: ignore[arg-type]


def test_each_check_has_a_passing_and_a_failing_example() -> None:
    assert set(EXAMPLES) == set(registry.checks())
    assert len(EXAMPLES) >= 120


def test_what_passes_and_what_fails() -> None:
    wrong = []
    for check, (good, bad) in EXAMPLES.items():
        for live, wanted in ((good, FindingState.PASSED), (bad, FindingState.FAILED)):
            found = findings(check, live)
            if {one.state for one in found} != {wanted}:
                wrong.append((check, wanted, found))
    assert not wrong


def test_nothing_that_cannot_be_read_passes() -> None:
    """Of a host that refuses everything, each check is unknown, never passed, and tells why."""
    for check in registry.checks():
        (found,) = findings(check, Closed())
        assert found.state is FindingState.UNKNOWN, found
        assert found.reason


def test_an_empty_host_passes_nothing_by_accident() -> None:
    """Where nothing is, nothing that was read is what makes a check pass: those that do are about what should not be there."""
    passed = {check for check in registry.checks() if findings(check, host())[0].state is FindingState.PASSED}
    assert passed == ABSENCE


# What should not be there is not there: a file that would be wrong, an option that would be set, a port that would be open.
ABSENCE = {
    "apt-keys", "apt-old-keyring", "apt-reboot", "apt-unsigned", "apt-verified", "cron-downloads", "docker-env-files", "file-preload",
    "file-set-id", "file-unsticky", "file-world-writable", "firewall-legacy", "log-modes", "service-inner", "service-mail",
    "service-unexpected", "session-path", "session-umask",
}  # fmt: skip


def test_every_check_says_why_how_and_where() -> None:
    for check in registry.checks().values():
        assert check.why.endswith(".")
        assert check.fix
        assert check.reads
        assert check.title[0].isupper() or check.title[0] in "/" or check.title.split()[0].islower()
        assert not check.title.endswith(".")
        assert 1 <= check.risk <= 10


JUNK = {
    "nothing": "", "bytes": "\x00\xff" * 50, "brackets": "[[[[[", "one line": "a" * 20_000, "json": '{"nftables": 3}',
    "rows": "-1 :: ::\n" * 100, "empty lines": "\n" * 3_000,
}  # fmt: skip


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_understood_or_unknown(junk: str) -> None:
    """Files may hold anything; whatever is in them, a check ends with a finding."""

    class Junk(Closed):
        def text(self, path: str) -> str:
            return junk

        def names(self, path: str) -> tuple[str, ...]:
            return ("a.conf", "authorized_keys")

        def ran(self, *argv: str) -> str:
            return junk

        def status(self, path: str) -> FileStatus:
            return FileStatus(kind="file", mode=0o600)

    for check in registry.checks():
        assert findings(check, Junk())


def test_no_pattern_goes_over_lines_at_their_beginning() -> None:
    """`^\\s*` looks at the rest of a file anew at each of its empty lines: minutes for a hundred thousand of them."""
    folders = [Path(path) for path in audit.__path__]
    assert not [path for folder in folders for path in folder.rglob("*.py") if "^\\s*" in path.read_text()]
