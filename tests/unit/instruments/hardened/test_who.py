"""Who did it, as far as a host tells: auditd's own records, and else what is only perhaps so."""

from pathlib import Path

from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.hardened import accounting
from vedette.instruments.hardened.types import Deviation, FileStandard
from vedette.instruments.hardened.who import AUDIT, Who
from vedette.instruments.logs.types import EntryKind, LogEntry

AT = 1_764_000_000.0
PATH = "/etc/ssh/sshd_config.d/00-vedette.conf"
LOG = """\
type=SYSCALL msg=audit(1763999990.001:10): arch=c000003e syscall=257 success=yes auid=1001 uid=0 comm="nano" exe="/usr/bin/nano" key="ssh"\x1dAUID="eve"
type=PATH msg=audit(1763999990.001:10): item=1 name="{path}" inode=7 mode=0100600 nametype=NORMAL
type=SYSCALL msg=audit(1763999999.501:12): arch=c000003e syscall=257 success=yes auid=1000 uid=0 comm="vim" exe="/usr/bin/vim.basic" key="ssh"\x1dAUID="ann"
type=PATH msg=audit(1763999999.501:12): item=1 name="{path}" inode=7 mode=0100600 nametype=CREATE
type=SYSCALL msg=audit(1763999999.900:13): arch=c000003e syscall=257 success=yes auid=1001 uid=0 comm="cat" exe="/usr/bin/cat" key="x"
type=PATH msg=audit(1763999999.900:13): item=0 name="/etc/other" inode=8
no line of auditd's
""".replace("{path}", PATH)
OFF = Deviation(
    standard=FileStandard(measure="ssh", path=PATH, text="", mode=0o600, uid=0, gid=0),
    before="",
    after="x",
    changed=AT,
)


def entry(at: float) -> LogEntry:
    return LogEntry(
        parser="sudo", event="command", kind=EntryKind.COMMAND, service="sudo", at=at, user="bob", source="auth.log",
        fields={"command": f"/usr/bin/tee {PATH}", "as": "root"},
    )  # fmt: skip


def asked(
    root: Path, signed_in: tuple[str, ...] = (), off: Deviation = OFF, witnesses: Witnesses | None = None
) -> str:
    return Who(witnesses or Witnesses(root), root, lambda: signed_in)(off, AT)


def test_auditd_names_the_login_that_it_goes_back_to() -> None:
    users = {1000: "ann"}
    assert accounting.who(LOG, PATH, AT, users) == "ann by /usr/bin/vim.basic (auditd)"
    assert accounting.who(LOG.replace("auid=1000", "auid=4294967295"), PATH, AT, users).startswith(
        "/usr/bin/vim.basic, which goes back to nobody"
    )
    assert (
        accounting.who(LOG.replace(f'"{PATH}"', PATH.encode().hex().upper()), PATH, AT, users)
        == "ann by /usr/bin/vim.basic (auditd)"
    )
    assert accounting.who(LOG, PATH, AT + 60, users) == ""
    assert accounting.who(LOG, "/etc/passwd", AT, users) == ""


def test_the_log_of_the_host_is_asked_first(tmp_path: Path) -> None:
    (tmp_path / AUDIT).parent.mkdir(parents=True)
    (tmp_path / AUDIT).write_text(LOG)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("ann:x:1000:1000::/home/ann:/bin/sh\nbroken\n")
    assert asked(tmp_path, ("eve from 203.0.113.5",)) == "ann by /usr/bin/vim.basic (auditd)"


def test_a_command_by_sudo_is_next_and_who_was_signed_in_is_only_perhaps(tmp_path: Path) -> None:
    witnesses = Witnesses(tmp_path)
    witnesses.heard(entry(AT - 3))
    assert asked(tmp_path, ("eve",), witnesses=witnesses) == f"bob ran tee … {PATH} as root, 3 s before"
    assert (
        asked(tmp_path, ("eve from 203.0.113.5", "eve from 203.0.113.5"))
        == "perhaps eve from 203.0.113.5, signed in then"
    )
    own = Deviation(standard=OFF.standard, before="", after="x", changed=AT, owner=1234)
    assert asked(tmp_path, ("eve",), own) == "perhaps user 1234, whose it is now"


def test_nobody_knows_is_an_empty_word(tmp_path: Path) -> None:
    assert asked(tmp_path) == ""
