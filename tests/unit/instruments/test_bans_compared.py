"""Comparing takes long beside many bans: whoever bans meanwhile does not wait for it, and what came meanwhile holds."""

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from vedette.instruments.packets import script
from vedette.instruments.packets.nft import Nft
from vedette.instruments.packets.port import Enforcer
from vedette.instruments.packets.snippets import HEAD, Snippet, Told, nginx_deny
from vedette.wire.agent.types import Decision, Measure, Scope

NOW = 1_764_000_000.0
OLD, GOING, NEW = "198.51.100.1", "198.51.100.2", "198.51.100.3"


def ban(value: str) -> Decision:
    return Decision(
        id=value, scope=Scope.ADDRESS, value=value, measure=Measure.BAN, at=NOW, until=NOW + 600, reason="r"
    )


class Written:
    """An nftables that keeps what it is told to do, and lists a table as it is told."""

    def __init__(self, *, missing: bool) -> None:
        self.missing, self.texts = missing, list[str]()

    def run(self, text: str) -> None:
        self.texts.append(text)

    def listed(self, text: str) -> bytes:
        assert text
        rules = [
            {"rule": {"chain": hook, "expr": [{"match": {"op": "==", "right": f"@{kind.name}"}}, {"counter": "c"}, {"drop": None}]}}
            for hook in script.HOOKS for kind in script.USUAL
        ]  # fmt: skip
        chains = [
            {"chain": {"name": hook, "hook": hook, "prio": script.PRIORITY, "policy": "accept"}}
            for hook in script.HOOKS
        ]
        elements = [{"elem": {"val": one, "expires": 600}} for one in (OLD, GOING)]
        sets = [{"set": {"name": "banned4", "elem": elements}}, {"set": {"name": "banned6"}}]
        return json.dumps({"nftables": [*([] if self.missing else sets), *chains, *rules]}).encode()

    def close(self) -> None:
        pass


def meanwhile(enforcer: Enforcer) -> Callable[[], Sequence[Decision]]:
    """Return what stands, of which one is put and one dropped before anybody can compare it."""

    def act() -> None:
        enforcer.put([ban(NEW)], NOW)
        enforcer.drop([ban(GOING)], NOW)

    def live() -> Sequence[Decision]:
        stood = [ban(OLD), ban(GOING)]
        other = threading.Thread(target=act, daemon=True)
        other.start()
        other.join(5)
        assert not other.is_alive(), "who bans waits"
        return stood

    return live


@pytest.mark.parametrize("missing", [False, True])
def test_a_ban_waits_for_no_comparison_with_the_kernel(missing: bool) -> None:
    nftables = Written(missing=missing)
    nft = Nft(lambda: nftables)
    assert nft.sync(meanwhile(nft), NOW).rebuilt == missing
    put, dropped, *mended = nftables.texts
    assert NEW in put
    assert GOING in dropped
    assert len(mended) == missing, "what was put and dropped meanwhile is as it should be"
    assert all(NEW in text and OLD in text and GOING not in text for text in mended)


def test_a_ban_that_comes_while_a_file_is_compared_stays_in_it(tmp_path: Path) -> None:
    path = tmp_path / "bans.conf"
    snippet = Snippet("nginx", path, nginx_deny, Told((), every=0))
    snippet.sync(lambda: [ban(OLD), ban(GOING)], NOW)
    snippet.tick(NOW)
    assert not snippet.sync(meanwhile(snippet), NOW).anything
    snippet.tick(NOW + 1)
    assert path.read_text() == f"{HEAD}deny {OLD}/32;\ndeny {NEW}/32;\n"


def test_a_ban_that_comes_with_the_first_comparison_is_written(tmp_path: Path) -> None:
    path = tmp_path / "bans.conf"
    path.write_text(nginx_deny([]))
    snippet = Snippet("nginx", path, nginx_deny, Told((), every=0))
    snippet.sync(meanwhile(snippet), NOW)
    snippet.tick(NOW + 1)
    assert path.read_text() == f"{HEAD}deny {OLD}/32;\ndeny {NEW}/32;\n"
