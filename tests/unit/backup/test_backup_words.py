"""Plans of files and flags, what is remembered without a server, and the questions of a restore."""

import os
from pathlib import Path

import msgspec
import pytest
from tests.support.backups import Vault, plan_of, work_of

from vedette.cli import backup_plans, backup_progress, backup_restoring, backup_telling, backup_wizard
from vedette.cli.backup_acting import Desk
from vedette.cli.backup_options import Wanted, Where
from vedette.cli.backup_state import State, folder_of, last_good
from vedette.core.errors import ConfigError
from vedette.instruments.backup.types import Repository, Secret
from vedette.wire.backup import (
    Aim,
    BackupRun,
    Check,
    Copy,
    DrillRun,
    Entry,
    Failure,
    Progress,
    Snapshot,
    Stage,
)

NOW = 1_764_000_000.0
PLAN = """\
[[backup]]
name = "shop"
what = [{ kind = "paths", settings = { paths = ["/srv/shop"] } }]
copies = [
  { name = "disk", engine = "borg", at = "/backup/shop" },
  { name = "box", engine = "restic", at = "sftp://u1@box/shop", offsite = true },
]
"""
REPOSITORY = Repository(name="shop/disk", at="/backup/shop", password=Secret("x"))


def run_of(began_at: float = NOW, **changes: object) -> BackupRun:
    made = BackupRun(
        id=f"{began_at:.0f}", plan="shop", copy="disk", engine="borg", began_at=began_at, stage=Stage.DONE
    )
    return msgspec.structs.replace(made, **changes)


def config(tmp_path: Path, text: str) -> Where:
    path = tmp_path / "vedette.toml"
    path.write_text(text)
    return Where(config=path)


def test_a_file_names_its_plans_and_their_copies(tmp_path: Path) -> None:
    plan = backup_plans.plan(config(tmp_path, f"port = 8700\n{PLAN}"), "")
    assert plan.name == "shop"
    assert [copy.name for copy in backup_plans.copies(plan, "")] == ["disk", "box"]
    assert [copy.name for copy in backup_plans.copies(plan, "box")] == ["box"]
    with pytest.raises(ConfigError, match="shop is kept in disk, box"):
        backup_plans.copies(plan, "tape")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "There is no plan here"),
        ("[[backup]\n", "vedette.toml:1: This is no TOML"),
        (PLAN.replace('name = "shop"', 'name = "Shop!"'), "vedette.toml:2: 'Shop!' is no name"),
        (PLAN + PLAN, "There are two plans shop"),
        (PLAN.replace('kind = "paths", ', ""), "kind"),
        (PLAN.replace('at = "/backup/shop"', "at = 7"), "vedette.toml:"),
        (
            PLAN.replace("copies =", "catch_up = true\ncopies ="),
            "vedette.toml:4: There is no `catch_up` here",
        ),
        (PLAN.replace("offsite", "ofsite"), "There is no `ofsite` here; did you mean `offsite`?"),
        (PLAN.partition("copies")[0] + "copies = []\n", "says not what is saved"),
    ],
)
def test_what_is_wrong_in_a_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        backup_plans.plans(config(tmp_path, text))
    assert words in str(told.value)


def test_a_plan_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'ship' is no plan; there are shop"):
        backup_plans.plan(config(tmp_path, PLAN), "ship")
    with pytest.raises(ConfigError, match="cannot be read"):
        backup_plans.plans(Where(config=tmp_path / "none.toml"))


def test_flags_make_a_plan_that_keeps_its_name() -> None:
    where = Where(adhoc=True, path=(Path("/srv/a"), Path("/srv/%b")), to="/backup/a", exclude=("*.log",))
    plan = backup_plans.plan(where, "")
    assert plan == backup_plans.plan(where, "")
    assert plan.what[0].settings == {"paths": ["/srv/a", "/srv/%25b"], "excludes": ["*.log"]}
    other = backup_plans.plan(Where(adhoc=True, path=(Path("/srv/a"),), to="/backup/a"), "")
    assert other.name != plan.name
    with pytest.raises(ConfigError, match="wants --path"):
        backup_plans.plans(Where(adhoc=True))


def test_secrets_come_from_files_and_never_from_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p").write_text("first line\nsecond\n")
    (tmp_path / "empty").touch()
    copy = Copy(name="box", engine="restic", at="/backup")
    given = backup_plans.secrets(
        Where(password_file=tmp_path / "p", secret=(f"access_key={tmp_path / 'p'}",)), copy
    )
    assert given == {"password": "first line", "access_key": "first line"}
    monkeypatch.setenv("VEDETTE_BACKUP_PASSWORD", "of the environment")
    assert backup_plans.secrets(Where(), copy) == {"password": "of the environment"}
    for wrong in (
        Where(secret=("access_key",)),
        Where(password_file=tmp_path / "none"),
        Where(password_file=tmp_path / "empty"),
    ):
        with pytest.raises(ConfigError):
            backup_plans.secrets(wrong, copy)


def test_secrets_of_a_file_are_named_by_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("secret key\n")
    monkeypatch.setenv("SHOP_KEY", "of the environment")
    given = f'given = {{ secret_key = {{ file = "{tmp_path / "key"}" }}, access_key = {{ env = "SHOP_KEY" }} }}, offsite'
    where = config(tmp_path, PLAN.replace("offsite", given))
    copy = backup_plans.plan(where, "").copies[1]
    assert backup_plans.secrets(where, copy) == {
        "secret_key": "secret key",
        "access_key": "of the environment",
    }
    monkeypatch.delenv("SHOP_KEY")
    with pytest.raises(ConfigError, match="The secret access_key"):
        backup_plans.secrets(where, copy)


def test_reports_are_signed_kept_and_listed_newest_first(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    for ago in (3, 1, 2):
        state.keep(REPOSITORY, run_of(NOW - ago))
    reports = state.reports(REPOSITORY)
    assert [one.began_at for one in reports] == [NOW - 1, NOW - 2, NOW - 3]
    assert all(state.signed(one) for one in reports)
    assert not state.signed(msgspec.structs.replace(reports[0], sentence="Fine."))  # type: ignore[arg-type]
    assert last_good(reports) == reports[0]
    elsewhere = msgspec.structs.replace(REPOSITORY, at="/backup/other")
    assert state.reports(elsewhere) == ()


def test_an_act_that_was_killed_is_told_as_such(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    child = os.fork()
    if child == 0:
        with state.under_way(REPOSITORY, run_of(stage=Stage.RUNNING)):
            os._exit(9)  # as kill -9 does: nothing is tidied up
    os.waitpid(child, 0)
    told = state.settled(REPOSITORY, NOW + 60)
    assert [(one.stage, one.failure) for one in told] == [(Stage.FAILED, Failure.INTERRUPTED)]
    assert told[0].ended_at == NOW + 60
    assert len(state.settled(REPOSITORY, NOW + 90)) == 1


def test_an_act_under_way_is_left_alone(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    with state.under_way(REPOSITORY, run_of(stage=Stage.RUNNING)):
        assert state.settled(REPOSITORY, NOW) == ()


def test_passwords_that_were_made_here_are_sealed(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    assert state.password("shop/disk", "/backup/shop") == ""
    state.keep_password("shop/disk", "/backup/shop", "correct horse")
    assert state.password("shop/disk", "/backup/shop") == "correct horse"
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert all(b"correct horse" not in path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_the_state_lies_where_the_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder_of(tmp_path) == tmp_path
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert folder_of(None) == tmp_path / "vedette/backups"


class Answers:
    """A person who knows what to say."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.said = list(answers), list[str]()

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, question: str, usual: str = "") -> str:
        self.said.append(question)
        return self.answers.pop(0) or usual


SNAPSHOTS = [Snapshot(name="new", at=NOW - 60, bytes=2_000), Snapshot(name="old", at=NOW - 86_400)]
PROVEN = DrillRun(
    id="1",
    plan="shop",
    copy="disk",
    engine="borg",
    snapshot="old",
    saved_at=NOW,
    began_at=NOW,
    stage=Stage.DONE,
)


def test_moments_are_on_a_timeline_with_what_was_proven() -> None:
    person = Answers("7", "x", "2")
    assert backup_wizard.moment(person, SNAPSHOTS, [PROVEN], NOW).name == "old"
    assert "1 min ago, 2 KB" in person.said[0]
    assert "1 d ago, proven" in person.said[1]
    assert person.said.count("Type a number from 1 to 2.") == 2
    assert backup_wizard.moment(Answers(""), SNAPSHOTS, [], NOW).name == "new"
    with pytest.raises(ConfigError, match="no snapshot"):
        backup_wizard.moment(Answers(), [], [], NOW)


def look(below: str) -> list[Entry]:
    inside = {
        "": [Entry("/srv", "folder", 0, NOW)],
        "srv": [Entry("/srv/a", "file", 5, NOW), Entry("/srv/b", "folder", 0, NOW)],
    }
    return inside.get(below, [])


def test_what_comes_back_is_everything_one_source_or_single_files() -> None:
    assert backup_wizard.part(Answers(""), Aim(), ["paths"], look) == Aim()
    assert backup_wizard.part(Answers("3"), Aim(), ["paths", "postgres"], look).what == "postgres"
    walked = Answers("2", "1", "..", "1", "9", "1", "+2", "done")
    assert backup_wizard.part(walked, Aim(), ["paths"], look).paths == ("/srv/a", "/srv/b")
    with pytest.raises(ConfigError, match="Nothing was chosen"):
        backup_wizard.part(Answers("2", "done"), Aim(), ["paths"], look)


def test_live_data_is_overwritten_by_its_name_alone() -> None:
    assert backup_wizard.place(Answers("2"), Path("/here")) is None
    assert backup_wizard.place(Answers("", ""), Path("/here")) == Path("/here")
    assert backup_wizard.confirmed(Answers("shpo"), "shop", "", "") == "shpo"  # the restore refuses it
    assert backup_wizard.confirmed(Answers("y"), "shop", "/back", "") == ""
    with pytest.raises(ConfigError, match="Nothing was restored"):
        backup_wizard.confirmed(Answers("no"), "shop", "/back", "")


@pytest.mark.parametrize(
    ("cluster", "before", "all_of_it"), [(True, "", True), (True, "2026-11-27", False), (False, "", False)]
)
def test_the_questions_say_how_far_a_cluster_goes_on(
    tmp_path: Path, *, cluster: bool, before: str, all_of_it: bool
) -> None:
    engine = msgspec.structs.replace(Vault().engine(), cluster=cluster)
    work = msgspec.structs.replace(work_of(tmp_path, Vault(), plan_of(tmp_path)), engines={"memory": engine})
    person, wanted = (
        Answers("no"),
        Wanted(snapshot="old", before=before, what="folder", into=tmp_path / "back"),
    )
    with pytest.raises(ConfigError, match="Nothing was restored"):
        backup_restoring._restored(work, Desk(Where(state=tmp_path)), wanted, person)
    assert ("all that was archived after it" in person.said[0]) is all_of_it
    assert f"would come back below {tmp_path}/back" in person.said[0]


def test_instants_are_read_with_and_without_a_zone() -> None:
    read = backup_restoring._instant
    assert read("2026-11-27 14:03:20") == read("2026-11-27T15:03:20+01:00")
    assert read("") is None
    with pytest.raises(ConfigError, match="is no instant"):
        read("yesterday")


def test_what_steers_a_terminal_is_never_printed() -> None:
    drill = msgspec.structs.replace(
        PROVEN, stage=Stage.FAILED, sentence="1 failed.", checks=(Check(name="a\x1b[2Jb", passed=False, text="x\x07"),), fix="Look.", output="said"
    )  # fmt: skip
    told = backup_telling.report(drill)
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "NO  a [2Jb" in told
    assert "To do: Look." in told
    assert "It said: said" in told


def test_progress_reads_in_words() -> None:
    progress = Progress(step="Saving", files=1_200, bytes=3_000_000, eta=61.0)
    assert backup_progress.line(progress) == "Saving, 1,200 files, 3 MB, 1 min 1 s left"
