"""Placement groups."""

from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed
from vedette.instruments.hetzner.fake.state import Placement
from vedette.instruments.hetzner.fake.table import Route, Table
from vedette.instruments.hetzner.fake.visit import Visit


class _New(msgspec.Struct, kw_only=True):
    name: str
    type: Literal["spread"]
    labels: dict[str, str] = {}


def show(visit: Visit, group: Placement) -> Shape:
    """Return a group as the API shows it."""
    return {
        "id": group.id,
        "name": group.name,
        "type": "spread",
        "labels": group.labels,
        "created": iso(group.created),
        "servers": [server.id for server in visit.state.servers.values() if server.placement == group.id],
    }


TABLE = Table(
    singular="placement_group",
    plural="placement_groups",
    rows=lambda state: state.placement_groups,
    show=show,
    filters={"type": lambda shape: shape["type"]},
    has_actions=False,
)


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    group = Placement(id=visit.state.new_id(), name=asked.name, created=visit.now, labels=asked.labels)
    return Reply(status=201, body={"placement_group": show(visit, TABLE.added(visit, group)), "action": None})


def _remove(visit: Visit) -> Reply:
    group = TABLE.removable(visit)
    if show(visit, group)["servers"]:
        raise failed("resource_in_use", "placement group still has servers")
    del visit.state.placement_groups[group.id]
    return Reply(status=204)


ROUTES: list[Route] = TABLE.routes(("POST", "/placement_groups", _create), removing=_remove)
