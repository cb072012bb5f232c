"""What is played to Alertmanager and to Vedette alike, as data. A beat is the group interval; a group waits half a beat.

Steps happen on whole beats, groups look on halves, so that neither is ever near the other. Alerts are written as
`alertname=Down,host=a;summary=It is down` (labels, then annotations). Receivers whose name begins with `q` are not
told of ends.
"""

from collections.abc import Iterator

import msgspec

from vedette.alerts import matching
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.routing import Route

# A quarter of a beat from any look, for on a busy machine looks are late, and Alertmanager counts from when a notice was
# accepted. Vedette looks on whole beats as well, when a silence was made.
WAIT, REPEAT = 0.5, 1.75  # beats
NEVER = 1_000.0


class Fire(msgspec.Struct, frozen=True):
    """Alerts are told to fire; they end by themselves after `lasts` beats."""

    at: float
    alerts: tuple[str, ...]
    lasts: float = NEVER


class Resolve(msgspec.Struct, frozen=True):
    """Alerts are told to be over."""

    at: float
    alerts: tuple[str, ...]


class Silence(msgspec.Struct, frozen=True):
    """What matches is silenced for `lasts` beats, from `after` beats after the step on."""

    at: float
    matchers: str
    lasts: float = NEVER
    after: float = 0.0


Step = Fire | Resolve | Silence


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A tree of routes, inhibitions, and what happens."""

    name: str
    steps: tuple[Step, ...]
    tree: Route = Route(receiver="r1", group_by=("alertname",))
    inhibitions: tuple[Inhibition, ...] = ()


def fire(at: float, *alerts: str, lasts: float = NEVER) -> Fire:
    return Fire(at, alerts, lasts)


def over(at: float, *alerts: str) -> Resolve:
    return Resolve(at, alerts)


def route(
    receiver: str | None, matchers: str = "", *routes: Route, by: str | None = None, **more: object
) -> Route:
    """Return a route; `by` are the labels it groups by, parted by blanks."""
    group_by = None if by is None else tuple(by.split())
    return Route(
        matchers=matching.parse(matchers), receiver=receiver, group_by=group_by, routes=routes, **more  # type: ignore[arg-type]
    )  # fmt: skip


def mutes(source: str, target: str, *equal: str) -> Inhibition:
    return Inhibition(source=matching.parse(source), target=matching.parse(target), equal=equal)


A, B, C = "alertname=A,host=a", "alertname=A,host=b", "alertname=B,host=a"
DOWN, SLOW = "alertname=Down,site=x", "alertname=Slow,site=x"
DOWN_MUTES_SLOW = (mutes('alertname="Down"', 'alertname="Slow"', "site"),)
EACH = route("r1", by="alertname host")
REPEATS = route("r1", by="alertname", repeat_interval=REPEAT)
QUIET_ENDS = route("q1", by="alertname")
NESTED = route(
    "r1",
    "",
    route(
        "r2",
        'team="web"',
        route("r3", 'env="prod"', by="alertname env"),
        route("q1", 'env="test"'),
        by="team",
    ),
    route("r2", 'team="db"', goes_on=True),
    route("r3", 'team=~"db|cache"'),
    by="alertname",
)


def _grouping() -> Iterator[Scenario]:
    yield Scenario(name="one-alert", steps=(fire(0, A),))
    yield Scenario(name="one-alert-ends", steps=(fire(0, A), over(1, A)))
    yield Scenario(name="two-in-a-group", steps=(fire(0, A, B),))
    yield Scenario(name="two-groups", steps=(fire(0, A, C),))
    yield Scenario(name="group-by-two", tree=EACH, steps=(fire(0, A, B, C),))
    yield Scenario(name="group-by-nothing", tree=route("r1", by=""), steps=(fire(0, A, B, C),))
    yield Scenario(name="group-by-everything", tree=route("r1", by="..."), steps=(fire(0, A, B),))
    yield Scenario(
        name="group-by-a-label-some-lack", tree=route("r1", by="host"), steps=(fire(0, A, "alertname=X"),)
    )
    yield Scenario(name="one-joins-later", steps=(fire(0, A), fire(1, B)))
    yield Scenario(name="one-joins-one-leaves", steps=(fire(0, A), fire(1, B), over(1, A), over(3, B)))
    yield Scenario(name="one-of-two-ends", steps=(fire(0, A, B), over(1, A)))
    yield Scenario(name="both-end-apart", steps=(fire(0, A, B), over(1, A), over(2, B)))
    yield Scenario(name="over-before-the-first-look", steps=(fire(0, A), over(0.25, A)))
    yield Scenario(name="one-over-before-the-first-look", steps=(fire(0, A, B), over(0.25, A), over(2, B)))
    yield Scenario(name="back-before-the-next-look", steps=(fire(0, A), over(1, A), fire(1.25, A)))
    yield Scenario(name="back-after-it-was-over", steps=(fire(0, A), over(1, A), fire(3, A), over(4, A)))
    yield Scenario(name="told-again-and-again", steps=tuple(fire(at, A) for at in (0, 0.25, 1, 2, 3)))
    yield Scenario(name="over-and-never-heard-of", steps=(over(0, A),))
    yield Scenario(name="ends-by-itself", steps=(fire(0, A, lasts=1.0),))
    yield Scenario(
        name="ends-by-itself-later-than-said", steps=(fire(0, A, lasts=1.0), fire(0.75, A, lasts=2.25))
    )
    yield Scenario(name="says-it-ends-sooner", steps=(fire(0, A, lasts=3.0), fire(1, A, lasts=1.0)))
    yield Scenario(
        name="fifty-in-a-group", steps=(fire(0, *(f"alertname=Many,n={n:02}" for n in range(50))),)
    )
    yield Scenario(
        name="in-order",
        tree=route("r1", by=""),
        steps=(fire(0, "b=1", "a=1", "job=z,a=1", "job=a,instance=2", "job=a,instance=1,z=1", "job=a", "a=1,b=1", "instance=9"),),
    )  # fmt: skip


def _telling() -> Iterator[Scenario]:
    yield Scenario(name="repeats", tree=REPEATS, steps=(fire(0, A),))
    yield Scenario(name="repeats-with-one-over", tree=REPEATS, steps=(fire(0, A, B), over(1, A)))
    yield Scenario(name="repeats-until-over", tree=REPEATS, steps=(fire(0, A), over(3, A)))
    yield Scenario(name="ends-are-not-told", tree=QUIET_ENDS, steps=(fire(0, A, B), over(1, A), over(2, B)))
    yield Scenario(
        name="ends-are-not-told-and-back", tree=QUIET_ENDS, steps=(fire(0, A), over(1, A), fire(3, A))
    )
    yield Scenario(name="ends-are-not-told-one-joins", tree=QUIET_ENDS, steps=(fire(0, A, B), over(1, A), fire(2, "alertname=A,host=c")))  # fmt: skip
    yield Scenario(
        name="common-annotations",
        steps=(fire(0, f"{A};summary=Same,text=one", f"{B};summary=Same,text=two"),),
    )
    yield Scenario(name="annotations-change", steps=(fire(0, f"{A};summary=one"), fire(1, f"{A};summary=two"), over(2, f"{A};summary=three")))  # fmt: skip
    yield Scenario(name="no-annotations", steps=(fire(0, A, f"{B};summary=x"),))


def _routing() -> Iterator[Scenario]:
    yield Scenario(name="nested-deepest", tree=NESTED, steps=(fire(0, "alertname=A,team=web,env=prod"),))
    yield Scenario(name="nested-quiet", tree=NESTED, steps=(fire(0, "alertname=A,team=web,env=test"), over(1, "alertname=A,team=web,env=test")))  # fmt: skip
    yield Scenario(
        name="nested-middle",
        tree=NESTED,
        steps=(fire(0, "alertname=A,team=web", "alertname=B,team=web,env=x"),),
    )
    yield Scenario(
        name="nested-continue",
        tree=NESTED,
        steps=(fire(0, "alertname=A,team=db"), over(2, "alertname=A,team=db")),
    )
    yield Scenario(name="nested-after-continue", tree=NESTED, steps=(fire(0, "alertname=A,team=cache"),))
    yield Scenario(name="nested-none", tree=NESTED, steps=(fire(0, "alertname=A,team=webx", "alertname=A"),))
    yield Scenario(name="regex-is-anchored", tree=route("r1", "", route("r2", 'host=~"a|b"'), by=""), steps=(fire(0, "host=a", "host=ab", "host=b"),))  # fmt: skip
    yield Scenario(name="not-equal-holds-for-missing", tree=route("r1", "", route("r2", 'host!="a"'), by=""), steps=(fire(0, "host=a", "x=1", "host=b"),))  # fmt: skip
    yield Scenario(name="not-matching", tree=route("r1", "", route("r2", 'host!~"a.*"'), by=""), steps=(fire(0, "host=abc", "x=1", "host=b"),))  # fmt: skip
    yield Scenario(name="empty-means-missing", tree=route("r1", "", route("r2", 'host=""'), by=""), steps=(fire(0, "host=a", "x=1"),))  # fmt: skip
    yield Scenario(name="several-matchers", tree=route("r1", "", route("r2", 'b=~"x.*",a!="1",a=~".+"'), by=""), steps=(fire(0, "a=1,b=x", "a=2,b=xy", "b=x"),))  # fmt: skip
    yield Scenario(name="continue-to-two", tree=route("r1", "", route("r2", 'a="1"', goes_on=True), route("r3", 'a="1"', goes_on=True), by=""), steps=(fire(0, "a=1"), over(1, "a=1")))  # fmt: skip
    yield Scenario(name="same-receiver-two-routes", tree=route("r1", "", route("r2", 'a="1"', goes_on=True), route("r2", 'b="1"', by="b"), by=""), steps=(fire(0, "a=1,b=1", "b=1"),))  # fmt: skip


def _keeping_quiet() -> Iterator[Scenario]:
    yield Scenario(name="silenced-before", steps=(Silence(0, 'alertname="A"'), fire(0.25, A)))
    yield Scenario(
        name="silenced-before-and-over", steps=(Silence(0, 'alertname="A"'), fire(0.25, A), over(2, A))
    )
    yield Scenario(name="silenced-while-told", steps=(fire(0, A), Silence(1, 'alertname="A"'), over(2, A)))
    yield Scenario(name="one-of-two-silenced", steps=(Silence(0, 'host="b"'), fire(0, A, B), over(2, A)))
    yield Scenario(
        name="silence-yet-to-come",
        steps=(Silence(0, 'alertname="A"', lasts=NEVER, after=1.25), fire(0, A), fire(2, B)),
    )
    yield Scenario(name="silence-over-before", steps=(Silence(0, 'alertname="A"', lasts=0.75), fire(1, A)))
    yield Scenario(
        name="silence-ends-first-told-then", steps=(Silence(0, 'alertname="A"', lasts=1.0), fire(0.25, A))
    )
    yield Scenario(
        name="silence-by-pattern",
        steps=(Silence(0, 'host=~"b.*",alertname!="B"'), fire(0, A, B, "alertname=B,host=b")),
    )
    yield Scenario(name="silence-over-and-one-joined", steps=(fire(0, A), Silence(1, 'host="a"', lasts=2.0), fire(2, B)))  # fmt: skip
    yield Scenario(name="silence-of-another", steps=(Silence(0, 'alertname="Z"'), fire(0, A)))
    yield Scenario(name="inhibited", inhibitions=DOWN_MUTES_SLOW, steps=(fire(0, DOWN, SLOW),))
    yield Scenario(
        name="inhibited-until-source-is-over",
        inhibitions=DOWN_MUTES_SLOW,
        steps=(fire(0, DOWN, SLOW), over(1, DOWN)),
    )
    yield Scenario(
        name="inhibited-other-value",
        inhibitions=DOWN_MUTES_SLOW,
        steps=(fire(0, DOWN, "alertname=Slow,site=y"),),
    )
    yield Scenario(
        name="inhibited-label-missing-on-one",
        inhibitions=DOWN_MUTES_SLOW,
        steps=(fire(0, DOWN, "alertname=Slow"),),
    )
    yield Scenario(
        name="inhibited-label-missing-on-both",
        inhibitions=DOWN_MUTES_SLOW,
        steps=(fire(0, "alertname=Down", "alertname=Slow"),),
    )
    yield Scenario(name="inhibited-without-equal", inhibitions=(mutes('alertname="Down"', 'alertname="Slow"'),), steps=(fire(0, DOWN, "alertname=Slow,site=y"),))  # fmt: skip
    yield Scenario(
        name="inhibited-both-sides",
        inhibitions=(mutes('site="x"', 'site="x"'),),
        steps=(fire(0, DOWN, SLOW),),
    )
    yield Scenario(name="inhibited-by-one-sided", inhibitions=(mutes('alertname=~"Down|Slow"', 'alertname="Slow"'),), steps=(fire(0, DOWN, SLOW),))  # fmt: skip
    yield Scenario(name="inhibited-by-a-silenced-source", inhibitions=DOWN_MUTES_SLOW, steps=(Silence(0, 'alertname="Down"'), fire(0, DOWN, SLOW)))  # fmt: skip
    yield Scenario(name="inhibited-after-it-was-told", inhibitions=DOWN_MUTES_SLOW, steps=(fire(0, SLOW), fire(1, DOWN), over(2, SLOW)))  # fmt: skip
    yield Scenario(name="inhibited-in-a-chain", inhibitions=(mutes('alertname="Down"', 'alertname="Slow"'), mutes('alertname="Slow"', 'alertname="A"')), steps=(fire(0, DOWN, SLOW, A),))  # fmt: skip
    yield Scenario(name="inhibited-and-back", inhibitions=DOWN_MUTES_SLOW, steps=(fire(0, SLOW), fire(1, DOWN), over(3, DOWN), over(4, SLOW)))  # fmt: skip


def _different() -> Iterator[Scenario]:
    critical = "alertname=A,host={},severity=critical"
    yield Scenario(
        name="critical-waits-for-nothing",
        steps=(fire(0, critical.format("a")), fire(0.25, critical.format("b"))),
    )
    yield Scenario(
        name="silence-over-what-was-told",
        steps=(fire(0, A), Silence(1, 'alertname="A"', lasts=1.75), fire(3, A)),
    )
    flips = [fire(at, A) if at % 2 == 0 else over(at, A) for at in range(7)]
    yield Scenario(name="flaps", steps=tuple(flips))
    yield Scenario(
        name="more-than-a-hundred", steps=(fire(0, *(f"alertname=Many,n={n:03}" for n in range(120))),)
    )


SCENARIOS = (*_grouping(), *_telling(), *_routing(), *_keeping_quiet(), *_different())

#: Where Vedette differs on purpose; a scenario that differs without a row here fails, and so does a row that does not.
DIFFERENCES = {
    "critical-waits-for-nothing": "What is critical is told at once, not after group_wait.",
    "silence-over-what-was-told": "At the end of a silence what still fires is told.",
    "flaps": "What begins and ends again and again is told once, with the word that it flaps.",
    "more-than-a-hundred": "A notice names a hundred alerts, and how many more there are.",
}

#: A handful that is quickly played; all are played too, both by `make test-deep`.
FEW = (
    "one-of-two-ends", "over-before-the-first-look", "ends-are-not-told", "nested-deepest", "nested-continue",
    "not-equal-holds-for-missing", "one-of-two-silenced", "inhibited", "inhibited-both-sides", "in-order", "critical-waits-for-nothing",
)  # fmt: skip
