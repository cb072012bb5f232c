"""The sentences the pages of hooks open with. Pure."""

from collections.abc import Sequence

from vedette.alerts.hooks.types import AlertHook, Arrival, HookTrial
from vedette.alerts.verdict import Verdict


def of_hooks(hooks: Sequence[tuple[AlertHook, Arrival | None]]) -> Verdict:
    """Return how many hooks take what is sent, and which of them refused what came last."""
    on = [(hook, last) for hook, last in hooks if hook.enabled]
    if not on:
        return Verdict("off", "webhook", "No hook takes what is sent.", "Prometheus needs none.")
    title = "1 hook takes what is sent." if len(on) == 1 else f"{len(on)} hooks take what is sent."
    refused = [hook.name for hook, last in on if last and last.said.startswith("Refused")]
    if refused:
        return Verdict("warn", "webhook", f"{title[:-1]}; {', '.join(refused)} refused the last.", "Its mapping may need a change.")  # fmt: skip
    return Verdict("ok", "webhook", title)


def of_trial(trial: HookTrial) -> str:
    """Return in a sentence what a body would become."""
    if trial.wrong:
        return "It would be refused, and nothing of it taken:"
    if not trial.alerts:
        return (
            "It would make no alert: all of it is to be ignored."
            if trial.ignored
            else "It would make no alert."
        )
    n = len(trial.alerts)
    made = "It would make 1 alert" if n == 1 else f"It would make {n} alerts"
    return f"{made}; {trial.ignored} are to be ignored." if trial.ignored else f"{made}."
