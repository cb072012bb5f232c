"""What pages of backups say first, the moments of a copy, settings as fields, and the report of a drill as a file: all pure."""

from typing import Annotated, Literal

import msgspec
import pytest
from tests.support.backed import DAY, HOUR, drilled, failed, plan, saved
from tests.support.rooms import NOW

from vedette.backups import fields
from vedette.backups.fields import Shape
from vedette.backups.types import Health, Known, Listing, Standing
from vedette.backups.views import moments, paper, saying
from vedette.core.errors import Invalid
from vedette.wire.backup import Check, Keep, Progress, Signature, Snapshot, Stage, What

KNOWN = Known(id=1, host=1, project=0, plan=plan(), by="Ann", source="", changed_at=NOW)


def standing(health: Health, sentence: str = "It can be restored.", **change: object) -> Standing:
    return msgspec.structs.replace(Standing(known=KNOWN, health=health, sentence=sentence), **change)


def test_the_worst_is_said_first_and_nothing_is_green_for_want_of_a_plan() -> None:
    assert saying.of_all([], NOW).tone == "off"
    assert "switched off" in saying.of_all([standing(Health.OFF)], NOW).title
    red = saying.of_all([standing(Health.RED, "Never restored."), standing(Health.GREEN)], NOW)
    assert (red.tone, red.title, red.text) == (
        "crit",
        "shop could not surely be restored now.",
        "Never restored.",
    )
    several = saying.of_all([standing(Health.RED, "Never restored.")] * 2, NOW)
    assert (several.title, several.text) == (
        "2 plans could not surely be restored now.",
        "shop: Never restored.",
    )
    assert saying.of_all([standing(Health.AMBER)], NOW).tone == "warn"
    green = saying.of_all([standing(Health.GREEN, proven_at=NOW - 2 * DAY, rto=252.0)], NOW)
    assert (green.tone, green.text) == (
        "ok",
        "The oldest proof is 2\xa0d old; the longest restore took 4\xa0min\xa012\xa0s.",
    )


def test_tiles_tell_what_was_never_proven_and_what_misses_its_goal() -> None:
    tiles = {
        one.label: one
        for one in saying.tiles([standing(Health.RED), standing(Health.GREEN, proven_at=NOW - HOUR)], NOW)
    }
    assert (tiles["Oldest proof"].value, tiles["Oldest proof"].small, tiles["Oldest proof"].tone) == (
        "never",
        "1 of 2",
        "crit",
    )
    assert tiles["Plans"].small == "1 at risk"
    late = {
        one.label: one
        for one in saying.tiles_of(standing(Health.RED, saved_at=NOW - 40 * HOUR, rto=9e4, rpo=60.0), NOW)
    }
    assert [
        late[name].tone for name in ("Last backup", "Restore proven", "Time to restore", "Would be lost")
    ] == ["crit", "crit", "crit", ""]
    assert (late["Last backup"].value, late["Last backup"].small) == ("40\xa0h", "of 26\xa0h")


def test_3_2_1_is_judged_by_its_parts() -> None:
    assert saying.holds_321(standing(Health.GREEN, copies=3, media=2, offsite=1))
    assert [kept for kept, _ in saying.rule_321(standing(Health.GREEN, copies=2, media=2, offsite=0))] == [
        False,
        True,
        False,
    ]


def test_runs_say_how_far_they_are_and_what_came_of_them() -> None:
    going = saved(
        NOW - 90, ended_at=None, stage=Stage.RUNNING, progress=Progress(step="The paths are stored.")
    )
    assert saying.of_run(going, NOW) == saying.Said(
        title="Backup of shop is running for 1\xa0min\xa030\xa0s.", text="The paths are stored.", tone="info"
    )
    assert saying.of_run(failed(NOW), NOW).tone == "crit"
    assert saying.of_run(drilled(NOW), NOW).title == "Drill of shop: proven in 4\xa0min\xa012\xa0s."
    slow = drilled(NOW, rto=12.0, ended_at=NOW + 900.0)
    assert "proven in 12" in saying.of_run(slow, NOW).title, "the restore alone is what everybody asks for"
    assert [saying.of_runs(found).tone for found in ([], [saved(NOW)], [saved(NOW), failed(NOW)])] == [
        "off",
        "ok",
        "crit",
    ]
    assert saying.kept(Keep(daily=7, weekly=0, monthly=0)) == "7 daily"
    assert saying.kept(Keep(daily=0, weekly=0, monthly=0)) == "everything"
    assert saying.settings({"one_file_system": True, "paths": ["/a", "/b"]}) == [
        ("one file system", "yes"),
        ("paths", "/a, /b"),
    ]
    assert saying.source_name(What(kind="paths", name="media")) == "paths/media"


def test_moments_are_what_was_listed_and_what_was_stored_since() -> None:
    listing = Listing(
        plan=1,
        copy="box",
        at=NOW - DAY,
        snapshots=(Snapshot(name="a", at=NOW - 2 * DAY), Snapshot(name="b", at=NOW - 30 * HOUR)),
    )
    runs = [
        saved(NOW - HOUR, snapshot="c"),
        saved(NOW - 3 * DAY, snapshot="pruned"),
        failed(NOW - 60),
        saved(NOW - HOUR, copy="disk", snapshot="d"),
    ]
    found = moments.of_copy("box", listing, runs)
    assert [one.name for one in found] == ["c", "b", "a"]
    assert [len(day.moments) for day in moments.days(found, "UTC")] == [1, 1, 1]
    assert moments.places(found, NOW)[0] == (0.0, 1)
    assert moments.places([], NOW) == []
    assert [one.name for one in moments.of_copy("box", None, runs)] == ["c", "pruned"]


class Settings(msgspec.Struct):
    paths: tuple[str, ...]
    mode: Literal["dump", "pitr"] = "dump"
    port: int = 5432
    quick: bool = False
    user: str | None = None
    odd: dict[str, int] = {}
    wait: Annotated[float, msgspec.Meta(ge=0)] = 30.0


def test_settings_of_a_source_are_fields_and_only_what_was_meant_is_kept() -> None:
    known = fields.of(Settings)
    assert [one.shape for one in known] == [
        Shape.LINES,
        Shape.CHOICE,
        Shape.NUMBER,
        Shape.SWITCH,
        Shape.TEXT,
        Shape.JSON,
        Shape.NUMBER,
    ]
    written = {one.name: fields.written(one, one.without) for one in known}
    assert written == {
        "paths": "",
        "mode": "dump",
        "port": "5432",
        "quick": False,
        "user": "",
        "odd": "{}",
        "wait": "30",
    }
    sent = {**written, "paths": "/srv/a b\r\n\r\n/srv/c", "port": "5433", "quick": "on"}
    values = fields.changed(known, {one.name: fields.read(one, sent[one.name]) for one in known})
    assert values == {"paths": ["/srv/a b", "/srv/c"], "port": 5433, "quick": True}
    assert msgspec.convert(values, Settings).port == 5433
    for name, text in (("port", "many"), ("odd", "{")):
        with pytest.raises(Invalid):
            fields.read(next(one for one in known if one.name == name), text)


def test_the_report_of_a_drill_is_one_file_that_says_what_failed_first_and_runs_nothing() -> None:
    bad = Check(name="<script>alert(1)</script>", passed=False, text="1 row is gone")
    one = drilled(NOW, stage=Stage.FAILED, sentence="1 row is gone.", fix="Keep older ones.", checks=(Check(name="it starts", passed=True), bad),
                  signature=Signature(key="a2V5", text="c2ln"))  # fmt: skip
    page = paper.whole(one, KNOWN, "db-1", True, "UTC")
    assert "Restore of shop not proven" in page
    assert page.index("alert(1)") < page.index("it starts")
    assert "<script>" not in page
    assert "default-src 'none'" in page
    assert "4\xa0min\xa012\xa0s, of 1\xa0h at most" in page
    assert "signature was verified here" in page
    assert "Not as it was signed" in paper.whole(one, None, "", False, "UTC")
    assert "Nothing." in paper.whole(drilled(NOW, checks=()), KNOWN, "db-1", None, "UTC")
