"""The filters above the list of alerts, and the matchers that mean one alert. Pure."""

from vedette.alerts import whither
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.standing_out import Listing, Place
from vedette.alerts.types import Alert

PAGE = "/alerts/"
OVER = "over"


def chips(listing: Listing, shown: str, firing: int) -> list[dict[str, object]]:
    """Return the filters with how many each would show, unless more fire than the list looks at."""
    whole = listing.whole(firing)
    rows: list[tuple[str, str, int | None]] = [("", "All", None)]
    rows += [(each.value, each.value.capitalize(), listing.count(each) if whole else None) for each in Place]
    rows.append((OVER, "Over", None))
    return [
        {
            "text": text,
            "count": count,
            "on": shown == state,
            "href": f"{PAGE}?state={state}" if state else PAGE,
        }
        for state, text, count in rows
    ]


def matchers_of(found: Alert) -> str:
    """Return matchers, one a line, that mean exactly this alert."""
    labels = whither.seen_labels(found)
    return ",\n".join(str(Matcher(name, Operator.EQUAL, value)) for name, value in sorted(labels.items()))
