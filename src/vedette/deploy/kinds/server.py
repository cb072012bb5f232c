"""Servers."""

from vedette.deploy.planning.kind import Fields, Kind, gone, names, refs
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Ref, Thing, fingerprint

_OFF = ("type", "placement", "public_ipv4", "public_ipv6", "primary_ipv4", "primary_ipv6")
_ANEW = {
    "image": "another image means another disk",
    "location": "a server stays in its location",
    "cloud_init": "cloud-init runs only at the first boot",
}
_LOST = Danger(
    kind=DangerKind.DATA_LOSS, text="The server's own disk and its backups are lost; volumes stay."
)


def _settle(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """Private addresses that a file leaves open stay; cloud-init is compared by its fingerprint, where there is one."""
    has = {jsons.text(each, "network"): jsons.text(each, "ip") for each in jsons.records(before, "networks")}
    networks = [
        {**each, "ip": jsons.text(each, "ip") or has.get(jsons.text(each, "network"), "")}
        for each in jsons.records(after, "networks")
    ]
    old = {**before, "networks": [{"network": name, "ip": ip} for name, ip in sorted(has.items())]}
    new = {**after, "networks": sorted(networks, key=lambda each: str(each.get("network")))}
    text, made_from = jsons.text(after, "cloud_init"), jsons.text(before, "made_from")
    if text and made_from:
        old["cloud_init"] = text if fingerprint(text) == made_from else f"another one ({made_from})"
    return old, new


def _network(value: object) -> str:
    return f"{jsons.text(value, 'network')} {jsons.text(value, 'ip')}".strip()


def _cloud_init(value: object) -> str:
    """Passwords stand in it: it is never told."""
    text = str(value)
    return (
        text
        if text.startswith("another one")
        else f"{len(text.splitlines())} lines ({fingerprint(text)})"
        if text
        else ""
    )


def _needs(thing: Thing) -> tuple[Ref, ...]:
    fields = thing.fields
    image = jsons.text(fields, "image")
    return (
        *refs("network", *names(thing, "networks", "network")),
        *refs("placement", jsons.text(fields, "placement")),
        *refs("primary_ip", jsons.text(fields, "primary_ipv4"), jsons.text(fields, "primary_ipv6")),
        *refs("key", *jsons.texts(fields, "keys")),
        *refs("firewall", *jsons.texts(fields, "firewalls"), *jsons.texts(fields, "guards")),
        *refs("snapshot", image),
    )


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    if before is None:
        return ()
    if after is None:
        return (_LOST,)
    if any(gone(before, after, field) for field in _ANEW):
        return _LOST, Danger(kind=DangerKind.DOWNTIME, text="It is away while it is made anew.")
    off = [field for field in _OFF if gone(before, after, field)]
    return (
        (Danger(kind=DangerKind.DOWNTIME, text=f"It is switched off for it ({', '.join(off)})."),)
        if off
        else ()
    )


def _price(thing: Thing) -> tuple[tuple[str, int], ...]:
    fields = thing.fields
    kind, place = jsons.text(fields, "type"), jsons.text(fields, "location")
    own = fields.get("public_ipv4") is not False and not jsons.text(fields, "primary_ipv4")
    return (
        (f"server/{kind}/{place}", 1),
        *(((f"primary_ip/ipv4/{place}", 1),) if own else ()),
        *(((f"backup/{kind}/{place}", 1),) if jsons.flag(fields, "backups") else ()),
    )


KIND = Kind(
    name="server", label="server",
    fields=("type", "image", "location", "placement", "networks", "public_ipv4", "public_ipv6", "primary_ipv4", "primary_ipv6",
            "keys", "cloud_init", "backups", "rdns", "protect"),
    open=("location", "image"), fixed=_ANEW, keyed={"networks": ("network",)}, say={"networks": _network, "cloud_init": _cloud_init},
    settle=_settle, needs=_needs, dangers=_dangers, price=_price,
)  # fmt: skip
