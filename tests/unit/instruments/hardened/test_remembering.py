"""Look after look: what drifts since when, as a state machine."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.hardened import remembering
from vedette.instruments.hardened.remembering import Book
from vedette.instruments.hardened.types import Deviation, HardeningManifest, KernelStandard, key_of
from vedette.wire.hardened import MOST_DRIFT

NAMES = ("a.one", "a.two", "a.three")
LOOKS = st.lists(
    st.tuples(st.frozensets(st.sampled_from(NAMES)), st.frozensets(st.sampled_from(NAMES)), st.integers(0, 3)), max_size=20
)  # fmt: skip


def off(name: str, after: str = "0", changed: float = 0.0) -> Deviation:
    return Deviation(
        standard=KernelStandard(measure="kernel", name=name, value="1"),
        before="1",
        after=after,
        changed=changed,
    )


def keys(names: frozenset[str]) -> set[str]:
    return {f"sysctl:{name}" for name in names}


@given(LOOKS)
def test_what_two_looks_saw_drifts_and_what_is_so_again_is_over(
    looks: list[tuple[frozenset[str], frozenset[str], int]],
) -> None:
    book, asked = Book(), list[str]()
    seen: dict[str, int] = {}  # looks in a row that saw it
    opened: dict[str, float] = {}
    for at, (bad, blind, _) in enumerate(looks):
        told = bad - blind
        who = lambda one, _: asked.append(one.key) or "ann"  # noqa: E731
        book = remembering.after(book, [off(name) for name in sorted(told)], keys(blind), float(at), who)
        for name in NAMES:
            if name not in blind:
                seen[name] = seen.get(name, 0) + 1 if name in told else 0
        assert set(book.open) == keys(frozenset(name for name in NAMES if seen.get(name, 0) >= 2))
        assert all(one.since <= one.seen_at <= at and one.by == "ann" for one in book.open.values())
        assert all(opened.get(key, one.since) == one.since for key, one in book.open.items() if key in opened)
        opened = {key: one.since for key, one in book.open.items()}


def test_what_changes_once_more_is_the_same_drift() -> None:
    book = Book()
    for at in (1.0, 2.0):
        book = remembering.after(book, [off("a.one", changed=0.5)], (), at, lambda *_: "")
    after = remembering.after(book, [off("a.one", after="7", changed=2.5)], (), 3.0, lambda *_: "never asked")
    one = after.open["sysctl:a.one"]
    assert (one.since, one.seen_at, one.after, one.by) == (0.5, 1.0, "7", "")


def test_a_clock_of_files_that_is_ahead_makes_no_drift_of_tomorrow() -> None:
    book = remembering.after(Book(), [off("a.one", changed=9e9)], (), 1.0, lambda *_: "")
    book = remembering.after(book, [off("a.one", changed=9e9)], (), 2.0, lambda *_: "")
    assert book.open["sysctl:a.one"].since == 1.0


def test_a_flood_is_bounded_and_counted() -> None:
    many = [off(f"a.n{number}") for number in range(MOST_DRIFT + 7)]
    book = Book()
    for at in (1.0, 2.0):
        book = remembering.after(book, many, (), at, lambda *_: "x" * 9_999)
    manifest = HardeningManifest(
        at=1.0, profile="cis-l1", before=1, after=2, standards=tuple(one.standard for one in many)
    )
    told = remembering.told(manifest, book, 3.0)
    assert len(told.drift) == MOST_DRIFT
    assert told.more == 7
    assert told.measures == {"kernel": MOST_DRIFT + 7}
    assert all(len(one.by) <= 300 for one in told.drift)


def test_a_host_that_was_never_hardened_says_so() -> None:
    told = remembering.told(None, Book(), 3.0)
    assert (told.set_at, told.measures, told.drift) == (0.0, {}, ())


def test_a_manifest_of_some_keys() -> None:
    standards = tuple(off(name).standard for name in NAMES)
    manifest = HardeningManifest(at=1.0, profile="cis-l1", before=1, after=2, standards=standards)
    assert [key_of(one) for one in remembering.of(manifest, ["sysctl:a.two"]).standards] == ["sysctl:a.two"]
