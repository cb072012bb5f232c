"""Containers that run, as Docker or Podman tells them."""

import json
from collections.abc import Mapping

from vedette.instruments.audit.types import NotApplicable, Untold
from vedette.instruments.live.types import Live, Missing

_MOST = 200


def containers(live: Live) -> list[Mapping[str, object]]:
    """Return what `inspect` tells of each container that runs; raises `NotApplicable` without an engine."""
    for program in ("docker", "podman"):
        try:
            ids = live.ran(program, "ps", "-q", "--no-trunc").split()[:_MOST]
        except Missing:
            continue
        told = json.loads(live.ran(program, "inspect", *ids)) if ids else []
        if not isinstance(told, list):
            raise Untold(f"{program} says something that is no list of containers.")
        return [one for one in told if isinstance(one, dict)]
    raise NotApplicable("Neither Docker nor Podman is on this host.")


def name(one: Mapping[str, object]) -> str:
    """Return the name of a container."""
    return str(one.get("Name") or one.get("Id") or "?").lstrip("/")[:80]


def part(one: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return a part of what is told of a container."""
    found = one.get(key)
    return found if isinstance(found, dict) else {}


def published(one: Mapping[str, object]) -> list[str]:
    """Return `address:port` of each port of the host that leads into a container."""
    lists = [
        found for found in part(part(one, "NetworkSettings"), "Ports").values() if isinstance(found, list)
    ]
    bindings = [binding for found in lists for binding in found if isinstance(binding, dict)]
    return [f"{b.get('HostIp') or '0.0.0.0'}:{b.get('HostPort')}" for b in bindings]


def daemon(live: Live) -> Mapping[str, object]:
    """Return the settings of /etc/docker/daemon.json; none where the file is missing. Raises `NotApplicable` without Docker."""
    try:
        live.names("/var/lib/docker")
    except Missing:
        raise NotApplicable("Docker is not on this host.") from None
    try:
        told = json.loads(live.text("/etc/docker/daemon.json"))
    except Missing:
        return {}
    if not isinstance(told, dict):
        raise Untold("/etc/docker/daemon.json holds no settings.")
    return told
