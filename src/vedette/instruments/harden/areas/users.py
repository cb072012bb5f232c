"""How passwords are made, kept and refused, and what new accounts begin with."""

from collections.abc import Iterator

from vedette.instruments.harden.reading import installed, people, with_line, with_settings, with_values
from vedette.instruments.harden.types import Facts, Measure, Mode, Put, Run, Wanted, Yielded

_DEFS = {
    "ENCRYPT_METHOD": "YESCRYPT",
    "PASS_MAX_DAYS": "365",
    "PASS_MIN_DAYS": "1",
    "PASS_WARN_AGE": "7",
    "UMASK": "027",
}
_QUALITY_FILE = "/etc/security/pwquality.conf"
_QUALITY = {
    "minlen": "14", "minclass": "4", "dcredit": "-1", "ucredit": "-1", "lcredit": "-1", "ocredit": "-1", "difok": "2",
    "maxrepeat": "3", "maxsequence": "3", "dictcheck": "1", "enforcing": "1",
}  # fmt: skip
_STACKS = tuple(
    f"/etc/pam.d/common-{each}"
    for each in ("auth", "account", "password", "session", "session-noninteractive")
)
_LOCK = """\
Name: Who guesses passwords is locked out for a while{told}
Default: yes
Priority: {priority}
Auth-Type: Primary
Auth:
\t{auth}
"""
# Nobody comes to `authsucc`: the account stack forgets the tries. It is there for who audits by CIS and looks for it.
_FAILLOCK = _LOCK.format(
    told="", priority=0, auth="[default=die] pam_faillock.so authfail\n\tsufficient pam_faillock.so authsucc"
)
_NOTIFY = _LOCK.format(told=" (asked before)", priority=1024, auth="required pam_faillock.so preauth") + (
    "Account-Type: Primary\nAccount:\n\trequired pam_faillock.so\n"
)
_HISTORY = """\
Name: Former passwords are not taken again
Default: yes
Priority: 1024
Password-Type: Primary
Password:
\trequisite pam_pwhistory.so remember=24 enforce_for_root try_first_pass use_authtok
"""


def _defs(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    yield from with_settings(facts, "/etc/login.defs", _DEFS, "\t")
    yield from with_settings(facts, "/etc/default/useradd", {"INACTIVE": "30"}, "=")


def _quality(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    """In the main file, which is read last; it may come only with the package that this very run installs."""
    found = facts.files.get(_QUALITY_FILE)
    text = with_values((found.text if found else "") or "# Written by Vedette.\n", _QUALITY, " = ")
    yield Put(path=_QUALITY_FILE, text=with_line(text, "enforce_for_root"))


def _lock(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    yield Put(path="/etc/security/faillock.conf", text="# Written by Vedette.\ndeny = 4\nunlock_time = 900\n")


def _stacks(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    """pam-auth-update puts profiles into the stacks by itself, and refuses stacks that somebody changed by hand."""
    if "libpam-runtime" not in installed(facts):
        return
    yield Put(path="/usr/share/pam-configs/vedette-faillock", text=_FAILLOCK)
    yield Put(path="/usr/share/pam-configs/vedette-faillock-first", text=_NOTIFY)
    yield Put(path="/usr/share/pam-configs/vedette-history", text=_HISTORY)
    unix = facts.files.get("/usr/share/pam-configs/unix")
    if unix is not None and unix.text:
        yield Put(path="/usr/share/pam-configs/unix", text=unix.text.replace(" nullok", ""), mode=unix.mode)
    auth, password = facts.text("/etc/pam.d/common-auth"), facts.text("/etc/pam.d/common-password")
    if "authsucc" not in auth or "nullok" in auth or "pam_pwhistory" not in password:
        yield Run(
            command="DEBIAN_FRONTEND=noninteractive pam-auth-update --package --enable vedette-faillock vedette-faillock-first vedette-history",
            touches=(*_STACKS, "/var/lib/pam/auth", "/var/lib/pam/account", "/var/lib/pam/password", "/var/lib/pam/seen",
                     "/var/lib/pam/session", "/var/lib/pam/session-noninteractive"),
            told="PAM's stacks lock out who guesses, refuse empty and former passwords",
        )  # fmt: skip


def _homes(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    for _, home in people(facts):
        yield Mode(path=home, most=0o750, owner="")


MEASURES: tuple[Measure, ...] = (
    Measure(id="user-defaults", title="New accounts begin strict", checks=("user-hash-method", "user-password-age", "user-password-warned", "user-umask"), steps=_defs),
    Measure(id="user-quality", title="Bad passwords are refused", checks=("pam-quality-length", "pam-quality-dictionary", "pam-quality-repeats"), steps=_quality),
    Measure(id="user-lock", title="Who guesses passwords is locked out for a quarter of an hour", checks=("pam-faillock-deny", "pam-faillock-time"), steps=_lock),
    Measure(id="user-stacks", title="PAM asks for all of that", checks=("pam-empty-passwords", "pam-faillock", "pam-history"), steps=_stacks,
            proof="grep -q pam_unix.so /etc/pam.d/common-auth"),
    Measure(id="user-homes", title="Homes are their owners' alone", checks=(), steps=_homes),
)  # fmt: skip
