from tests.support.hardening.hosts import Pair, host, installed, packages, says

CONF = "/etc/systemd/timesyncd.conf"
SET = "timedatectl show --property=NTPSynchronized --value"
EXAMPLES: dict[str, Pair] = {
    "clock-daemon": packages(("chrony",), ()),
    "clock-one-daemon": packages(("chrony",), ("chrony", "ntpsec")),
    "clock-set": says(SET, "yes\n", "no\n"),
    "clock-sources": (host({**installed("systemd-timesyncd"), CONF: "[Time]\n#NTP=\n"}), host({**installed("chrony"), "/etc/chrony/chrony.conf": "makestep 1 3\n"})),
}  # fmt: skip
