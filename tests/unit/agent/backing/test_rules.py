"""What a server may order here, what is due, and what fits a batch: decided without a clock, a file or a process."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.backed import BOX, DAY, DISK, HOUR, drilled, plan, saved
from tests.support.rooms import NOW

from vedette.agent.backing import allowing, bounding, choosing
from vedette.agent.backing.choosing import Began, made_of
from vedette.agent.config import BackupText, read
from vedette.core.errors import ConfigError
from vedette.wire.backup import (
    Assertion,
    BackupAct,
    BackupOrder,
    BackupRun,
    Check,
    Copy,
    DrillRun,
    Drills,
    Entry,
    Hook,
    Manifest,
    Part,
    Plan,
    Sampled,
    Shelf,
    Snapshot,
    Stage,
    What,
)

FILE = "/etc/vedette/agent.toml"
ENCODE = msgspec.msgpack.Encoder().encode
DUMP = "/usr/local/bin/dump-shop"


@pytest.mark.parametrize(
    "runs",
    [
        plan(before=(Hook(run=(DUMP,)),)),
        plan(after=(Hook(run=(DUMP, "x")),)),
        plan(drills=Drills(asserts=(Assertion(name="x", run=(DUMP,)),))),
        plan(what=(What(kind="command", settings={"run": [DUMP]}),)),
        plan(what=(What(kind="command", settings={"deep": {"command": DUMP}}),)),
        plan(what=(What(kind="postgres", settings={"programs": DUMP}),)),
        plan(what=(What(kind="postgres", settings={"preload": DUMP}),)),
        plan(what=(What(kind="mysql", settings={"defaults_file": DUMP}),)),
        plan(copies=(msgspec.structs.replace(BOX, settings={"config": DUMP}),)),
    ],
)
def test_a_plan_runs_only_what_is_named(runs: Plan) -> None:
    refused = allowing.refusal(runs, BackupText(plans=True, programs=("/bin/a",)), FILE)
    assert refused is not None
    assert f'programs = ["/bin/a", "{DUMP}"]' in refused.fix
    assert allowing.refusal(runs, BackupText(plans=True, programs=(DUMP,)), FILE) is None
    assert allowing.refusal(runs, BackupText(programs=(DUMP,)), FILE) is not None


def test_libraries_of_postgresql_itself_need_no_line() -> None:
    own = plan(what=(What(kind="postgres", settings={"preload": "timescaledb", "programs": ""}),))
    assert allowing.refusal(own, BackupText(plans=True), FILE) is None


def test_a_line_of_a_shell_and_rclone_are_programs_of_their_own() -> None:
    shell = plan(what=(What(kind="command", settings={"run": f"{DUMP} | sh"}),))
    assert allowing.refusal(shell, BackupText(plans=True, programs=(DUMP,)), FILE) is not None
    copy = Copy(name="far", engine="restic", at="rclone:far:shop")
    assert allowing.refusal(plan(copies=(copy,)), BackupText(plans=True), FILE) is not None


def test_a_copy_on_the_host_lies_where_it_allows_that() -> None:
    here = Copy(name="here", engine="memory", at="/etc/cron.d")
    refused = allowing.refusal(plan(copies=(here,)), BackupText(plans=True), FILE)
    assert refused is not None
    assert 'repositories = ["/backup", "/etc"]' in refused.fix
    assert allowing.refusal(plan(copies=(DISK,)), BackupText(plans=True), FILE) is None


@given(st.text(alphabet="/.ab%2EF", max_size=20))
def test_nothing_is_brought_back_outside_of_what_is_named(into: str) -> None:
    order = BackupOrder(id="1", act=BackupAct.RESTORE, plan="shop", into=into)
    said = BackupText(plans=True, restore_to=("/a",))
    if allowing.refused_order(order, said, FILE) is None:
        from os.path import normpath

        from vedette.core.names import read as name

        assert all(normpath(place).startswith("/a") for place in (into, name(into)))


def test_a_place_that_is_written_otherwise_than_it_is_read_is_refused() -> None:
    said = BackupText(plans=True, restore_to=("/var/lib/vedette-restored",))
    for into in ("/%76ar/lib/vedette-restored/x", "/var/lib/vedette-restored/%2E%2E/%2E%2E/etc"):
        order = BackupOrder(id="1", act=BackupAct.RESTORE, plan="shop", into=into)
        assert allowing.refused_order(order, said, FILE) is not None, into


def test_the_configuration_is_read_with_its_faults() -> None:
    text = '[backup]\nplans = true\nprograms = ["/usr/local/bin/dump-shop"]\nrestore_live = false\n'
    assert read(text).backup == BackupText(plans=True, programs=(DUMP,))
    assert read("").backup == BackupText()
    assert not BackupText().plans
    with pytest.raises(ConfigError, match=r"agent\.toml:2: .*whole paths"):
        read('[backup]\nprograms = ["dump"]\n')
    with pytest.raises(ConfigError, match="did you mean `plans`"):
        read("[backup]\nplan = true\n")


def acts(plans: list[Plan], began: dict[str, Began], now: float = NOW, since: float = 0.0) -> list[str]:
    known = {one.name: since for one in plans}
    return [f"{one.act} {one.copy}" for one in choosing.turns(plans, began, known, "web1", now)]


def test_what_is_due_is_saved_first_and_proven_after() -> None:
    both = plan(copies=(BOX, DISK))
    assert acts([both], {}) == ["run box", "run disk"]
    done = Began(saved_at=NOW, good_at=NOW, good=made_of(both, BOX))
    assert acts([both], {"shop/box": done}) == ["run disk", "drill box"]
    proven = msgspec.structs.replace(done, drilled_at=NOW, tried=done.good, drilled=done.good)
    assert acts([both], {"shop/box": proven}) == ["run disk"]
    assert acts([both], {}, since=NOW) == []
    assert acts([plan(enabled=False)], {}) == []


def test_a_drill_that_failed_is_tried_again_after_a_while() -> None:
    one = plan()
    tried = Began(saved_at=NOW, good_at=NOW, good=made_of(one, BOX), drilled_at=NOW, tried=made_of(one, BOX))
    assert acts([one], {"shop/box": tried}) == []
    later = msgspec.structs.replace(tried, saved_at=NOW + 7 * HOUR)
    assert acts([one], {"shop/box": later}, NOW + 7 * HOUR) == ["drill box"]


def test_drills_have_their_own_days() -> None:
    one = plan(drills=Drills(cron="43 4 * * 0"))
    made = made_of(one, BOX)
    began = Began(saved_at=NOW + 8 * DAY, good_at=NOW, good=made, drilled_at=NOW, tried=made, drilled=made)
    assert acts([one], {"shop/box": began}, NOW + 8 * DAY) == ["drill box"]
    never = plan(drills=Drills(cron=""))
    assert acts([never], {"shop/box": began}, NOW + 8 * DAY) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3_000), st.integers(0, 3_000))
def test_reports_fit_a_batch(samples: int, unread: int) -> None:
    part = Part(
        what="paths",
        samples=tuple(Sampled("x" * 200, n, "0" * 64) for n in range(samples)),
        unread=("y" * 100,) * unread,
    )
    run = bounding.bounded(saved(NOW, manifest=Manifest(at=NOW, parts=(part,)), output="o" * 99_999))
    assert len(ENCODE(run)) <= bounding.MOST_BYTES
    assert isinstance(run, BackupRun)
    assert run.manifest is not None
    assert run.manifest.parts[0].what == "paths"


def test_what_failed_is_kept_the_longest() -> None:
    checks = (
        *(Check(name=f"c{n}", passed=True, text="t" * 500) for n in range(2_000)),
        Check(name="bad", passed=False),
    )
    drill = bounding.bounded(drilled(NOW, checks=checks, stage=Stage.FAILED))
    assert isinstance(drill, DrillRun)
    assert len(ENCODE(drill)) <= bounding.MOST_BYTES
    assert drill.checks[0].name == "bad"


def test_a_long_listing_is_cut() -> None:
    entries = tuple(Entry("n" * 300, "file", 1, 1.0) for _ in range(20_000))
    shelf = Shelf(at=NOW, plan="shop", copy="box", snapshots=(Snapshot(name="a", at=1.0),), entries=entries)
    cut = bounding.bounded(shelf)
    assert isinstance(cut, Shelf)
    assert len(ENCODE(cut)) <= bounding.MOST_SHELF
    assert cut.entries
