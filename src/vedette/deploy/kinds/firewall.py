"""Firewalls."""

from vedette.deploy.planning.kind import Fields, Kind
from vedette.deploy.rules import ANY
from vedette.deploy.types import Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Thing

_ANY = frozenset(ANY)


def rule(value: object) -> str:
    """Return a rule as people write it: `in tcp/443 from any`."""
    out = jsons.text(value, "direction") == "out"
    port = jsons.text(value, "port")
    peers = sorted(jsons.texts(value, "peers"))
    told = [
        "any" if set(peers) >= _ANY else "",
        *(each for each in peers if not (set(peers) >= _ANY and each in _ANY)),
    ]
    text = jsons.text(value, "text")
    what = f"{jsons.text(value, 'protocol')}{f'/{port}' if port else ''}"
    return f"{'out' if out else 'in'} {what} {'to' if out else 'from'} {', '.join(filter(None, told))}{f' # {text}' if text else ''}"


def _rules(fields: Fields) -> list[dict[str, object]]:
    """Order means nothing to Hetzner."""
    found = [{**each, "peers": sorted(jsons.texts(each, "peers"))} for each in jsons.records(fields, "rules")]
    return sorted(found, key=str)


def _settle(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    def side(fields: Fields) -> Fields:
        found: dict[str, object] = {**fields}
        if "rules" in fields:
            found["rules"] = _rules(fields)
        return found | {key: sorted(jsons.texts(fields, key)) for key in ("on", "servers") if key in fields}

    return side(before), side(after)


def _outward(thing: Thing | None) -> int:
    rules = jsons.records(thing.fields, "rules") if thing else ()
    return sum(jsons.text(each, "direction") == "out" for each in rules)


def _dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:
    """A firewall without rules for what leaves lets everything leave; the first one turns all else off."""
    if after is None or not _outward(after) or _outward(before):
        return ()
    text = f"The first rule for what leaves turns everything else off: only what {after.name}'s out rules name still leaves its servers (DNS, updates, mail?)."
    return (Danger(kind=DangerKind.EGRESS, text=text),)


KIND = Kind(
    name="firewall", label="firewall", fields=("rules", "on", "servers"),
    keyed={"rules": ("direction", "protocol", "port", "peers")}, say={"rules": rule}, settle=_settle, dangers=_dangers,
)  # fmt: skip
