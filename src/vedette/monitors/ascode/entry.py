"""A monitor as files and importers speak of it: what it goes with has names in place of ids."""

import msgspec

from vedette.monitors.types import MonitorDraft


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor with its slug, and the slugs of its project and of what it depends on, as `named` writes them.

    The draft's secrets are in clear, its parents empty. `paused` is None where nothing is said of it.
    """

    draft: MonitorDraft
    project: str = ""
    parents: tuple[str, ...] = ()
    paused: bool | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Return the slugs of project and monitor, by which it is known."""
        return self.project, self.draft.slug


def named(place: tuple[str, str], project: str) -> str:
    """Return how a monitor of a project names another: by its slug, with the project before it when that is another one.

    `/gate` is the monitor of no project.
    """
    return place[1] if place[0] == project else "/".join(place)
