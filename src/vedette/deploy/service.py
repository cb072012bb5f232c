"""The verbs of infrastructure that is watched from the server; each is one transaction. `offline` has those without a server."""

from vedette.deploy.keeping import connect, forget, look_soon, renew_token, say
from vedette.deploy.looking import (
    drifts,
    host,
    hosts,
    past_drifts,
    project,
    projects,
    proposed,
    run,
    runs,
    standings,
)
from vedette.deploy.looking import one_standing as standing
from vedette.deploy.watching import look, look_due

__all__ = [
    "connect", "drifts", "forget", "host", "hosts", "look", "look_due", "look_soon", "past_drifts", "project", "projects", "proposed",
    "renew_token", "run", "runs", "say", "standing", "standings",
]  # fmt: skip
