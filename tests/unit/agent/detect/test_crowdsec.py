"""The scenarios of the CrowdSec hub: where one fires for an address, a rule of ours does; where none does, none of ours."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.support.scenarios import Scenario, scenarios

from vedette.agent.detect.engine import Detector
from vedette.agent.detect.trying import LATER
from vedette.agent.detect.types import Rule
from vedette.agent.detect.values import network_of
from vedette.instruments.logs.types import LogEntry
from vedette.instruments.logs.wanting import Wanted

# The hub's parsers of what we have parsers for; tests of others (239 services of all kinds) do not count.
OURS = frozenset(
    {
        "apache2-logs", "caddy-logs", "dovecot-logs", "gitea-logs", "haproxy-logs", "iptables-logs", "mariadb-logs",
        "modsecurity", "mysql-logs", "nextcloud-logs", "nginx-logs", "nginx-mail-logs", "nginx-proxy-manager-logs",
        "pam-logs", "pgsql-logs", "postfix-logs", "postscreen-logs", "sshd-logs", "sshd-success-logs",
        "supabase-docker-pgsql", "traefik-logs", "vsftpd-logs",
    }
)  # fmt: skip
DIFFERENCES = {
    ("sshd-impossible-travel", "1.2.3.4"): "where addresses are is not known to an agent",
    ("sshd-impossible-travel", "9.8.8.8"): "where addresses are is not known to an agent",
    ("sshd-impossible-travel-user", "vagrant"): "where addresses are is not known to an agent",
    (
        "apache-cve-2021-41773",
        "88.168.206.87",
    ): "Apache's error log tells an invalid address that no parser of ours reads",
    ("gitea-bf", "2.2.2.2"): "three failures, and three of an hour before: our buckets know the lines' time",
}
MOST_DIFFERENT = 0.05
ReaderOf = Callable[[Wanted], Callable[[bytes], Iterable[LogEntry]]]


@pytest.fixture(scope="module")
def counting(corpora: Path) -> list[Scenario]:
    found = scenarios(corpora / "detect/crowdsec-hub")
    return [each for each in found if not each.must or (each.parsers and each.parsers <= OURS)]


def _detected(
    scenario: Scenario, rules: tuple[Rule, ...], read: Callable[[bytes], Iterable[LogEntry]]
) -> set[str]:
    detector = Detector(rules)
    found = [each for entry in read(scenario.log.read_bytes()) for each in detector.pour(entry, LATER)]
    return {name for each in found for name in (network_of(each.address), each.user) if name}


def test_who_must_be_detected_is_and_nobody_else_is(
    counting: list[Scenario], shipped: tuple[Rule, ...], reader_of: ReaderOf
) -> None:
    read = reader_of(Detector(shipped).wanted)
    missed, wrong, must = set(), set(), 0
    assert len([each for each in counting if not each.must]) >= 10
    for scenario in counting:
        got = _detected(scenario, shipped, read)
        must += len(scenario.must)
        missed |= {(scenario.name, each) for each in scenario.must if network_of(each) not in got}
        wrong |= {(scenario.name, each) for each in got if not scenario.must}
    assert wrong == set()
    assert missed == set(DIFFERENCES), "a difference that is none is taken from the list"
    assert must > 140
    assert len(missed) <= MOST_DIFFERENT * must
    assert len({name for name, _ in missed}) <= MOST_DIFFERENT * len([each for each in counting if each.must])
