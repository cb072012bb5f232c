"""What is worth watching of a project that is there: sentences that hold as things are, and those of the usual ones that do not. Pure."""

from collections.abc import Iterator, Sequence

from vedette.core.errors import Invalid
from vedette.deploy.intents import judging, parsing
from vedette.deploy.intents.naming import table_of
from vedette.deploy.intents.world import World
from vedette.wire.infra import Intent, Judged, Verdict

_SSH = "internet cannot reach *:22"
_STORES = (
    5432,
    3306,
    6379,
    27017,
    9200,
    11211,
)  # PostgreSQL, MySQL, Redis, MongoDB, Elasticsearch, memcached
_ORDER = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS)
_MOST = 20


def proposed(here: World) -> tuple[Judged, ...]:
    """Return sentences for a file's `assert`, each judged as things are: what does not hold comes first, at most 20.

    Whoever has no public address stays so; what the internet may reach is said port by port; sign-in and databases are nobody's
    business outside. Of what nobody can tell nothing is proposed.
    """
    intents = [each for text in dict.fromkeys(_texts(here)) for each in _parsed(text)]
    judged = [each for each in judging.judged(intents, here) if each.verdict is not Verdict.UNKNOWN]
    return tuple(sorted(judged, key=lambda each: _ORDER.index(each.verdict))[:_MOST])


def _texts(here: World) -> Iterator[str]:
    if any(host.is_public for host in here.hosts.values()):
        yield _SSH
    yield from (f"internet cannot reach {name}:*" for name in _hidden(here))
    yield from (f"internet reaches {name}:{port}" for name, port in _open(here))
    if any(host.is_public for host in here.hosts.values()):
        yield from (f"internet cannot reach *:{port}" for port in _STORES)


def _hidden(here: World) -> Sequence[str]:
    """Return tables of servers of which none has a public address, and to which no load balancer leads."""
    led = {table_of(name) for one in here.balancers.values() for name in one.private}
    seen = {table_of(host.name) for host in here.hosts.values() if host.is_public}
    return sorted({table_of(name) for name in here.hosts} - seen - led)


def _open(here: World) -> Iterator[tuple[str, int]]:
    """Yield what load balancers listen on, and ports of the web that firewalls let the internet reach."""
    for one in here.balancers.values():
        if one.is_public:
            yield from ((one.name, way.listen) for way in one.ways)
    for host in here.hosts.values():
        ports = {rule.port for rule in host.rules("in") if rule.protocol == "tcp"}
        yield from ((table_of(host.name), int(port)) for port in sorted(ports & {"80", "443"}))


def _parsed(text: str) -> Iterator[Intent]:
    """Yield a sentence taken apart; a name that makes none of it is left out."""
    try:
        yield parsing.parse(text)
    except Invalid:
        return
