"""Which package brought a program that listens: by dpkg's lists of files, and by apk's database."""

from pathlib import Path

from vedette.instruments.live.listening import Waiting, program_files
from vedette.instruments.live.packaging import packages_of


def test_dpkg_lists_the_files_of_its_packages(tmp_path: Path) -> None:
    lists = tmp_path / "var/lib/dpkg/info"
    lists.mkdir(parents=True)
    (lists / "openssh-server.list").write_text("/.\n/usr/sbin/sshd\n")
    (lists / "libc6:amd64.list").write_text("/lib/ld.so\n")
    (lists / "postinst").write_text("/usr/sbin/nginx\n")
    programs = {"/usr/sbin/sshd", "/usr/lib/ld.so", "/usr/sbin/nginx"}
    assert packages_of(tmp_path, programs) == {"/usr/sbin/sshd": "openssh-server", "/usr/lib/ld.so": "libc6"}


def test_apk_lists_them_in_its_database(tmp_path: Path) -> None:
    database = tmp_path / "lib/apk/db/installed"
    database.parent.mkdir(parents=True)
    database.write_text("P:nginx\nV:1\nF:usr/sbin\nR:nginx\nF:etc\nR:nginx.conf\n\nP:other\nF:bin\nR:x\n")
    assert packages_of(tmp_path, {"/usr/sbin/nginx", "/opt/own"}) == {"/usr/sbin/nginx": "nginx"}
    assert packages_of(tmp_path / "none", {"/usr/sbin/nginx"}) == {}


def process(root: Path, number: int, space: str, program: str, inode: int) -> None:
    """Write what the kernel shows of a process: where it lives, its program, and a socket that it holds."""
    folder = root / "proc" / str(number)
    for name, target in (("ns/mnt", f"mnt:[{space}]"), ("exe", program), ("fd/3", f"socket:[{inode}]")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(target)


def listener(port: int, inode: int) -> Waiting:
    return Waiting(port=port, protocol="tcp", address="0.0.0.0", inode=inode, uid=0)


def test_the_file_of_a_program_that_listens_is_told_but_not_of_one_in_a_container(tmp_path: Path) -> None:
    process(tmp_path, 1, "41", "/sbin/init", 7)
    process(tmp_path, 20, "41", "/usr/sbin/sshd (deleted)", 8)
    process(tmp_path, 30, "99", "/usr/sbin/nginx", 9)
    found = program_files(tmp_path, frozenset({listener(22, 8), listener(80, 9), listener(5432, 10)}))
    assert found == {"tcp 0.0.0.0:22": "/usr/sbin/sshd"}


def test_a_program_of_another_user_who_may_not_be_asked_is_left_out(tmp_path: Path) -> None:
    process(tmp_path, 20, "41", "/usr/sbin/sshd", 8)  # where process 1 lives is not shown
    assert program_files(tmp_path, frozenset({listener(22, 8)})) == {}
