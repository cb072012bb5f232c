"""Which package brought a program that listens: by dpkg's lists of files, and by apk's database."""

import os
import socket
import sys
from pathlib import Path

import pytest

from vedette.instruments.live.listening import program_files, waiting
from vedette.instruments.live.packaging import packages_of
from vedette.instruments.live.types import Unreadable


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


def test_the_file_of_a_program_that_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        try:
            found = program_files(Path("/"), waiting())
        except Unreadable:
            pytest.skip("the kernel does not tell what listens")
        if not os.access("/proc/1/ns/mnt", os.R_OK):
            pytest.skip("another user may not ask where process 1 lives")
        port = server.getsockname()[1]
        assert found.get(f"tcp 127.0.0.1:{port}") == str(Path(sys.executable).resolve())
