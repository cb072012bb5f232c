"""From a chunk to what is done about it, in one go."""

from tests.support.agent_parts import Eager, Remembering, Words

from vedette.agent.config import Source
from vedette.agent.following import readers
from vedette.agent.pipeline import Engine, Pipeline
from vedette.core.clock import ManualClock
from vedette.instruments.logs.sources.types import Chunk, Notice
from vedette.wire.agent.types import Detection, Happening


def pipeline() -> tuple[Pipeline, Remembering, list[str]]:
    remembering, said = Remembering(), list[str]()
    words = Words()
    engine = Engine(lambda _: words, Eager())
    return Pipeline(engine, remembering, remembering, ManualClock(), said.append), remembering, said


def test_what_is_detected_is_decided_before_take_returns_and_told() -> None:
    taker, remembering, _ = pipeline()
    taker.take(Chunk("a.log", b"hello\nfailed 203.0.113.9\nfailed 2001:db8::1\n", 5.0))
    assert remembering.banned == ["203.0.113.9", "2001:db8::1"]
    assert [one.address for one in remembering.said if isinstance(one, Detection)] == remembering.banned
    assert taker.detections == 2


def test_lines_that_break_something_end_nothing_and_are_told_once() -> None:
    taker, remembering, said = pipeline()
    taker.take(Chunk("a.log", b"failed 203.0.113.9\nbomb\nfailed 203.0.113.10\n", 5.0))
    taker.take(Chunk("a.log", b"bomb\n", 6.0))
    taker.take(Chunk("a.log", b"failed 203.0.113.11\n", 7.0))
    assert remembering.banned == ["203.0.113.9", "203.0.113.11"]
    assert taker.failed == 2
    assert said == [
        "Lines of a.log could not be worked on and are left out: ZeroDivisionError: a fault of ours"
    ]
    assert [type(one) for one in remembering.said] == [Detection, Happening, Detection]


def test_what_a_source_says_is_said_here_and_to_the_server() -> None:
    taker, remembering, said = pipeline()
    taker.notice(Notice("a.log", "silent", "It is silent.", 9.0))
    taker.notice(Notice("a.log", "silent", "It speaks.", 10.0, resolved=True))
    assert said == ["It is silent.", "It speaks."]
    assert remembering.said == [
        Happening(at=9.0, kind="log-silent", subject="a.log", text="It is silent.", severity="high"),
        Happening(
            at=10.0, kind="log-silent", subject="a.log", text="It speaks.", severity="info", resolved=True
        ),
    ]


def test_each_source_is_read_in_its_own_zone_by_its_own_parser() -> None:
    made = []

    def make(way: tuple[str, str]) -> Words:
        made.append(way)
        return Words()

    sources = [Source(path="/a/*.log", zone="UTC"), Source(path="/b.log", parser="sshd"), Source()]
    reader_of = readers(sources, make)
    assert made == [("UTC", ""), ("", "sshd"), ("", "")]
    assert reader_of("/a/x.log") is reader_of("/a/y.log")
    assert reader_of("/b.log") is not reader_of("/a/x.log")
    assert reader_of("journal") is reader_of("stdin")
    assert len(made) == 3
