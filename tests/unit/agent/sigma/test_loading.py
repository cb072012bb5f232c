"""Files of rules: what is refused, and with which sentence."""

import sys
from pathlib import Path

import pytest

from vedette.agent.sigma.loading import Loaded, load, read
from vedette.agent.sigma.types import CorrelationType
from vedette.core.errors import ConfigError

BASE = """
title: A web shell is asked for
id: 11111111-1111-4111-8111-111111111111
name: web_shell
author: Jane Doe
status: test
level: high
tags: [attack.persistence, attack.t1505.003]
references: [https://example.com/shells]
logsource: {category: webserver}
detection:
  selection: {cs-uri-query|contains: shell.php}
  condition: selection
"""


def _with(old: str, new: str) -> Loaded:
    assert old in BASE
    return read([("a.yml", BASE.replace(old, new))])


def _correlation(rest: str, *, name: str = "many") -> str:
    return f"""
title: Many
name: {name}
id: 22222222-2222-4222-8222-22222222222{len(name) % 10}
status: test
correlation:
  {rest}
"""


def test_what_is_said_about_a_rule_is_kept() -> None:
    found = read([("a.yml", BASE)])
    (rule,) = found.rules
    assert not found.refused
    assert (rule.id, rule.title, rule.level, rule.author) == (
        "11111111-1111-4111-8111-111111111111", "A web shell is asked for", "high", "Jane Doe",
    )  # fmt: skip
    assert rule.references == ("https://example.com/shells",)
    assert rule.tags == ("attack.persistence", "attack.t1505.003")
    assert (rule.source.category, rule.told) == ("webserver", True)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("selection: {cs-uri-query|contains: shell.php}", "selection: {a|expand: '%names%'}", "placeholder"),
        ("cs-uri-query|contains: shell.php", "a|re: '(?=x)y'", "Regular expression"),
        ("cs-uri-query|contains: shell.php", "a|re: '(x)\\1'", "Regular expression"),
        ("cs-uri-query|contains: shell.php", "a|hour: 3", "part of an instant"),
        ("cs-uri-query|contains: shell.php", "a|like: b", "Unknown modifier"),
        ("condition: selection", "condition: selection | count() > 5", "deprecated"),
        ("condition: selection", "condition: other", "not defined"),
        ("selection: {cs-uri-query|contains: shell.php}", "selection: ['']", "every line"),
        ("logsource: {category: webserver}", "logsource: {}", "log"),
        ("title: A web shell is asked for", "title: [", "not YAML"),
    ],
)
def test_a_wrong_rule_is_refused_with_a_sentence(old: str, new: str, sentence: str) -> None:
    found = _with(old, new)
    assert not found.rules
    assert [sentence in each.why for each in found.refused] == [True], found.refused


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "just words", "&a [*a]", "{" * 3_000, "title: 1\ndetection: 5\n", "filter: {}\n"]
)
def test_what_is_no_rule_is_refused_and_the_others_stand(text: str) -> None:
    found = read([("x.yml", text), ("a.yml", BASE)])
    assert [rule.name for rule in found.rules] == ["web_shell"]
    assert len(found.refused) == 1


def test_a_second_rule_of_the_same_id_is_refused() -> None:
    found = read([("a.yml", BASE), ("b.yml", BASE)])
    assert len(found.rules) == 1
    assert [each.where for each in found.refused] == ["b.yml"]


def test_a_correlation_names_its_rules_and_quiets_them() -> None:
    text = _correlation(
        "{type: event_count, rules: [web_shell], group-by: [c-ip], timespan: 5m, condition: {gte: 3}}"
    )
    found = read([("a.yml", BASE + "---" + text)])
    (one,) = found.correlations
    assert (one.type, one.rules, one.seconds, one.operator, one.count, one.group_by) == (
        CorrelationType.EVENT_COUNT, ("11111111-1111-4111-8111-111111111111",), 300.0, ">=", 3, ("c-ip",),
    )  # fmt: skip
    assert [rule.told for rule in found.rules] == [False]


def test_with_generate_the_rules_are_told_as_well() -> None:
    text = _correlation(
        "{type: event_count, rules: [web_shell], generate: true, timespan: 5m, condition: {gte: 3}}"
    )
    assert [rule.told for rule in read([("a.yml", BASE + "---" + text)]).rules] == [True]


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [
        ("{type: event_count, rules: [nobody], timespan: 5m, condition: {gte: 3}}", "not there"),
        ("{type: event_count, rules: [many], timespan: 5m, condition: {gte: 3}}", "itself"),
        ("{type: event_count, rules: [web_shell], timespan: 5m, condition: {lt: 3}}", "fewer"),
        ("{type: event_count, rules: [web_shell], timespan: 5m, condition: {gte: 3000000}}", "1 to 10000"),
        ("{type: value_sum, rules: [web_shell], timespan: 5m, condition: {gte: 3, field: a}}", "value_sum"),
        ("{type: value_count, rules: [web_shell], timespan: 5m, condition: {gte: 3}}", "field"),
        ("{type: event_count, rules: [web_shell], timespan: 5 minutes, condition: {gte: 3}}", "imespan"),
    ],
)
def test_a_correlation_that_says_nothing_is_refused(rest: str, sentence: str) -> None:
    found = read([("a.yml", BASE), ("c.yml", _correlation(rest))])
    assert not found.correlations
    assert [sentence in each.why for each in found.refused] == [True], found.refused
    assert [rule.told for rule in found.rules] == [True]


def test_files_are_found_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/a.yml").write_text(BASE)
    (tmp_path / "deep/b.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "notes.txt").write_text("no rule")
    found = load([tmp_path])
    assert len(found.rules) == 1
    assert [each.why for each in found.refused] == ["It is not UTF-8."]
    with pytest.raises(ConfigError, match="no such file"):
        load([tmp_path / "gone"])


def test_without_pysigma_the_error_names_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="tools/setup sigma"):
        read([("a.yml", BASE)])


def test_the_engine_needs_no_pysigma() -> None:
    import subprocess

    code = "import sys, vedette.agent.sigma.engine, vedette.agent.sigma.loading; sys.exit('sigma' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
