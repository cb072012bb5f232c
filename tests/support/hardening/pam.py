from tests.support.hardening.hosts import Pair, host, packages, pair

from vedette.instruments.live.memory import MemoryLive

AUTH, PASSWORD = "/etc/pam.d/common-auth", "/etc/pam.d/common-password"
UNIX = (
    "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
)
LOCK = "auth requisite pam_faillock.so preauth\n"
HASHED = "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n"
QUALITY = "password requisite pam_pwquality.so retry=3\n"


def quality(text: str, line: str = QUALITY) -> MemoryLive:
    return host({PASSWORD: line + HASHED, "/etc/security/pwquality.conf": text})


def lock(text: str) -> MemoryLive:
    return host({AUTH: LOCK + UNIX, "/etc/security/faillock.conf": text})


EXAMPLES: dict[str, Pair] = {
    "pam-empty-passwords": pair(AUTH, UNIX, UNIX.replace("pam_unix.so", "pam_unix.so nullok")),
    "pam-hash": pair(PASSWORD, HASHED, HASHED.replace("yescrypt", "md5")),
    "pam-faillock": pair(AUTH, LOCK + UNIX, UNIX),
    "pam-faillock-deny": (lock("deny = 5\n"), lock("deny = 50\n")),
    "pam-faillock-time": (lock("unlock_time = 900\n"), lock("unlock_time = 5\n")),
    "pam-quality": pair(PASSWORD, QUALITY + HASHED, HASHED),
    "pam-quality-installed": packages(("libpam-pwquality",), ()),
    "pam-quality-length": (quality("minlen = 14\n"), quality("minlen = 14\n", QUALITY.replace("retry=3", "minlen=6"))),
    "pam-quality-dictionary": (quality("dictcheck = 1\n"), quality("dictcheck = 0\n")),
    "pam-quality-repeats": (quality("maxrepeat = 3\n"), quality("# maxrepeat = 3\n")),
    "pam-history": pair(PASSWORD, "password required pam_pwhistory.so remember=24\n" + HASHED, HASHED),
    "pam-unix": pair(AUTH, UNIX, "auth required pam_permit.so\n"),
    "pam-permit": pair(AUTH, UNIX, "auth sufficient pam_permit.so\n" + UNIX),
}  # fmt: skip
