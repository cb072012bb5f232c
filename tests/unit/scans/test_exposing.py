"""A package of a host is exposed when its program listens on a port that answers from outside."""

from pathlib import Path

import msgspec
import pytest
from tests.support.findings import NOW, finding
from tests.support.osv import osv_record, osv_zip

from vedette.accounts.permissions import SYSTEM
from vedette.app.scan_child import done
from vedette.instruments.live.types import Listener
from vedette.instruments.scan.advisories import add
from vedette.plumbing.testing import MemoryPorts
from vedette.scans import exposing, ranking, service
from vedette.scans.types import Asked, Target
from vedette.wire.scan import Component, ScanReport

SSH = Listener(protocol="tcp", address="0.0.0.0", port=22, program="sshd", package="openssh-server")
DATABASE = Listener(
    protocol="tcp", address="127.0.0.1", port=5432, program="postgres", package="postgresql-15"
)


def test_only_what_answers_from_outside_is_exposed() -> None:
    assert exposing.answering([SSH, DATABASE], {22, 5432}) == {"openssh-server": True, "postgresql-15": False}
    assert exposing.answering([SSH], set()) == {"openssh-server": False}


@pytest.mark.parametrize(
    ("facts", "ports"),
    [
        ({"open": "22, 443", "addresses": "198.51.100.7"}, {22, 443}), ({"open": "", "addresses": "198.51.100.7"}, set()),
        ({"open": "22", "addresses": "127.0.0.1, ::1"}, None), ({}, None),
    ],
)  # fmt: skip
def test_a_look_at_loopback_is_none_from_outside(facts: dict[str, str], ports: set[int] | None) -> None:
    assert exposing.opened(facts) == ports


def test_source_packages_are_exposed_by_their_programs_and_rank_higher() -> None:
    server = Component(ecosystem="Debian:12", name="openssh-server", version="1", source="openssh")
    found = [
        finding("A", subject="openssh", risk=5.0),
        finding("B", subject="zlib", risk=9.0),
        finding("C", subject="postgresql", risk=9.0),
    ]
    database = Component(ecosystem="Debian:12", name="postgresql-15", version="1", source="postgresql")
    told = exposing.marked(found, [server, database], {"openssh-server": True, "postgresql-15": False})
    assert [each.exposed for each in told] == [True, None, False]
    assert sorted(told, key=ranking.rank, reverse=True)[0].subject == "openssh"


@pytest.mark.django_db(transaction=True)
def test_packages_and_ports_are_joined_where_both_are_known(
    house: MemoryPorts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEDETTE_FEEDS", str(tmp_path / "feeds"))
    record = osv_record("DSA-1", "Debian:12/openssh", ["introduced 0, fixed 9"])
    add(tmp_path / "feeds", str(osv_zip(tmp_path / "all.zip", [record])), NOW)
    part = Component(ecosystem="Debian:12", name="openssh-server", version="1", source="openssh")
    labels = {"program": "sshd", "package": "openssh-server"}
    socket = Component(ecosystem="socket", name="tcp/22", version="0.0.0.0", labels=labels)
    heard = ScanReport(
        scanner="listening", target="db-1", at=NOW, components=(socket,), facts={"addresses": "198.51.100.7"}
    )
    service.Taking().accept(
        3, "db-1", [ScanReport(scanner="host", target="db-1", at=NOW, components=(part,)), heard], NOW
    )
    assert _matched() == [None]
    service.add(SYSTEM, Target(scanner="ports", target="198.51.100.7"), NOW)
    errand = service.claim(NOW + 100_000)
    assert errand is not None
    facts = {"addresses": "198.51.100.7", "open": "22"}
    service.finish(errand, ScanReport(scanner="ports", target=errand.what, at=NOW, facts=facts), NOW)
    assert _matched() == [True]
    silent = msgspec.structs.replace(heard, components=())
    service.Taking().accept(3, "db-1", [silent], NOW)
    assert _matched() == [None]


def _matched() -> list[bool | None]:
    errand = service.claim_bill(NOW)
    assert errand is not None
    service.finish(errand, done(errand), NOW)
    return [one.finding.exposed for one in service.findings(Asked(host=3, scanner="host"))[0]]
