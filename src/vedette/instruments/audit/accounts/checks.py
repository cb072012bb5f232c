"""Who has an account, what stands behind it, and how its password is kept."""

from collections import Counter
from collections.abc import Hashable, Iterable

from vedette.instruments.audit.accounts.users import first_person, groups, login_defs, users
from vedette.instruments.audit.asking import bad_ones, lines, names_or, needed, number, said, there
from vedette.instruments.audit.types import Check, Look, NotApplicable, Verdict
from vedette.instruments.live.passwords import WEAK
from vedette.instruments.live.types import Live, Missing

_DAY = 86_400
_KEPT = ("root", "sync", "shutdown", "halt")


def _hashes_here(live: Live) -> list[Verdict]:
    return bad_ones(
        ((one.name, "its password stands in /etc/passwd") for one in users(live) if one.hash_here),
        "all are in /etc/shadow",
    )


def _empty(live: Live) -> list[Verdict]:
    return bad_ones(
        (
            (one.user, "it has no password and asks for none")
            for one in live.passwords()
            if one.state == "empty"
        ),
        "none is empty",
    )


def _weak(live: Live) -> list[Verdict]:
    bad = [
        (one.user, f"hashed by {one.scheme}")
        for one in live.passwords()
        if one.state != "none" and one.scheme in WEAK
    ]
    return bad_ones(bad, "all are hashed well")


def _future(live: Live) -> list[Verdict]:
    today = live.now / _DAY
    bad = [
        (one.user, "changed in the future")
        for one in live.passwords()
        if one.changed is not None and one.changed > today + 1
    ]
    return bad_ones(bad, "all were changed in the past")


def _roots(live: Live) -> list[Verdict]:
    return bad_ones(
        ((one.name, "it has the number 0") for one in users(live) if one.uid == 0 and one.name != "root"),
        "root alone",
    )


def _root_group(live: Live) -> list[Verdict]:
    bad = [
        (one.name, "its group is root's")
        for one in users(live)
        if one.gid == 0 and one.name not in {*_KEPT, "operator"}
    ]
    bad += [(name, "it has root's number") for name, gid, _ in groups(live) if gid == 0 and name != "root"]
    return bad_ones(bad, "root alone")


def _twice(found: Iterable[tuple[str, Hashable]], what: str) -> list[Verdict]:
    pairs = list(found)
    counts = Counter(key for _, key in pairs)
    return bad_ones(
        ((name, f"{what} {key} is given twice") for name, key in pairs if counts[key] > 1),
        "each is given once",
    )


def _unknown_groups(live: Live) -> list[Verdict]:
    known = {gid for _, gid, _ in groups(live)}
    return bad_ones(
        ((one.name, f"group {one.gid} is not there") for one in users(live) if one.gid not in known),
        "all are there",
    )


def _shadow_group(live: Live) -> list[Verdict]:
    found = [(name, gid, members) for name, gid, members in groups(live) if name == "shadow"]
    if not found:
        raise NotApplicable("There is no group shadow.")
    bad = [(member, "a member of shadow reads every hash") for member in found[0][2]]
    bad += [(one.name, "shadow is its group") for one in users(live) if one.gid == found[0][1]]
    return bad_ones(bad, "it has no members")


def _system_shells(live: Live) -> list[Verdict]:
    first = first_person(live)
    bad = [
        (one.name, f"its shell is {one.shell}")
        for one in users(live)
        if 0 < one.uid < first and one.may_sign_in and one.name not in _KEPT
    ]
    return bad_ones(bad, "none has a shell")


def _homes(live: Live) -> list[Verdict]:
    first, bad, seen = first_person(live), [], 0
    for one in users(live):
        if one.uid < first or not one.may_sign_in or one.name == "nobody":
            continue
        seen += 1
        try:
            found = live.status(one.home)
        except Missing:
            bad.append((one.name, f"{one.home} is not there"))
            continue
        if found.uid != one.uid or found.mode & 0o027:
            bad.append((one.name, f"{one.home} has mode {found.mode:04o}, owner {found.uid}"))
    return bad_ones(bad, f"{seen} homes are their owners'")


def _dot_files(live: Live) -> list[Verdict]:
    bad = []
    for one in users(live):
        for name in (".rhosts", ".shosts", ".netrc", ".forward", ".pgpass") if one.may_sign_in else ():
            path = f"{one.home}/{name}"
            if not there(live, path):
                continue
            mode = live.status(path).mode
            if name in {".rhosts", ".shosts"} or mode & 0o077:
                bad.append((path, f"mode {mode:04o}: it lets others in, or shows a password"))
    return bad_ones(bad, "none lets others in")


def _key_files(live: Live) -> list[Verdict]:
    bad, seen = [], 0
    for one in users(live):
        path = f"{one.home}/.ssh/authorized_keys"
        if one.may_sign_in and there(live, path):
            found = live.status(path)
            seen += 1
            if found.mode & 0o022 or found.uid not in {0, one.uid}:
                bad.append((path, f"mode {found.mode:04o}, owner {found.uid}"))
    return bad_ones(bad, f"{seen} files")


def _at_most(key: str, most: int) -> Look:
    def look(live: Live) -> list[Verdict]:
        value = number(login_defs(live).get(key, ""))
        return said(value is not None and 0 < value <= most, f"{key.upper()} {value}")

    return look


def _at_least(key: str, least: int) -> Look:
    def look(live: Live) -> list[Verdict]:
        value = number(login_defs(live).get(key, ""))
        return said(value is not None and value >= least, f"{key.upper()} {value}")

    return look


def _method(live: Live) -> list[Verdict]:
    needed(live, "/etc/login.defs", "login.defs")
    value = login_defs(live).get("encrypt_method", "DES")
    return said(value.lower() in {"yescrypt", "sha512", "bcrypt"}, f"ENCRYPT_METHOD {value}")


def _umask(live: Live) -> list[Verdict]:
    value = login_defs(live).get("umask", "022")
    return said(int(value, 8) & 0o027 == 0o027, f"UMASK {value}")


def _docker_members(live: Live) -> list[Verdict]:
    bad = [
        (member, f"a member of {name} is as good as root")
        for name, _, members in groups(live)
        if name in {"docker", "lxd", "disk", "kmem"}
        for member in members
    ]
    return bad_ones(bad, "nobody")


def _shells(live: Live) -> list[Verdict]:
    found = [one for one in lines(needed(live, "/etc/shells", "A list of shells")) if one.endswith("nologin")]
    return said(
        not found, f"{', '.join(found)} is in /etc/shells" if found else "nologin is not in /etc/shells"
    )


def _root_password(live: Live) -> list[Verdict]:
    state = next((one.state for one in live.passwords() if one.user == "root"), "")
    fine = state in {"none", "locked"}
    return said(
        fine, "root has no password that fits" if fine else f"root's password is {state or 'unknown'}"
    )


def _ghosts(live: Live) -> list[Verdict]:
    """Keys of accounts that are locked still let in where PAM is not asked."""
    closed = {
        one.user for one in live.passwords() if one.expires is not None and one.expires * _DAY < live.now
    }
    bad = [(one.name, "the account expired and its keys are still there") for one in users(live)
           if one.name in closed and "authorized_keys" in names_or(live, f"{one.home}/.ssh")]  # fmt: skip
    return bad_ones(bad, "none")


_PASSWD = "/etc/passwd"
CHECKS: tuple[Check, ...] = (
    Check(id="user-shadowed", title="Passwords stand in /etc/shadow", risk=8, reads=_PASSWD, cis=("7.2.1",), fix="pwconv", look=_hashes_here,
          why="/etc/passwd is read by everybody."),
    Check(id="user-empty-password", title="No password is empty", risk=10, reads="/etc/shadow", cis=("7.2.2",), fix="passwd -l USER", look=_empty,
          why="Whoever knows the name is in."),
    Check(id="user-weak-hash", title="No password is hashed by an old scheme", risk=6, reads="/etc/shadow", fix="passwd USER, which hashes anew; or chage -d 0 USER", look=_weak,
          why="MD5 and DES are tried by the billion a second."),
    Check(id="user-password-future", title="No password was changed in the future", risk=2, reads="/etc/shadow", cis=("5.4.1.6",), fix="chage -d $(date +%F) USER", look=_future,
          why="It would never grow old; and clocks or files were tampered with."),
    Check(id="user-root-password", title="root has no password", risk=3, reads="/etc/shadow", fix="passwd -l root, when sudo works", look=_root_password,
          why="People become root by sudo, with their own names; a shared password leaves no trace of who it was."),
    Check(id="user-roots", title="root alone has the number 0", risk=10, reads=_PASSWD, cis=("5.4.2.1",), fix="userdel USER, or give it another number", look=_roots,
          why="A second account with number 0 is root under another name: the usual back door."),
    Check(id="user-root-group", title="root alone is of root's group", risk=5, reads=f"{_PASSWD}, /etc/group", cis=("5.4.2.2", "5.4.2.3"), fix="usermod -g GROUP USER", look=_root_group,
          why="Files of root's group may be read by it."),
    Check(id="user-numbers", title="Each user has a number of its own", risk=6, reads=_PASSWD, cis=("7.2.5",), fix="usermod -u NUMBER USER",
          why="Two users of one number read each other's files.", look=lambda live: _twice(((u.name, u.uid) for u in users(live) if u.uid), "number")),
    Check(id="user-names", title="Each user has a name of its own", risk=5, reads=_PASSWD, cis=("7.2.7",), fix="vipw",
          why="Nobody can say which of the two is meant.", look=lambda live: _twice(((u.name, u.name) for u in users(live)), "name")),
    Check(id="user-group-numbers", title="Each group has a number of its own", risk=4, reads="/etc/group", cis=("7.2.6",), fix="groupmod -g NUMBER GROUP",
          why="Members of one read the files of the other.", look=lambda live: _twice(((name, gid) for name, gid, _ in groups(live)), "number")),
    Check(id="user-group-names", title="Each group has a name of its own", risk=4, reads="/etc/group", cis=("7.2.8",), fix="vigr",
          why="Nobody can say which of the two is meant.", look=lambda live: _twice(((name, name) for name, _, _ in groups(live)), "name")),
    Check(id="user-unknown-group", title="Groups of users are there", risk=3, reads=f"{_PASSWD}, /etc/group", cis=("7.2.3",), fix="groupadd -g NUMBER NAME", look=_unknown_groups,
          why="The next group that gets the number inherits them."),
    Check(id="user-shadow-group", title="Nobody is a member of shadow", risk=7, reads="/etc/group", cis=("7.2.4",), fix="gpasswd -d USER shadow", look=_shadow_group,
          why="Its members read every hash."),
    Check(id="user-root-like-groups", title="Nobody is as good as root by a group", risk=5, reads="/etc/group", fix="gpasswd -d USER docker; use rootless containers", look=_docker_members,
          why="Who may speak to Docker or read the disk is root without a password."),
    Check(id="user-system-shells", title="Accounts of services have no shell", risk=5, reads=_PASSWD, cis=("5.4.2.7",), fix="usermod -s /usr/sbin/nologin USER", look=_system_shells,
          why="Who breaks into the service would sign in as it."),
    Check(id="user-shells-list", title="nologin is no shell", risk=2, reads="/etc/shells", cis=("5.4.3.1",), fix="sed -i '/nologin/d' /etc/shells", look=_shells,
          why="FTP and mail servers let in whoever has a shell of that list."),
    Check(id="user-homes", title="Homes are their owners' alone", risk=4, reads=f"{_PASSWD}, homes", cis=("7.2.9",), fix="chown USER HOME && chmod 0750 HOME", look=_homes,
          why="Keys, histories and tokens lie there."),
    Check(id="user-dot-files", title="No file in a home lets others in", risk=6, reads="homes", cis=("7.2.10",), fix="rm ~/.rhosts ~/.shosts; chmod 600 ~/.netrc ~/.pgpass", look=_dot_files,
          why="They hold passwords, or trust whoever says where he comes from."),
    Check(id="user-key-files", title="Lists of keys are written by their owners alone", risk=7, reads="~/.ssh/authorized_keys", fix="chmod 600 ~/.ssh/authorized_keys", look=_key_files,
          why="Who may write the list signs in as its owner."),
    Check(id="user-expired-keys", title="Accounts that expired have no keys", risk=5, reads="/etc/shadow, ~/.ssh", fix="rm ~USER/.ssh/authorized_keys", look=_ghosts,
          why="Somebody who left would come back by his key."),
    Check(id="user-hash-method", title="New passwords are hashed well", risk=5, reads="/etc/login.defs", cis=("5.4.1.4",), fix="ENCRYPT_METHOD YESCRYPT in /etc/login.defs", look=_method,
          why="MD5 and DES are tried by the billion a second."),
    Check(id="user-password-age", title="Passwords of accounts grow old", risk=1, reads="/etc/login.defs", cis=("5.4.1.1",), fix="PASS_MAX_DAYS 365 in /etc/login.defs", look=_at_most("pass_max_days", 365),
          why="One that leaked and was not noticed ends some day."),
    Check(id="user-password-warned", title="People are told before their password ends", risk=1, reads="/etc/login.defs", cis=("5.4.1.3",), fix="PASS_WARN_AGE 7 in /etc/login.defs", look=_at_least("pass_warn_age", 7),
          why="Who is locked out by surprise asks for exceptions."),
    Check(id="user-umask", title="New files are not for everybody", risk=3, reads="/etc/login.defs", cis=("5.4.3.3",), fix="UMASK 027 in /etc/login.defs", look=_umask,
          why="With 022, what people write is read by every service that was broken into."),
)  # fmt: skip
