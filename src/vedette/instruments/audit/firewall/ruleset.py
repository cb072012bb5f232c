"""The rules for packets as they are in force: `nft -j list ruleset`, which shows those of iptables-nft too."""

import json
from collections.abc import Iterator, Mapping

import msgspec

from vedette.instruments.audit.types import NotApplicable, Untold
from vedette.instruments.live.types import Live, Missing

OURS = "vedette"


class Chain(msgspec.Struct, frozen=True):
    """A chain that hangs on a hook: its family, table, name, policy, and its rules as JSON."""

    family: str
    table: str
    name: str
    policy: str
    rules: tuple[Mapping[str, object], ...]

    @property
    def place(self) -> str:
        """Return where it stands."""
        return f"{self.family} {self.table} {self.name}"


def objects(live: Live) -> list[Mapping[str, object]]:
    """Return what nft lists; raises `NotApplicable` without nft, `Untold` when it says something else."""
    try:
        told = json.loads(live.ran("nft", "-j", "-t", "list", "ruleset"))
    except Missing:
        raise NotApplicable("nft is not installed.") from None
    found = told.get("nftables") if isinstance(told, dict) else None
    if not isinstance(found, list):
        raise Untold("nft says something that is no ruleset.")
    return [one for one in found if isinstance(one, dict)]


def chains(live: Live, hook: str) -> list[Chain]:
    """Return the filter chains of others that hang on a hook."""
    told = objects(live)
    return [_chain(one, told) for one in _of(told, "chain") if one.get("hook") == hook and one.get("type") == "filter" and one.get("table") != OURS]  # fmt: skip


def families(chain: Chain) -> frozenset[str]:
    """Return which protocols a chain sees."""
    return {"ip": frozenset({"ip"}), "ip6": frozenset({"ip6"})}.get(chain.family, frozenset({"ip", "ip6"}))


def refuses(chain: Chain) -> bool:
    """Tell whether what no rule allows is dropped: by the policy, or by a last rule that drops or rejects everything."""
    if chain.policy == "drop":
        return True
    last = _expressions(chain.rules[-1]) if chain.rules else []
    plain = [one for one in last if not set(one) & {"counter", "log", "limit"}]
    return (
        len(plain) == 1
        and bool(set(plain[0]) & {"drop", "reject"})
        and not any("limit" in one for one in last)
    )


def mentions(chain: Chain, *words: str) -> bool:
    """Tell whether a rule that accepts speaks of all of these."""
    texts = (json.dumps(rule) for rule in chain.rules)
    return any('"accept"' in text and all(f'"{word}"' in text for word in words) for text in texts)


def _chain(one: Mapping[str, object], told: list[Mapping[str, object]]) -> Chain:
    key = ("family", "table")
    rules = [r for r in _of(told, "rule") if all(r.get(k) == one.get(k) for k in key) and r.get("chain") == one.get("name")]  # fmt: skip
    return Chain(str(one.get("family")), str(one.get("table")), str(one.get("name")), str(one.get("policy", "accept")), tuple(rules))  # fmt: skip


def _of(told: list[Mapping[str, object]], kind: str) -> Iterator[Mapping[str, object]]:
    for one in told:
        found = one.get(kind)
        if isinstance(found, dict):
            yield found


def _expressions(rule: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = rule.get("expr")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
