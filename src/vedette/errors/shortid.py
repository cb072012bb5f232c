"""Keys that people read and say: `CHECKOUT-4F` is the issue 143 of the project checkout.

The number is written in Crockford's base 32, which leaves out I, L, O and U; reading takes them for 1, 1 and 0.
"""

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {digit: place for place, digit in enumerate(_DIGITS)} | {"I": 1, "L": 1, "O": 0}
_LONGEST = 12


def short_id(slug: str, number: int) -> str:
    """Return the key of an issue of a project."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
    return f"{slug.upper()}-{digits}"


def begun(key: str) -> tuple[str, tuple[range, ...]] | None:
    """Return the project's slug and the numbers of the keys that begin so; None when none does.

    `SHOP-4` begins 4, and 4 with one to three digits more; `SHOP-` begins every key of the project.
    """
    slug, dash, digits = key.strip().rpartition("-")
    if not slug or not dash:
        return None
    if not digits:
        return slug.lower(), (range(2**31),)
    found = parse(key)
    if found is None or found[1] >= 2**31:
        return None
    more = range(4) if found[1] else range(1)
    return found[0], tuple(range(found[1] * 32**n, (found[1] + 1) * 32**n) for n in more)


def parse(key: str) -> tuple[str, int] | None:
    """Return the project's slug and the number a key names, whatever its case; None when it is no key."""
    slug, _, digits = key.strip().rpartition("-")
    values = [_VALUES.get(digit) for digit in digits.upper()]
    if not slug or not values or len(values) > _LONGEST or None in values:
        return None
    number = 0
    for value in values:
        number = number * 32 + (value or 0)
    return slug.lower(), number
