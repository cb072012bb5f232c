"""REST of how hosts are hardened."""

from typing import Annotated

import msgspec
from ninja import Path, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.deploy import service
from vedette.deploy.types import HardenedHost
from vedette.hosts import service as hosts

router = Router(tags=["infrastructure"])
HostKey = Annotated[str, Path(max_length=80, description="name or number of a host")]


class AreaOut(Schema):
    """An area of hardening on a host."""

    name: str
    passed: int
    failed: int
    waived: int
    sentence: str


class HostDriftOut(Schema):
    """Something that hardening set and that is otherwise now: a file, the ruleset, a sysctl; `by` is empty where nobody knows."""

    key: str
    what: str
    name: str
    since: str
    by: str
    text: str


class WaiverOut(Schema):
    """A check that does not count until a day, and why."""

    check: str
    reason: str
    until: str


class HostOut(Schema):
    """How a host is hardened (`hardened_at` null: not from here); scores are 0 to 100."""

    id: int
    name: str
    hardened_at: str | None
    profile: str
    score_before: float | None
    score_after: float | None
    areas: list[AreaOut]
    waived: list[WaiverOut]
    left: list[str]
    drift: list[HostDriftOut]


class HostsOut(Schema):
    """All hosts."""

    items: list[HostOut]


@router.get("/infrastructure/hosts", response=HostsOut, operation_id="list_hardened_hosts")
@needs(Verb.INFRA_READ)
def list_hosts(request: Request) -> HostsOut:
    """List how hosts are hardened."""
    names = {one.id: one.name for one in hosts.every()}
    return HostsOut(items=[_host(one, names.get(one.host, str(one.host))) for one in service.hosts()])


@router.get("/infrastructure/hosts/{host}", response=HostOut, operation_id="get_hardened_host")
@needs(Verb.INFRA_READ)
def get_host(request: Request, host: HostKey) -> HostOut:
    """Return how a host is hardened."""
    found = hosts.find(host)
    return _host(service.host(found.id), found.name)


def _host(one: HardenedHost, name: str) -> HostOut:
    return HostOut(
        id=one.host, name=name, hardened_at=iso(one.hardened_at) if one.hardened_at is not None else None, profile=one.profile, score_before=one.score_before,
        score_after=one.score_after, areas=[AreaOut(**msgspec.to_builtins(each)) for each in one.areas],
        waived=[WaiverOut(**msgspec.to_builtins(each)) for each in one.waived], left=list(one.left),
        drift=[
            HostDriftOut(key=each.key, what=each.what, name=each.name, since=iso(each.since), by=each.by, text=each.text) for each in one.drift
        ],
    )  # fmt: skip
