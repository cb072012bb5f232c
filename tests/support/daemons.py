"""Real servers on loopback that are looked at: started from Debian's packages on free ports, ended by their process."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.support import pki
from tests.support.ports import free_port

_PLACES = ("/usr/sbin", "/usr/lib/postgresql/15/bin", "/usr/lib/rabbitmq/bin")


def program(name: str) -> str:
    """Return where a program is, also where only root's PATH would find it."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(_places()))
    assert found, f"{name} is missing; tools/system-packages test installs it"
    return found


def _places() -> Sequence[str]:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [*_PLACES, *map(str, versions)]


@contextlib.contextmanager
def folder_of(owner: str) -> Iterator[Path]:
    """Yield a folder in /tmp with a good certificate in it, that belongs to a user when root makes it."""
    path = Path(tempfile.mkdtemp(prefix="vedette-daemon-", dir="/tmp"))
    pki.server_context(path, "good")
    (path / "root.pem").write_text(pki.root().pem)
    (path / "good.pem").chmod(0o600)
    if os.getuid() == 0 and owner:
        for each in (path, *path.iterdir()):
            shutil.chown(each, owner, pwd.getpwnam(owner).pw_gid)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    ports: Sequence[int],
    *,
    owner: str = "",
    seconds: float = 20.0,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a server until the block ends; it is ready when it listens on all its ports."""
    log = folder / "output.log"
    user = owner if owner and os.getuid() == 0 else None
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL, user=user, env=environment,
            group=pwd.getpwnam(user).pw_gid if user else None, extra_groups=[] if user else None,
        )  # fmt: skip
    try:
        _await(process, ports, log, seconds)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _await(process: subprocess.Popen[bytes], ports: Sequence[int], log: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    waiting = list(ports)
    while waiting and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", waiting[0]), 1).close()
            waiting.pop(0)
        except OSError:
            assert process.poll() is None, log.read_text(errors="replace")
            time.sleep(0.02)
    assert not waiting, log.read_text(errors="replace")


@contextlib.contextmanager
def sshd() -> Iterator[int]:
    """OpenSSH's server, as nobody: nobody can sign in, which no check wants to."""
    port = free_port()
    with folder_of("nobody") as folder:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
        if os.getuid() == 0:
            shutil.chown(folder / "key", "nobody")
        conf = folder / "sshd.conf"
        conf.write_text(f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/key\nPidFile none\nUsePAM no\n")
        with running([program("sshd"), "-D", "-e", "-f", str(conf)], folder, [port], owner="nobody"):
            yield port


_DOVECOT = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{folder}/good.pem
ssl_key = <{folder}/good.pem
{users}
passdb {{
  driver = static
  args = nopassword=y
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
service anvil {{
  chroot =
}}
"""


@contextlib.contextmanager
def dovecot() -> Iterator[tuple[int, int]]:
    """Dovecot; yields its ports of IMAP and of IMAP in TLS."""
    plain, secure = free_port(), free_port()
    me = pwd.getpwuid(os.getuid()).pw_name
    users = "" if me == "root" else f"default_internal_user = {me}\ndefault_login_user = {me}"
    with folder_of("") as folder:
        folder.chmod(0o755)
        conf = folder / "dovecot.conf"
        conf.write_text(_DOVECOT.format(folder=folder, plain=plain, secure=secure, users=users))
        with running([program("dovecot"), "-F", "-c", str(conf)], folder, [plain, secure]):
            yield plain, secure
