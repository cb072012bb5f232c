"""The routing in force: the one somebody wrote, else the built-in one."""

from vedette.alerts.routing import Route
from vedette.alerts.store import silences as store
from vedette.alerts.types import Routing

BUILT_IN = Routing(tree=Route())
_FIRST_VERSION = (
    1  # of the built-in one; zero means that the alerts of before there were groups are not in them yet
)


def table() -> Routing:
    """Return the routing in force."""
    found = store.routing()
    return BUILT_IN if found is None else found[0]


def version() -> int:
    """Return its version; it grows with each change."""
    found = store.routing()
    return _FIRST_VERSION if found is None else found[1]
