"""What a month costs, net, by Hetzner's own prices. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from vedette.deploy.planning.kind import Kind
from vedette.wire.infra import Thing

_BACKUP = "backup/"
_CENT = Decimal("0.01")


def monthly(thing: Thing | None, kinds: Mapping[str, Kind], prices: Mapping[str, str]) -> Decimal:
    """Return what a thing costs a month; what has no price known costs nothing."""
    if thing is None:
        return Decimal(0)
    return sum((_price(key, prices) * count for key, count in kinds[thing.kind].price(thing)), Decimal(0))


def total(things: Iterable[Thing], kinds: Mapping[str, Kind], prices: Mapping[str, str]) -> Decimal:
    """Return what things cost a month together."""
    return sum((monthly(each, kinds, prices) for each in things if each.kind in kinds), Decimal(0))


def unpriced(
    things: Iterable[Thing], kinds: Mapping[str, Kind], prices: Mapping[str, str]
) -> tuple[str, ...]:
    """Return which prices Hetzner did not tell."""
    wanted = {key for each in things if each.kind in kinds for key, _ in kinds[each.kind].price(each)}
    return tuple(sorted(key for key in wanted if not key.startswith(_BACKUP) and key not in prices))


def written(amount: Decimal) -> str:
    """Return an amount to the cent."""
    return str(amount.quantize(_CENT))


def _price(key: str, prices: Mapping[str, str]) -> Decimal:
    if key.startswith(_BACKUP):
        return (
            _decimal(prices.get(f"server/{key.removeprefix(_BACKUP)}", "0"))
            * _decimal(prices.get("backup", "0"))
            / 100
        )
    return _decimal(prices.get(key, "0"))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
