"""Reads what OpenSCAP writes: XCCDF 1.2 results (NIST IR 7275r4, section 6.6), alone or within an ARF collection. Pure.

Read as it comes, for a report is tens of megabytes: no document type, no entities, and of each text only its beginning.
"""

import datetime as dt
from collections.abc import Iterator
from xml.parsers import expat

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.judges.types import OPENSCAP, Judgement, plain
from vedette.wire.finding import Finding, FindingState

MOST_BYTES, MOST_RULES, DEEPEST = 128 << 20, 20_000, 100
_TEXT = 2_000  # characters kept of one text
_STATES = {
    "pass": FindingState.PASSED, "fixed": FindingState.PASSED, "fail": FindingState.FAILED, "error": FindingState.UNKNOWN,
    "unknown": FindingState.UNKNOWN, "notchecked": FindingState.UNKNOWN, "notapplicable": FindingState.NOT_APPLICABLE,
}  # fmt: skip
_REASONS = {
    "error": "OpenSCAP could not carry this check out.",
    "unknown": "OpenSCAP could not tell.",
    "notchecked": "OpenSCAP has no program for this check.",
}
_RISKS = {"high": 8.0, "medium": 5.0, "low": 2.0}
_CIS = "cisecurity.org/benchmark"


class _Rule(msgspec.Struct):
    title: str = ""
    why: str = ""
    fix: str = ""
    numbers: list[str] = []


class _Result(msgspec.Struct):
    rule: str
    severity: str
    said: str = ""


def read(data: bytes) -> Judgement:
    """Return what results say; raises `Invalid` with the line where they cannot be read."""
    if len(data) > MOST_BYTES:
        raise Invalid(f"The results are larger than {MOST_BYTES >> 20} MB, so they were not read.")
    return _Reader().read(data)


class _Reader:
    """Keeps what it has seen of rules and results; `_texts` holds the beginning of the text of each open element."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._stack: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self._rules: dict[str, _Rule] = {}
        self._rule: _Rule | None = None
        self._results: list[_Result] = []
        self._head: dict[str, str] = {}
        self._opened = {"Rule": self._a_rule, "TestResult": self._a_test, "rule-result": self._a_result, "profile": self._a_profile}  # fmt: skip

    def read(self, data: bytes) -> Judgement:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise Invalid(
                f"The results are no whole XML: line {error.lineno}, {expat.ErrorString(error.code)}."
            ) from None
        except (ValueError, LookupError) as error:  # an encoding that there is not
            raise Invalid(f"The results are no whole XML: {error}.") from None
        if not self._results:
            raise Invalid("The XML holds no results: let `oscap xccdf eval` write them with --results.")
        return Judgement(
            judge=OPENSCAP, version=plain(self._head.get("version", ""), 40), profile=plain(self._head.get("profile", ""), 200),
            at=_instant(self._head.get("at", "")), score=_score(self._head.get("score", "")), findings=tuple(self._findings()),
        )  # fmt: skip

    def _findings(self) -> Iterator[Finding]:
        for result in self._results:
            if result.said in _STATES:
                yield _finding(result, self._rules.get(result.rule, _Rule()))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if len(self._stack) >= DEEPEST:
            raise Invalid(f"The results are nested too deeply (line {self._parser.CurrentLineNumber}).")
        self._stack.append((tag, attributes))
        self._texts.append("")
        if (opened := self._opened.get(tag)) is not None:
            opened(attributes)

    def _a_rule(self, attributes: dict[str, str]) -> None:
        self._bounded(len(self._rules))
        self._rule = self._rules.setdefault(attributes.get("id", ""), _Rule())

    def _a_test(self, attributes: dict[str, str]) -> None:
        self._head["at"] = attributes.get("end-time", "")
        self._head["version"] = attributes.get("test-system", "").rpartition("openscap:")[2]

    def _a_result(self, attributes: dict[str, str]) -> None:
        self._bounded(len(self._results))
        rule, severity = attributes.get("idref", ""), attributes.get("severity", "")
        self._results.append(_Result(rule=rule, severity=severity))

    def _a_profile(self, attributes: dict[str, str]) -> None:
        if "idref" in attributes:
            self._head["profile"] = _short(attributes["idref"])

    def _bounded(self, count: int) -> None:
        if count >= MOST_RULES:
            raise Invalid(f"The results speak of more than {MOST_RULES} rules, so they were not read.")

    def _text(self, text: str) -> None:
        if len(self._texts[-1]) < _TEXT:
            self._texts[-1] += text[:_TEXT]

    def _end(self, _name: str) -> None:
        (tag, attributes), text = self._stack.pop(), self._texts.pop()
        within = self._stack[-1][0] if self._stack else ""
        if tag == "Rule":
            self._rule = None
        elif within == "Rule" and self._rule is not None:
            _learn(self._rule, tag, text, attributes)
        elif within == "rule-result" and tag == "result":
            self._results[-1].said = text.strip()
        elif within == "TestResult" and tag == "score":
            self._head.setdefault("score", text.strip())
        elif self._rule is not None and self._texts:
            self._text(text)  # what is marked up within a description belongs to it

    def _doctype(self, *_: object) -> None:
        raise Invalid(
            f"The results declare a document type (line {self._parser.CurrentLineNumber}), which may hold entities; such XML is not read."
        )


def _learn(rule: _Rule, tag: str, text: str, attributes: dict[str, str]) -> None:
    if tag == "title":
        rule.title = text
    elif tag == "rationale":
        rule.why = text
    elif tag == "description":
        rule.fix = text
    elif tag == "reference" and _CIS in attributes.get("href", ""):
        rule.numbers.append(text)


def _finding(result: _Result, rule: _Rule) -> Finding:
    name = _short(result.rule)
    return Finding(
        check=f"openscap-{name}", title=plain(rule.title) or name, state=_STATES[result.said], risk=_RISKS.get(result.severity, 1.0),
        why=plain(rule.why), fix=plain(rule.fix), reason=_REASONS.get(result.said, ""), labels={"source": OPENSCAP},
        references=tuple(f"CIS: {plain(number, 20)}" for number in rule.numbers[:5]),
    )  # fmt: skip


def _short(name: str) -> str:
    """Return the part of an id that people know: `xccdf_org.ssgproject.content_rule_sshd_disable_root_login` without its head."""
    for head in ("_content_rule_", ".content_rule_", ".content_profile_", "_rule_", "_profile_"):
        if head in name:
            return plain(name.partition(head)[2], 120)
    return plain(name, 120)


def _score(text: str) -> float:
    try:
        return max(0.0, min(100.0, round(float(text), 1)))
    except ValueError:
        return 0.0


def _instant(text: str) -> float:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()
