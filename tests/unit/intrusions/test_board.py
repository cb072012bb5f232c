"""Whoever knows any place among changes, however far behind, comes to the same list as the board itself."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.intrusions.board import Board
from vedette.intrusions.types import Ban
from vedette.wire.agent.deciding.types import Target
from vedette.wire.agent.types import Measure, Scope

NOW = 1_000.0
# A change: whose, for how long from now (0: lifted), and whether somebody asks then, and how much is told at once.
CHANGES = st.lists(st.tuples(st.integers(0, 6), st.sampled_from([0.0, 5.0, 50.0]), st.booleans(), st.integers(1, 4)), max_size=40)  # fmt: skip


def ban(seq: int, n: int, until: float) -> Ban:
    return Ban(seq, Target(Scope.ADDRESS, f"192.0.2.{n}"), Measure.BAN, NOW, until, "", "", "web1")


class Follower:
    """What somebody knows who is told changes."""

    def __init__(self) -> None:
        self.seq: int | None = None
        self.whole = False
        self.known: dict[str, float] = {}

    def ask(self, board: Board, n: int, now: float) -> None:
        more = True
        while more:
            delta = board.since(self.seq, n, now, whole=self.whole)
            if delta.whole:
                self.known = {}
            self.known |= {one.target.value: one.until for one in delta.put}
            for target in delta.drop:
                self.known.pop(target.value, None)
            self.whole = delta.more and (self.whole or delta.whole)
            self.seq, more = delta.seq, delta.more

    def live(self, now: float) -> dict[str, float]:
        return {value: until for value, until in self.known.items() if until > now}


@given(CHANGES)
def test_all_come_to_the_same_list(changes: list[tuple[int, float, bool, int]]) -> None:
    board, eager, lazy, now = Board(), Follower(), Follower(), NOW
    for seq, (n, lasts, asks, size) in enumerate(changes, 1):
        now += 1
        board.take([ban(seq, n, now + lasts if lasts else 0.0)], 0)
        board.forget(now)
        if asks:
            eager.ask(board, size, now)
    eager.ask(board, 2, now)
    lazy.ask(board, 3, now)
    standing = {one.target.value: one.until for one in board.standing(now)}
    assert eager.live(now) == lazy.live(now) == standing


def test_where_there_is_no_room_what_ends_first_goes() -> None:
    board = Board(most=3)
    board.take([ban(n, n, NOW + 10 * n) for n in range(1, 6)], 0)
    board.forget(NOW)
    assert [one.target.value for one in board.standing(NOW)] == ["192.0.2.3", "192.0.2.4", "192.0.2.5"]


def test_who_is_too_far_behind_is_told_everything_in_pages() -> None:
    board, behind = Board(), Follower()
    board.take([ban(n, n, NOW + 100) for n in range(1, 6)], 3)
    behind.seq, behind.known = 1, {"192.0.2.9": NOW + 100}
    behind.ask(board, 2, NOW)
    assert sorted(behind.known) == [f"192.0.2.{n}" for n in range(1, 6)]
