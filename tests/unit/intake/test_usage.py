from concurrent.futures import ThreadPoolExecutor

from vedette.intake.usage import MOST_ROWS, MOST_STRANGERS, MemoryUsage, UsageRow

NOON = 1_764_072_000.0
DAY = 86_400


def test_counts_are_drained_once_by_day_project_type_and_outcome() -> None:
    usage = MemoryUsage()
    usage.count(1, "event", "accepted", 2, NOON)
    usage.count(1, "event", "accepted", 1, NOON)
    usage.count(2, "session", "not_kept", 1, NOON + DAY)
    assert usage.drain() == [
        UsageRow("2025-11-25", 1, "event", "accepted", 3),
        UsageRow("2025-11-26", 2, "session", "not_kept", 1),
    ]
    assert usage.drain() == []


def test_today_survives_draining_and_ends_at_midnight() -> None:
    usage = MemoryUsage()
    usage.seed({1: 5}, NOON)
    usage.count(1, "event", "accepted", 2, NOON)
    usage.count(1, "event", "rate_limited", 9, NOON)
    usage.count(1, "session", "accepted", 9, NOON)
    usage.drain()
    assert usage.today(1, NOON) == 7
    assert usage.today(2, NOON) == 0
    assert usage.today(1, NOON + DAY) == 0
    usage.count(1, "event", "accepted", 1, NOON + DAY)
    assert usage.today(1, NOON + DAY) == 1


def test_invented_item_types_are_bounded() -> None:
    usage = MemoryUsage()
    for n in range(MOST_STRANGERS + 100):
        usage.count(1, f"novelty_{n}", "not_kept", 1, NOON)
    usage.count(1, "session", "not_kept", 1, NOON)
    usage.count(1, "<b>\x00", "not_kept", 1, NOON)
    rows = {row.item_type: row.count for row in usage.drain()}
    assert len(rows) == MOST_STRANGERS + 2
    assert rows["other"] == 101
    assert rows["session"] == 1


def test_a_new_day_may_bring_new_names() -> None:
    usage = MemoryUsage()
    for n in range(MOST_STRANGERS + 1):
        usage.count(1, f"novelty_{n}", "not_kept", 1, NOON)
    usage.drain()
    usage.count(1, "fresh", "not_kept", 1, NOON + DAY)
    assert usage.drain()[0].item_type == "fresh"


def test_the_rows_held_are_bounded_and_nothing_goes_uncounted() -> None:
    usage = MemoryUsage()
    for project in range(MOST_ROWS + 500):
        usage.count(project % 300, "event", f"outcome {project}", 1, NOON)
    rows = usage.drain()
    assert len(rows) <= MOST_ROWS + 500
    assert sum(row.count for row in rows) == MOST_ROWS + 500


def test_no_count_is_lost_between_threads() -> None:
    usage = MemoryUsage()
    drained: list[UsageRow] = []

    def count() -> None:
        for _ in range(2_000):
            usage.count(1, "event", "accepted", 1, NOON)

    with ThreadPoolExecutor(5) as pool:
        work = [pool.submit(count) for _ in range(4)]
        while not all(one.done() for one in work):
            drained += usage.drain()
    drained += usage.drain()
    assert sum(row.count for row in drained) == 8_000
    assert usage.today(1, NOON) == 8_000
