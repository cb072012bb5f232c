"""The verbs of infrastructure that is watched from the server; each is one transaction. `offline` has those without a server."""

from vedette.deploy.asking import adoption, ask, planned
from vedette.deploy.besieging import ask_hosts, end_switches, flood_hosts, turn_off, turn_on
from vedette.deploy.carrying import work
from vedette.deploy.glancing import troubles
from vedette.deploy.hosting import Keeper, ask_host, end_host_runs, host_runs
from vedette.deploy.keeping import connect, forget, look_soon, renew_token, say
from vedette.deploy.looking import (
    drifts,
    host,
    hosts,
    names,
    past_drifts,
    project,
    projects,
    proposed,
    run,
    runs,
    standings,
)
from vedette.deploy.looking import one_standing as standing
from vedette.deploy.noticing import drop_old, notice
from vedette.deploy.starting import beginning
from vedette.deploy.watching import look, look_due

__all__ = [
    "Keeper", "adoption", "ask", "ask_host", "ask_hosts", "beginning", "connect", "drifts", "drop_old", "end_host_runs", "end_switches", "flood_hosts", "forget", "host", "host_runs",
    "hosts", "look", "look_due", "look_soon", "names", "notice", "past_drifts", "planned", "project", "projects", "proposed",
    "renew_token", "run", "runs", "say", "standing", "standings", "troubles", "turn_off", "turn_on", "work",
]  # fmt: skip
