import base64
import datetime
import json
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.support.repositories import commit, git

from vedette.instruments.scan.running import run
from vedette.instruments.scan.secrets.scanner import SCANNER
from vedette.instruments.scan.secrets.telling import identity, masked
from vedette.instruments.scan.types import Asked
from vedette.wire.scan import ScanReport

pytestmark = pytest.mark.xdist_group("secrets")  # rules are compiled once
NOW = 1_790_000_000.0
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
OTHER = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def scanned(root: Path, **options: str) -> ScanReport:
    return run(SCANNER, Asked(target=str(root), now=NOW, feeds=root / "none", options=options))


def test_a_secret_is_one_finding_wherever_it_is_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"\nx = '{TOKEN}'\n")
    (tmp_path / "b.py").write_text(f"x = '{TOKEN}'\n")
    report = scanned(tmp_path)
    (finding,) = report.findings
    assert (finding.check, finding.place, finding.labels["places"]) == ("secrets.github-pat", "a.py:2", "2")
    assert finding.subject == "ghp_… (40 characters)"
    assert TOKEN[:8] not in msgspec.json.encode(report).decode()
    assert "Revoke" in finding.fix
    assert finding.references


def test_the_same_secret_is_the_same_finding_on_another_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"x = '{TOKEN}'\n")
    before = scanned(tmp_path).findings[0].identity
    (tmp_path / "a.py").rename(tmp_path / "moved.py")
    (tmp_path / "moved.py").write_text(f"\n\n\nx = '{TOKEN}'\n")
    assert scanned(tmp_path).findings[0].identity == before
    assert identity("a", b"secret") != identity("b", b"secret") != identity("b", b"Secret")


def test_of_a_short_secret_less_is_shown() -> None:
    assert masked(b"hunter2!") == "hu… (8 characters)"
    assert masked(b"\x1b[31") == "?… (4 characters)"


def test_utf16_is_read_and_binaries_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(f"x = '{TOKEN}'".encode("utf-16"))
    (tmp_path / "b.txt").write_bytes(f"x = '{OTHER}' and more of it".encode("utf-16-le"))
    (tmp_path / "c.bin").write_bytes(b"\0\1\2" * 50 + TOKEN.encode())
    (tmp_path / "d.txt").write_bytes(f"x = '{TOKEN}'".encode("utf-32"))
    (tmp_path / "e.dat").write_bytes(f"x = '{TOKEN}'\n\0".encode())
    leaks = {place for each in scanned(tmp_path).findings for place in each.evidence.split() if ":1" in place}
    assert {each.strip(",;") for each in leaks} == {"a.txt:1", "b.txt:1", "d.txt:1", "e.dat:1"}


def test_however_many_texts_in_base64_stand_in_a_file_each_is_read(tmp_path: Path) -> None:
    benign = [base64.b64encode(b"nothing to see here, number %06d of many" % each) for each in range(300)]
    (tmp_path / "a.txt").write_bytes(b"\n".join([*benign, base64.b64encode(f"token = '{TOKEN}' ".encode())]))
    assert [each.place for each in scanned(tmp_path).findings] == ["a.txt:301"]


def test_what_tools_made_is_passed_over_and_counted_and_links_are_not_followed(tmp_path: Path) -> None:
    for name in ("node_modules", ".venv"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.js").write_text(TOKEN)
    (tmp_path / "large.bin").write_bytes(b"\0" * (5 * 1024 * 1024 + 1))
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "link").symlink_to("/etc/hostname")
    report = scanned(tmp_path)
    assert (report.findings, report.unknown, report.complete) == ((), (), True)
    told = ("folders passed over", "files too large", "links that lead out", "files")
    assert [report.facts[name] for name in told] == ["2", "1", "1", "1"]


def test_a_limit_that_is_raised_lets_large_files_be_read(tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_bytes(f"x = '{TOKEN}'\n".encode() + b"\n" * (5 * 1024 * 1024))
    report = scanned(tmp_path, largest="6")
    assert ([each.place for each in report.findings], report.complete) == (["dump.sql:1"], True)


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(TOKEN)
    (tmp_path / "link.env").symlink_to("a.env")
    assert [each.place for each in scanned(tmp_path / "link.env").findings] == ["a.env:1"]


def test_the_same_content_is_looked_at_at_each_path(tmp_path: Path) -> None:
    for name in ("node_modules", "conf"):
        (tmp_path / name).mkdir()
    (tmp_path / "node_modules/a.py").write_text(f"x = '{TOKEN}'\n")
    commit(tmp_path)
    (tmp_path / "conf/a.py").write_text(f"x = '{TOKEN}'\n")
    commit(tmp_path)
    git(tmp_path, "rm", "-q", "-r", "conf")
    commit(tmp_path, b__py="x = 1\n")
    assert [each.place.partition("@")[0] for each in scanned(tmp_path).findings] == ["conf/a.py"]


def test_no_setting_of_a_repository_hides_its_past(tmp_path: Path) -> None:
    commit(tmp_path, a__py=f"x = '{TOKEN}'\n")
    head = commit(tmp_path, a__py="x = 1\n")
    git(tmp_path, "config", "log.showRoot", "false")
    git(tmp_path, "config", "diff.orderFile", str(tmp_path / "none"))
    (tmp_path / ".git/info").mkdir(exist_ok=True)
    (tmp_path / ".git/info/grafts").write_text(head + "\n")
    assert [each.check for each in scanned(tmp_path).findings] == ["secrets.github-pat"]


def test_a_bare_repository_and_a_folder_of_one_have_a_past(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    (whole / "sub").mkdir(parents=True)
    (whole / "sub/a.py").write_text(f"x = '{TOKEN}'\n")
    first = commit(whole, b__py=f"y = '{OTHER}'\n")
    (whole / "sub/a.py").write_text("x = 1\n")
    commit(whole, b__py="y = 1\n")
    git(tmp_path, "clone", "-q", "--bare", str(whole), "bare.git")
    assert {each.place for each in scanned(tmp_path / "bare.git").findings} == {
        f"sub/a.py@{first[:12]}:1",
        f"b.py@{first[:12]}:1",
    }
    for within in ("sub", "sub/a.py"):
        assert [each.place for each in scanned(whole / within).findings] == [f"a.py@{first[:12]}:1"]


def test_what_is_staged_stashed_or_was_reset_is_looked_at(tmp_path: Path) -> None:
    commit(tmp_path, a__py="x = 1\n")
    amended = commit(tmp_path, a__py=f"x = '{TOKEN}'\n")
    git(tmp_path, "reset", "-q", "--hard", "HEAD~1")
    (tmp_path / "b.py").write_text(f"y = '{OTHER}'\n")
    git(tmp_path, "add", "b.py")
    (tmp_path / "b.py").write_text("y = 1\n")
    report = scanned(tmp_path)
    assert {each.place for each in report.findings} == {f"a.py@{amended[:12]}:1", "b.py@staged:1"}
    staged = next(each for each in report.findings if each.check == "secrets.stripe-secret-key")
    assert ("next commit takes it along" in staged.why, "commit" in staged.labels) == (True, False)
    assert scanned(tmp_path, history="no").findings == ()


def test_what_nothing_leads_to_is_looked_at_when_it_is_wanted(tmp_path: Path) -> None:
    commit(tmp_path, a__py="x = 1\n")
    (tmp_path / "gone.py").write_text(f"x = '{TOKEN}'\n")
    blob = git(tmp_path, "hash-object", "-w", "gone.py").strip()
    (tmp_path / "gone.py").unlink()
    assert scanned(tmp_path).findings == ()
    (found,) = scanned(tmp_path, **{"all-history": "yes"}).findings
    assert found.place == f"blob-{blob[:12]}@unreachable:1"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.py").write_text("x = 1\n")
    assert not scanned(tmp_path / "sub", **{"all-history": "yes"}).complete


def test_control_characters_of_a_name_are_not_printed(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.py").write_text(TOKEN)
    assert scanned(tmp_path).findings[0].place == "a%1B[31m.py:1"


def test_the_past_is_searched_with_the_commit_a_secret_came_with(tmp_path: Path) -> None:
    first = commit(tmp_path, a__py=f"x = '{TOKEN}'\n", b__py=f"y = '{OTHER}'\n")
    commit(tmp_path, a__py="x = 1\n", c__py=f"y = '{OTHER}'\n")
    found = {finding.check: finding for finding in scanned(tmp_path).findings}
    gone, there = found["secrets.github-pat"], found["secrets.stripe-secret-key"]
    assert (gone.place, gone.labels["commit"], gone.labels["since"], gone.labels["history only"]) == (
        f"a.py@{first[:12]}:1",
        first,
        "2026-01-02",
        "yes",
    )
    assert (there.place, there.labels["history only"]) == ("b.py:1", "no")
    assert [finding.check for finding in scanned(tmp_path, history="no").findings] == [
        "secrets.stripe-secret-key"
    ]


def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    mark, hostile = tmp_path / "ran", tmp_path / "repository"
    hostile.mkdir()
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    commit(hostile, a__py=f"x = '{TOKEN}'\n", __gitattributes="* diff=evil filter=evil\n")
    for name in (
        "core.fsmonitor",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.external",
        "core.pager",
        "core.sshCommand",
    ):
        git(hostile, "config", name, str(script))
    git(hostile, "config", "core.hooksPath", str(tmp_path))
    mark.unlink(missing_ok=True)
    assert scanned(hostile).unknown == ()
    assert not mark.exists()


def test_a_baseline_of_gitleaks_names_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"x = '{TOKEN}'\ny = '{OTHER}'\n")
    known = tmp_path / "known.json"
    known.write_text(
        json.dumps(
            [
                {"RuleID": "github-pat", "File": "a.py", "Secret": TOKEN, "StartLine": 1},
                {"File": "known.json", "StartLine": 1, "Secret": "REDACTED"},
            ]
        )
    )
    report = scanned(tmp_path, baseline=str(known))
    assert ([finding.check for finding in report.findings], report.facts["known"]) == (
        ["secrets.stripe-secret-key"],
        "2",
    )


def test_hints_lower_what_a_dead_secret_is_worth(tmp_path: Path) -> None:
    def token(expires: float) -> str:
        parts = [
            json.dumps(each).encode()
            for each in ({"alg": "HS256", "typ": "JWT"}, {"sub": "ann", "exp": expires})
        ]
        return ".".join(
            [*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2lnbmF0dXJlLW9mLWl0"]
        )

    (tmp_path / "old.txt").write_text(token(NOW - 1))
    (tmp_path / "new.txt").write_text(token(NOW + 9))
    (tmp_path / "aws.txt").write_text("AKIAIOSFODNN7EXAMPLE\n")
    (tmp_path / "pay.txt").write_text(OTHER.replace("live", "test"))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "key.txt").write_text(OTHER)
    found = {finding.place: finding for finding in scanned(tmp_path).findings}
    assert {place: finding.risk for place, finding in found.items()} == {
        "old.txt:1": 1.0,
        "new.txt:1": 6.0,
        "aws.txt:1": 0.0,
        "pay.txt:1": 2.0,
        "tests/key.txt:1": 3.5,
    }
    assert "expired" in found["old.txt:1"].labels["hint"]


def pem(key, ends: float | None) -> tuple[str, str]:
    """Return a private key and a certificate for it that ends at an instant, as PEM."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    end = datetime.datetime.fromtimestamp(ends or NOW, datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.test")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, end - datetime.timedelta(90), end)
    return private, made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("ends", "other", "inside", "dead"),
    [((-1,), False, False, True), ((-1,), False, True, True), ((9,), False, False, False), ((-1, 9), False, False, False), ((-1,), True, False, False)],
)  # fmt: skip
def test_a_key_whose_certificate_has_expired_is_worth_less(
    ends: tuple[float, ...], other: bool, inside: bool, dead: bool, tmp_path: Path
) -> None:
    key, stranger = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    private, _ = pem(key, None)
    for number, end in enumerate(ends):
        certificate = pem(stranger if other else key, NOW + end)[1]
        (tmp_path / f"{number}.crt").write_text("" if inside else certificate)
        private += certificate if inside else ""
    (tmp_path / "broken.pem").write_text(
        "-----BEGIN CERTIFICATE-----\n" + "A" * 80 + "\n-----END CERTIFICATE-----\n"
    )
    (tmp_path / "link.pem").symlink_to("/etc/hostname")
    (tmp_path / "server.key").write_text(private)
    (finding,) = scanned(tmp_path).findings
    assert (finding.check, finding.risk, "expired" in finding.why) == (
        "secrets.private-key",
        4.0 if dead else 9.0,
        dead,
    )


def test_a_key_that_was_committed_with_its_certificate_and_removed(tmp_path: Path) -> None:
    private, certificate = pem(ec.generate_private_key(ec.SECP256R1()), NOW - 1)
    commit(tmp_path, a__env="KEY=" + json.dumps(private + certificate))
    commit(tmp_path, a__env=None)
    (finding,) = scanned(tmp_path).findings
    assert (finding.labels["history only"], finding.risk) == ("yes", 4.0)
