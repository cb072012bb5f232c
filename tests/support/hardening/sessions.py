from tests.support.hardening.hosts import Pair, host, installed, pair

RELEASE = {"/etc/os-release": "ID=debian\n"}
LIMITS = "/etc/security/limits.d/60-core.conf"
DUMPS = "/etc/systemd/coredump.conf"
EXAMPLES: dict[str, Pair] = {
    "session-dumps": pair(LIMITS, "* hard core 0\n", "* soft core 0\n"),
    "session-kept-dumps": (host({**installed("systemd-coredump"), DUMPS: "[Coredump]\nStorage=none\n"}), host({**installed("systemd-coredump"), DUMPS: "[Coredump]\n"})),
    "session-timeout": pair("/etc/profile.d/tmout.sh", "readonly TMOUT=900; export TMOUT\n", "# TMOUT=900\n"),
    "session-umask": pair("/etc/profile", "umask 027\n", "umask 000\n"),
    "session-path": pair("/etc/environment", 'PATH="/usr/sbin:/usr/bin"\n', 'PATH="/usr/bin:.:/tmp"\n'),
    "session-issue": (host({**RELEASE, "/etc/issue": "Authorised use only.\n"}), host({**RELEASE, "/etc/issue": "Debian GNU/Linux 12 \\n \\l\n"})),
    "session-issue-net": (host({**RELEASE, "/etc/issue.net": "Authorised use only.\n"}), host({**RELEASE, "/etc/issue.net": "Debian GNU/Linux 12\n"})),
    "session-motd": pair("/etc/motd", "Welcome.\n", "Kernel \\r on \\m\n"),
}  # fmt: skip
