"""Leaked passwords are refused wherever one is chosen; a broken filter is told of and stops nobody."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.accounts.conftest import PASSWORD, House

from vedette.accounts import service
from vedette.accounts.leaked import is_leaked
from vedette.accounts.passwords import LEAKED
from vedette.accounts.permissions import SYSTEM, Role
from vedette.core.errors import Invalid
from vedette.plumbing.breaches import builder, reader
from vedette.web.health import FINE, Vitals, judge

TAKEN = "nine crimson kettles whistle"


@pytest.fixture
def filter_file(house: House) -> Iterator[Path]:
    path = reader.path_of(house.ports.settings.data, house.ports.settings.password_filter)
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.build(io.BytesIO(f"{TAKEN}\nother\n".encode()), path, house.clock.now())
    yield path
    path.unlink()


def test_nobody_takes_a_leaked_password(house: House, filter_file: Path) -> None:
    with pytest.raises(Invalid, match="list of leaked passwords"):
        service.create_user(SYSTEM, "Eve", "eve@example.org", TAKEN, Role.MEMBER, house.clock.now())
    client = house.client(house.person("Ada"))
    answer = client.post("/settings/account/password/", {"current": PASSWORD, "new": TAKEN})
    assert answer.status_code == 422
    assert LEAKED in answer.content.decode()
    assert (
        client.post("/settings/account/password/", {"current": PASSWORD, "new": f"{TAKEN}!"}).status_code
        == 302
    )
    assert service.filter_problem() == ""


def test_a_broken_filter_stops_nobody_and_is_told(house: House, filter_file: Path) -> None:
    filter_file.write_bytes(filter_file.read_bytes()[:-1])
    assert not is_leaked(TAKEN)
    house.person("Ada")
    why = service.filter_problem()
    assert "cut off" in why
    found = judge(Vitals(password_filter=why), house.clock.now())
    assert found.state == "behind"
    assert why in found.sentence


def test_what_only_a_question_finds_is_told_until_the_file_changes(house: House, filter_file: Path) -> None:
    raw = bytearray(filter_file.read_bytes())
    raw[-8:] = b"\xff" * 8
    filter_file.write_bytes(raw)
    assert service.filter_problem() == ""
    assert not is_leaked(TAKEN)
    assert "index is damaged" in service.filter_problem()
    builder.build(io.BytesIO(TAKEN.encode()), filter_file, house.clock.now())
    assert service.filter_problem() == ""
    assert is_leaked(TAKEN)


def test_without_a_filter_all_is_well(house: House) -> None:
    assert not is_leaked(TAKEN)
    assert judge(Vitals(password_filter=service.filter_problem()), house.clock.now()) is FINE
