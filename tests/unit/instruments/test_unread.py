"""An answer that a parser did not expect is bad: the target is down, and nothing is wrong with Vedette."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest

from vedette.instruments.probe.grpc import wire
from vedette.instruments.probe.running import looked
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.types import OUR_FAULTS, Cause, Failed, Request, Standpoint


class Breaks:
    """A probe whose parser breaks off."""

    kind = label = "breaks"
    schemes: Mapping[str, int] = {"breaks": 1}
    options: type[msgspec.Struct] = msgspec.Struct
    secrets = ()

    def __init__(self, error: Exception) -> None:
        self._error = error

    def check(self, request: Request) -> None:
        pass

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        raise self._error


def broken_off(error: Exception) -> Failed | None:
    tape = Tape()
    tape.secrets.add("planted")
    return asyncio.run(looked(Breaks(error), Request(url="breaks://shop.test"), Standpoint(), tape))[0]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no planted number"),
        RecursionError("too deep"),
        UnicodeDecodeError("utf-8", b"", 0, 1, "x"),
    ],
)
def test_what_a_parser_breaks_off_with_is_a_bad_answer(error: Exception) -> None:
    found = broken_off(error)
    assert found is not None
    assert (found.cause, found.cause in OUR_FAULTS, "planted" in str(found)) == (
        Cause.BAD_ANSWER,
        False,
        False,
    )
    assert str(found).startswith(
        "The answer of breaks://shop.test breaks the rules of its protocol: it could not be read ("
    )


def test_other_errors_are_our_own() -> None:
    with pytest.raises(KeyError):
        broken_off(KeyError("ours"))


@pytest.mark.parametrize("code", ["²", "٣", pytest.param("9" * 5_000, id="long"), "17", "", "-1"])
def test_what_is_no_status_of_grpc_is_a_failed_query(code: str) -> None:
    assert wire.meant(code, "")[0] is Cause.QUERY_FAILED


def test_statuses_of_grpc() -> None:
    assert (wire.meant("16", "")[0], wire.meant("5", "no")[0]) == (Cause.LOGIN_REFUSED, Cause.NOT_FOUND)
