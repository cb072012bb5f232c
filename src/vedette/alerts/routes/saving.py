"""Puts changed routes in force, unless somebody else changed them since they were read."""

from vedette.accounts.permissions import Actor
from vedette.alerts import builtin, governing
from vedette.alerts.types import Routing
from vedette.core.errors import Conflict
from vedette.plumbing.db.sql import transaction


def save(actor: Actor, made: Routing, version: int, now: float, what: str = "") -> None:
    """Put routes in force that were made from those of `version`; raises `Conflict`, `Invalid`, `Forbidden`."""
    with transaction():
        if builtin.version() != version:
            raise Conflict("Somebody changed the routes meanwhile. Look at them again, then change yours.")
        governing.save_routing(actor, made, now, what)
