import json

from tests.support.hardening.hosts import Pair, host, installed, pair

from vedette.instruments.live.memory import MemoryLive

WANTS = "/etc/systemd/system/sysinit.target.wants/nftables.service"
ESTABLISHED = [
    {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}},
    {"accept": None},
]
LOOPBACK = [{"match": {"op": "==", "left": {"meta": {"key": "iif"}}, "right": "lo"}}, {"accept": None}]
SSH = [
    {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}},
    {"accept": None},
]
FORWARDS = {"/proc/sys/net/ipv4/ip_forward": "1\n"}


def ruleset(
    family: str, hook: str, policy: str, *rules: list[object], table: str = "filter"
) -> dict[str, str | None]:
    chain = {
        "chain": {
            "family": family,
            "table": table,
            "name": hook,
            "hook": hook,
            "type": "filter",
            "prio": 0,
            "policy": policy,
        }
    }
    told = [{"rule": {"family": family, "table": table, "chain": hook, "expr": rule}} for rule in rules]
    return {"nft -j -t list ruleset": json.dumps({"nftables": [{"metainfo": {}}, chain, *told]})}


def nft(good: dict[str, str | None], bad: dict[str, str | None]) -> Pair:
    return host(says=good), host(says=bad)


def with_files(files: dict[str, str], told: dict[str, str | None]) -> MemoryLive:
    return host(files, told)


EXAMPLES: dict[str, Pair] = {
    "firewall-input-4": nft(ruleset("inet", "input", "drop", SSH), ruleset("inet", "input", "accept", SSH)),
    "firewall-input-6": nft(ruleset("inet", "input", "accept", SSH, [{"counter": {}}, {"drop": None}]), ruleset("ip", "input", "drop", SSH)),
    "firewall-both": nft(ruleset("inet", "input", "drop", SSH), ruleset("ip", "input", "drop", SSH)),
    "firewall-forward": (with_files(FORWARDS, ruleset("inet", "forward", "drop")), with_files(FORWARDS, ruleset("inet", "forward", "accept"))),
    "firewall-established": nft(ruleset("inet", "input", "drop", ESTABLISHED), ruleset("inet", "input", "drop", SSH)),
    "firewall-loopback": nft(ruleset("inet", "input", "drop", LOOPBACK), ruleset("inet", "input", "drop", SSH)),
    "firewall-kept": (with_files({WANTS: ""}, ruleset("inet", "input", "drop", SSH)), with_files({}, ruleset("inet", "input", "drop", SSH))),
    "firewall-one-manager": (host(installed("ufw")), host(installed("ufw", "firewalld"))),
    "firewall-legacy": pair("/proc/net/ip_tables_names", "", "filter\nnat\n"),
}  # fmt: skip
