from tests.support.hardening.hosts import Pair, pair

GOOD = "proc /proc proc rw,hidepid=invisible 0 0\n" + "".join(
    f"tmpfs {point} tmpfs rw,nosuid,nodev,noexec,relatime 0 0\n" for point in ("/tmp", "/dev/shm", "/home", "/var", "/var/tmp", "/var/log")
)  # fmt: skip
BAD = GOOD.replace(",nosuid,nodev,noexec", "").replace(",hidepid=invisible", "")
BARE = "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw 0 0\n"
IDS = {
    "tmp": "apart nodev nosuid noexec", "dev-shm": "nodev nosuid noexec", "home": "apart nodev nosuid", "var": "apart nodev nosuid",
    "var-tmp": "nodev nosuid noexec", "var-log": "apart nodev nosuid noexec", "proc": "hidepid",
}  # fmt: skip
EXAMPLES: dict[str, Pair] = {
    f"mount-{point}-{what}": pair("/proc/mounts", GOOD, BARE if what == "apart" else BAD)
    for point, words in IDS.items()
    for what in words.split()
}
