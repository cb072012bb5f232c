"""Which projects want a look, for what every page shows at a glance: a few small questions to the database, whatever is watched."""

from vedette.deploy.store import drifts, projects, seen
from vedette.deploy.types import Condition, Trouble


def troubles() -> tuple[Trouble, ...]:
    """Return the projects of which something that must be true is not, that cannot be read, or that drifted; the worst first."""
    names = projects.named()
    if not names:
        return ()
    broken, moved = seen.broken(), drifts.counted()
    found = [
        *(_broken(number, names[number], texts) for number, texts in broken.items() if number in names and texts),
        *(_moved(number, names[number], count) for number, count in moved.items() if number in names and not broken.get(number)),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (list(Condition).index(each.condition), each.name)))


def _broken(number: int, name: str, texts: tuple[str, ...]) -> Trouble:
    more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
    return Trouble(
        project=number, name=name, condition=Condition.BROKEN, sentence=f"{texts[0]}{more}: not so any more"
    )


def _moved(number: int, name: str, count: int) -> Trouble:
    things = "1 thing is" if count == 1 else f"{count} things are"
    return Trouble(
        project=number, name=name, condition=Condition.DRIFTED, sentence=f"{things} not as the files say"
    )
