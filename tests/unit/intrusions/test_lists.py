"""Lists of others: what they name is banned until it is over; one that fails leaves what it named, and says so."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.intruders import ATTACKER, decision
from tests.support.rooms import BASE_URL, NOW, house_with_kv

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Invalid
from vedette.core.settings import Settings
from vedette.intrusions import feeding, reading, service
from vedette.intrusions.service import Judges
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals
from vedette.wire.agent.deciding.sparing import Shelter

HOUR = 3600.0
URL = "https://lists.example/drop.txt"
TEXT = """# DROP
192.0.2.0/24 ; SBL1
198.51.100.9 # one
2001:db8:5::/48
10.0.0.0/8
nonsense
"""
db = pytest.mark.django_db(transaction=True)


def named(judges: Judges) -> dict[str, float]:
    orders = judges.orders("a", "")
    return {one.value: one.until for one in orders.put} if orders else {}


def serve(house: MemoryPorts, status: int, text: str) -> None:
    house.net.answer = lambda _: Response(status, {}, text.encode())


@db
def test_a_list_is_read_in_its_rhythm_and_its_failure_leaves_what_it_named(
    judges: Judges, house: MemoryPorts
) -> None:
    service.add_list(SYSTEM, "drop", URL, HOUR, 10 * HOUR, NOW)
    with pytest.raises(Conflict):
        service.add_list(SYSTEM, "drop", URL, HOUR, 10 * HOUR, NOW)
    serve(house, 200, TEXT)
    assert service.read_lists(NOW) == 1
    until = NOW + 10 * HOUR
    assert named(judges) == {"192.0.2.0/24": until, "198.51.100.9": until, "2001:db8:5::/48": until}
    [one] = service.blocklists_of()
    assert (one.entries, one.left, one.problem) == (3, 2, "")
    assert service.read_lists(NOW + 10) == 0, "its time has not come"
    serve(house, 503, "")
    assert service.read_lists(NOW + 2 * HOUR) == 1
    [one] = service.blocklists_of()
    assert "503" in one.problem
    assert named(judges)["198.51.100.9"] == until
    serve(house, 200, "198.51.100.9\n")
    service.read_lists(NOW + 4 * HOUR)
    assert named(judges) == {"198.51.100.9": until}, "still more than half of its time"
    service.read_lists(NOW + 6 * HOUR)
    assert named(judges) == {"198.51.100.9": NOW + 16 * HOUR}
    told = [(one.signal.kind, one.signal.state.value) for one in signals.after(0, 9)]
    assert told == [("intrusions.list", "firing"), ("intrusions.list", "resolved")]
    service.remove_list(SYSTEM, "drop", NOW + 7 * HOUR)
    assert named(judges) == {}


@db
def test_a_hosts_ban_outlasts_the_list_that_named_it_too(judges: Judges, house: MemoryPorts) -> None:
    serve(house, 200, ATTACKER)
    service.add_list(SYSTEM, "drop", URL, HOUR, 10 * HOUR, NOW)
    service.read_lists(NOW)
    with transaction():
        judges.accept("web1", [decision(NOW, lasts=20 * HOUR)], NOW)
    assert named(judges) == {ATTACKER: NOW + 20 * HOUR}
    service.remove_list(SYSTEM, "drop", NOW)
    assert named(judges) == {ATTACKER: NOW + 20 * HOUR}


@db
def test_files_are_read_where_that_is_allowed_and_nowhere_else(clock: ManualClock, tmp_path: Path) -> None:
    house_with_kv(clock, Settings(base_url=BASE_URL, check_folders=str(tmp_path)))
    feeding.FEED.__init__()  # type: ignore[misc]
    good = tmp_path / "bad.txt"
    good.write_text("203.0.113.4\n")
    service.add_list(SYSTEM, "mine", str(good), HOUR, HOUR, NOW)
    service.read_lists(NOW)
    assert named(Judges(clock)) == {"203.0.113.4": NOW + HOUR}
    (tmp_path / "out").symlink_to("/etc/passwd")
    for wrong in ("/etc/passwd", f"{tmp_path}/../x", f"{tmp_path}/out", "x.txt", "ftp://x"):
        with pytest.raises(Invalid):
            service.add_list(SYSTEM, "no", wrong, HOUR, HOUR, NOW)
    good.write_text("<html>not found</html>")
    service.read_lists(NOW + HOUR)
    [one] = service.blocklists_of()
    assert "No line names" in one.problem


@db
def test_too_much_is_refused_and_a_silent_server_waits(judges: Judges, house: MemoryPorts) -> None:
    service.add_list(SYSTEM, "drop", URL, HOUR, HOUR, NOW)
    serve(house, 200, "1" * (reading.MOST_BYTES + 1))
    service.read_lists(NOW)
    [one] = service.blocklists_of()
    assert "8 MiB" in one.problem
    house.net.answer = lambda _: NetError("lists.example cannot be reached.", permanent=False)
    service.read_lists(NOW + HOUR)
    assert named(judges) == {}
    for name, every, lasts in (
        ("a b", HOUR, HOUR),
        ("x", 60.0, HOUR),
        ("x", HOUR, 60.0),
        ("x", 2 * HOUR, HOUR),
    ):
        with pytest.raises(Invalid):
            service.add_list(SYSTEM, name, URL, every, lasts, NOW)


@given(st.text(max_size=400))
def test_whatever_a_list_says_nobody_private_is_in_it(text: str) -> None:
    try:
        found = reading.read(text, Shelter())
    except Invalid:
        return
    assert all(not one.value.startswith(("10.", "127.", "192.168.")) for one in found.found)
