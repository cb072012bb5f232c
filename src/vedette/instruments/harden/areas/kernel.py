"""Values and modules of the kernel: in files for the next boot, and at once where that can be taken back."""

import re
from collections.abc import Iterator, Mapping

from vedette.instruments.harden.reading import is_waived
from vedette.instruments.harden.types import Facts, Measure, Note, Put, Value, Wanted, Yielded

FILE = "/etc/sysctl.d/99-vedette.conf"  # after 99-sysctl.conf, which is /etc/sysctl.conf: the last one wins
MODULES_FILE = "/etc/modprobe.d/60-vedette.conf"
_ROUTED = ("docker", "br-", "virbr", "cni", "flannel", "cali", "wg", "tun")

_KERNEL = {
    "kernel.randomize_va_space": "2", "kernel.yama.ptrace_scope": "1", "kernel.kptr_restrict": "2", "kernel.dmesg_restrict": "1",
    "kernel.unprivileged_bpf_disabled": "2", "kernel.perf_event_paranoid": "3", "kernel.sysrq": "0", "fs.suid_dumpable": "0",
    "fs.protected_hardlinks": "1", "fs.protected_symlinks": "1", "fs.protected_fifos": "2", "fs.protected_regular": "2",
    "vm.unprivileged_userfaultfd": "0", "dev.tty.ldisc_autoload": "0", "vm.mmap_min_addr": "65536", "kernel.core_uses_pid": "1",
    "net.core.bpf_jit_harden": "2",
}  # fmt: skip
_BOOT = {"kernel.kexec_load_disabled": "1"}  # nothing takes it back but a boot
_BOTH = {
    "ipv4": {"send_redirects": "0", "accept_redirects": "0", "secure_redirects": "0", "accept_source_route": "0", "log_martians": "1", "rp_filter": "1"},
    "ipv6": {"accept_redirects": "0", "accept_source_route": "0"},
}  # fmt: skip
_NETWORK = {
    "net.ipv4.icmp_echo_ignore_broadcasts": "1", "net.ipv4.icmp_ignore_bogus_error_responses": "1", "net.ipv4.tcp_syncookies": "1",
    "net.ipv4.tcp_rfc1337": "1", "net.ipv4.conf.all.arp_ignore": "1",
}  # fmt: skip
_MODULES = (
    "cramfs",
    "freevxfs",
    "hfs",
    "hfsplus",
    "jffs2",
    "dccp",
    "tipc",
    "rds",
    "sctp",
    "firewire_core",
    "usb-storage",
)


def values(facts: Facts, wanted: Wanted) -> Mapping[str, str]:
    """Return the values that this host's kernel should have: those of routers only where it routes, those of IPv6 where it has it, none whose check is waived."""
    found = {**_KERNEL, **_NETWORK}
    for family, each in _BOTH.items():
        for which in ("all", "default"):
            found |= {f"net.{family}.conf.{which}.{name}": value for name, value in each.items()}
    if not routes(facts):
        found |= {"net.ipv4.ip_forward": "0", "net.ipv6.conf.all.forwarding": "0"}
    if "proto ra" not in facts.says.get("ip -6 route show default", ""):
        found |= {f"net.ipv6.conf.{which}.accept_ra": "0" for which in ("all", "default")}
    return {
        name: value
        for name, value in sorted(found.items())
        if _has(facts, name) and not is_waived(_path(name), wanted)
    }


def routes(facts: Facts) -> bool:
    """Tell whether the host passes packets on for containers, guests or a VPN."""
    return any(name.startswith(_ROUTED) for name in facts.names("/proc/sys/net/ipv4/conf"))


def _has(facts: Facts, name: str) -> bool:
    return _path(name) in facts.files


def _path(name: str) -> str:
    return "/proc/sys/" + name.replace(".", "/")


def _values(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    told = values(facts, wanted)
    boot = {
        name: value
        for name, value in _BOOT.items()
        if _has(facts, name) and not is_waived(_path(name), wanted)
    }
    rows = [f"{name} = {value}" for name, value in {**told, **boot}.items()]
    yield Put(path=FILE, text="\n".join(["# Written by Vedette.", *rows, ""]))
    for name, value in told.items():
        if name.startswith(wanted.live):
            yield Value(name=name, value=_as_good(facts, name, value))


def _as_good(facts: Facts, name: str, value: str) -> str:
    """Return the value that is meant: BPF switched off for good (1) is as good as until root says otherwise (2), and cannot be changed."""
    now = facts.text(_path(name)).strip()
    return now if name == "kernel.unprivileged_bpf_disabled" and now == "1" else value


def _modules(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    loaded = set(re.findall(r"(?m)^(\S+) ", facts.text("/proc/modules")))
    meant = [name for name in _MODULES if f"kernel-module-{name.replace('_', '-')}" not in wanted.waived]
    unused = [name for name in meant if name.replace("-", "_") not in loaded]
    rows = [row for name in unused for row in (f"install {name} /bin/false", f"blacklist {name}")]
    yield Put(path=MODULES_FILE, text="\n".join(["# Written by Vedette.", *rows, ""]))
    for name in meant:
        if name not in unused:
            yield Note(text=f"The module {name} is loaded, so it is left: see what uses it (lsmod).")


MEASURES: tuple[Measure, ...] = (
    Measure(id="kernel-values", title="Values of the kernel are strict", steps=_values,
            checks=("kernel-aslr", "kernel-ptrace", "kernel-pointers", "kernel-dmesg", "kernel-bpf-users", "kernel-bpf-jit", "kernel-perf",
                    "kernel-sysrq", "kernel-suid-dumps", "kernel-hardlinks", "kernel-symlinks", "kernel-fifos", "kernel-regular",
                    "kernel-userfaultfd", "kernel-tty-modules", "kernel-mmap-zero", "kernel-core-pattern", "net-forward-4", "net-forward-6",
                    "net-send-redirects", "net-redirects-4", "net-redirects-6", "net-secure-redirects", "net-source-route-4",
                    "net-source-route-6", "net-martians", "net-source-checked", "net-broadcasts", "net-bogus-errors", "net-syn-cookies",
                    "net-time-wait", "net-shared-media")),
    Measure(id="kernel-modules", title="The kernel loads no modules that nobody needs", steps=_modules,
            checks=("kernel-module-cramfs", "kernel-module-freevxfs", "kernel-module-hfs", "kernel-module-hfsplus", "kernel-module-jffs2",
                    "kernel-module-dccp", "kernel-module-tipc", "kernel-module-rds", "kernel-module-sctp", "kernel-module-firewire-core")),
)  # fmt: skip
