"""Whether a roll can be, and who stands where. Pure."""

from collections.abc import Mapping, Sequence

from vedette.core.errors import Invalid
from vedette.deploy.rolling import machine
from vedette.deploy.selectors import matches
from vedette.deploy.types import Roll, Target
from vedette.instruments.hetzner.types import DRAINED, Behind
from vedette.wire import jsons

Raw = Mapping[str, object]


def fit(roll: Roll, targets: Sequence[Target]) -> None:
    """Raise `Invalid` with what makes a roll impossible, and what to say instead."""
    if not targets:
        raise Invalid(
            "There is nothing to roll out to: no load balancer has a server, and no --host is told."
        )
    if not (roll.do or roll.unit):
        raise Invalid("Nothing is to be done: say a command (--do) or a systemd unit to restart (--unit).")
    if roll.do and not roll.undo:
        raise Invalid(
            "Say how the command is undone (--undo): a roll that fails goes back by it. `true` is for what needs no undoing."
        )
    if not roll.health and not all(each.behind for each in targets):
        raise Invalid(
            "Nothing would tell whether a target is healthy: say --health http://{address}:8000/health."
        )
    _fit_numbers(roll, len(targets))


def _fit_numbers(roll: Roll, count: int) -> None:
    if roll.first < 1 or roll.batch < 1 or min(roll.drain, roll.settle, roll.patience) < 0:
        raise Invalid("A batch has one target or more, and no time is less than 0 seconds.")
    if not 0.01 <= roll.interval <= 60:
        raise Invalid(
            "Between two looks at health there is a hundredth of a second to a minute (--interval)."
        )
    keep = machine.floor(roll, count)
    if keep < 0 or keep >= count:
        raise Invalid(
            f"Of {count} targets {keep} must stay healthy, so none can be taken out. Say --keep {max(count - 1, 0)}"
            f"{': nobody answers while it is out' if count == 1 else ''}."
        )


def targets(
    servers: Sequence[Raw], balancers: Sequence[Raw], named: str, addresses: Mapping[str, str]
) -> tuple[Target, ...]:
    """Return the servers behind the load balancer `named`, by name, with every place that they have behind any.

    `servers` and `balancers` are as Hetzner tells them; `addresses` says where to speak to one instead of its private or public
    address. Raises `Invalid` where there is no such load balancer, or one can be taken out of it in no way.
    """
    if named not in {jsons.text(each, "name") for each in balancers}:
        known = ", ".join(sorted(jsons.text(each, "name") for each in balancers)) or "none"
        raise Invalid(f"There is no load balancer {named[:63]} at Hetzner; there are: {known}.")
    found = []
    for server in sorted(servers, key=lambda each: jsons.text(each, "name")):
        behind = tuple(place for each in balancers for place in _places(each, server))
        if any(place.balancer_name == named for place in behind):
            name = jsons.text(server, "name")
            address = addresses.get(name) or _address(server, private=any(place.private for place in behind))
            found.append(Target(name=name, address=address, behind=behind))
    return tuple(found)


def _places(balancer: Raw, server: Raw) -> list[Behind]:
    found = []
    for target in jsons.records(balancer, "targets"):
        kind = jsons.text(target, "type")
        of = _of(target, kind)
        if _is(kind, of, server):
            found.append(
                Behind(
                    balancer=jsons.number(balancer, "id"), balancer_name=jsons.text(balancer, "name"),
                    server=jsons.number(server, "id"), kind=kind, of=of, private=jsons.flag(target, "use_private_ip"),
                )
            )  # fmt: skip
    return found


def _of(target: Raw, kind: str) -> str:
    if kind == "server":
        return str(jsons.number(target, "server", "id"))
    return jsons.text(target, kind, "selector" if kind == "label_selector" else "ip")


def _is(kind: str, of: str, server: Raw) -> bool:
    """Tell whether a target is this server; raises `Invalid` for one that is so by labels that firewalls may hold by, too."""
    if kind == "server":
        return of == str(jsons.number(server, "id"))
    if kind == "ip":
        return of in _all_addresses(server)
    labels = {key: str(value) for key, value in jsons.record(server, "labels").items()}
    bare = {key: value for key, value in labels.items() if key != DRAINED}
    if not matches(of, bare):
        return False
    if matches(of, {**bare, DRAINED: "yes"}):
        raise Invalid(
            f"{jsons.text(server, 'name')} is behind the load balancer by its labels ({of}), and firewalls may hold by the same ones. "
            f"Write the targets as {of},!{DRAINED}: then a server is taken out by that label alone."
        )
    return True


def _all_addresses(server: Raw) -> set[str]:
    private = {jsons.text(each, "ip") for each in jsons.records(server, "private_net")}
    return {*private, jsons.text(server, "public_net", "ipv4", "ip")} - {""}


def _address(server: Raw, *, private: bool) -> str:
    inside = [jsons.text(each, "ip") for each in jsons.records(server, "private_net")]
    outside = jsons.text(server, "public_net", "ipv4", "ip")
    return (inside[0] if private and inside else outside) or next(iter(inside), "")
