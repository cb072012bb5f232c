"""What a project that nobody wrote down yet begins with: what is there as a file, its picture, and sentences worth watching."""

from collections.abc import Mapping

import msgspec

from vedette.deploy import judging, looking
from vedette.deploy.intents.proposing import proposed
from vedette.deploy.picturing import livening, seeing
from vedette.deploy.store import projects
from vedette.deploy.words.pictures import Picture
from vedette.wire.infra import Judged


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a file that says what is there, what it cannot say and why, the picture, and proposed sentences, each judged."""

    text: str
    left: Mapping[str, str]
    picture: Picture
    proposed: tuple[Judged, ...]
    servers: int
    things: int


def beginning(project_id: int) -> Beginning | None:
    """Return what a project begins with; None where it was never read. Raises `NotFound`."""
    seen = looking.last_seen(projects.get(project_id))
    if seen is None:
        return None
    here, file = judging.live_world(None, seen.live), looking.proposed(project_id)
    return Beginning(
        text=file.text, left={str(ref): why for ref, why in file.left.items()}, proposed=proposed(here),
        picture=livening.lively(seeing.picture(here), here, livening.states(here, seen.live)),
        servers=len(here.hosts), things=len(seen.live.things),
    )  # fmt: skip
