"""Whatever a record is, it is read or said to be none; whatever was read, every version gets a verdict."""

import json

from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.scan.advisories import expressions, osv, ranges
from vedette.instruments.scan.advisories.types import BadFeed

TEXTS = st.sampled_from(
    [
        "",
        "0",
        "1",
        "1.0",
        ">=1,<2",
        "<",
        "*",
        "||",
        "1.0\x00",
        "é",
        "v1",
        "1:2-3",
        "~",
        "!=",
        "CVSS:3.1/AV:N",
        "PyPI",
        "npm",
        "Debian:12",
        "Nowhere",
    ]
)
EDGES = st.dictionaries(
    st.sampled_from(["introduced", "fixed", "last_affected", "limit", "other"]), TEXTS, max_size=3
)
SPANS = st.fixed_dictionaries(
    {"type": st.sampled_from(["SEMVER", "ECOSYSTEM", "GIT", ""]), "events": st.lists(EDGES, max_size=5)},
    optional={"database_specific": st.one_of(st.none(), TEXTS, st.dictionaries(st.just("last_known_affected_version_range"), TEXTS))},
)  # fmt: skip
AFFECTED = st.fixed_dictionaries(
    {"package": st.fixed_dictionaries({"ecosystem": TEXTS, "name": TEXTS})},
    optional={"ranges": st.one_of(st.none(), st.lists(SPANS, max_size=3)), "versions": st.one_of(st.none(), st.lists(TEXTS, max_size=4))},
)  # fmt: skip
RECORDS = st.fixed_dictionaries(
    {"id": TEXTS},
    optional={
        "affected": st.lists(AFFECTED, max_size=3),
        "aliases": st.one_of(st.none(), st.lists(TEXTS, max_size=3)),
        "severity": st.lists(st.fixed_dictionaries({"type": st.sampled_from(["CVSS_V3", "CVSS_V4", "Ubuntu"]), "score": TEXTS}), max_size=2),
        "database_specific": st.one_of(st.none(), TEXTS, st.dictionaries(st.just("severity"), TEXTS)),
        "withdrawn": st.one_of(st.none(), TEXTS),
    },
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "affected", "package", "ranges", "events"]), inner, max_size=4),
)  # fmt: skip


@given(record=RECORDS | JSON, version=TEXTS)
def test_a_record_is_read_or_is_none(record: object, version: str) -> None:
    try:
        found = osv.parse(json.dumps(record).encode())
    except BadFeed:
        return
    assert 0 <= found.advisory.risk <= 10
    for ecosystem, _, affected in found.packages:
        assert ranges.judge(affected, ecosystem, version) in ranges.Verdict
        for each in ranges.fixes(affected, ecosystem, version):
            assert ranges.judge(affected, ecosystem, each) is ranges.Verdict.UNAFFECTED


@given(data=st.binary(max_size=200))
def test_bytes_are_no_record(data: bytes) -> None:
    why = ""
    try:
        osv.parse(b'{"id": "X", "summary": "' + data + b'"}')
    except BadFeed as error:
        why = str(error)
    assert why.isprintable()


@given(text=st.text(alphabet="<>=!,|& 1.0a", max_size=20))
def test_a_range_in_words_is_read_or_is_none(text: str) -> None:
    try:
        ways = expressions.parse(text)
    except ValueError:
        return
    assert all(ways)
