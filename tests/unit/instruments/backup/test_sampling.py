"""A rolling sample: small enough each time, and the whole set within the days that were promised."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.backup.sampling import DAY, MOST_NAMED, Unit, due, units_of

names = st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(
    lambda parts: "/srv/" + "/".join(parts) + "/file"
)
trees = st.dictionaries(
    st.tuples(names, st.integers(0, 9)).map(lambda one: f"{one[0]}{one[1]}"),
    st.integers(0, 5_000),
    min_size=1,
)


@given(trees, st.integers(1, 20_000))
def test_units_hold_every_file_once(tree: dict[str, int], most: int) -> None:
    units = units_of(tree.items, most)
    named = [name for unit in units for name in unit.names]
    assert len(named) == len(set(named))
    for file in tree:
        assert sum(file == name or file.startswith(f"{name.rstrip('/')}/") for name in named) == 1
    assert (sum(u.files for u in units), sum(u.bytes for u in units)) == (len(tree), sum(tree.values()))
    assert all(unit.bytes <= most or unit.files == 1 for unit in units)


@given(trees, st.integers(1, 3_000), st.integers(1, 12), st.sampled_from([0.5, 1.0, 7.0]))
def test_all_of_it_was_restored_within_the_days(
    tree: dict[str, int], sample: int, days: int, every: float
) -> None:
    units, proven, now = units_of(tree.items, max(sample // 4, 1)), dict[str, float](), 1_000 * DAY
    began = now
    while now < began + (2 * days + 2 * every) * DAY:
        found = due(units, proven, now=now, sample=sample, whole_days=days, between=every * DAY)
        proven |= dict.fromkeys(found.names or [name for unit in units for name in unit.names], now)
        if now > began + (days + every) * DAY:
            oldest = min((proven.get(name, 0.0) for unit in units for name in unit.names), default=now)
            assert oldest > now - (days + every) * DAY
            assert found.coverage == 1.0 or every > days
        now += every * DAY


def test_a_drill_takes_what_was_not_looked_at_for_the_longest_time() -> None:
    units = [Unit((f"/srv/{n}",), 1, 100) for n in range(10)]
    proven = {f"/srv/{n}": 100 * DAY - n * DAY for n in range(10)}
    found = due(units, proven, now=100 * DAY, sample=200, whole_days=30, between=DAY)
    assert set(found.names) == {"/srv/9", "/srv/8"}
    assert (found.share, found.coverage) == (0.2, 1.0)
    assert due(units, proven, now=100 * DAY, sample=0, whole_days=30, between=DAY).names == ()


def test_a_folder_above_proves_what_lies_in_it() -> None:
    units = [Unit(("/srv/a/b",), 1, 100), Unit(("/srv/c",), 1, 100)]
    found = due(units, {"/srv/a": 5 * DAY}, now=6 * DAY, sample=1, whole_days=30, between=DAY)
    assert found.names == ("/srv/c",)


def test_a_folder_with_too_many_files_is_one_part() -> None:
    def files() -> Iterator[tuple[str, int]]:
        return ((f"/srv/mail/{n}", 10) for n in range(MOST_NAMED + 1))

    assert units_of(files, 100) == (Unit(("/srv/mail",), MOST_NAMED + 1, (MOST_NAMED + 1) * 10),)
