"""How passwords are asked for, refused and chosen: the stacks of PAM, and what its modules are set to."""

import re

from vedette.instruments.audit.asking import (
    any_of,
    dropped_in,
    lines,
    needed,
    number,
    said,
    settings,
    text_or,
)
from vedette.instruments.audit.types import Check, Look, NotApplicable, Verdict
from vedette.instruments.live.types import Live


def _stack(live: Live, name: str, kind: str) -> list[str]:
    """Return the lines of a stack that are of a kind (`auth`, `password` …)."""
    text = needed(live, f"/etc/pam.d/{name}", "PAM")
    return [" ".join(line.split()) for line in lines(text) if line.lstrip("-").startswith(kind)]


def _module(stack: str, kind: str, module: str) -> Look:
    def look(live: Live) -> list[Verdict]:
        found = any(module in line for line in _stack(live, stack, kind))
        return said(found, f"{module} is in {stack}" if found else f"{module} is not in {stack}")

    return look


def _nullok(live: Live) -> list[Verdict]:
    found = any("nullok" in line for line in _stack(live, "common-auth", "auth"))
    return said(
        not found,
        "pam_unix.so nullok lets in who has an empty password" if found else "empty passwords are refused",
    )


def _hash(live: Live) -> list[Verdict]:
    line = next((one for one in _stack(live, "common-password", "password") if "pam_unix.so" in one), "")
    if not line:
        raise NotApplicable("pam_unix does not change passwords here.")
    found = re.search(r"\b(yescrypt|sha512|gost_yescrypt|blowfish|sha256|bigcrypt|md5)\b", line)
    fine = found is not None and found[1] in {"yescrypt", "sha512", "gost_yescrypt", "blowfish"}
    return said(fine, f"pam_unix hashes by {found[1] if found else 'its default'}")


def _option(line_of: str, module: str, key: str) -> str:
    found = re.search(rf"{re.escape(module)}\b.*?\b{key}=(-?\w+)", line_of)
    return found[1] if found else ""


def _quality(live: Live, key: str) -> str:
    """Return a setting of pwquality: an argument in the stack counts before the file."""
    stack = _stack(live, "common-password", "password")
    line = next((one for one in stack if "pam_pwquality.so" in one), "")
    if not line:
        raise NotApplicable("pam_pwquality is not in use.")
    kept = settings(dropped_in(live, "/etc/security/pwquality.conf", "/etc/security/pwquality.conf.d"))
    return _option(line, "pam_pwquality.so", key) or kept.get(key, "")


def _length(live: Live) -> list[Verdict]:
    value = number(_quality(live, "minlen"))
    return said((value or 8) >= 12, f"minlen {value if value is not None else '8 (default)'}")


def _dictionary(live: Live) -> list[Verdict]:
    value = _quality(live, "dictcheck")
    return said(value != "0", f"dictcheck {value or '1 (default)'}")


def _repeats(live: Live) -> list[Verdict]:
    value = number(_quality(live, "maxrepeat")) or 0
    return said(0 < value <= 3, f"maxrepeat {value}")


def _lock(live: Live, key: str, default: int) -> int:
    line = next((one for one in _stack(live, "common-auth", "auth") if "pam_faillock.so" in one), "")
    if not line:
        raise NotApplicable("pam_faillock is not in use.")
    told = _option(line, "pam_faillock.so", key) or settings(
        text_or(live, "/etc/security/faillock.conf")
    ).get(key, "")
    value = number(told)
    return default if value is None else value


def _deny(live: Live) -> list[Verdict]:
    value = _lock(live, "deny", 3)
    return said(0 < value <= 5, f"deny = {value}")


def _unlock(live: Live) -> list[Verdict]:
    value = _lock(live, "unlock_time", 600)
    return said(value == 0 or value >= 600, f"unlock_time = {value}")


def _asks(live: Live) -> list[Verdict]:
    stack = " ".join(_stack(live, "common-auth", "auth"))
    found = [name for name in ("pam_unix.so", "pam_sss.so", "pam_ldap.so", "pam_winbind.so") if name in stack]
    return said(
        bool(found),
        f"{found[0]} is in common-auth" if found else "nothing in common-auth asks for a password",
    )


def _lets_in(live: Live) -> list[Verdict]:
    bad = [
        line
        for line in _stack(live, "common-auth", "auth")
        if "pam_permit.so" in line and " sufficient " in line
    ]
    return said(not bad, bad[0] if bad else "pam_permit.so is not sufficient")


_PASSWORD = "/etc/pam.d/common-password"
CHECKS: tuple[Check, ...] = (
    Check(id="pam-empty-passwords", title="PAM refuses empty passwords", risk=7, reads="/etc/pam.d/common-auth", cis=("5.3.3.4.1",), look=_nullok,
          why="An account that lost its password would be open to everybody.", fix="Take nullok out of /usr/share/pam-configs/unix, then pam-auth-update."),
    Check(id="pam-hash", title="PAM hashes passwords well", risk=5, reads=_PASSWORD, cis=("5.3.3.4.3",), look=_hash,
          why="MD5 and DES are tried by the billion a second.", fix="yescrypt after pam_unix.so in /usr/share/pam-configs/unix, then pam-auth-update."),
    Check(id="pam-faillock", title="Who guesses passwords is locked out for a while", risk=4, reads="/etc/pam.d/common-auth", cis=("5.3.2.2",), look=_module("common-auth", "auth", "pam_faillock.so"),
          why="Without it, passwords are guessed as fast as the host answers, by su, login and mail.", fix="pam-auth-update --enable faillock faillock_notify"),
    Check(id="pam-faillock-deny", title="At most five tries, then", risk=3, reads="/etc/security/faillock.conf", cis=("5.3.3.1.1",), look=_deny,
          why="More tries find more passwords.", fix="deny = 5 in /etc/security/faillock.conf"),
    Check(id="pam-faillock-time", title="And ten minutes at least", risk=2, reads="/etc/security/faillock.conf", cis=("5.3.3.1.2",), look=_unlock,
          why="A short pause is no pause for a robot.", fix="unlock_time = 900 in /etc/security/faillock.conf"),
    Check(id="pam-quality", title="Bad passwords are refused", risk=4, reads=_PASSWORD, cis=("5.3.2.3",), look=_module("common-password", "password", "pam_pwquality.so"),
          why="People choose the name of the firm and the year.", fix="apt install libpam-pwquality && pam-auth-update --enable pwquality"),
    Check(id="pam-quality-installed", title="What refuses bad passwords is installed", risk=2, reads="/var/lib/dpkg/status", cis=("5.3.1.3",), look=any_of("libpam-pwquality", "libpam-passwdqc"),
          why="Without it nothing looks at a new password.", fix="apt install libpam-pwquality"),
    Check(id="pam-quality-length", title="Passwords have twelve characters at least", risk=4, reads="/etc/security/pwquality.conf", cis=("5.3.3.2.2",), look=_length,
          why="Eight characters are tried in hours.", fix="minlen = 14 in /etc/security/pwquality.conf"),
    Check(id="pam-quality-dictionary", title="Words of a dictionary are refused", risk=3, reads="/etc/security/pwquality.conf", cis=("5.3.3.2.6",), look=_dictionary,
          why="They are tried first.", fix="dictcheck = 1 in /etc/security/pwquality.conf"),
    Check(id="pam-quality-repeats", title="A character is not repeated over and over", risk=1, reads="/etc/security/pwquality.conf", cis=("5.3.3.2.4",), look=_repeats,
          why="aaaaaaaaaaaaaa has fourteen characters.", fix="maxrepeat = 3 in /etc/security/pwquality.conf"),
    Check(id="pam-history", title="Former passwords are not taken again", risk=2, reads=_PASSWORD, cis=("5.3.2.4",), look=_module("common-password", "password", "pam_pwhistory.so"),
          why="One that leaked comes back.", fix="pam-auth-update --enable pwhistory"),
    Check(id="pam-unix", title="Passwords are asked for by pam_unix or a directory", risk=5, reads="/etc/pam.d/common-auth", cis=("5.3.2.1",), look=_asks,
          why="A stack that asks for nothing lets everybody in.", fix="pam-auth-update"),
    Check(id="pam-permit", title="No stack lets everybody in", risk=9, reads="/etc/pam.d/common-auth", look=_lets_in,
          why="pam_permit as sufficient is a back door that survives every change of password.", fix="Take it out of /etc/pam.d/common-auth."),
)  # fmt: skip
