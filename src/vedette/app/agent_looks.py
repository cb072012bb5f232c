"""How the agent beside the server fares, for the doctor: rows of state, text and what to do."""

from collections.abc import Iterator

from vedette.agent import status
from vedette.agent.link.identity import read_server
from vedette.app import own_agent
from vedette.core.errors import ConfigError, NotFound, Unavailable
from vedette.core.settings import Settings

Row = tuple[str, str, str]


def looked(settings: Settings) -> Iterator[Row]:
    """Yield `ok` or `warn`, a sentence, and what to do about it."""
    why = own_agent.why_none(settings)
    if why:
        yield "ok", f"No agent runs beside the server: {why}.", ""
        return
    folder = own_agent.folder(settings)
    try:
        found = status.read(folder)
        name = read_server(folder).name
    except (NotFound, Unavailable, ConfigError):
        yield "ok", "The agent of this machine did not run yet.", "`vedette up` starts it."
        return
    if not status.runs(found):
        yield "ok", "The agent of this machine does not run: it does while Vedette does.", ""
        return
    waits = sum(found.waiting.values())
    read = sum(1 for one in found.sources if one.state == "followed")
    backlog = f", {waits} reports wait" if waits else ""
    yield "ok", f"The agent watches this machine as {name}: it follows {read} logs{backlog}.", ""
    for one in found.sources:
        if one.state == "unreadable":
            yield "warn", f"{one.source} is not read: {one.detail}.", "Run Vedette with the rights to read it, or run `vedette agent` as a service (docs/agent.md)."  # fmt: skip
