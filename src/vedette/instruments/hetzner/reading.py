"""Everything of a project as it is, read in parallel within the budget."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.prices import prices
from vedette.instruments.hetzner.registry import all_adapters
from vedette.instruments.hetzner.types import Adapter, CloudError, Names
from vedette.wire import jsons
from vedette.wire.infra import Live, Thing

_AT_ONCE = 6
Raw = Mapping[str, object]
_FATAL = frozenset({"unauthorized", "unreadable"})


def read(cloud: Cloud, project: str, now: float) -> tuple[Live, Names]:
    """Return what is there, and the ids of all names. `project` says what is ours (empty: whatever a file made).

    A kind that cannot be read is told in `unread`. Raises `CloudError` where nothing can be read at all.
    """
    begun = cloud.requests
    adapters = all_adapters()
    pricing = jsons.record(cloud.get("/pricing"), "pricing")
    raws, unread = _all(cloud, adapters)
    names = _names(adapters, raws, project)
    live = Live(
        at=now, things=tuple(_things(adapters, raws, names)), prices=prices(pricing),
        currency=jsons.text(pricing, "currency") or "EUR", unread=unread, requests=cloud.requests - begun,
    )  # fmt: skip
    return live, names


def _all(cloud: Cloud, adapters: Mapping[str, Adapter]) -> tuple[dict[str, list[Raw]], dict[str, str]]:
    raws: dict[str, list[Raw]] = {}
    unread: dict[str, str] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = {kind: pool.submit(each.raws, cloud) for kind, each in adapters.items()}
        for kind, future in asked.items():
            try:
                raws[kind] = future.result()
            except CloudError as error:
                if error.code in _FATAL or error.status == 0:
                    raise
                unread[kind] = str(error)
    return raws, unread


def _names(adapters: Mapping[str, Adapter], raws: Mapping[str, list[Raw]], project: str) -> Names:
    """Return all names; of primary IPs only those that are things of their own."""
    names = Names(project)
    for kind, found in raws.items():
        for raw in found:
            if kind != "primary_ip" or adapters[kind].thing(raw, Names()) is not None:
                names.know(kind, adapters[kind].name(raw), jsons.number(raw, "id"))
    return names


def _things(adapters: Mapping[str, Adapter], raws: Mapping[str, list[Raw]], names: Names) -> Iterator[Thing]:
    for kind, found in raws.items():
        for raw in found:
            thing = adapters[kind].thing(raw, names)
            if thing is not None:
                yield thing
