"""Real files in a scratch root: what changes is told once, in few reports, with what explains it."""

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.instruments.files.integrity import DAY, Integrity
from vedette.instruments.files.types import DeployMark, FileSet
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.wire.agent.types import HostChange

NOW = 1_764_000_000.0
FILES = FileSet(paths=("/etc", "/usr/bin", "/srv/www"), excludes=("/etc/.pwd.lock", "/srv/www/cache/*"))


class Host:
    """A scratch host whose integrity is looked at; its clock is moved by hand."""

    def __init__(self, root: Path) -> None:
        self.root, self.now = root, NOW
        for folder in ("etc/nginx", "usr/bin", "srv/www/cache", "var/lib/dpkg/info", "var/log"):
            (root / folder).mkdir(parents=True)
        for name in ("etc/passwd", "etc/nginx/nginx.conf", "usr/bin/ls", "srv/www/index.html"):
            (root / name).write_text(f"{name}\n")
        self.witnesses = Witnesses(root, dt.UTC)
        self.integrity = self.started()

    def started(self) -> Integrity:
        found = Integrity(FILES, self.root / "baseline.db", self.witnesses, self.root)
        found.start()
        while found.learning:
            assert not found.look(self.now, 0.0)
        return found

    def started_anew(self) -> Integrity:
        found = Integrity(FILES, self.root / "baseline.db", self.witnesses, self.root)
        found.start()
        return found

    def told(self, seconds: float = 30.0) -> list[HostChange]:
        """Return what is told while that time goes by."""
        found: list[HostChange] = []
        end = self.now + seconds
        while self.now < end:
            found += self.integrity.look(self.now, 0.0)
            self.now += 0.5
        return found

    def dpkg(self, line: str, at: float) -> None:
        log = self.root / "var/log/dpkg.log"
        stamp = dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
        with log.open("a") as file:
            file.write(f"{stamp} {line}\n")
        os.utime(log, (at, at))

    def package(self, name: str, **files: str) -> None:
        info = self.root / "var/lib/dpkg/info"
        paths = [path.replace("__", "/").replace("_dot_", ".") for path in files]
        sums = [hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in files.values()]
        (info / f"{name}.list").write_text("/.\n" + "".join(f"/{path}\n" for path in paths))
        (info / f"{name}.md5sums").write_text(
            "".join(f"{one}  {path}\n" for one, path in zip(sums, paths, strict=True))
        )


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    made.integrity.close()


def test_a_change_is_told_once_within_five_seconds(host: Host) -> None:
    (host.root / "etc/passwd").write_text("root::0:0::/:/bin/sh\n")
    (change,) = host.told(5.0)
    assert (change.kind, change.subject, change.severity) == ("file", "/etc/passwd", "high")
    assert change.before.startswith("file 0644")
    assert change.before != change.after
    assert host.told() == []


@pytest.mark.parametrize("way", ["new", "gone", "mode", "replaced", "link", "folder"])
def test_every_way_to_change_is_seen(host: Host, way: str) -> None:
    target = host.root / "usr/bin/ls"
    if way == "new":
        target = host.root / "usr/bin/nc"
        target.touch()
    elif way == "gone":
        target.unlink()
    elif way == "mode":
        target.chmod(0o4755)
    elif way == "replaced":
        other = host.root / "usr/bin/.ls.new"
        other.write_text("evil")
        other.rename(target)
    elif way == "link":
        target.unlink()
        target.symlink_to("/tmp/evil")
    else:
        target = host.root / "usr/bin/hidden"
        target.mkdir()
    (change,) = host.told(6.0)
    assert change.subject == "/" + str(target.relative_to(host.root))
    assert (change.before == "") == (way in {"new", "folder"})
    assert (change.after == "") == (way == "gone")


def test_a_replaced_file_with_the_same_content_is_no_change(host: Host) -> None:
    target = host.root / "etc/nginx/nginx.conf"
    other = target.with_suffix(".new")
    other.write_text(target.read_text())
    other.rename(target)
    assert host.told() == []


def test_same_size_and_times_hide_nothing(host: Host) -> None:
    target = host.root / "usr/bin/ls"
    was = target.stat()
    target.write_text("USR/BIN/LS\n")
    os.utime(target, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert [one.subject for one in host.told()] == ["/usr/bin/ls"]


def test_folders_that_come_and_go_are_told_with_what_is_in_them(host: Host) -> None:
    outside = host.root / "tmp"
    (outside / "kit/deep").mkdir(parents=True)
    (outside / "kit/deep/x").write_text("x")
    (outside / "kit").rename(host.root / "etc/kit")
    assert {one.subject for one in host.told()} == {"/etc/kit", "/etc/kit/deep", "/etc/kit/deep/x"}
    (host.root / "etc/kit/deep/y").write_text("later")
    assert "/etc/kit/deep/y" in {one.subject for one in host.told()}
    (host.root / "etc/kit").rename(outside / "back")
    assert {one.subject for one in host.told() if one.after == ""} >= {
        "/etc/kit",
        "/etc/kit/deep/x",
        "/etc/kit/deep/y",
    }


def test_links_are_not_followed_out(host: Host) -> None:
    (host.root / "secret").mkdir()
    (host.root / "etc/out").symlink_to(host.root / "secret")
    assert [one.subject for one in host.told()] == ["/etc/out"]
    (host.root / "secret/x").touch()
    assert host.told() == []


def test_what_is_excluded_is_not_told(host: Host) -> None:
    (host.root / "etc/.pwd.lock").touch()
    (host.root / "srv/www/cache/page").touch()
    assert [one.subject for one in host.told()] == []


def test_an_upgrade_is_one_report_that_names_the_packages(host: Host) -> None:
    files = {f"usr__bin__tool{n}": f"new {n}" for n in range(40)}
    host.package("tools", **files)
    host.dpkg("upgrade tools:amd64 1.0 1.1", host.now)
    for path, text in files.items():
        (host.root / path.replace("__", "/")).write_text(text)
    assert host.told(15.0) == []  # dpkg is at work
    (change,) = host.told(30.0)
    assert change.subject == "40 files in /usr/bin"
    assert change.explanation == "dpkg: upgrade tools:amd64 1.0 → 1.1"
    assert change.severity == "info"


def test_what_is_changed_in_the_shadow_of_an_upgrade_is_told_apart(host: Host) -> None:
    host.package("coreutils", usr__bin__ls="right")
    host.dpkg("upgrade coreutils:amd64 9.1 9.2", host.now)
    (host.root / "usr/bin/ls").write_text("wrong")
    (host.root / "etc/evil.sh").write_text("x")
    found = {one.subject: one for one in host.told(60.0)}
    assert {name: one.severity for name, one in found.items()} == {
        "/usr/bin/ls": "high",
        "/etc/evil.sh": "high",
    }


def test_a_merged_usr_is_the_same_file(host: Host) -> None:
    host.package("coreutils", bin__ls="right")
    host.dpkg("upgrade coreutils:amd64 9.1 9.2", host.now)
    (host.root / "usr/bin/ls").write_text("right")
    (change,) = host.told(60.0)
    assert change.severity == "info"


def test_a_deploy_explains_its_folders_alone(host: Host) -> None:
    host.witnesses.deployed(
        DeployMark(name="shop 2026.11", at=host.now, until=host.now + 60, folders=("/srv/www",))
    )
    (host.root / "srv/www/index.html").write_text("new")
    (host.root / "etc/passwd").write_text("new")
    found = {one.subject: (one.explanation, one.severity) for one in host.told()}
    assert found == {"/etc/passwd": ("", "high"), "/srv/www/index.html": ("deploy shop 2026.11", "info")}


def test_a_person_explains_what_was_changed_by_sudo(host: Host) -> None:
    fields = {"command": "/usr/bin/vim /etc/nginx/nginx.conf --password=hunter2", "as": "root"}
    host.witnesses.heard(LogEntry(parser="sudo", event="command", kind=EntryKind.COMMAND, service="sudo", at=NOW - 40, user="anna", fields=fields))  # fmt: skip
    (host.root / "etc/nginx/nginx.conf").write_text("new")
    (change,) = host.told()
    assert change.explanation.startswith("anna ran vim … /etc/nginx/nginx.conf as root, 4")
    assert change.severity == "medium"
    assert "hunter2" not in repr(change)


def test_a_restart_tells_what_changed_meanwhile_and_forgets_nothing(host: Host) -> None:
    (host.root / "etc/passwd").write_text("changed and not told")
    host.integrity.look(host.now, 0.1)
    host.integrity.close()  # killed before it settled
    (host.root / "usr/bin/ls").write_text("while away")
    (host.root / "etc/nginx/nginx.conf").unlink()
    host.integrity = host.started()
    assert {one.subject for one in host.told()} == {"/etc/passwd", "/usr/bin/ls", "/etc/nginx/nginx.conf"}
    assert host.told() == []


def test_everything_is_looked_at_once_a_day(host: Host) -> None:
    host.integrity._tree._watched.clear()  # no event reaches us
    (host.root / "usr/bin/ls").write_text("unseen")
    assert host.told() == []
    host.now += DAY
    assert [one.subject for one in host.told()] == ["/usr/bin/ls"]


def test_many_changes_of_a_folder_are_one_report(host: Host) -> None:
    for n in range(200):
        (host.root / f"srv/www/{n}.php").write_text("x")
    (change,) = host.told()
    assert change.subject == "200 files in /srv/www"
    assert "and 192 more" in change.after


def test_names_of_bytes_are_kept_and_shown_safely(host: Host) -> None:
    (host.root / "etc" / os.fsdecode(b"\xff\x1b[2J")).write_text("x")
    (change,) = host.told()
    assert "\x1b" not in change.subject
    assert host.told() == []


def test_a_pipe_is_no_reason_to_wait(host: Host) -> None:
    os.mkfifo(host.root / "etc/pipe")
    (change,) = host.told()
    assert change.after.startswith("other")


def test_a_baseline_that_was_not_finished_is_learned_on(host: Host) -> None:
    host.integrity._baseline.put("/usr/bin/ls", None)
    host.integrity._baseline.note("swept", 0.0)
    (host.root / "etc/passwd").write_text("changed, and it was known already")
    host.integrity.close()
    host.integrity = host.started_anew()
    assert [one.subject for one in host.told()] == ["/etc/passwd"]
