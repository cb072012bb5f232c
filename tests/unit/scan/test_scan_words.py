"""`vedette scan`: a verb for each scanner, one verdict, and the exit code that programs believe."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.support.scans import BLIND, breaks, finds, is_blind, scanner, weak

from vedette.cli import scan_running, scan_sending, scanning
from vedette.core.errors import ConfigError, Unavailable
from vedette.instruments.scan.telling.types import Format
from vedette.instruments.scan.types import Takes
from vedette.plumbing.net.port import Response
from vedette.wire.finding import Severity
from vedette.wire.scan import ScanReport

OPTIONS = {"diff": "Only what changed since this commit.", "all-history": "yes: look at the whole history.", "max-feed-age": "Days."}  # fmt: skip


def echo(asked, progress):
    facts = {**asked.options, "policy": str(asked.policy.allow_private), "target": asked.target}
    return ScanReport(scanner="code", target=asked.target, at=asked.now, facts=facts)


KNOWN = {
    each.kind: each
    for each in (
        scanner("deps", finds(weak())), scanner("secrets", finds()), scanner("blind", is_blind), scanner("broken", breaks),
        scanner("code", echo, options=OPTIONS), scanner("host", finds(), Takes.NOTHING), scanner("site", echo, Takes.URL),
        scanner("tls", echo, Takes.ENDPOINT), scanner("dns", echo, Takes.DOMAIN), scanner("ports", echo, Takes.HOST),
        scanner("image", echo, Takes.FILE),
    )
}  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEDETTE_FEEDS", str(tmp_path / "feeds"))


def code(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        scanning.build(KNOWN)(list(words), exit_on_error=False, print_error=False)
    return ended.value.code


def told(capsys, *words: str):
    code(*words, "--json")
    return json.loads(capsys.readouterr().out)["reports"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("secrets",), 0), (("deps",), 1), (("deps", "--fail-on", "critical"), 0), (("blind",), 2), (("broken",), 2), (("host",), 0),
        (("all", "--only", "deps", "--only", "secrets"), 1), (("all",), 2), (("all", "--only", "site"), 2), (("all", "--only", "deps", "--skip", "deps"), 2),
        (("all", "--skip", "deps", "--skip", "blind", "--skip", "broken"), 0),
        (("secrets", "--option", "nope=1"), 2), (("secrets", "--json", "--github"), 2), (("secrets", "--format", "jsn"), 2),
        (("secrets", "--baseline", "missing"), 2), (("secrets", "-o", "missing/file"), 2), (("secrets", "--send", "ftp://x"), 2),
        (("secrets", "--config", "missing.toml"), 2),
    ],
)  # fmt: skip
def test_exit_code(words, expected):
    assert code(*words) == expected


def test_a_scanner_that_breaks_is_blind_and_says_so(capsys):
    code("broken")
    assert "The scanner broken broke: ZeroDivisionError: a parser fell over" in capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("-o", "out.txt"), ("--quiet",), ("--sarif", "a.sarif")])
def test_a_format_that_breaks_is_told_in_one_line(words, monkeypatch, capsys):
    def falls_over(told):
        raise KeyError("a\x1b[2J")

    kinds = {
        "table": Format(name="table", about="-", write=falls_over),
        "sarif": Format(name="sarif", about="-", write=falls_over),
    }
    monkeypatch.setattr(scan_running, "format_of", kinds.__getitem__)
    assert code("secrets", *words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"The format {'sarif' if '--sarif' in words else 'table'} broke: KeyError: ")
    assert line.isprintable()


def test_own_options_are_flags(capsys):
    (found,) = told(capsys, "code", "src", "--diff", "main", "--all-history", "--max-feed-age", "3")
    assert {"diff": "main", "all-history": "yes", "max-feed-age": "3", "target": "src"}.items() <= found[
        "facts"
    ].items()
    (found,) = told(capsys, "code")
    assert found["facts"] == {"policy": "False", "target": "."}


@pytest.mark.parametrize(
    ("site", "targets"),
    [
        (
            "https://shop.example/a",
            ["shop.example", "shop.example", "https://shop.example/a", "shop.example:443"],
        ),
        ("shop.example", ["shop.example", "shop.example", "https://shop.example", "shop.example:443"]),
        ("http://127.0.0.1:8000", ["127.0.0.1", "http://127.0.0.1:8000"]),
        ("https://[::1]:8443", ["::1", "https://[::1]:8443", "[::1]:8443"]),
    ],
)
def test_all_runs_what_fits_a_site(capsys, site, targets):
    known = {each: KNOWN[each] for each in ("dns", "ports", "site", "tls")}
    with pytest.raises(SystemExit):
        scanning.build(known)(["all", "--site", site, "--json"], exit_on_error=False)
    assert [each["target"] for each in json.loads(capsys.readouterr().out)["reports"]] == targets


def test_help_tells_of_the_target_and_each_option(capsys):
    code("code", "--help")
    shown = capsys.readouterr().out
    assert all(
        word in shown
        for word in ("A folder or file", "--diff", "Only what changed", "--all-history", "--fail-on")
    )


@pytest.mark.parametrize("absolute", [False, True])
def test_marks_stand_where_the_file_is_seen_from_here(tmp_path, capsys, absolute):
    (tmp_path / "app").mkdir()
    (tmp_path / "app/uv.lock").write_text("")
    code("deps", str(tmp_path / "app") if absolute else "app", "--github")
    assert "::error file=app/uv.lock,line=7," in capsys.readouterr().out
    code("deps", "app/uv.lock", "--format", "sarif")
    assert '"uri": "app/uv.lock"' in capsys.readouterr().out


def test_json_is_read_back_as_reports(capsys):
    (found,) = told(capsys, "deps")
    assert msgspec.convert(found, ScanReport).findings == (weak(),)


def test_all_takes_an_archive_for_an_image(capsys, tmp_path):
    (tmp_path / "shop.tar").write_bytes(b"")
    assert [each["facts"]["target"] for each in told(capsys, "all", "shop.tar")] == ["shop.tar"]


@pytest.mark.parametrize(
    "words", [("all", "--only", "nope"), ("all", "--skip", "nope"), ("all", "--site", "ftp://x")]
)
def test_words_that_make_no_sense_are_told(words):
    with pytest.raises(ConfigError):
        scanning.build(KNOWN)(list(words), exit_on_error=False)


def test_files_are_written_beside_and_a_baseline_makes_it_clean(tmp_path, capsys):
    written = [
        "--sarif",
        "a.sarif",
        "--cyclonedx",
        "b.json",
        "--vex",
        "v.json",
        "--junit",
        "c.xml",
        "-o",
        "d.txt",
    ]
    assert code("deps", *written, "--write-baseline", "base.json") == 0
    assert all((tmp_path / name).stat().st_size for name in written[1::2])
    assert code("deps", "--baseline", "base.json", "--quiet") == 0
    assert (
        capsys.readouterr().out.splitlines()[-1]
        == "Nothing was found. Findings that do not count: 1 by baseline."
    )


def test_a_baseline_of_what_was_not_known_is_not_clean():
    assert code("blind", "--write-baseline", "base.json") == 2


def test_what_is_accepted_beside_the_target_counts_no_more(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    file = folder / ".vedette-scan.toml"
    file.write_text('[[scan.accept]]\ncheck = "GHSA-*"\nreason = "never unpickled"\nuntil = 2027-03-31\n')
    assert (code("deps", "shop"), code("deps")) == (0, 1)
    file.write_text('[[scan.accept]]\ncheck = "GHSA-*"\n')
    assert code("deps", "shop") == 2


def test_vex_clears(tmp_path):
    row = {
        "vulnerability": {"name": "CVE-2024-34997"},
        "status": "fixed",
        "products": [{"@id": "pkg:pypi/joblib@1.4.1"}],
    }
    (tmp_path / "v.json").write_text(json.dumps({"@context": "openvex", "statements": [row]}))
    assert code("deps", "--vex-from", "v.json") == 0


class Server:
    """A server that answers one status."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.asked: list[dict] = []

    def request(self, method, url, *, headers=None, body=b"", deadline=10.0, max_bytes=65_536):
        self.asked.append({"method": method, "url": url, "headers": headers, "body": json.loads(body)})
        return Response(self.status, {}, b'{"detail": "no\x1b[2J"}')


def test_a_report_is_sent_with_what_it_is_of(monkeypatch):
    monkeypatch.setenv("VEDETTE_TOKEN", "vdt_abc")
    server = Server(201)
    wanted = scanning.Wanted(
        send="https://vedette.example/", project="shop", release="1.2", fail_on=Severity.LOW
    )
    found = ScanReport(scanner="deps", target=".", at=1.0, findings=(weak(),), unknown=(BLIND,))
    scan_sending.send([found], wanted, server)
    (asked,) = server.asked
    assert (asked["method"], asked["url"]) == ("POST", "https://vedette.example/api/v1/scans")
    assert asked["headers"]["Authorization"] == "Bearer vdt_abc"
    body = asked["body"]
    assert (body["target"], body["project"], body["release"]) == (".", "shop", "1.2")
    assert body["report"]["findings"][0]["check"] == weak().check


@pytest.mark.parametrize(
    ("status", "said"), [(401, "unknown or expired"), (403, "may not tell"), (500, "did not take")]
)
def test_what_the_server_refuses_is_told(monkeypatch, status, said):
    monkeypatch.setenv("VEDETTE_TOKEN", "vdt_abc")
    found = ScanReport(scanner="deps", target=".", at=1.0)
    with pytest.raises(Unavailable, match=said) as error:
        scan_sending.send([found], scanning.Wanted(send="https://vedette.example"), Server(status))
    assert "\x1b" not in str(error.value)


def test_without_a_token_nothing_is_scanned(monkeypatch, capsys):
    monkeypatch.delenv("VEDETTE_TOKEN", raising=False)
    assert code("secrets", "--send", "https://vedette.example") == 2
    assert "set VEDETTE_TOKEN" in capsys.readouterr().err


def test_django_and_heavy_modules_stay_away():
    program = (
        "import sys\nfrom vedette.cli.main import main\nsys.argv = ['vedette', 'scan', 'all', '--only', 'none']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = ('django', 'urllib3', 'bandit', 'sslyze', 'hyperscan', 're2', 'yaml', 'psutil', 'cryptography', 'dns')\n"
        "found = [name for name in ('rich', *heavy) if name in sys.modules]\n"
        "import contextlib, io\nfrom vedette.cli import scanning\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): scanning.APP(['--help'])\n"
        "print(found + [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])  # fmt: skip
    assert done.stdout.strip() == "[]"
