"""The command `incident` of a chat."""

from vedette.accounts.permissions import Actor, ActorKind
from vedette.alerts.answering import commands
from vedette.incidents import commanding, service
from vedette.incidents.types import Declared, Sev
from vedette.plumbing.testing import MemoryPorts

SOMEBODY = Actor(kind=ActorKind.SYSTEM, name="Somebody in Ops (mira)")


def test_a_chat_declares_and_lists(house: MemoryPorts) -> None:
    now = house.clock.now()
    assert commanding.command(SOMEBODY, "", now) == "No incident is open."
    said = commanding.command(SOMEBODY, "Checkout is down", now)
    (made,) = service.open_incidents(now)
    assert (made.title, made.declared, made.declared_by) == ("Checkout is down", Declared.CHAT, SOMEBODY.name)
    assert isinstance(made.severity, Sev)
    assert said.startswith(f"{made.key} (SEV {made.severity.value}) Checkout is down: http")
    assert commanding.command(SOMEBODY, "", now).startswith(f"{made.key} (SEV ")


def test_it_is_entered() -> None:
    assert "incident" in commands.known()
