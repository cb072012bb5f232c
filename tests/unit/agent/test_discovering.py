"""Which logs a host has."""

from pathlib import Path

from vedette.agent.config import Source
from vedette.agent.discovering import discovered


def made(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def test_a_host_with_syslog_and_nginx(tmp_path: Path) -> None:
    made(
        tmp_path,
        "var/log/auth.log",
        "var/log/mail.log",
        "var/log/nginx/access.log",
        "var/log/journal/id/system.journal",
    )
    found = {one.path.removeprefix(str(tmp_path)) for one in discovered(tmp_path)}
    assert found == {"/var/log/auth.log", "/var/log/mail.log", "/var/log/nginx/*.log"}


def test_a_host_with_the_journal_alone(tmp_path: Path) -> None:
    made(tmp_path, "run/log/journal/id/system.journal", "var/log/caddy/x")
    assert discovered(tmp_path) == (Source(path=f"{tmp_path}/var/log/caddy/*.log"), Source())


def test_a_host_without_logs(tmp_path: Path) -> None:
    (tmp_path / "var/log/journal").mkdir(parents=True)
    assert discovered(tmp_path) == ()
