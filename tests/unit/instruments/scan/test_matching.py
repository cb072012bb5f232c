"""What a feed of every form of range affects, by a table worked out by hand, through the whole way: zip, index, look-up."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.osv import osv_record, osv_zip

from vedette.instruments.scan.advisories import Feeds, add, open_feeds
from vedette.wire.scan import Component

NOW = 1_764_000_000.0
CASES = tomllib.loads(
    (Path(__file__).parents[3] / "fixtures/scan/matching.toml").read_text(encoding="utf-8")
)["case"]
VERDICTS = ("affected", "unaffected", "unknown")


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Feeds]:
    folder = tmp_path_factory.mktemp("matching")
    source = osv_zip(folder / "all.zip", [_record(number, case) for number, case in enumerate(CASES)])
    add(folder / "feeds", str(source), NOW, ecosystems=("all",))
    opened = open_feeds(folder / "feeds", NOW)
    yield opened
    opened.close()


def _record(number: int, case: dict[str, object]) -> dict[str, object]:
    wanted = {key: case[key] for key in ("ranges", "versions", "bound") if key in case}
    return osv_record(str(case.get("id", f"SYN-{number}")), str(case["package"]), **wanted)  # type: ignore[arg-type]


def _component(case: dict[str, str], version: str) -> Component:
    ecosystem, _, name = case["package"].partition("/")
    return Component(ecosystem=case.get("ecosystem", ecosystem), name=case.get("ask", name), version=version)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['package']}: {case['about']}")
def test_verdicts(feeds: Feeds, case: dict[str, object]) -> None:
    told: dict[str, list[str]] = {each: [] for each in VERDICTS}
    for version in [one for each in VERDICTS for one in case.get(each, [])]:  # type: ignore[attr-defined]
        asked = [_component(case, version)]  # type: ignore[arg-type]
        found = "affected" if feeds.match(asked) else "unknown" if feeds.unknown(asked) else "unaffected"
        told[found].append(version)
    assert told == {each: case.get(each, []) for each in VERDICTS}


@pytest.mark.parametrize(
    "case", [case for case in CASES if "fixed" in case], ids=lambda case: case["package"]
)
def test_what_mends_it(feeds: Feeds, case: dict[str, dict[str, str]]) -> None:
    found = {version: feeds.match([_component(case, version)])[0].fixed_in for version in case["fixed"]}  # type: ignore[arg-type]
    assert found == case["fixed"]


def test_there_are_enough_expectations() -> None:
    assert sum(len(case.get(each, [])) for case in CASES for each in (*VERDICTS, "fixed")) >= 200


def test_malice_is_the_worst(feeds: Feeds) -> None:
    (match,) = feeds.match([Component(ecosystem="npm", name="evil", version="1.0.0")])
    assert (match.malicious, match.risk, match.severity) == (True, 10.0, "critical")
