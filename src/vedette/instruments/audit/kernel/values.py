"""Values of the kernel that keep one program from looking into another, and attackers from looking into the kernel."""

from vedette.instruments.audit.asking import said, sysctl, sysctl_value
from vedette.instruments.audit.types import Check, Verdict
from vedette.instruments.live.types import Live


def _cores(live: Live) -> list[Verdict]:
    pattern = sysctl_value(live, "kernel.core_pattern")
    piped = pattern.startswith(("|", "/dev/null"))
    fine = piped or sysctl_value(live, "fs.suid_dumpable") == "0"
    return said(fine, f"kernel.core_pattern = {pattern}")


CHECKS: tuple[Check, ...] = (
    sysctl("kernel-aslr", "kernel.randomize_va_space", ("2",), "Addresses of programs are random",
           "Without it an exploit knows where everything lies.", 7, ("1.5.1",)),
    sysctl("kernel-ptrace", "kernel.yama.ptrace_scope", ("1", "2", "3"), "Programs do not trace their neighbours",
           "Else one broken program reads the memory of every other of the same user: keys, tokens, sessions.", 5, ("1.5.2",)),
    sysctl("kernel-pointers", "kernel.kptr_restrict", ("1", "2"), "Addresses of the kernel are hidden",
           "They are what a kernel exploit needs first.", 4),
    sysctl("kernel-dmesg", "kernel.dmesg_restrict", ("1",), "The kernel's log is root's alone",
           "It holds addresses, device names and sometimes secrets.", 3),
    sysctl("kernel-bpf-users", "kernel.unprivileged_bpf_disabled", ("1", "2"), "Ordinary users do not load BPF programs",
           "The verifier of BPF was the way into many kernels.", 6),
    sysctl("kernel-bpf-jit", "net.core.bpf_jit_harden", ("2", "1"), "Compiled BPF programs are hardened",
           "Constants of a program are otherwise a place to keep an exploit.", 3),
    sysctl("kernel-perf", "kernel.perf_event_paranoid", ("2", "3", "4"), "Ordinary users do not measure the kernel",
           "Performance events leak what other users do, and had holes of their own.", 3),
    sysctl("kernel-sysrq", "kernel.sysrq", ("0", "4", "16", "20", "48", "176", "438"), "Magic keys do not reach the kernel",
           "Who comes to the console, also a virtual one, would reboot or kill as he likes.", 2),
    sysctl("kernel-kexec", "kernel.kexec_load_disabled", ("1",), "No other kernel is started from this one",
           "root would replace the kernel without a reboot, and past Secure Boot.", 2),
    sysctl("kernel-suid-dumps", "fs.suid_dumpable", ("0",), "Programs with set-id leave no dumps",
           "Their memory holds what only root may read.", 5, ("1.5.3",)),
    sysctl("kernel-hardlinks", "fs.protected_hardlinks", ("1",), "Hard links to others' files are refused",
           "In /tmp they make privileged programs write where they should not.", 5),
    sysctl("kernel-symlinks", "fs.protected_symlinks", ("1",), "Others' links in shared folders are not followed",
           "In /tmp they make privileged programs write where they should not.", 5),
    sysctl("kernel-fifos", "fs.protected_fifos", ("1", "2"), "Others' pipes in shared folders are not opened",
           "A program that means to write its own file would feed somebody else's pipe.", 3),
    sysctl("kernel-regular", "fs.protected_regular", ("1", "2"), "Others' files in shared folders are not opened for writing",
           "A program that means to make a file would write into somebody else's.", 3),
    sysctl("kernel-userfaultfd", "vm.unprivileged_userfaultfd", ("0",), "Ordinary users do not handle page faults of the kernel",
           "It makes races in the kernel easy to win.", 4),
    sysctl("kernel-tty-modules", "dev.tty.ldisc_autoload", ("0",), "Ordinary users do not load line disciplines",
           "Old, unused drivers with holes would be loaded on their word.", 3),
    sysctl("kernel-mmap-zero", "vm.mmap_min_addr", ("65536", "32768"), "Page zero is nobody's",
           "Else a null pointer in the kernel is a way in.", 5),
    Check(id="kernel-core-pattern", title="Dumps do not fall into any folder a program runs in", risk=3,
          why="A dump holds keys, passwords and customers' data, and a web root may serve it.",
          fix="echo 'kernel.core_pattern = |/bin/false' > /etc/sysctl.d/60-kernel-core-pattern.conf && sysctl --system",
          reads="/proc/sys/kernel/core_pattern", look=_cores),
)  # fmt: skip
