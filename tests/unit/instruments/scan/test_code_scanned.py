import json
import os
import sys
from pathlib import Path

from tests.support.repositories import commit

from vedette.instruments.scan.code import semgrep
from vedette.instruments.scan.code.changed import changed_lines
from vedette.instruments.scan.code.masking import without_literals
from vedette.instruments.scan.code.scanner import SCANNER
from vedette.instruments.scan.running import run
from vedette.instruments.scan.types import Asked
from vedette.wire.scan import ScanReport

WEAK = "def f(x):\n    return eval(x)\n"


def scanned(root: Path, **options: str) -> ScanReport:
    return run(
        SCANNER, Asked(target=str(root), now=1.0, feeds=root / "none", options={"bandit": "no", **options})
    )


def places(report: ScanReport) -> list[tuple[str, str]]:
    return [(finding.check, finding.place) for finding in report.findings]


def test_a_weak_spot_is_the_same_though_its_line_moves(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(WEAK)
    before = scanned(tmp_path).findings
    (tmp_path / "a.py").write_text(f"\n\n{WEAK}")
    after = scanned(tmp_path).findings
    assert [(each.place, each.evidence) for each in after] == [("a.py:4", "return eval(x)")]
    assert before[0].identity == after[0].identity


def test_a_secret_key_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("SECRET_KEY = 'j3xk9w2pq8zr5t7y'\n")
    (finding,) = scanned(tmp_path).findings
    assert (finding.check, finding.evidence) == ("code.secret-key", "SECRET_KEY = …")


def test_marked_lines_are_let_pass_and_tests_weigh_less(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(x):\n    eval(x)  # vedette:allow\n    exec(x)  # nosec\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(WEAK)
    assert [(each.place, each.risk) for each in scanned(tmp_path).findings] == [("tests/test_a.py:2", 3.0)]


def test_an_application_without_the_guard_is_told_for_information(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    report = scanned(tmp_path)
    assert (places(report), report.findings[0].risk, report.facts["frameworks"]) == (
        [("code.guard-missing", "app.py:1")],
        0.0,
        "Flask",
    )
    (tmp_path / "wsgi.py").write_text("from vedette_guard import guard\n")
    assert places(scanned(tmp_path)) == []


def test_a_review_sees_changed_lines_alone(tmp_path: Path) -> None:
    base = commit(tmp_path, a__py=WEAK)
    commit(tmp_path, a__py=f"{WEAK}\ndef g(x):\n    return exec(x)\n", b__py=WEAK)
    report = scanned(tmp_path, diff=base)
    assert places(report) == [("code.eval", "a.py:5"), ("code.eval", "b.py:2")]
    assert not report.complete


def test_lines_that_changed() -> None:
    assert changed_lines([b"a", b"b", b"c"], [b"a", b"x", b"c", b"d"]) == {2, 4}
    assert changed_lines([b"a"], [b"a"]) == frozenset()
    assert changed_lines([b"a"] * 30_000, [b"a"]) is None


def test_bandit_looks_too_and_what_both_tell_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import subprocess\n\ndef f(x):\n    subprocess.run(f'ls {x}', shell=True)\n\ntry:\n    f(1)\nexcept Exception:\n    pass\n"
    )
    (tmp_path / ".bandit").write_text("[bandit]\nskips: B110\n")
    report = scanned(tmp_path, bandit="yes")
    told = dict(places(report))
    assert told["code.shell"] == "a.py:4"
    assert told["bandit.B110"] == "a.py:8"
    assert "bandit.B602" not in told
    assert report.complete


def test_semgrep_runs_by_rules_of_this_machine_alone(tmp_path: Path) -> None:
    rules, program, root = tmp_path / "rules.yml", tmp_path / "semgrep", tmp_path / "shop"
    root.mkdir()
    (root / "a.js").write_text("one();\ntwo();\n")
    rules.write_text("rules: []\n")
    told = {
        "results": [
            {
                "check_id": "rules.no-two",
                "path": "a.js",
                "start": {"line": 2},
                "extra": {"message": "No two.", "severity": "ERROR"},
            }
        ],
        "errors": [],
    }
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\ntold = json.loads({json.dumps(json.dumps(told))})\ntold['results'][0]['path'] = os.path.join(sys.argv[-1], 'a.js')\nassert '--metrics=off' in sys.argv\nopen(sys.argv[sys.argv.index('--output') + 1], 'w').write(json.dumps(told))\n"
    )
    program.chmod(0o755)
    (finding,) = scanned(root, semgrep=str(rules), **{"semgrep-program": str(program)}).findings
    assert (finding.check, finding.place, finding.risk, finding.why) == (
        "semgrep.no-two",
        "a.js:2",
        7.5,
        "No two.",
    )


def test_what_semgrep_passes_over_is_not_known() -> None:
    report = {
        "results": [{"check_id": "r.x", "path": "c/0", "start": {"line": 4}, "end": {"line": 6}}],
        "paths": {"skipped": [
            {"path": "c/1", "reason": "minified"}, {"path": "c/0", "reason": "wrong_language"}, {"path": "else", "reason": "binary"},
        ]},
    }  # fmt: skip
    spots, unknown = semgrep.read(json.dumps(report).encode(), {"c/0": "a.js", "c/1": "b.min.js"})
    assert [(each.path, each.line, each.marked) for each in spots] == [("a.js", 4, (3, 6))]
    assert [(each.subject, each.why) for each in unknown] == [
        ("b.min.js", "semgrep passed it over: minified.")
    ]


def test_a_mark_on_any_line_of_a_spot_lets_it_pass_and_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import subprocess  # nosec\nsubprocess.run(\n    'x',\n    shell=True,\n)  # nosec\n"
    )
    report = scanned(tmp_path, bandit="yes")
    assert report.findings == ()
    assert int(report.facts["let pass by a mark"]) >= 3


def test_no_literal_is_shown_by_any_check(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        'import requests\npassword = "TopSecretOutside1"\n'
        'requests.get("https://x.example", auth=("u", "Hunter2Secret"), verify=False)\n'
    )
    report = scanned(tmp_path, bandit="yes")
    told = json.dumps([(each.check, each.why, each.evidence, each.title) for each in report.findings])
    assert "bandit.B105" in told
    assert "verify=False" in told
    assert "Hunter2" not in told
    assert "TopSecret" not in told


def test_what_stands_between_quotes_is_masked_though_it_does_not_end() -> None:
    assert (
        without_literals("a('secret', \"se\\\"cret\", `secret`, '*') + 'secr")
        == "a('…', \"…\", `…`, '*') + '…'"
    )


def test_bandit_sees_what_we_read_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "venv" / "app"
    (root / ".github").mkdir(parents=True)
    (tmp_path / "o.py").write_text("password = 'TopSecretOutside1'\n")
    (root / "l.py").symlink_to("../../o.py")
    os.mkfifo(root / "pipe.py")
    for name in ("a.py", ".github/b.py"):
        (root / name).write_text("import pickle\nx = pickle.loads(y)\n")
    report = scanned(root, bandit="yes")
    assert {each.place for each in report.findings if each.place.endswith(":2")} == {
        "a.py:2",
        ".github/b.py:2",
    }
    assert not [each for each in report.findings if each.place.startswith("l.py")]
    assert report.facts["links that lead out"] == "1"
    assert report.complete
