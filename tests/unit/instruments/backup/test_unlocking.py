"""A lock is broken only when its holder is proven gone, whatever locks say and hosts are."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.backup.types import Held
from vedette.instruments.backup.unlocking import Here, decide

NAMES = ("web1", "web1.example", "db")
BOOTS = ("", "one", "two")
INSTANTS = st.floats(0, 2e9, allow_nan=False)
HELDS = st.builds(
    Held,
    host=st.sampled_from(("", *NAMES)),
    pid=st.integers(-1, 5),
    since=st.none() | INSTANTS,
    text=st.just("a lock"),
    boot=st.sampled_from(BOOTS),
)
HERES = st.builds(
    Here,
    names=st.frozensets(st.sampled_from(NAMES), min_size=1),
    boot=st.sampled_from(BOOTS),
    booted_at=INSTANTS,
)


@given(HELDS, HERES, st.none() | INSTANTS)
def test_nobody_is_gone_without_a_proof(held: Held, here: Here, began: float | None) -> None:
    verdict = decide(held, here, began)
    assert verdict.why
    if not verdict.gone:
        return
    assert held.pid > 0
    assert held.host in here.names
    started_again = bool(held.boot and here.boot and held.boot != here.boot)
    before_this_start = (
        not (held.boot and here.boot) and held.since is not None and held.since < here.booted_at
    )
    another = began is not None and held.since is not None and began > held.since
    assert began is None or another or started_again or before_this_start


@given(HELDS, HERES, INSTANTS)
def test_who_may_be_alive_is_left_alone(held: Held, here: Here, began: float) -> None:
    """Of this start of this host, and no younger than its lock."""
    alive = Held(host=min(here.names), pid=7, since=max(began, here.booted_at), text="", boot=here.boot)
    assert not decide(alive, here, began).gone
    elsewhere = Held(host="another", pid=held.pid, since=held.since, text="", boot=held.boot)
    assert not decide(elsewhere, here, None).gone


@given(HERES, st.integers(1, 4_000_000), INSTANTS)
def test_who_is_gone_is_told(here: Here, pid: int, since: float) -> None:
    held = Held(host=min(here.names), pid=pid, since=since, text="", boot=here.boot)
    assert decide(held, here, None).gone
    assert decide(held, here, since + 3).gone
    if here.boot:
        assert decide(Held(host=held.host, pid=pid, since=since, text="", boot="before"), here, since).gone
