"""What the kernel may load, how it was started, and what its processor is known to leak."""

from vedette.instruments.audit.asking import bad_ones, lines, names_or, needed, said, text_or
from vedette.instruments.audit.types import Check, Look, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_MODPROBE = ("/etc/modprobe.d", "/lib/modprobe.d", "/usr/lib/modprobe.d", "/run/modprobe.d")
_FLAWS = "/sys/devices/system/cpu/vulnerabilities"


def _refused(live: Live, module: str) -> bool:
    """Tell whether `install MODULE /bin/false` (or true) stands in a file of modprobe.d."""
    for folder in _MODPROBE:
        for name in names_or(live, folder):
            for line in lines(text_or(live, f"{folder}/{name}")):
                words = line.split()
                if (
                    words[:2] == ["install", module]
                    and len(words) > 2
                    and words[2].endswith(("/false", "/true"))
                ):
                    return True
    return False


def _unused(module: str) -> Look:
    def look(live: Live) -> list[Verdict]:
        loaded = {
            line.split()[0] for line in needed(live, "/proc/modules", "Loading modules").splitlines() if line
        }
        if module in loaded:
            return said(False, f"{module} is loaded")
        if _refused(live, module):
            return said(True, f"{module} is refused by modprobe")
        release = needed(live, "/proc/sys/kernel/osrelease", "The kernel's release").strip()
        here = module in text_or(live, f"/lib/modules/{release}/modules.dep").replace("-", "_")
        return said(
            not here, f"{module} would be loaded when asked for" if here else f"this kernel has no {module}"
        )

    return look


def _module(name: str, what: str, risk: float, cis: tuple[str, ...] = ()) -> Check:
    return Check(
        id=f"kernel-module-{name.replace('_', '-')}", title=f"The kernel does not load {name}", risk=risk, cis=cis,
        why=f"{what} Its code has had holes and nobody here needs it.", reads="/proc/modules, /etc/modprobe.d",
        fix=f"printf 'install {name} /bin/false\\nblacklist {name}\\n' > /etc/modprobe.d/{name}.conf && modprobe -r {name}",
        look=_unused(name),
    )  # fmt: skip


def _word(bad: tuple[str, ...]) -> Look:
    def look(live: Live) -> list[Verdict]:
        words = needed(live, "/proc/cmdline", "A kernel command line").split()
        found = [word for word in words if word in bad]
        return said(
            not found,
            f"the kernel was started with {' '.join(found)}" if found else "not on the command line",
        )

    return look


def _flaws(live: Live) -> list[Verdict]:
    names = names_or(live, _FLAWS)
    if not names:
        raise NotApplicable("This kernel does not tell what its processor leaks.")
    told = ((name, live.text(f"{_FLAWS}/{name}").strip()) for name in names)
    return bad_ones(
        ((name, text) for name, text in told if text.startswith("Vulnerable")), f"{len(names)} looked at"
    )


def _tainted(live: Live) -> list[Verdict]:
    """Bits 1 (forced module), 12 (out of tree) and 13 (unsigned) of kernel.tainted; 13 alone tells of loading past signing."""
    bits = int(needed(live, "/proc/sys/kernel/tainted", "Taint of the kernel").strip())
    named = {
        1: "a module was forced",
        3: "a module was unloaded by force",
        13: "an unsigned module was loaded",
    }
    bad = [said_ for bit, said_ in named.items() if bits >> bit & 1]
    return said(not bad, "; ".join(bad) or f"kernel.tainted = {bits}")


def _apparmor(live: Live) -> list[Verdict]:
    enabled = text_or(live, "/sys/module/apparmor/parameters/enabled").strip()
    return said(enabled == "Y", f"apparmor enabled = {enabled or 'no'}")


def _profiles(live: Live) -> list[Verdict]:
    rows = needed(live, "/sys/kernel/security/apparmor/profiles", "AppArmor").splitlines()
    loose = [row.rpartition(" (")[0] for row in rows if row.endswith("(complain)")]
    if not rows:
        return said(False, "no profile is loaded")
    return bad_ones(((name, "only complains") for name in loose), f"{len(rows)} profiles are enforced")


CHECKS: tuple[Check, ...] = (
    _module("cramfs", "A file system of old firmware.", 1, ("1.1.1.1",)),
    _module("freevxfs", "A file system of old Unix.", 1, ("1.1.1.2",)),
    _module("hfs", "A file system of old Macs.", 1, ("1.1.1.3",)),
    _module("hfsplus", "A file system of Macs.", 1, ("1.1.1.4",)),
    _module("jffs2", "A file system of flash chips.", 1, ("1.1.1.5",)),
    _module("dccp", "A protocol nobody speaks.", 3, ("3.2.1",)),
    _module("tipc", "A protocol of clusters.", 3, ("3.2.2",)),
    _module("rds", "A protocol of one maker's databases.", 3, ("3.2.3",)),
    _module("sctp", "A protocol of telephone networks.", 2, ("3.2.4",)),
    _module("firewire_core", "A bus that reads memory past the processor.", 2),
    Check(id="kernel-mitigations", title="Mitigations of the processor's flaws are on", risk=6, reads="/proc/cmdline",
          why="Without them, a script in one program reads the memory of another, and a guest that of its host.",
          fix="Take mitigations=off and its like out of GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub and reboot.",
          look=_word(("mitigations=off", "nopti", "nospectre_v2", "nospectre_v1", "spectre_v2=off", "mds=off", "l1tf=off", "nosmep", "nosmap"))),
    Check(id="kernel-nokaslr", title="The kernel's own addresses are random", risk=5, reads="/proc/cmdline",
          why="Without it an exploit of the kernel knows where everything lies.",
          fix="Take nokaslr out of GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub and reboot.", look=_word(("nokaslr",))),
    Check(id="kernel-processor-flaws", title="No flaw of the processor is open", risk=5, reads=_FLAWS,
          why="Code of one user, or of a guest, could read the memory of others.",
          fix="apt install intel-microcode or amd64-microcode, upgrade the kernel, and reboot.", look=_flaws),
    Check(id="kernel-tainted", title="No module was forced or loaded without a signature", risk=5, reads="/proc/sys/kernel/tainted",
          why="A rootkit in the kernel comes as a module nobody signed.",
          fix="Find it with `dmesg | grep -i taint` and `modinfo`, remove it, and reboot.", look=_tainted),
    Check(id="kernel-apparmor", title="AppArmor is on", risk=5, reads="/sys/module/apparmor/parameters/enabled", cis=("1.3.1.2",),
          why="It keeps a program that was broken into within what it needs.",
          fix="apt install apparmor, take apparmor=0 out of /etc/default/grub, update-grub and reboot.", look=_apparmor),
    Check(id="kernel-apparmor-enforced", title="AppArmor's profiles are enforced", risk=3, reads="/sys/kernel/security/apparmor/profiles", cis=("1.3.1.4",),
          why="A profile that only complains stops nothing.", fix="aa-enforce /etc/apparmor.d/*", look=_profiles),
)  # fmt: skip
