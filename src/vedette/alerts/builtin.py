"""The routing in force: the one somebody wrote, else the built-in one."""

from vedette.alerts.routing import Route
from vedette.alerts.store import silences as store
from vedette.alerts.types import Routing

BUILT_IN = Routing(tree=Route())
# Of the built-in one; zero means that the alerts of before there were groups are not in them yet.
_FIRST_VERSION = 1


def table() -> Routing:
    """Return the routing in force."""
    return store.routing() or BUILT_IN


def version() -> int:
    """Return its version; it grows with each change."""
    found = store.routing_version()
    return _FIRST_VERSION if found is None else found
