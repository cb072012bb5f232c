"""How long the decisions on 10,000 open escalations take: who is paged, who waits, who is answered. Target: one second."""

from benchmarks.report import Figure, finish
from vedette.core.clock import monotonic
from vedette.notify.types import Notice
from vedette.oncall import escalation
from vedette.oncall.escalation import Facts
from vedette.oncall.types import Escalation, EscalationState, EscalationStep, Policy, StepKind

BENCH = "escalation"
OPEN = 10_000
NOW = 1_790_000_000.0
_STEPS = (
    EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=1),
    EscalationStep(kind=StepKind.WAIT, minutes=5),
    EscalationStep(kind=StepKind.NOTIFY_USERS, users=(1, 2, 3)),
    EscalationStep(kind=StepKind.WAIT, minutes=10),
)


def open_ones() -> list[Escalation]:
    """Return escalations at each of the steps of a policy."""
    policy = Policy(id=1, name="Night", steps=_STEPS, repeats=2)
    return [
        Escalation(
            id=n, thread=f"group {n}", policy=policy, state=EscalationState.RUNNING, step=n % len(_STEPS), round=0, due=NOW, started_at=NOW,
            notice=Notice(title="Down", text="", severity="critical", link="/", at=NOW, group=f"group {n}"),
        )
        for n in range(OPEN)
    ]  # fmt: skip


def decide(found: list[Escalation]) -> int:
    """Let each make its moves until it waits; return how many moves that were."""
    facts = Facts(
        names={n: f"Person {n}" for n in range(20)},
        reachable=frozenset(range(20)),
        on_call=(1, 2),
        place="Shop",
    )
    moves = 0
    for each in found:
        after = each
        while after.state is EscalationState.RUNNING and after.due is not None and after.due <= NOW:
            after, moves = escalation.next_step(after, facts, NOW).after, moves + 1
    return moves


def main() -> None:
    """Measure and tell."""
    found = open_ones()
    began = monotonic()
    moves = decide(found)
    took = monotonic() - began
    finish(
        [
            Figure(BENCH, f"decisions for {OPEN:,} open escalations", took, "s", "<= 1"),
            Figure(BENCH, "moves", moves, "moves"),
        ]
    )


if __name__ == "__main__":
    main()
