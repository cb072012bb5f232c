from tests.support.hardening.hosts import Pair, host, pair, sysctl

MODULES = ("cramfs", "freevxfs", "hfs", "hfsplus", "jffs2", "dccp", "tipc", "rds", "sctp", "firewire_core")
CPU = "/sys/devices/system/cpu/vulnerabilities/meltdown"
PROFILES = "/sys/kernel/security/apparmor/profiles"


def module(name: str) -> Pair:
    """Refused by modprobe; and one that lies on the disk, ready to be loaded."""
    base = {
        "/proc/modules": "ext4 1 1 - Live 0x0\n",
        "/proc/sys/kernel/osrelease": "6.1.0\n",
        "/lib/modules/6.1.0/modules.dep": f"kernel/{name.replace('_', '-')}.ko:\n",
    }
    return host({**base, "/etc/modprobe.d/x.conf": f"# no\ninstall {name} /bin/false\n"}), host(base)


EXAMPLES: dict[str, Pair] = {f"kernel-module-{name.replace('_', '-')}": module(name) for name in MODULES} | {
    "kernel-mitigations": pair("/proc/cmdline", "root=/dev/sda1 quiet", "root=/dev/sda1 mitigations=off"),
    "kernel-nokaslr": pair("/proc/cmdline", "root=/dev/sda1 quiet", "nokaslr root=/dev/sda1"),
    "kernel-processor-flaws": pair(CPU, "Mitigation: PTI\n", "Vulnerable: no microcode\n"),
    "kernel-tainted": pair("/proc/sys/kernel/tainted", "4096\n", "12288\n"),
    "kernel-apparmor": pair("/sys/module/apparmor/parameters/enabled", "Y\n", "N\n"),
    "kernel-apparmor-enforced": pair(PROFILES, "/usr/sbin/nginx (enforce)\n", "/usr/sbin/nginx (enforce)\nman (complain)\n"),
    "kernel-aslr": sysctl("kernel.randomize_va_space", "2", "0"),
    "kernel-ptrace": sysctl("kernel.yama.ptrace_scope", "1", "0"),
    "kernel-pointers": sysctl("kernel.kptr_restrict", "2", "0"),
    "kernel-dmesg": sysctl("kernel.dmesg_restrict", "1", "0"),
    "kernel-bpf-users": sysctl("kernel.unprivileged_bpf_disabled", "2", "0"),
    "kernel-bpf-jit": sysctl("net.core.bpf_jit_harden", "2", "0"),
    "kernel-perf": sysctl("kernel.perf_event_paranoid", "3", "1"),
    "kernel-sysrq": sysctl("kernel.sysrq", "0", "1"),
    "kernel-kexec": sysctl("kernel.kexec_load_disabled", "1", "0"),
    "kernel-suid-dumps": sysctl("fs.suid_dumpable", "0", "1"),
    "kernel-hardlinks": sysctl("fs.protected_hardlinks", "1", "0"),
    "kernel-symlinks": sysctl("fs.protected_symlinks", "1", "0"),
    "kernel-fifos": sysctl("fs.protected_fifos", "1", "0"),
    "kernel-regular": sysctl("fs.protected_regular", "2", "0"),
    "kernel-userfaultfd": sysctl("vm.unprivileged_userfaultfd", "0", "1"),
    "kernel-tty-modules": sysctl("dev.tty.ldisc_autoload", "0", "1"),
    "kernel-mmap-zero": sysctl("vm.mmap_min_addr", "65536", "0"),
    "kernel-core-pattern": (host({"/proc/sys/kernel/core_pattern": "|/bin/false\n"}), host({"/proc/sys/kernel/core_pattern": "core\n", "/proc/sys/fs/suid_dumpable": "2\n"})),
}  # fmt: skip
