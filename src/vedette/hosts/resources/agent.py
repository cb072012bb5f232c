"""What agents ask, for the document of the REST API. Requests that an agent's key signed are answered before they come here
(`app/agent_door`); to everybody else this is forbidden."""

from typing import Annotated, Any, NoReturn

from ninja import Field, Query, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Forbidden
from vedette.wire.agent.batches import MOST_REPORTS

router = Router(tags=["agents"])
_ALONE = "This is for `vedette agent`, in requests that the key of a host signed (docs/hosts.md)."


class EnrollingIn(Schema):
    """Which token a host holds (its id: never the token), its name, its public key (base64) and the proof."""

    token: Annotated[str, Field(min_length=32, max_length=32)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    key: str
    proof: str
    version: str = ""


class EnrolledOut(Schema):
    """As which host it is known, and the server's public key (base64)."""

    host: int
    name: str
    key: str


class RotatingIn(Schema):
    """A new public key (base64), and its signature of what docs/hosts.md names."""

    key: str
    proof: str


class RotatedOut(Schema):
    """The fingerprint of the key that counts from its first use on."""

    key: str


class AgentBatchIn(Schema):
    """Reports, numbered by `origin` (32 hex digits) from `first` on; numbers that were taken before change nothing.

    Each has a `type`: sample, processes, detection, decision, lifted, change, audit, inventory, happened, replayed, offers or
    acted. Also as
    application/msgpack, and by Content-Encoding zstd.
    """

    origin: Annotated[str, Field(min_length=32, max_length=32)]
    first: Annotated[int, Field(ge=1)]
    sent_at: float
    reports: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_REPORTS)]
    version: str = ""
    lost: int = 0


class AgentReceiptOut(Schema):
    """Up to which number all is recorded, how many reports were refused and why, how many seconds the clock is behind."""

    taken: int
    refused: int
    detail: str
    skew: float


class OrdersOut(Schema):
    """What changed since a revision, or everything (`whole`): decisions to enforce and to lift, whom never to ban, modes of rules,
    what to replay, and which of its actions to run."""

    revision: str
    whole: bool
    put: list[dict[str, Any]]
    drop: list[str]
    allow: list[str]
    never: list[str]
    trusted_proxies: list[str]
    sets: dict[str, dict[str, Any]]
    rules: list[str]
    rotate: bool
    more: bool
    replays: list[dict[str, Any]]
    actions: list[dict[str, Any]]


@router.post("/agent/enroll", response=EnrolledOut, operation_id="enroll_agent")
@needs(Verb.AGENT_RUN)
def enroll_agent(request: Request, payload: EnrollingIn) -> NoReturn:
    """Let a host in by a token; the request is signed by the key that it names, the answer by the server's."""
    raise Forbidden(_ALONE)


@router.post("/agent/key", response=RotatedOut, operation_id="rotate_agent_key")
@needs(Verb.AGENT_RUN)
def rotate_agent_key(request: Request, payload: RotatingIn) -> NoReturn:
    """Tell a new key, in a request that the old one signs."""
    raise Forbidden(_ALONE)


@router.post("/agent/reports", response=AgentReceiptOut, operation_id="send_agent_reports")
@needs(Verb.AGENT_RUN)
def send_agent_reports(
    request: Request,
    payload: AgentBatchIn,
    lane: Annotated[
        str, Query(max_length=10, description="facts or measures: one batch of each at a time")
    ] = "",
) -> NoReturn:
    """Record what a host reports, each report once."""
    raise Forbidden(_ALONE)


@router.get("/agent/orders", response=OrdersOut, operation_id="get_agent_orders")
@needs(Verb.AGENT_RUN)
def get_agent_orders(
    request: Request,
    since: Annotated[str, Query(max_length=80, description="the revision that is known")] = "",
    version: Annotated[str, Query(max_length=40)] = "",
) -> NoReturn:
    """Wait for what a host is told, for 25 seconds at most."""
    raise Forbidden(_ALONE)
