"""What digesting one 24 KB event costs, part by part: `python -m benchmarks.micro_digest`.

Bodies are real ones of the Python SDK (mean 24 KB). The journal's messages are at hand, core.db and the day files
are SQLite at `synchronous=FULL`; figures are CPU time of the process, the best of several rounds. "decode" is
msgspec alone: the yardstick that tells how busy the machine was.
"""

import dataclasses
import gzip
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

BATCH = 256
HERE = Path(__file__).parent


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VEDETTE_DATA": folder, "DJANGO_SETTINGS_MODULE": "vedette.app.django_settings"}
        import django

        django.setup()
        measure(Path(folder))


def measure(folder: Path) -> None:
    """Measure with everything wired under a folder."""
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

    call_command("migrate", verbosity=0)
    clock = SystemClock()
    whole = Settings(spike_events_per_minute=0)
    install(dataclasses.replace(memory_ports(clock, whole), telemetry=SqliteTelemetry(folder / "telemetry")))
    project = projects.create_project(SYSTEM, "Shop", "python", clock.now())
    templates = msgspec.json.decode(gzip.decompress((HERE / "templates.json.gz").read_bytes()))
    payloads = [msgspec.json.encode(template) for template in templates]
    seq = 0

    def message(payload: bytes) -> Message:
        nonlocal seq
        seq += 1
        event_id = ids.new_id()
        sent = wire.Delivery(project.id, event_id, clock.now(), payload, "sentry.python/2.0", "203.0.113.9")
        return Message(seq=seq, subject="event", body=wire.encode(sent), msg_id=event_id, at=clock.now())

    def batch(_: object) -> list[Message]:
        return [message(payloads[n % len(payloads)]) for n in range(BATCH)]

    scrub = scrubber(ScrubRules())
    deliveries = [wire.decode(message(payload).body) for payload in payloads]
    made = [normalize(one, scrub).event for one in deliveries]
    service.digest(batch(None), clock.now())
    rounds = [batch(None) for _ in range(12)]
    whole = min(best(lambda one: service.digest(one, clock.now()), [one], 1) for one in rounds) / BATCH
    parts = {
        "decode": best(msgspec.json.Decoder().decode, payloads),
        "decode leniently": best(lenient.decode, payloads),
        "look for secrets": best(scrub.suspects, payloads),
        "normalise (with the above)": best(lambda one: normalize(one, scrub), deliveries),
        "group": best(grouping.fingerprint, made),
    }
    finish(
        [
            *(Figure("digest", name, value, "us") for name, value in parts.items()),
            Figure("digest", "everything, in batches of 256", whole, "us", "<= 350"),
        ]
    )


def best(act: Callable[..., object], given: Sequence[object], rounds: int = 8) -> float:
    """Return the microseconds of CPU `act` takes for one of `given`, in the best round."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        for one in given:
            act(one)
        found.append((time.process_time() - began) / len(given) * 1e6)
    return min(found)


if __name__ == "__main__":
    main()
