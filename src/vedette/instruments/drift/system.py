"""sshd, kernel values and modules, ports, cron, units and packages, as they are now."""

import hashlib

from vedette.instruments.audit.asking import packages as installed
from vedette.instruments.audit.types import NotApplicable
from vedette.instruments.drift.comparing import bounded
from vedette.instruments.drift.types import State
from vedette.instruments.live.types import Live, Missing, Unreadable

_CRON = (
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/var/spool/cron/crontabs",
)
_UNITS = ("/etc/systemd/system", "/usr/local/lib/systemd/system", "/etc/systemd/user")
_SHIPPED = ("/usr/lib/systemd/system", "/lib/systemd/system")
_MOST = 5000
_SYSCTLS = (
    "kernel.randomize_va_space", "kernel.yama.ptrace_scope", "kernel.kptr_restrict", "kernel.dmesg_restrict", "kernel.core_pattern",
    "kernel.unprivileged_bpf_disabled", "kernel.perf_event_paranoid", "kernel.modprobe", "kernel.modules_disabled", "kernel.sysrq",
    "kernel.kexec_load_disabled", "kernel.tainted", "kernel.hostname", "kernel.unprivileged_userns_clone", "fs.suid_dumpable",
    "fs.protected_hardlinks", "fs.protected_symlinks", "fs.protected_fifos", "fs.protected_regular", "fs.binfmt_misc.status",
    "net.core.bpf_jit_harden", "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv4.tcp_syncookies",
    "net.ipv4.conf.all.accept_redirects", "net.ipv4.conf.default.accept_redirects", "net.ipv4.conf.all.send_redirects",
    "net.ipv4.conf.all.accept_source_route", "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.log_martians",
    "net.ipv4.conf.all.route_localnet", "net.ipv4.icmp_echo_ignore_broadcasts", "net.ipv6.conf.all.accept_redirects",
    "net.ipv6.conf.all.accept_source_route", "net.ipv6.conf.all.accept_ra", "net.ipv6.conf.all.disable_ipv6",
    "vm.mmap_min_addr", "vm.unprivileged_userfaultfd", "dev.tty.ldisc_autoload",
)  # fmt: skip


def sshd(live: Live) -> State:
    """Return what sshd would do (`sshd -T`), option by option; nothing where it is not installed."""
    try:
        told = live.ran("sshd", "-T")
    except Missing:
        return {}
    found: dict[str, str] = {}
    for line in told.splitlines():
        name, _, value = line.strip().partition(" ")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def sysctls(live: Live) -> State:
    """Return kernel values on which hardening rests."""
    found = {}
    for name in _SYSCTLS:
        try:
            found[name] = live.text("/proc/sys/" + name.replace(".", "/")).strip()
        except (Missing, Unreadable):
            continue
    return found


def modules(live: Live) -> State:
    """Return the kernel's modules by name."""
    try:
        return {line.split()[0]: "loaded" for line in live.text("/proc/modules").splitlines() if line.split()}
    except Missing:
        return {}


def ports(live: Live) -> State:
    """Return what listens, with program and user; what this host alone reaches on a port of the moment is left out."""
    low, high = _given(live)
    return {one.place: f"{one.program or 'unknown program'} of {one.user}" for one in live.listening() if not (one.local and low <= one.port <= high)}  # fmt: skip


def _given(live: Live) -> tuple[int, int]:
    try:
        low, high = live.text("/proc/sys/net/ipv4/ip_local_port_range").split()
        return int(low), int(high)
    except (Missing, Unreadable, ValueError):
        return 32_768, 60_999


def cron(live: Live) -> State:
    """Return crontabs and what cron runs, by file."""
    return _texts(live, ["/etc/crontab", *(path for folder in _CRON for path in _inside(live, folder))])


def units(live: Live) -> State:
    """Return units and timers of this host by file; of those that packages ship, a digest."""
    own = _texts(live, [path for folder in _UNITS for path in _deep(live, folder)])
    shipped = {path: _digest(live, path) for path in _inside(live, _SHIPPED[0]) or _inside(live, _SHIPPED[1])}
    return own | {path: digest for path, digest in shipped.items() if digest}


def behind_units(live: Live) -> tuple[str, ...]:
    """Return the folders in which units lie, those inside others too."""
    return (*(f for top in _UNITS for f in (top, *_folders(live, top))), *_SHIPPED)


def packages(live: Live) -> State:
    """Return the versions of packages; nothing where there is no dpkg."""
    try:
        return dict(installed(live))
    except NotApplicable:
        return {}


def _texts(live: Live, paths: list[str]) -> dict[str, str]:
    found = {}
    for path in paths[:_MOST]:
        try:
            status = live.status(path)
            text = live.text(path) if status.kind in {"file", "link"} else ""
        except (Missing, Unreadable):
            continue
        head = [f"mode {status.mode:04o}, owner {status.uid}"] if status.kind == "file" else [status.kind]
        said = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
        found[path] = bounded("\n".join([*head, *said]))
    return found


def _digest(live: Live, path: str) -> str:
    try:
        return hashlib.blake2b(live.text(path).encode(), digest_size=16).hexdigest()
    except (Missing, Unreadable):
        return ""


def _inside(live: Live, folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in live.names(folder)][:_MOST]
    except (Missing, Unreadable):
        return []


def _folders(live: Live, top: str) -> list[str]:
    found = []
    for path in _inside(live, top):
        try:
            if live.status(path).kind == "folder":
                found.append(path)
        except (Missing, Unreadable):
            continue
    return found


def _deep(live: Live, top: str) -> list[str]:
    return [path for folder in (top, *_folders(live, top)) for path in _inside(live, folder)]
