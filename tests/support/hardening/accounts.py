from tests.support.hardening.hosts import Pair, folder, host, made, pair

from vedette.instruments.live.memory import MemoryLive

ROOT = "root:x:0:0:root:/root:/bin/bash\n"
ANNA = "anna:x:1000:1000::/home/anna:/bin/bash\n"
GROUPS = "root:x:0:\nshadow:x:42:\nanna:x:1000:\n"
DEFS = "/etc/login.defs"


def users(good: str, bad: str, groups: str = GROUPS) -> Pair:
    return host({"/etc/passwd": ROOT + good, "/etc/group": groups}), host(
        {"/etc/passwd": ROOT + bad, "/etc/group": groups}
    )


def groups(good: str, bad: str) -> Pair:
    return host({"/etc/passwd": ROOT + ANNA, "/etc/group": good}), host(
        {"/etc/passwd": ROOT + ANNA, "/etc/group": bad}
    )


def shadow(good: str, bad: str) -> Pair:
    return pair("/etc/shadow", good, bad)


def home(**files: object) -> MemoryLive:
    made_files = {
        f"/home/anna/{name.replace('_', '.', 1)}": made(mode=mode, uid=1000)
        for name, mode in files.items()
        if isinstance(mode, int)
    }
    return host({"/etc/passwd": ROOT + ANNA, "/home/anna": folder(0o750, 1000), **made_files})


def keys(mode: int, expires: str = "") -> MemoryLive:
    return host(
        {
            "/etc/passwd": ROOT + ANNA,
            "/etc/shadow": f"anna:!:20000:0:99999:7::{expires}:\n",
            "/home/anna/.ssh/authorized_keys": made(mode=mode, uid=1000),
        }
    )


EXAMPLES: dict[str, Pair] = {
    "user-shadowed": users(ANNA, "anna:$6$a$b:1000:1000::/home/anna:/bin/bash\n"),
    "user-empty-password": shadow("root:*:20000:0:99999:7:::\n", "anna::20000:0:99999:7:::\n"),
    "user-weak-hash": shadow("anna:$y$j9T$a$b:20000:0:99999:7:::\n", "anna:$1$a$b:20000:0:99999:7:::\n"),
    "user-password-future": shadow("anna:*:20000:0:99999:7:::\n", "anna:*:30000:0:99999:7:::\n"),
    "user-root-password": shadow("root:!$y$j9T$a$b:20000::::::\n", "root:$y$j9T$a$b:20000::::::\n"),
    "user-roots": users(ANNA, "toor:x:0:0::/root:/bin/sh\n"),
    "user-root-group": users(ANNA, "anna:x:1000:0::/home/anna:/bin/bash\n"),
    "user-numbers": users(ANNA, ANNA + "bert:x:1000:1000::/home/bert:/bin/bash\n"),
    "user-names": users(ANNA, ANNA + "anna:x:1001:1000::/home/anna:/bin/bash\n"),
    "user-group-numbers": groups(GROUPS, GROUPS + "crew:x:1000:\n"),
    "user-group-names": groups(GROUPS, GROUPS + "anna:x:1001:\n"),
    "user-unknown-group": users(ANNA, "anna:x:1000:4242::/home/anna:/bin/bash\n"),
    "user-shadow-group": groups(GROUPS, GROUPS.replace("shadow:x:42:", "shadow:x:42:anna")),
    "user-root-like-groups": groups(GROUPS + "docker:x:999:\n", GROUPS + "docker:x:999:anna\n"),
    "user-system-shells": users("www-data:x:33:33::/var/www:/usr/sbin/nologin\n", "www-data:x:33:33::/var/www:/bin/bash\n"),
    "user-shells-list": pair("/etc/shells", "# shells\n/bin/bash\n", "/bin/bash\n/usr/sbin/nologin\n"),
    "user-homes": (home(), host({"/etc/passwd": ROOT + ANNA, "/home/anna": folder(0o755, 1000)})),
    "user-dot-files": (home(_netrc=0o600), home(_rhosts=0o600)),
    "user-key-files": (keys(0o600), keys(0o664)),
    "user-expired-keys": (keys(0o600, "30000"), keys(0o600, "20000")),
    "user-hash-method": pair(DEFS, "ENCRYPT_METHOD YESCRYPT\n", "ENCRYPT_METHOD MD5\n"),
    "user-password-age": pair(DEFS, "PASS_MAX_DAYS\t365\n", "PASS_MAX_DAYS\t99999\n"),
    "user-password-warned": pair(DEFS, "PASS_WARN_AGE 7\n", "PASS_WARN_AGE 1\n"),
    "user-umask": pair(DEFS, "UMASK 027\n", "UMASK 022\n"),
}  # fmt: skip
