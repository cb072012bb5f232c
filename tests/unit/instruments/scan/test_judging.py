"""Matches become findings that a person understands, and stay the same while versions move; upgrades mend most with fewest changes."""

import itertools
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.scan import judging, provenance, upgrading
from vedette.instruments.scan.advisories.types import Advisory, Affected, Edge, Match, VersionRange
from vedette.wire.scan import Component


def component(name: str, version: str = "1.4.2", **more: object) -> Component:
    made = Component(ecosystem="PyPI", name=name, version=version, place="uv.lock:14")
    return msgspec.structs.replace(made, **more)


def affected(*fixes: str) -> Affected:
    """Return what is affected from the start of each line of versions up to its fix."""
    starts = ["0", *(f"{int(fix.partition('.')[0]) + 1}.0" for fix in fixes)]
    ranges = tuple(
        VersionRange((Edge("introduced", start), Edge("fixed", fix)))
        for start, fix in zip(starts, fixes, strict=False)
    )
    return Affected(ranges or (VersionRange((Edge("introduced", "0"),)),))


def match(package: Component, name: str = "GHSA-1", *fixes: str, **more: object) -> Match:
    told = {"aliases": ("CVE-2024-1",), "summary": "It runs what it reads", "risk": 9.8, **more}
    hints = {each: told.pop(each) for each in ("exploited", "likelihood", "others") if each in told}
    advisory = msgspec.convert({"id": name, **told}, Advisory)
    made = Match(
        component=package,
        advisory=advisory,
        affected=affected(*fixes),
        fixes=fixes,
        fixed_in=next(iter(fixes), ""),
    )
    return msgspec.structs.replace(made, **hints)


def test_a_finding_says_what_where_why_and_what_to_do() -> None:
    (found,) = judging.judge([match(component("joblib", direct=True), "GHSA-1", "1.4.3")], {})
    assert found.title == "joblib 1.4.2 is affected by CVE-2024-1: It runs what it reads"
    assert (found.check, found.subject, found.place) == ("CVE-2024-1", "joblib", "uv.lock:14")
    assert found.identity == "PyPI/joblib/GHSA-1"
    assert found.why == "Its risk is 9.8 of 10 (critical)."
    assert found.fix == "Upgrade to 1.4.3."
    assert found.evidence == "joblib 1.4.2 in uv.lock:14, asked for by name"
    assert found.labels["fixed_in"] == "1.4.3"
    assert found.reachable is None


def test_the_way_by_which_it_comes_is_told() -> None:
    shop = component("shop", direct=True, requires=("left", "top"))
    top = component("top", direct=False, requires=("left", "shop"))
    left = component("left", direct=False, requires=("joblib",))
    joblib = component("joblib", direct=False)
    (found,) = judging.judge([match(joblib)], {}, [shop, top, left, joblib])
    assert found.evidence == "joblib 1.4.2 in uv.lock:14, by way of shop → left → joblib"


def test_it_stays_the_same_finding_while_lines_and_versions_move() -> None:
    before = match(component("joblib"))
    moved = match(component("joblib", "1.4.1", place="poetry.lock:99"), "PYSEC-7", others=("GHSA-1",))
    assert judging.identity(before) == judging.identity(moved)


def test_versions_in_several_places_are_one_finding() -> None:
    old, new = component("joblib", "1.0", place="a/uv.lock:1"), component("joblib", "1.4.2")
    (found,) = judging.judge([match(old, "GHSA-1", "1.4.3"), match(new, "GHSA-1")], {})
    assert found.title.startswith("joblib 1.0 and 1.4.2 are affected by CVE-2024-1")
    assert found.fix == "Upgrade 1.0 to 1.4.3. Nothing is known that mends 1.4.2."
    assert found.evidence.splitlines() == ["joblib 1.0 in a/uv.lock:1", "joblib 1.4.2 in uv.lock:14"]


def test_what_was_made_to_harm_is_removed_and_not_upgraded() -> None:
    (found,) = judging.judge([match(component("jobllib"), "MAL-2024-1", malicious=True, aliases=())], {})
    assert found.risk == 10.0
    assert found.title.startswith("jobllib 1.4.2 is harmful on purpose (MAL-2024-1)")
    assert "Remove it" in found.fix
    assert "secrets" in found.fix


def test_what_attackers_use_comes_first_then_what_is_reached_then_what_is_bad() -> None:
    matches = [
        match(component("bad"), "GHSA-1", risk=9.9), match(component("used"), "GHSA-2", risk=4.0, exploited=True, likelihood=0.4),
        match(component("unreached"), "GHSA-3", risk=10.0), match(component("mild"), "GHSA-4", risk=5.0),
    ]  # fmt: skip
    found = judging.judge(matches, {("PyPI", "unreached"): False, ("PyPI", "bad"): True})
    assert [each.subject for each in found] == ["used", "bad", "mild", "unreached"]
    assert found[0].why.endswith(
        "Attackers are known to use it (CISA). It is used within 30 days with a likelihood of 40% (EPSS)."
    )
    assert [each.reachable for each in found] == [None, True, None, False]


def test_what_no_version_mends_says_so() -> None:
    (found,) = judging.judge([match(component("joblib", groups=("dev",)), risk=0.0)], {})
    assert found.fix.startswith("No version is known that mends it")
    assert found.why == "Nobody says how bad it is. It is wanted for dev alone."


@given(st.text(max_size=600))
def test_what_a_feed_says_is_told_in_one_printable_line(summary: str) -> None:
    (found,) = judging.judge([match(component("joblib"), summary=summary, references=(summary,))], {})
    assert found.title.isprintable()
    assert len(found.title) < 600
    assert all(each.isprintable() for each in found.references)


EDGES = st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.sampled_from("abcdefgh")), min_size=1)


@given(EDGES, st.frozensets(st.sampled_from("abcdefgh")))
def test_ways_begin_with_what_is_asked_for_and_follow_edges(
    edges: dict[str, frozenset[str]], asked: frozenset[str]
) -> None:
    held = [component(name, direct=name in asked, requires=tuple(needs)) for name, needs in edges.items()]
    for (_, name, _), way in provenance.ways(held).items():
        assert way[0] in asked
        assert way[-1] == name
        assert len(set(way)) == len(way)
        assert all(after in edges[before] for before, after in itertools.pairwise(way))


def plan(*matches: Match, components: Sequence[Component] = ()) -> list[str]:
    return [each.told for each in upgrading.plan(matches, components)]


def test_one_upgrade_mends_all_of_a_package() -> None:
    package = component("joblib", direct=True)
    assert plan(
        match(package, "GHSA-1", "1.4.3", aliases=()), match(package, "GHSA-2", "1.5.0", aliases=())
    ) == ["joblib 1.4.2 → 1.5.0 mends GHSA-1, GHSA-2"]


def test_the_same_major_version_is_preferred() -> None:
    package = component("joblib", direct=True)
    assert plan(match(package, "GHSA-1", "1.9.0", "2.3.0", aliases=()))[0].startswith("joblib 1.4.2 → 1.9.0 ")


def test_what_one_version_cannot_mend_is_left_and_said() -> None:
    package = component("joblib", direct=True)
    told = plan(match(package, "GHSA-1", "1.4.3", aliases=()), match(package, "GHSA-2", aliases=()))
    assert told == ["joblib 1.4.2 → 1.4.3 mends GHSA-1, leaves GHSA-2"]


def test_a_new_major_version_and_who_asks_are_named() -> None:
    top, left = component("top", direct=True, requires=("left",)), component("left", direct=False)
    assert plan(match(left, "GHSA-1", "2.0.0", aliases=()), components=[top, left]) == [
        "left 1.4.2 → 2.0.0 mends GHSA-1; it comes by top; a new major version"
    ]


def test_what_mends_most_comes_first_and_what_is_used_before_all() -> None:
    one, two, used = (component(name, direct=True) for name in ("one", "two", "used"))
    told = plan(
        match(one, "GHSA-1", "1.5"), match(two, "GHSA-2", "1.5"), match(two, "GHSA-3", "1.6", aliases=("CVE-2024-3",)),
        match(used, "GHSA-4", "1.5", exploited=True),
    )  # fmt: skip
    assert [each.split()[0] for each in told] == ["used", "two", "one"]


def test_what_was_made_to_harm_has_no_upgrade() -> None:
    assert plan(match(component("jobllib"), "MAL-1", "2.0", malicious=True)) == []


@pytest.mark.parametrize(
    ("version", "told"), [("1.2.3", "1"), ("0.4.2", "0.4"), ("2:1.0-1", "2:1"), ("v3.1", "3"), ("10", "10")]
)
def test_the_part_of_a_version_whose_change_may_break(version: str, told: str) -> None:
    assert upgrading.major(version) == told


def test_a_finding_names_the_packages_of_all_its_versions() -> None:
    two = [match(component("a", v, purl=f"pkg:pypi/a@{v}"), "GHSA-1", "2.0") for v in ("1.0", "1.5")]
    (found,) = judging.judge(two, {})
    assert (found.labels["purls"], found.labels["places"]) == ("pkg:pypi/a@1.0 pkg:pypi/a@1.5", "2")
