"""No probe without its proof: each kind names the tests that show it servers, and docs/monitors.md what those are."""

import re
from pathlib import Path

from vedette.instruments.probe.registry import kinds

TESTS = Path(__file__).parents[2]
DOCS = (TESTS.parent / "docs/monitors.md").read_text()
PROOFS = {
    "http": "integration/test_probes_nginx.py",
    "tcp": "support/targets.py",
    "tls": "support/targets.py",
    "dns": "support/targets.py",
    "icmp": "integration/test_probes.py",
    "smtp": "integration/test_probes_banners.py",
    "imap": "integration/test_probes_banners.py",
    "ssh": "integration/test_probes_banners.py",
    "websocket": "integration/test_probes_streams.py",
    "grpc": "integration/test_probes_streams.py",
    "postgres": "integration/test_probes_databases.py",
    "mysql": "integration/test_probes_databases.py",
    "redis": "integration/test_probes_databases.py",
    "rabbitmq": "deep/test_rabbitmq.py",
    "nats": "integration/test_probes_brokers.py",
    "docker": "integration/test_probes_local.py",
    "sqlite": "integration/test_probes_local.py",
    "multi": "integration/test_probes_multi.py",
    "journey": "support/journeys.py",
    "mongodb": "integration/test_probes_brokers.py",
}


def test_every_kind_has_its_test() -> None:
    assert set(PROOFS) == set(kinds())
    for kind, file in PROOFS.items():
        text = (TESTS / file).read_text()
        assert any(f"{scheme}://" in text or f'"{scheme}"' in text for scheme in kinds()[kind].schemes), kind


def test_it_is_written_what_each_was_tried_against() -> None:
    section = DOCS.split("## What probes were tried against")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)) == set(kinds())
