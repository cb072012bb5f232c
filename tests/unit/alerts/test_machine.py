"""Any history of an alert: whoever is told hears each change once, and what lasts only as often as was agreed."""

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vedette.alerts import life
from vedette.alerts.dedup import Code, Entry, Policy, why_notify
from vedette.alerts.types import Standing
from vedette.signals.types import Severity, SignalState

REPEAT = 3_600.0


class Telling(RuleBasedStateMachine):
    """One alert, one receiver; a model that remembers what was said."""

    @initialize(send_resolved=st.booleans())
    def begin(self, send_resolved: bool) -> None:
        self.policy = Policy(repeat_interval=REPEAT, send_resolved=send_resolved)
        self.now = 0.0
        self.standing: Standing | None = None
        self.entry: Entry | None = None
        self.said: list[tuple[float, SignalState, int, Code]] = []
        self.unheard = 0

    @rule(state=st.sampled_from(SignalState), severity=st.sampled_from(Severity))
    def see(self, state: SignalState, severity: Severity) -> None:
        before = self.standing
        seen = Standing(state=state, severity=severity, change=0, starts=self.now)
        self.standing = life.step(before, seen)
        news = before is None or self.standing is None or self.standing.change > before.change
        self.consider(news=self.standing is not None and news)

    @rule(seconds=st.sampled_from([1.0, 600.0, REPEAT, REPEAT + 1]))
    def look_again_later(self, seconds: float) -> None:
        self.now += seconds
        if self.standing is not None and self.standing.state is SignalState.FIRING:
            self.consider(news=False)

    def consider(self, *, news: bool) -> None:
        if self.standing is None:
            return
        name = frozenset({str(self.standing.change)})
        over = self.standing.state is SignalState.RESOLVED
        firing, resolved = (frozenset(), name) if over else (name, frozenset())
        reason = why_notify(self.entry, firing, resolved, self.policy, self.now)
        if news and not over:
            assert reason.send, "a new firing or happening is always told"
        if reason.send:
            self.said.append((self.now, self.standing.state, self.standing.change, reason.code))
        if reason.note:
            self.entry = Entry(firing, resolved, self.now)

    @invariant()
    def each_change_is_told_once_apart_from_repeats(self) -> None:
        told = [change for _, _, change, code in getattr(self, "said", []) if code is not Code.REPEAT]
        assert len(told) == len(set(told))
        assert told == sorted(told)

    @invariant()
    def what_lasts_is_not_told_sooner_than_agreed(self) -> None:
        said = getattr(self, "said", [])
        for (before, _, _, _), (at, _, _, code) in itertools.pairwise(said):
            if code is Code.REPEAT:
                assert at - before > REPEAT

    @invariant()
    def an_end_is_told_only_where_wanted_and_only_after_a_beginning(self) -> None:
        for place, (_, state, _, _) in enumerate(getattr(self, "said", [])):
            if state is SignalState.RESOLVED:
                assert self.policy.send_resolved
                assert place > 0
                assert self.said[place - 1][1] is not SignalState.RESOLVED


Telling.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestTelling = Telling.TestCase
