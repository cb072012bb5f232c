"""Rolls by name, as a file says them. Pure."""

from collections.abc import Iterator, Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.deploy.desired.collecting import Entry
from vedette.deploy.desired.making.around import Around, unknown
from vedette.deploy.desired.written import RollText
from vedette.deploy.suggesting import no_such
from vedette.deploy.types import Desired, Roll, RollSaid
from vedette.wire.ascode.reading import Fault


def rolls(around: Around) -> Iterator[Fault]:
    """Yield what is wrong with them: rolls that nobody could take back or see healthy, and names that stand for nothing."""
    for entry in around.said.rolls.values():
        text = entry.text
        if text.balancer:
            yield from unknown(
                entry, "balancer", text.balancer, around.said.load_balancers, "[load_balancers]"
            )
        yield from _doing(entry)
        yield from _reaching(entry)


def made(entries: Mapping[str, Entry[RollText]]) -> Mapping[str, RollSaid]:
    """Return them as they are carried out."""
    return {name: _made(entry.text) for name, entry in entries.items()}


def named(desired: Desired, name: str) -> RollSaid:
    """Return a roll by its name; raises `Invalid`."""
    if name not in desired.rolls:
        raise Invalid(no_such(name, desired.rolls, "[rolls]"))
    return desired.rolls[name]


def _made(text: RollText) -> RollSaid:
    said = msgspec.structs.asdict(text)
    words = {key: said.pop(key) for key in Roll.__struct_fields__ if key in said}
    return RollSaid(roll=Roll(**words), **said)


def _doing(entry: Entry[RollText]) -> Iterator[Fault]:
    text = entry.text
    if not (text.do or text.unit):
        yield entry.fault("Say what is done: `do`, a command, or `unit`, a systemd unit that is restarted.")
    if text.do and not text.undo:
        yield entry.fault('Say how it is undone: `undo`; "true" is for what needs no undoing.', "do")
    if not (text.health or text.balancer):
        yield entry.fault('Nothing would tell who is healthy: health = "http://{address}:8000/health".')


def _reaching(entry: Entry[RollText]) -> Iterator[Fault]:
    text = entry.text
    if not (text.balancer or text.hosts):
        yield entry.fault('Say to whom it goes: `balancer`, or hosts = { web-1 = "10.0.1.2" }.')
    for name, address in text.hosts.items():
        if not address or address.startswith("-"):
            yield entry.fault(f"{address!r} is no address.", "hosts", name)
    if text.local and text.ssh:
        yield entry.fault("Commands run over SSH (`ssh`) or on this machine (`local`), not both.", "local")
    if text.ssh.startswith("-"):
        yield entry.fault(f"{text.ssh!r} is no user.", "ssh")
    if bool(text.send) != bool(text.project):
        yield entry.fault(
            "A Vedette is told with both `send` (its address) and `project` (there).",
            "send" if text.send else "project",
        )
