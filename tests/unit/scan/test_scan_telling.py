"""Each format says all that matters, is read back by what reads it, and lets nothing raw through."""

import json
import re

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped
from tests.support import sarif
from tests.support.scans import BLIND, JOBLIB, NOW, NUMPY, report, telling, weak

from vedette.instruments.scan import accepting
from vedette.instruments.scan.accepting import Acceptance
from vedette.instruments.scan.registry import scanners
from vedette.instruments.scan.running import run
from vedette.instruments.scan.telling.registry import format_of, formats
from vedette.instruments.scan.types import Asked, Takes
from vedette.wire.finding import Finding, FindingState, Severity
from vedette.wire.scan import ScanReport, Unknown

HOSTILE = "a\x1b[2J\x07\r\n::error::x\u202e%0A\x85]]>&<\"'\ud800\x00,:"
SPOT = re.compile(r"[^\x20-\x7e\n]")


def accepted():
    entry = Acceptance(reason="never unpickled", until=NOW + 1, check="*", by="Ada")
    return accepting.accepted((report(weak()),), (entry,), NOW)[0]


def everything(**more):
    return telling(report(weak(), weak(check="low", risk=1.0, subject="", labels={}, place="https://shop.example/x"), unknown=(BLIND,)), accepted(), **more)  # fmt: skip


def written(name, told=None):
    return format_of(name).write(told or everything())


def check_table(told):
    text = written("table", told)
    assert text.isascii() or all(char.isprintable() or char == "\n" for char in text)


def check_json(told):
    found = json.loads(written("json", told))
    assert (found["schema"], found["exit"]) == (1, told.verdict.code)
    assert len(found["reports"]) == len(told.reports)


def check_sarif(told):
    found = json.loads(written("sarif", told))
    assert [run["tool"]["driver"]["name"] for run in found["runs"]] == ["Vedette"] * len(told.reports)
    assert sarif.wrong(found) == []
    assert all(each["message"]["text"] for run in found["runs"] for each in run["results"])


def check_bom(name):
    def check(told):
        text = written(name, told)
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None

    return check


def check_junit(told):
    suites = JUnitXml.fromstring(written("junit", told).encode())
    assert sum(len(list(suite)) for suite in suites) >= len(told.reports)


def check_github(told):
    for line in written("github", told).splitlines():
        assert re.fullmatch(r"::(error|warning|notice) [^:]*::.*", line)


CHECKS = {
    "table": check_table, "json": check_json, "sarif": check_sarif, "cyclonedx": check_bom("cyclonedx"), "vex": check_bom("vex"),
    "junit": check_junit, "github": check_github,
}  # fmt: skip


def test_every_format_has_its_check():
    assert set(CHECKS) == set(formats())


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_all_is_told_in_a_form_that_is_read(name):
    CHECKS[name](everything())
    CHECKS[name](telling(report()))
    text = written(name)
    assert name in {"vex", "cyclonedx"} or "No feed tells of PyPI." in text
    assert "GHSA-aaaa-bbbb-cccc" in text


TEXT = st.text(st.characters() | st.sampled_from(HOSTILE), max_size=20)
FINDINGS = st.builds(
    Finding, check=TEXT.filter(bool), title=TEXT, state=st.sampled_from(list(FindingState)), subject=TEXT, risk=st.floats(0, 10),
    why=TEXT, fix=TEXT, evidence=TEXT, reason=TEXT, place=TEXT, identity=TEXT,
    labels=st.none().map(lambda _: {}) | st.fixed_dictionaries({"package": TEXT.filter(bool), "ecosystem": TEXT, "version": TEXT}),
)  # fmt: skip
REPORTS = st.builds(
    ScanReport, scanner=st.just("deps"), target=TEXT, at=st.just(NOW), findings=st.lists(FINDINGS, max_size=2).map(tuple),
    unknown=st.lists(st.builds(Unknown, subject=TEXT, why=TEXT, fix=TEXT), max_size=2).map(tuple),
    components=st.sampled_from([(), (JOBLIB,), (JOBLIB, NUMPY)]), facts=st.dictionaries(TEXT, TEXT, max_size=2),
)  # fmt: skip


@given(REPORTS)
def test_nothing_raw_reaches_a_terminal(found):
    told = telling(found)
    for name, check in CHECKS.items():
        assert all(char.isprintable() or char == "\n" for char in written(name, told)), name
        if name not in {"cyclonedx", "vex"}:  # its validator is slow: the example below is enough
            check(told)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_hostile_finding_keeps_the_form(name):
    bad = weak(check=HOSTILE, title=HOSTILE, why=HOSTILE, fix=HOSTILE, evidence=HOSTILE, place=f"{HOSTILE}:3", subject=HOSTILE)  # fmt: skip
    blind = Unknown(subject=HOSTILE, why=HOSTILE, fix=HOSTILE)
    CHECKS[name](telling(report(bad, unknown=(blind,))))


def test_table_begins_with_the_verdict_then_what_is_not_known_then_the_worst():
    lines = written("table").splitlines()
    assert (
        lines[0]
        == "Could not know 1 thing, and 1 finding at high or worse. Findings that do not count: 1 by acceptances."
    )
    places = [next(n for n, line in enumerate(lines) if mark in line) for mark in ("Could not know:", "HIGH 8.1", "LOW 1", "Accepted until")]  # fmt: skip
    assert places == sorted(places)


def test_table_tells_what_to_do_first_and_colours_only_a_terminal():
    told = telling(report(*(weak(subject=f"p{n}", fix=f"Upgrade to {n}.") for n in range(5))))
    assert "Do first:\n  p0: Upgrade to 0." in written("table", told)
    assert "\x1b[31mHIGH" in written("table", msgspec.structs.replace(told, colour=True))


def test_table_prints_a_patch_line_by_line():
    told = telling(msgspec.structs.replace(report(), facts={"patch": "-a==1\n+a==2\x1b[2J\n"}))
    assert written("table", told).endswith("\npatch\n-a==1\n+a==2\\x1b[2J\n")


def test_sarif_tells_blindness_acceptance_line_and_what_stays_the_same():
    runs = json.loads(written("sarif"))["runs"]
    invocation = runs[0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert "No feed tells of PyPI." in invocation["toolExecutionNotifications"][0]["message"]["text"]
    place = runs[0]["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("uv.lock", 7)
    assert runs[1]["results"][0]["suppressions"][0]["justification"].endswith("never unpickled")
    moved = json.loads(written("sarif", telling(report(weak(place="uv.lock:70", title="other")))))["runs"][0]
    assert moved["results"][0]["partialFingerprints"] == runs[0]["results"][0]["partialFingerprints"]
    assert runs[0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == "8.1"


def test_cyclonedx_lists_components_needs_and_what_is_thought():
    found = json.loads(written("cyclonedx"))
    assert [each["purl"] for each in found["components"]] == [JOBLIB.purl, NUMPY.purl]
    assert found["dependencies"][0]["dependsOn"] == [NUMPY.purl]
    states = [each["analysis"]["state"] for each in found["vulnerabilities"]]
    assert states == ["in_triage", "exploitable"]
    assert found["vulnerabilities"][0]["affects"] == [{"ref": JOBLIB.purl}]
    assert "components" not in json.loads(written("vex"))


def test_junit_fails_errs_and_skips():
    suites = list(JUnitXml.fromstring(written("junit").encode()))
    kinds = [type(case.result[0]) for suite in suites for case in suite]
    assert kinds == [Error, Failure, Failure, Skipped]
    assert [(suite.failures, suite.errors, suite.skipped) for suite in suites] == [(2, 1, 0), (0, 0, 1)]
    (suite,) = JUnitXml.fromstring(written("junit", telling(report())).encode())
    assert [case.name for case in suite] == ["nothing found"]


def test_github_escapes_and_counts():
    told = telling(
        report(weak(title="50% of\nit", place="a,b:c.py:3", check="x:y")), fail_on=Severity.CRITICAL
    )
    first = written("github", told).splitlines()[0]
    assert first.startswith("::warning file=a%2Cb%3Ac.py,line=3,title=x%3Ay::50%25 of it ")


def test_json_is_the_same_data_in_plain_letters():
    text = written("json", telling(report(weak(title="é\x85\U0001f600"))))
    assert not SPOT.search(text)
    assert json.loads(text)["reports"][0]["findings"][0]["title"] == "é\x85\U0001f600"


def test_what_the_standard_does_not_want_is_seen():
    log = json.loads(written("sarif"))
    assert sarif.wrong({**log, "version": "2.0.0"}) == ["$.version: '2.1.0' was expected"]
    log["runs"][0]["results"][0].pop("message")
    log["runs"][0]["tool"]["driver"]["nickname"] = "V"
    assert len(sarif.wrong(log)) == 2


PLACES = {
    Takes.PATH: "src/a.py:3", Takes.FILE: "usr/lib/a:1", Takes.URL: "https://shop.example/a?b=c d", Takes.ENDPOINT: "shop.example:443",
    Takes.DOMAIN: "_dmarc.shop.example", Takes.HOST: "db-1:5432", Takes.NOTHING: "dpkg: openssl",
}  # fmt: skip


@pytest.mark.parametrize("kind", scanners())
def test_the_sarif_of_every_scanner_is_as_the_standard_wants_it(kind, tmp_path):
    scanner = scanners()[kind]
    asked = Asked(target=str(tmp_path / "gone"), now=NOW, feeds=tmp_path / "none", deadline=1, options={"root": str(tmp_path)} if kind == "host" else {})  # fmt: skip
    blind = run(scanner, asked)
    assert blind.unknown
    found = msgspec.structs.replace(
        blind,
        findings=tuple(
            weak(check=f"{kind}.{n}", place=PLACES[scanner.takes], subject=str(n)) for n in range(3)
        ),
    )
    check_sarif(telling(blind, found))


def test_the_sarif_of_what_is_really_found_is_as_the_standard_wants_it(tmp_path):
    (tmp_path / "a b#é.py").write_text(
        "token = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'\ndef f(x): return eval(x)\n"
    )
    asked = Asked(target=str(tmp_path), now=NOW, feeds=tmp_path, options={"bandit": "no"})
    reports = [
        run(scanners()["code"], asked),
        run(scanners()["secrets"], msgspec.structs.replace(asked, options={})),
    ]
    assert all(each.findings for each in reports)
    check_sarif(telling(*reports))
