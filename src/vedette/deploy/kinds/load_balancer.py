"""Load balancers."""

from vedette.deploy.planning.kind import Fields, Kind, gone, refs
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Ref, Thing

_COOKIE = ("cookie", "cookie_lifetime")


def _service(each: jsons.Record) -> dict[str, object]:
    """What counts for a service: cookies where it is sticky, what is asked over HTTP where health is."""
    found = {**each, "certificates": sorted(jsons.texts(each, "certificates"))}
    if not jsons.flag(each, "sticky"):
        found = {key: value for key, value in found.items() if key not in _COOKIE}
    health = jsons.record(each, "health")
    if jsons.text(health, "protocol") != "http":
        health = {key: health.get(key) for key in ("protocol", "port", "interval", "timeout", "retries")}
    else:
        health = {**health, "status": sorted(jsons.texts(health, "status"))}
    return {**found, "health": health}


def _settle(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    def side(fields: Fields) -> Fields:
        services = [_service(each) for each in jsons.records(fields, "services")]
        targets = [
            {
                "type": jsons.text(each, "type"),
                "of": jsons.text(each, "of"),
                "private": jsons.flag(each, "private"),
            }
            for each in jsons.records(fields, "targets")
        ]
        return {
            **fields,
            **(
                {"services": sorted(services, key=lambda each: jsons.number(each, "listen"))}
                if "services" in fields
                else {}
            ),
            **({"targets": sorted(targets, key=str)} if "targets" in fields else {}),
        }

    same = before.get("network") == after.get("network")
    return side(before), {
        **side(after),
        "ip": jsons.text(after, "ip") or (before.get("ip", "") if same else ""),
    }


def _say_service(value: object) -> str:
    extras = [
        f"certificate {', '.join(jsons.texts(value, 'certificates'))}" if jsons.texts(value, "certificates") else "",
        "redirect from 80" if jsons.flag(value, "redirect") else "",
        "sticky" if jsons.flag(value, "sticky") else "", "PROXY protocol" if jsons.flag(value, "proxyprotocol") else "",
        _say_health(jsons.record(value, "health")),
    ]  # fmt: skip
    what = f"{jsons.text(value, 'protocol')} {jsons.number(value, 'listen')} to {jsons.number(value, 'to')}"
    return ", ".join([what, *filter(None, extras)])


def _say_health(health: jsons.Record) -> str:
    asked = (
        f"health {jsons.text(health, 'protocol')}:{jsons.number(health, 'port')}{jsons.text(health, 'path')}"
    )
    pace = f"every {jsons.number(health, 'interval')} s, timeout {jsons.number(health, 'timeout')} s"
    return f"{asked} {pace}, {jsons.number(health, 'retries')} retries"


def _say_target(value: object) -> str:
    way = " by its private address" if jsons.flag(value, "private") else ""
    return f"{jsons.text(value, 'type').replace('_', ' ')} {jsons.text(value, 'of')}{way}"


def _needs(thing: Thing) -> tuple[Ref, ...]:
    fields = thing.fields
    certificates = [
        name for each in jsons.records(fields, "services") for name in jsons.texts(each, "certificates")
    ]
    servers = [
        jsons.text(each, "of")
        for each in jsons.records(fields, "targets")
        if jsons.text(each, "type") == "server"
    ]
    return (
        *refs("network", jsons.text(fields, "network")), *refs("certificate", *certificates), *refs("server", *servers),
    )  # fmt: skip


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is None:
        return ()
    if after is None:
        return (
            Danger(
                kind=DangerKind.DOWNTIME,
                text="Whoever comes through it finds nothing any more; its addresses are lost.",
            ),
        )
    if gone(before, after, "location"):
        return (
            Danger(
                kind=DangerKind.DOWNTIME, text="It gets other addresses; names that point to it must follow."
            ),
        )
    if gone(before, after, "network") or gone(before, after, "ip"):
        return (
            Danger(
                kind=DangerKind.DOWNTIME,
                text="Its private targets are out of reach while it changes network.",
            ),
        )
    return ()


def _price(thing: Thing) -> tuple[tuple[str, int], ...]:
    return ((f"load_balancer/{jsons.text(thing.fields, 'type')}/{jsons.text(thing.fields, 'location')}", 1),)


KIND = Kind(
    name="load_balancer", label="load balancer",
    fields=("type", "location", "algorithm", "network", "ip", "public", "services", "targets", "rdns", "protect"),
    open=("location", "algorithm"), fixed={"location": "a load balancer stays in its location"},
    keyed={"services": ("listen",), "targets": ("type", "of")}, say={"services": _say_service, "targets": _say_target},
    settle=_settle, needs=_needs, dangers=_dangers, price=_price,
)  # fmt: skip
