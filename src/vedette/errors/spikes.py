"""Whether an event of a flood is kept whole, and why. Pure.

A project may send its usual rate tenfold, and never less than a floor, before anything is thinned out. Beyond that
budget the first event of a group and the first few of each group a minute are kept whole; of the rest one in 10, of a
group beyond ten times the budget one in 100, and so on. What is thinned out keeps its place: id, time, title, tags and
user are stored and counted, its details are not.
"""

import msgspec

TIMES = 10
FEW = 10  # events a minute of each group that a flood of others does not touch
_STEP = 10


class Arrival(msgspec.Struct, frozen=True):
    """An event and what came before it in its minute: of its project, and of its group; `first` of its group ever."""

    first: bool
    of_project: int
    of_group: int


class Verdict(msgspec.Struct, frozen=True):
    """Whether an event is kept whole, and why."""

    whole: bool
    reason: str


def budget(usual: float, floor: int) -> int:
    """Return how many events a minute a project's details are kept of; `usual` is its usual rate a minute."""
    return max(floor, int(usual * TIMES))


def usual_rate(hours: list[int]) -> float:
    """Return the usual events a minute of a project from its events by the hour: the mean of the hours it sent any.

    A flood of a few hours is not usual: the busiest tenth of the hours is left out.
    """
    busy = sorted(count for count in hours if count)
    calm = busy[: len(busy) - len(busy) // 10]
    return sum(calm) / len(calm) / 60 if calm else 0.0


def decide(arrival: Arrival, budget: int) -> Verdict:
    """Decide about one event."""
    if arrival.first:
        return Verdict(True, "It is the first of its group.")
    if arrival.of_project < budget:
        return Verdict(True, "The project is within its budget.")
    if arrival.of_group < FEW:
        return Verdict(True, f"It is one of the first {FEW} of its group this minute.")
    one_in = sampling(arrival.of_group, budget)
    return Verdict(arrival.of_group % one_in == 0, f"Of its group one in {one_in} is kept whole.")


def sampling(of_group: int, budget: int) -> int:
    """Return one in how many events of a group is kept whole, after so many of it this minute."""
    one_in = _STEP
    while of_group >= max(budget, 1) * one_in:
        one_in *= _STEP
    return one_in
