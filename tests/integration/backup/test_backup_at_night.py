"""What a tired person reads: help without noise, errors that say what to do, exit codes as they are told."""

from pathlib import Path

import pytest
from cyclopts import App

from vedette.cli import main
from vedette.cli.backing import APP
from vedette.cli.backup_restoring import RESTORE
from vedette.core.errors import ConfigError, VedetteError
from vedette.instruments.backup.failing import MEANS
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure


@pytest.mark.parametrize(
    ("app", "words"), [(APP, []), (APP, ["run"]), (APP, ["runs"]), (RESTORE, []), (APP, ["list"])]
)
def test_help_tells_exit_codes_and_nothing_that_is_empty(
    app: App, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    app([*words, "--help"], result_action="return_value")
    out = " ".join(capsys.readouterr().out.split())
    assert "[default:" not in out
    assert words or "Exit codes: 0" in out


def test_what_fails_says_what_to_do(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("seven turquoise lanterns\n")
    adhoc = [
        "--adhoc",
        "--path",
        str(tmp_path),
        "--to",
        str(tmp_path / "none"),
        "--state",
        str(tmp_path / "state"),
    ]
    with pytest.raises(Failed, match="is not there") as caught:
        APP(["list", *adhoc, "--password-file", str(password)], result_action="return_value")
    assert caught.value.fix.startswith("Mount the disk, make the folder")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (Failed(Failure.LOCKED, "Somebody holds it."), 1, f"Somebody holds it. {MEANS[Failure.LOCKED][1]}\n"),
        (VedetteError("It broke."), 1, "It broke.\n"),
        (ConfigError("Which plan?"), 2, "Which plan?\n"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    error: Exception,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(_: list[str]) -> None:
        raise error

    monkeypatch.setattr(main, "_run", fails)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert (ended.value.code, capsys.readouterr().err) == (code, said)


@pytest.mark.parametrize(
    "words",
    [["run", "--adhoc"], ["restore", "--into", "/a", "--live"], ["plans", "--config", "/nowhere/at.toml"]],
)
def test_words_that_make_no_sense_are_told_as_such(words: list[str]) -> None:
    with pytest.raises(ConfigError):
        APP(words, result_action="return_value")
