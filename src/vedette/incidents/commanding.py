"""The command `incident` of chats: declares one, or tells what is open."""

from vedette.accounts.permissions import Actor
from vedette.incidents import opening
from vedette.incidents.store import incidents as store
from vedette.incidents.types import Declared, Incident, IncidentDraft
from vedette.plumbing.ports import ports

USAGE = "incident [WHAT IS BROKEN]"
DOES = "declare an incident; without words, which are open"
_SHOWN = 10


def command(actor: Actor, words: str, now: float) -> str:
    """Declare an incident of these words and return its key and address; without words, return what is open."""
    if words:
        made = opening.declare(actor, IncidentDraft(title=words), now, Declared.CHAT)
        return f"{_line(made)}. Say how bad it is, and who leads, on its page."
    found = store.still_open()
    lines = [_line(one) for one in found[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "\n".join([*lines, *more]) or "No incident is open."


def _line(one: Incident) -> str:
    return f"{one.key} (SEV {one.severity.value}) {one.title}: {ports().settings.public_url}{one.link}"
