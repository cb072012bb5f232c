"""Servers taken out from behind a load balancer, put back, and whether they are healthy there. Each write is read back."""

from collections.abc import Mapping, Sequence

from vedette.instruments.hetzner.awaiting import came
from vedette.instruments.hetzner.types import DRAINED, Asks, Behind, CloudError
from vedette.wire import jsons

Raw = Mapping[str, object]
_LOOKS = 30
_ALREADY = frozenset({"target_already_defined"})
_ABSENT = frozenset({"target_not_found", "load_balancer_target_not_found"})


def servers(cloud: Asks) -> list[Raw]:
    """Return all servers as Hetzner tells them."""
    return cloud.pages("/servers", "servers")


def balancers(cloud: Asks) -> list[Raw]:
    """Return all load balancers as Hetzner tells them."""
    return cloud.pages("/load_balancers", "load_balancers")


def take_out(cloud: Asks, places: Sequence[Behind]) -> None:
    """Take a server out of its places, and see that it is out. One that is out already stays so. Raises `CloudError`."""
    for place in places:
        if place.kind == "label_selector":
            _label(cloud, place.server, drained=True)
        else:
            _order(cloud, place, "remove_target", _ABSENT)
    _seen(cloud, places, inside=False)


def put_back(cloud: Asks, places: Sequence[Behind]) -> None:
    """Put a server into its places again, and see that it is in. One that is in already stays so. Raises `CloudError`."""
    for place in places:
        if place.kind == "label_selector":
            _label(cloud, place.server, drained=False)
        else:
            _order(cloud, place, "add_target", _ALREADY)
    _seen(cloud, places, inside=True)


def health(known: Sequence[Raw], place: Behind) -> str:
    """Return how a load balancer finds a server in one place: healthy, unhealthy, unknown, or nothing where it is not there."""
    balancer = next((each for each in known if jsons.number(each, "id") == place.balancer), {})
    target = _target(balancer, place)
    return "" if target is None else found(target)


def found(target: Raw) -> str:
    """Return how a target is by its health checks, the worst of all services: healthy, unhealthy or unknown."""
    states = {jsons.text(each, "status") for each in jsons.records(target, "health_status")}
    for worst in ("unhealthy", "unknown"):
        if worst in states:
            return worst
    return "healthy" if states else "unknown"


def _order(cloud: Asks, place: Behind, action: str, fine: frozenset[str]) -> None:
    inner: dict[str, object] = {"id": place.server} if place.kind == "server" else {"ip": place.of}
    body: dict[str, object] = {"type": place.kind, place.kind: inner}
    if action == "add_target" and place.kind == "server":
        body["use_private_ip"] = place.private
    try:
        cloud.did("POST", f"/load_balancers/{place.balancer}/actions/{action}", body)
    except CloudError as error:
        if error.code not in fine:
            raise


def _label(cloud: Asks, server: int, *, drained: bool) -> None:
    """Set or drop one label, and leave the others as they are this moment: firewalls hold by them."""
    labels = dict(jsons.record(cloud.get(f"/servers/{server}"), "server", "labels"))
    if (DRAINED in labels) is drained:
        return
    if drained:
        labels[DRAINED] = "yes"
    else:
        del labels[DRAINED]
    cloud.did("PUT", f"/servers/{server}", {"labels": labels})


def _seen(cloud: Asks, places: Sequence[Behind], *, inside: bool) -> None:
    wrong = list(places)

    def is_as_ordered() -> bool:
        found = balancers(cloud)
        wrong[:] = [place for place in places if bool(health(found, place)) is not inside]
        return not wrong

    if came(cloud, _LOOKS, is_as_ordered):
        return
    names = ", ".join(sorted({place.balancer_name for place in wrong}))
    raise CloudError(
        f"Hetzner said that it was done, yet the server is {'not yet' if inside else 'still'} behind {names}.",
        code="not_as_written",
    )


def _target(balancer: Raw, place: Behind) -> Raw | None:
    for each in jsons.records(balancer, "targets"):
        if jsons.text(each, "type") != place.kind:
            continue
        if place.kind == "server" and jsons.number(each, "server", "id") == place.server:
            return each
        if place.kind == "ip" and jsons.text(each, "ip", "ip") == place.of:
            return each
        if place.kind == "label_selector" and jsons.text(each, "label_selector", "selector") == place.of:
            inner = jsons.records(each, "targets")
            return next((one for one in inner if jsons.number(one, "server", "id") == place.server), None)
    return None
