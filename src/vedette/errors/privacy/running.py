"""An erasure at work: what it knows between two pieces, kept in its row so that a restart goes on where it was."""

import base64
from collections import Counter
from collections.abc import Iterable

import msgspec

from vedette.errors.privacy import store
from vedette.errors.privacy.matching import Matcher
from vedette.errors.privacy.store import Kept
from vedette.errors.privacy.types import Datum, DatumKind, ErasureStage, FoundEvent
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Identity

SEALED = "erasure"
MOST_FOUND = 10_000
_MOST_LABELS = 200
STAGES = tuple(ErasureStage)
DRY = STAGES[: STAGES.index(ErasureStage.TEXTS) + 1]


class State(msgspec.Struct, kw_only=True):
    """What is sealed in the row: whose data, what else names them, and where in a stage it is.

    `pending` are records of `day` whose erasing began; `settled` are days whose bytes are to leave the disk.
    """

    value: str
    labels: list[str] = []
    day: str = ""
    last_day: str = ""
    cursor: str | None = None
    pending: list[Identity] = []
    unsettled: list[str] = []
    place: str = ""
    after: list[object] = []
    offset: int = 0
    compacted: bool = False
    found: list[FoundEvent] = []


_ENCODE = msgspec.json.Encoder().encode
_STATE = msgspec.msgpack.Decoder(State).decode
_COUNTS = msgspec.json.Decoder(dict[str, int]).decode


class Run:
    """One erasure, its state opened."""

    def __init__(self, row: Kept) -> None:
        self.row = row
        self.state = opened(row)
        self.counts = Counter(_COUNTS(row.counts))
        self.datum = Datum(DatumKind(row.kind), self.state.value)
        self.matcher = Matcher(self.datum, self.state.labels)

    @property
    def stages(self) -> tuple[ErasureStage, ...]:
        """Return what this erasure goes through."""
        return DRY if self.row.dry_run else STAGES

    def learn(self, labels: Iterable[str]) -> None:
        """Remember by what else the person's events name them."""
        known = dict.fromkeys((*self.state.labels, *labels))
        self.state.labels = list(known)[:_MOST_LABELS]

    def move(self, **changes: object) -> None:
        """Change the row."""
        self.row = msgspec.structs.replace(self.row, **changes)

    def begin(self, stage: ErasureStage) -> None:
        """Go on to a stage, from its start."""
        self.state.place, self.state.after, self.state.offset = "", [], 0
        self.move(stage=str(stage), done=self.row.done + 1)

    def save(self) -> None:
        """Keep how far it is, in the caller's transaction or one of its own."""
        self.move(counts=_ENCODE(dict(self.counts)).decode(), state=sealed(self.state))
        with sql.transaction():
            store.save(self.row)


def opened(row: Kept) -> State:
    """Return the state of a row; raises `Invalid` when the key file is another one."""
    return _STATE(base64.b64decode(ports().seal.open(row.state, SEALED)))


def sealed(state: State) -> str:
    """Return a state as a row keeps it."""
    return ports().seal.seal(base64.b64encode(msgspec.msgpack.encode(state)).decode(), SEALED)
