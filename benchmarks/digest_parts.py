"""The parts of digestion, measured with everything wired; loaded once Django is set up (see `micro_digest`)."""

import dataclasses
import gzip
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from django.core.management import call_command

from benchmarks.report import Figure, finish
from vedette.accounts.permissions import SYSTEM
from vedette.core import ids
from vedette.core.clock import SystemClock
from vedette.core.settings import Settings
from vedette.errors import grouping, service
from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import scrubber
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import install
from vedette.plumbing.telemetry.sqlite import SqliteTelemetry
from vedette.plumbing.testing import memory_ports
from vedette.projects import service as projects
from vedette.projects.types import ScrubRules
from vedette.wire import delivery as wire
from vedette.wire import lenient

BATCH = 256
HERE = Path(__file__).parent


class Batches:
    """Makes batches of real payloads for one project, with seqs that grow."""

    def __init__(self, folder: Path) -> None:
        call_command("migrate", verbosity=0)
        self.clock = SystemClock()
        unthinned = memory_ports(self.clock, Settings(spike_events_per_minute=0))
        install(dataclasses.replace(unthinned, telemetry=SqliteTelemetry(folder / "telemetry")))
        self.project = projects.create_project(SYSTEM, "Shop", "python", self.clock.now())
        templates = msgspec.json.decode(gzip.decompress((HERE / "templates.json.gz").read_bytes()))
        self.payloads = [msgspec.json.encode(template) for template in templates]
        self._seq = 0

    def message(self, payload: bytes) -> Message:
        """Return the next message of the journal."""
        self._seq += 1
        event_id, now = ids.new_id(), self.clock.now()
        sent = wire.Delivery(self.project.id, event_id, now, payload, "sentry.python/2.0", "203.0.113.9")
        return Message(seq=self._seq, subject="event", body=wire.encode(sent), msg_id=event_id, at=now)

    def batch(self) -> list[Message]:
        """Return the next batch."""
        return [self.message(self.payloads[n % len(self.payloads)]) for n in range(BATCH)]


def measure(folder: Path) -> None:
    """Measure with everything wired under a folder, and print the figures."""
    batches = Batches(folder)
    figures = [Figure("digest", name, value, "us") for name, value in _parts(batches).items()]
    finish(
        [*figures, Figure("digest", "everything, in batches of 256", _everything(batches), "us", "<= 350")]
    )


def _parts(batches: Batches) -> dict[str, float]:
    scrub, payloads = scrubber(ScrubRules()), batches.payloads
    deliveries = [wire.decode(batches.message(payload).body) for payload in payloads]
    made = [normalize(one, scrub).event for one in deliveries]
    return {
        "decode": best(msgspec.json.Decoder().decode, payloads),
        "decode leniently": best(lenient.decode, payloads),
        "look for secrets": best(scrub.suspects, payloads),
        "normalise (with the above)": best(lambda one: normalize(one, scrub), deliveries),
        "group": best(grouping.fingerprint, made),
    }


def _everything(batches: Batches) -> float:
    now = batches.clock.now
    service.digest(batches.batch(), now())
    rounds = [batches.batch() for _ in range(12)]
    return min(best(lambda one: service.digest(one, now()), [one], 1) for one in rounds) / BATCH


def best(act: Callable[..., object], given: Sequence[object], rounds: int = 8) -> float:
    """Return the microseconds of CPU `act` takes for one of `given`, in the best round."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        for one in given:
            act(one)
        found.append((time.process_time() - began) / len(given) * 1e6)
    return min(found)
