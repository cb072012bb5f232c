"""The words of metrics: months, weeks, and what alerts were worth."""

import msgspec

from vedette.incidents.metrics.timing import Means


class IncidentMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The incidents that began in a month (`YYYY-MM`, UTC): how many of each severity from 1 to 4, and their means."""

    month: str
    severities: tuple[int, int, int, int]
    means: Means

    @property
    def total(self) -> int:
        """Return how many there were."""
        return sum(self.severities)


class PagedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """How often somebody (a user's id) was paged in each week, the oldest first, and at night (22 to 7, UTC) in all."""

    user: int
    weeks: tuple[int, ...]
    nights: int

    @property
    def total(self) -> int:
        """Return how often in all."""
        return sum(self.weeks)


class RuleWorth(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule's alerts were worth: how many people were told of, and how many of them anybody acted on."""

    rule: str
    told: int
    acted: int

    @property
    def wasted(self) -> int:
        """Return how many nobody acted on."""
        return self.told - self.acted


class IncidentMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """All of it: months, the oldest first; Mondays of weeks with who was paged; rules, the most wasteful first.

    `truncated` says that there was more than is counted.
    """

    months: tuple[IncidentMonth, ...]
    weeks: tuple[str, ...]
    people: tuple[PagedPerson, ...]
    rules: tuple[RuleWorth, ...]
    truncated: bool = False

    @property
    def told(self) -> int:
        """Return of how many alerts people were told."""
        return sum(rule.told for rule in self.rules)

    @property
    def acted(self) -> int:
        """Return how many of them anybody acted on."""
        return sum(rule.acted for rule in self.rules)
