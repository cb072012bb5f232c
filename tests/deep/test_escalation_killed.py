"""kill -9 while escalations go through their steps: each step of each is told, and repeats bear the key they had."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.alertmanager import post
from tests.support.receiver import Receiver
from tests.support.server import Vedette

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]
ROUNDS, ALERTS, STEPS = 6, 12, 3


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_no_step_is_lost_and_none_is_told_twice_under_two_keys(
    start_vedette, receiver: Receiver, tmp_path: Path
) -> None:
    server = start_vedette(data=tmp_path / "data")
    set_up(server, receiver)
    names: list[str] = []
    for number in range(ROUNDS):
        names += fire(server, number)
        strike(server, receiver, number)
        server.start()
    server.wait(lambda: done(server) == len(names), 120)
    server.wait(lambda: nothing_waits(server), 150)
    notices = dict(receiver.told).values()  # what came again under its key counts once
    told = Counter(alert["labels"]["subject"] for notice in notices for alert in notice["alerts"])
    assert set(told) <= set(names)
    assert max(told.values()) <= STEPS, "no step twice under two keys"
    assert receiver.count() == len(names) * STEPS, (
        "each step of each escalation, alone or in a bundle, by name or number"
    )


def set_up(server: Vedette, receiver: Receiver) -> None:
    """Let three channels be told one after the other by a policy that everything pushed goes to."""
    channels = []
    for number in range(STEPS):
        hook = {
            "kind": "webhook",
            "name": f"Hook {number}",
            "config": {"url": receiver.url},
            "default": False,
        }
        status, made = server.api("POST", "/channels", hook)
        assert status == 201, made
        channels.append(made["id"])
    steps = [{"kind": "notify_channel", "channel": channel} for channel in channels]
    status, made = server.api("POST", "/escalation-policies", {"name": "Night", "steps": steps})
    assert status == 201, made
    file = server.data.parent / "routes.toml"
    file.write_text('[[receiver]]\nname = "Night"\npolicies = ["Night"]\n[[route]]\nreceiver = "Night"\ngroup_by = ["subject"]\ngroup_wait = "1s"\n')  # fmt: skip
    assert server.cli("apply", str(file)).returncode == 0


def fire(server: Vedette, number: int) -> list[str]:
    names = [f"round{number}.{each}" for each in range(ALERTS)]
    labels = [{"alertname": "Killed", "subject": name, "severity": "critical"} for name in names]
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7_200))
    post(server.url, [{"labels": each, "endsAt": ends} for each in labels], server.token)
    return names


def strike(server: Vedette, receiver: Receiver, number: int) -> None:
    """Kill the tree: when a notice was kept and not answered, before a byte of it is read, or at some moment before."""
    pids = server.pids()

    def kill() -> None:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    if number % 3:
        setattr(receiver, "on_told" if number % 3 == 1 else "on_accept", kill)
        end = time.monotonic() + 30
        while (receiver.on_told or receiver.on_accept) and time.monotonic() < end:
            time.sleep(0.01)
    else:
        time.sleep(int.from_bytes(os.urandom(1)) / 256)
    receiver.on_told = receiver.on_accept = None
    server.kill()


def nothing_waits(server: Vedette) -> bool:
    pages = [server.api("GET", f"/deliveries?state={state}") for state in ("queued", "retrying")]
    assert all(status == 200 for status, _ in pages), pages
    return not any(page["items"] for _, page in pages)


def done(server: Vedette) -> int:
    """Return how many escalations are at their end."""
    count, cursor = 0, ""
    while cursor is not None:
        status, page = server.api("GET", f"/escalations?limit=100{cursor and '&cursor=' + cursor}")
        assert status == 200, page
        count += sum(each["state"] == "done" for each in page["items"])
        cursor = page["cursor"]
    return count
