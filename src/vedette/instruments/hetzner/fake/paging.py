"""Filters, order and pages of lists."""

from collections.abc import Callable, Mapping, Sequence

from vedette.instruments.hetzner.fake.calls import Refused, Shape, invalid
from vedette.instruments.hetzner.fake.labels import matches

Query = Mapping[str, list[str]]
PER_PAGE, MOST = 25, 50


def chosen(
    shapes: Sequence[Shape], query: Query, filters: Mapping[str, Callable[[Shape], object]]
) -> list[Shape]:
    """Return what a query asks for: by `label_selector` and by fields, several values of one being alternatives."""
    left = list(shapes)
    for selector in query.get("label_selector", []):
        left = [shape for shape in left if matches(selector, _labels(shape))]
    for name, reading in filters.items():
        if wanted := query.get(name):
            left = [shape for shape in left if _text(reading(shape)) in wanted]
    return left


def _labels(shape: Shape) -> Mapping[str, str]:
    labels = shape.get("labels")
    return labels if isinstance(labels, dict) else {}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def ordered(shapes: Sequence[Shape], query: Query, sorts: Sequence[str]) -> list[Shape]:
    """Return them in the order of `sort=name:desc`, the first such parameter weighing most. Raises `Refused`."""
    result = list(shapes)
    for asked in reversed(query.get("sort", [])):
        name, _, direction = asked.partition(":")
        if name not in sorts or direction not in {"", "asc", "desc"}:
            raise Refused(400, "invalid_input", f"sorting by '{asked}' is not possible")
        result.sort(key=lambda shape: _key(shape.get(name)), reverse=direction == "desc")
    return result


def _key(value: object) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value or ""))


def paged(name: str, shapes: Sequence[Shape], query: Query) -> Shape:
    """Return a page of a list with `meta.pagination`. Raises `Refused`."""
    page, size = _number(query, "page", 1), _number(query, "per_page", PER_PAGE)
    if size > MOST:
        raise invalid("per_page", f"must be at most {MOST}")
    last = max(1, -(-len(shapes) // size))
    pagination: Shape = {
        "page": page,
        "per_page": size,
        "previous_page": page - 1 if page > 1 else None,
        "next_page": page + 1 if page < last else None,
        "last_page": last,
        "total_entries": len(shapes),
    }
    return {name: list(shapes[(page - 1) * size : page * size]), "meta": {"pagination": pagination}}


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name, [str(default)])[-1]
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**9:
        raise invalid(name, "must be a positive number")
    return int(text)
