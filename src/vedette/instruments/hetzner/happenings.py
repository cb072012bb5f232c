"""What Hetzner did to things of a kind, as its actions tell: which command, on what, and when. By whom they do not tell."""

from collections.abc import Iterable, Mapping

from vedette.core.clock import parse_iso
from vedette.instruments.hetzner.types import Asks, CloudError
from vedette.wire import jsons

_PATHS = {
    "server": "/servers", "volume": "/volumes", "network": "/networks", "firewall": "/firewalls", "load_balancer": "/load_balancers",
    "primary_ip": "/primary_ips", "floating_ip": "/floating_ips", "certificate": "/certificates", "zone": "/zones", "snapshot": "/images",
}  # fmt: skip
_TYPES = {"image": "snapshot"}
_LATEST: Mapping[str, object] = {"sort": "started:desc", "per_page": 50}
Told = tuple[str, int, str, float]  # kind, id, command, instant


def happened(cloud: Asks, kinds: Iterable[str]) -> tuple[Told, ...]:
    """Return the latest actions on things of these kinds, one request a kind; kinds that tell of none are left out."""
    return tuple(one for kind in sorted(set(kinds)) if kind in _PATHS for one in _of(cloud, kind))


def _of(cloud: Asks, kind: str) -> Iterable[Told]:
    try:
        answer = cloud.get(f"{_PATHS[kind]}/actions", _LATEST)
    except CloudError:  # that nobody tells when is no reason not to tell what
        return
    for action in jsons.records(answer, "actions"):
        try:
            at = parse_iso(jsons.text(action, "finished") or jsons.text(action, "started"))
        except ValueError:
            continue
        for resource in jsons.records(action, "resources"):
            named = jsons.text(resource, "type")
            yield _TYPES.get(named, named), jsons.number(resource, "id"), jsons.text(action, "command"), at
