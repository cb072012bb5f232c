"""Runs one journey apart: as another user, in namespaces of its own where it may, watched, and ended with all that it started.

A program of its own (`python -I confining.py <control>`), with nothing but the standard library: it stays what Vedette is,
and what it starts becomes the journey's user. Over `control` it reads one line of JSON, hands over the socket on which the
journey's browser reaches the proxy, and says at last how it ended. When the other end of `control` closes it ends everything.

Sources: namespaces(7), capabilities(7), unshare(2), capset(2), prctl(2), setrlimit(2), proc(5), netdevice(7).
"""

import array
import contextlib
import ctypes
import fcntl
import json
import os
import resource
import select
import shutil
import signal
import socket
import stat
import struct
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedette.instruments.probe.journey.apart.counting import Use, below, filled, read, use
else:
    sys.path.insert(0, os.path.dirname(__file__))  # noqa: PTH120 - `-I` leaves it out; there is nothing in it but ours
    from counting import Use, below, filled, read, use

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
_SET_PDEATHSIG, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 1, 36, 38
_CAP_AMBIENT, _CLEAR_ALL, _CAPABILITIES_3 = 47, 4, 0x20080522
_CAP_NET_ADMIN, _CAP_SYS_ADMIN = 12, 21
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_EVERY = 0.1  # seconds between looks at what the journey uses
_MOST_PROCESSES = 200
_MOST_TASKS = 1024
_LIBC = ctypes.CDLL(None, use_errno=True)
# Folders that others can write into, or that hold sockets of services: the journey gets empty ones of its own.
_COVERED = ("/tmp", "/var/tmp", "/dev/shm", "/run")  # noqa: S108 - they are covered, not used
Job = Mapping[str, Any]  # Any: JSON that `journey/running.py` writes


def main(control: socket.socket) -> None:
    """Run the journey that `control` names to its end."""
    job: Job = json.loads(_line(control))
    apart = bool(job["spaces"]) and _unshared(job)
    _prctl(_SET_CHILD_SUBREAPER, 1)
    if apart:
        _lift_loopback()
        _hand_over(control, _listener())
    else:
        control.sendall(b"-")
    disk = _home_in_memory(job) if apart else None
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        _become(job, ready, apart=apart)
    os.close(ready)
    os.write(go, b"!")
    why, status, most = _watched(child, control, job, disk)
    _end(child, apart=apart)
    if disk is None:
        _sweep(job)
    told = {"why": why, "status": status, "memory": most.memory, "seconds": round(most.seconds, 2)}
    with contextlib.suppress(OSError):
        control.sendall(json.dumps(told).encode() + b"\n")


def _line(control: socket.socket) -> bytes:
    found = b""
    while not found.endswith(b"\n"):
        piece = control.recv(65_536)
        if not piece:
            sys.exit(1)
        found += piece
    return found


def _unshared(job: Job) -> bool:
    """Leave the namespaces of processes, network and messages; as an ordinary user within one of users. False where that is not let."""
    flags = _NEWPID | _NEWNET | _NEWIPC
    if _holds(_CAP_NET_ADMIN, _CAP_SYS_ADMIN) and _LIBC.unshare(flags) == 0:
        return True
    if job["uid"] != os.getuid() or not _mounts_in_a_space_of_users() or _LIBC.unshare(flags | _NEWUSER) != 0:
        return False
    _map_user()
    return True


def _holds(*capabilities: int) -> bool:
    for line in read("/proc/self/status").splitlines():
        if line.startswith(b"CapEff:"):
            held = int(line.split()[1], 16)
            return all(held >> number & 1 for number in capabilities)
    return False


def _map_user() -> None:
    uid, gid = os.getuid(), os.getgid()
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - no more imports than needed
            file.write(text)


def _mounts_in_a_space_of_users() -> bool:
    """Find out, in a process that ends, whether all this may be done here: some systems let one unshare and do nothing more."""
    child = os.fork()
    if child == 0:
        try:
            if _LIBC.unshare(_NEWUSER | _NEWPID | _NEWNS | _NEWNET) == 0:
                os._exit(_mount_in_a_child())
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _mount_in_a_child() -> int:
    """Return 0 when the first process of new namespaces may mount a /proc of its own."""
    inner = os.fork()
    if inner == 0:
        done = _mount("none", "/", "", _MS_REC | _MS_PRIVATE) and _mount("proc", "/proc", "proc", _MS_NOSUID)
        os._exit(0 if done else 1)
    return os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1])


def _lift_loopback() -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", _IFF_UP, b""))


def _listener() -> socket.socket:
    """Return what listens inside of the journey's network: whoever holds it accepts from there, wherever he is."""
    made = socket.create_server(("127.0.0.1", 0), backlog=256)
    made.setblocking(False)
    return made


def _hand_over(control: socket.socket, made: socket.socket) -> None:
    fds = array.array("i", [made.fileno()])
    control.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
    made.close()


def _home_in_memory(job: Job) -> int:
    """Mount one file system in memory for all that the journey may write, over its home; return its descriptor, by which it is counted."""
    try:
        _own_mounts()
        _mounted("tmpfs", job["home"], "tmpfs", _MS_NOSUID | _MS_NODEV, f"size={job['disk']},mode=755")
        return os.open(job["home"], os.O_PATH)
    except OSError as error:
        os.write(2, f"It cannot be run apart: {error}\n".encode())
        sys.exit(1)


def _own_mounts() -> None:
    if _LIBC.unshare(_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "mount")
    _mounted("none", "/", "", _MS_REC | _MS_PRIVATE)


def _become(job: Job, ready: int, *, apart: bool) -> None:
    """Become the journey's user, confined, and run what the journey is driven by. Never returns."""
    try:
        os.setsid()
        os.umask(0o022)  # the server's would close to the journey's user what is made for it
        home = _covered(job) if apart else job["home"]
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write("1000")  # when the machine's memory is short, this goes first
        _limit(job)
        _drop(job)
        _prctl(_SET_NO_NEW_PRIVS, 1)
        _prctl(_SET_PDEATHSIG, signal.SIGKILL)
        if os.read(ready, 1) != b"!":  # who started this has died before it could be told
            os._exit(1)
        os.chdir(home)
        for name in range(signal.SIGRTMAX):
            if name not in {0, signal.SIGKILL, signal.SIGSTOP, 32, 33}:
                signal.signal(name, signal.SIG_DFL)
        os.dup2(job["report"], 3)
        os.closerange(4, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), home)
        os.execve(job["command"][0], job["command"], {**job["environment"], **places})  # noqa: S606
    except OSError as error:
        os.write(2, f"It cannot be run apart: {error}\n".encode())
    finally:
        os._exit(1)


def _covered(job: Job) -> str:
    """Mount a /proc of the journey's own, and cover folders that others use; return its home. All of it is in the one memory."""
    _own_mounts()
    _mounted("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    memory = os.open(job["home"], os.O_PATH)
    _open_way(job)
    for folder in _COVERED:
        if not _is_needed(folder, job) and os.path.isdir(folder):  # noqa: PTH112
            name = folder.replace("/", "-")
            _made(name, 0o1777, memory)
            _mounted(f"/proc/self/fd/{memory}/{name}", folder, "", _MS_BIND)
    within = "/tmp" if not _is_needed("/tmp", job) else job["home"]  # noqa: S108
    home = f"{within}/home"
    _made(home, 0o700)
    os.chown(home, job["uid"], job["gid"])
    return home


def _made(path: str, mode: int, folder: int | None = None) -> None:
    os.mkdir(path, mode, dir_fd=folder)
    os.chmod(path if folder is None else f"/proc/self/fd/{folder}/{path}", mode)  # noqa: PTH101 - whatever the umask says


def _open_way(job: Job) -> None:
    """Show the journey's user what it needs of folders that are closed to it (Python in somebody's home), and nothing else of them."""
    closed = {path: _closed_above(path, job) for path in job["needs"]}
    opened = {path: os.open(path, os.O_PATH) for path, above in closed.items() if above}
    for folder in sorted({above for above in closed.values() if above}):
        _mounted("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755,size=1m")
    for path, number in opened.items():
        if not os.path.exists(path):  # noqa: PTH110
            _made_room(path, number)
            _mounted(f"/proc/self/fd/{number}", path, "", _MS_BIND)
        os.close(number)


def _made_room(path: str, number: int) -> None:
    """Make what an open folder or file can be mounted on: one of its own kind."""
    if stat.S_ISDIR(os.fstat(number).st_mode):
        os.makedirs(path, 0o755)  # noqa: PTH103
        return
    os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)  # noqa: PTH103, PTH120
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o755))


def _closed_above(path: str, job: Job) -> str:
    """Return the first folder above a path that the journey's user may not pass, empty when there is none."""
    parts = path.split("/")
    for n in range(2, len(parts)):
        folder = "/".join(parts[:n])
        found = os.stat(folder)  # noqa: PTH116
        bit = 0o100 if found.st_uid == job["uid"] else 0o010 if found.st_gid == job["gid"] else 0o001
        if not found.st_mode & bit:
            return folder
    return ""


def _is_needed(folder: str, job: Job) -> bool:
    return any(path.startswith(folder + "/") for path in job["needs"])


def _limit(job: Job) -> None:
    """Limit each process. There is no limit of address space: browsers reserve terabytes of it that they never use."""
    megabyte = 1 << 20
    wanted = {
        resource.RLIMIT_CPU: (int(job["seconds"]) + 1, int(job["seconds"]) + 2),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (4_096, 4_096),
        resource.RLIMIT_FSIZE: (256 * megabyte, 256 * megabyte),
        resource.RLIMIT_NPROC: (_MOST_TASKS, _MOST_TASKS),
    }
    for what, (soft, hard) in wanted.items():
        most = resource.getrlimit(what)[1]
        least = hard if most == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (min(soft, least), least))


def _drop(job: Job) -> None:
    """Become the journey's user, and give every capability up: those of one who is not root would outlast the change."""
    if job["uid"] != os.getuid():
        os.setgroups([])
        os.setresgid(job["gid"], job["gid"], job["gid"])
        os.setresuid(job["uid"], job["uid"], job["uid"])
    _LIBC.prctl(_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header, none = struct.pack("=Ii", _CAPABILITIES_3, 0), bytes(24)
    if _LIBC.capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "capset")


def _watched(child: int, control: socket.socket, job: Job, disk: int | None) -> tuple[str, int, Use]:
    """Wait for the end, and look meanwhile at what is used; return why it ended, the status, and the most that was used.

    `disk` is the file system in memory that counts.
    """
    most = Use()
    while True:
        heard, _, _ = select.select([control], [], [], _EVERY)
        if heard and not _recv(control):
            return "stopped", 0, most
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return "exit", os.waitstatus_to_exitcode(status), most
        now = use(os.getpid(), job["memory"], filled(disk))
        most = Use(
            max(most.memory, now.memory), max(most.seconds, now.seconds), max(most.processes, now.processes)
        )
        over = _over(now, job)
        if over:
            return over, 0, most


def _recv(control: socket.socket) -> bytes:
    try:
        return control.recv(1)
    except OSError:
        return b""


def _over(now: Use, job: Job) -> str:
    if now.memory > job["memory"]:
        return "memory"
    if now.seconds > job["seconds"]:
        return "seconds"
    return "processes" if now.processes > _MOST_PROCESSES else ""


def _end(child: int, *, apart: bool) -> None:
    """Kill everything that was started, and wait until nothing of it is left."""
    if apart:
        with contextlib.suppress(OSError):
            os.kill(child, signal.SIGKILL)  # the first process of its namespace: all others go with it
    while left := list(below(os.getpid())):
        for pid, _ in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        _reap()
        select.select([], [], [], 0.005)
    _reap()


def _sweep(job: Job) -> None:
    """Empty the journey's home as its owner: who only may become another user may not remove what that one made."""
    child = os.fork()
    if child == 0:
        try:
            _drop(job)
            for name in os.listdir(job["home"]):  # noqa: PTH208
                path = os.path.join(job["home"], name)  # noqa: PTH118
                if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    os.unlink(path)  # noqa: PTH108
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> bool:
    done = _LIBC.mount(
        source.encode(), target.encode(), kind.encode() or None, flags, options.encode() or None
    )
    return bool(done == 0)


def _mounted(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    if not _mount(source, target, kind, flags, options):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


def _prctl(what: int, value: int) -> None:
    if _LIBC.prctl(what, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "prctl")


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
