"""Actions by their ids, of whatever kind."""

from vedette.instruments.hetzner.fake.calls import Refused, Reply, missing
from vedette.instruments.hetzner.fake.table import Route, listed
from vedette.instruments.hetzner.fake.visit import Visit


def _many(visit: Visit) -> Reply:
    wanted = visit.call.query.get("id", [])
    if not wanted:
        raise Refused(410, "deprecated_api_endpoint", "actions are listed by their ids alone: give id=")
    return listed(visit, [action for action in visit.state.actions.values() if str(action.id) in wanted])


def _one(visit: Visit) -> Reply:
    for action in visit.state.actions.values():
        if str(action.id) == visit.args[0]:
            return Reply(body={"action": visit.shown(action)})
    raise missing("action", visit.args[0])


ROUTES: list[Route] = [("GET", "/actions", _many), ("GET", "/actions/{id}", _one)]
