"""Of what was there before, nothing counts; what is new does."""

import pytest
from tests.support.scans import report, weak

from vedette.core.errors import ConfigError
from vedette.instruments.scan import baselines
from vedette.wire.finding import FindingState


def test_only_new_ones_count(tmp_path):
    file = tmp_path / "baseline.json"
    file.write_bytes(baselines.write((report(weak()),)))
    (found,) = baselines.only_new(
        (report(weak(place="uv.lock:99"), weak(identity="new")),), baselines.read(file)
    )
    assert [each.state for each in found.findings] == [FindingState.WAIVED, FindingState.FAILED]


def test_the_same_findings_make_the_same_file():
    one, two = weak(identity="a"), weak(identity="b")
    assert baselines.write((report(one, two),)) == baselines.write((report(two, one, one),))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '{"version": 1, "findings": {}}',
        '{"version": 2, "findings": []}',
        '{"version": 2, "finding": {}}',
        "\xff",
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path, body):
    (tmp_path / "b").write_text(body, encoding="latin-1")
    with pytest.raises(ConfigError):
        baselines.read(tmp_path / "b")
    with pytest.raises(ConfigError, match="cannot be read"):
        baselines.read(tmp_path / "missing")


@pytest.mark.parametrize("worse", [{"risk": 9.9}, {"exploited": True}, {"labels": {"places": "2"}}])
def test_what_became_worse_counts(tmp_path, worse):
    file = tmp_path / "baseline.json"
    file.write_bytes(baselines.write((report(weak(risk=5.0)),)))
    (found,) = baselines.only_new((report(weak(**{"risk": 5.0, **worse})),), baselines.read(file))
    assert found.findings[0].state is FindingState.FAILED
