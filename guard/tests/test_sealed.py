"""Sealed text: opens where it belongs, under every key of the ring, and nowhere else; the key file is its owner's alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db.models import Case, F, Value, When
from django.db.models.functions import Upper
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette_guard.doors.django_fields import SealedTextField
from vedette_guard.sealed import Keyring, SealError, add_key
from vedette_guard.sealed.__main__ import main
from vedette_guard.sealed.keyring import is_sealed

OLD, NEW = bytes(range(32)), bytes(32)
RING = Keyring({"old": OLD})
SITE = Path(__file__).with_name("sealed_site.py")


@given(st.text(st.characters()), st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
@settings(max_examples=25, deadline=None)
def test_text_opens_in_its_context_and_in_no_other(text: str, context: list[str], other: list[str]) -> None:
    sealed = RING.seal(text, *context)
    assert RING.open(sealed, *context) == text
    assert is_sealed(sealed)
    assert sealed.isascii()
    if other != context:
        with pytest.raises(SealError, match="belongs elsewhere"):
            RING.open(sealed, *other)


def test_contexts_do_not_run_into_each_other() -> None:
    sealed = RING.seal("x", "ab", "c")
    for context in (("a", "bc"), ("abc",), ("ab", "c", ""), ("ab",), ()):
        with pytest.raises(SealError):
            RING.open(sealed, *context)


def test_equal_texts_are_sealed_differently() -> None:
    assert len({RING.seal("x", "a") for _ in range(50)}) == 50


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_altered_text_never_opens(data: st.DataObject) -> None:
    sealed = RING.seal("a secret", "a")
    at = data.draw(st.integers(0, len(sealed) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda one: one != sealed[at]))
    with pytest.raises(SealError):
        RING.open(sealed[:at] + letter + sealed[at + 1 :], "a")
    with pytest.raises(SealError):
        RING.open(sealed[:at], "a")


@pytest.mark.parametrize(
    "text", ["", "vg1", "vg1..", "vg1.old.", "vg1.old.AAAA", "vg2.old." + "A" * 64, "\ud800", "v1.x"]
)
def test_what_is_no_sealed_text(text: str) -> None:
    assert not is_sealed(text)
    with pytest.raises(SealError, match="no sealed text"):
        RING.open(text, "a")


def test_the_first_key_seals_and_all_open() -> None:
    both = Keyring({"new": NEW, "old": OLD})
    sealed = RING.seal("text", "a")
    assert both.open(sealed, "a") == "text"
    again = both.reseal(sealed, "a")
    assert again is not None
    assert again.startswith("vg1.new.")
    assert both.reseal(again, "a") is None
    assert Keyring({"new": NEW}).open(again, "a") == "text"
    with pytest.raises(SealError, match=r"sealed text \(a\) needs the key new"):
        RING.open(again, "a")
    with pytest.raises(SealError, match="altered"):
        Keyring({"old": NEW}).open(sealed, "a")


def test_the_id_of_a_key_is_authenticated() -> None:
    twins = Keyring({"a": OLD, "b": OLD})
    with pytest.raises(SealError, match="altered"):
        twins.open(twins.seal("x").replace("vg1.a.", "vg1.b."))


@pytest.mark.parametrize("keys", [{}, {"a": b"short"}, {"a.b": OLD}, {"": OLD}])
def test_keys_that_are_none(keys: dict[str, bytes]) -> None:
    with pytest.raises(SealError):
        Keyring(keys)


def test_a_key_file_is_made_for_its_owner_alone_and_grows_at_the_top(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "keys"
    assert main([str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    sealed = Keyring.from_file(path).seal("text", "a")
    assert add_key(path) == "k2"
    ring = Keyring.from_file(path)
    assert (ring.first, ring.open(sealed, "a")) == ("k2", "text")
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys"]
    path.chmod(0o640)
    assert main([str(path)]) == 1
    assert main([]) == 2
    said = capsys.readouterr()
    assert "this has 0640" in said.err
    assert not any(line.split()[1] in said.out + said.err for line in path.read_text().splitlines())


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604])
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys"
    add_key(path)
    path.chmod(mode)
    with pytest.raises(SealError, match=f"mode 0600\\); this has {mode:04o}"):
        Keyring.from_file(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is no key"),
        ("# only words\n\n", "there is no key"),
        ("k1 c2hvcnQ=\n", "line 1: a line is an id and 32 bytes"),
        ("\nk1\n", "line 2"),
        ("k.1 " + "A" * 43 + "=\n", "line 1"),
        (("k1 " + "A" * 43 + "=\n") * 2, "line 2: there is another key of the id k1"),
    ],
)
def test_a_key_file_that_holds_something_else(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "keys"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(SealError, match=why) as caught:
        Keyring.from_file(path)
    assert "AAAA" not in str(caught.value)
    assert "c2hv" not in str(caught.value)


def test_a_folder_is_no_key_file_and_none_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="only its owner"):
        Keyring.from_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        Keyring.from_file(tmp_path / "none")


def test_a_field_writes_down_its_context_and_seals_what_the_database_gets() -> None:
    field = SealedTextField(context="customer.phone", row="tenant", null=True)
    _, path, args, said = field.deconstruct()
    assert path == "vedette_guard.doors.django_fields.SealedTextField"
    assert (args, said) == ([], {"context": "customer.phone", "row": "tenant", "null": True})
    assert SealedTextField(context="a").deconstruct()[3] == {"context": "a"}
    with override_settings(VEDETTE_GUARD_KEYS=RING):
        free = SealedTextField(context="customer.phone")
        sealed = free.get_db_prep_value("030 1234", None)
        assert RING.open(sealed, "customer.phone") == "030 1234"
        assert free.from_db_value(sealed, None, None) == "030 1234"
        assert free.get_db_prep_value(None, None) is None
        with pytest.raises(SealError, match="no sealed text"):
            free.from_db_value("030 1234", None, None)
        assert (
            SealedTextField(context="x", accept_clear=True).from_db_value("030 1234", None, None)
            == "030 1234"
        )
        with pytest.raises(FieldError, match="does not know the row"):
            field.get_db_prep_value("030 1234", None)
        with pytest.raises(FieldError, match="looked up by exact"):
            free.get_lookup("exact")
        for clear in (F("name"), Value("x"), Upper(Value("x")), Case(When(pk=1, then=Upper("name")))):
            for one in (free, field):
                with pytest.raises(FieldError, match="unsealed"):
                    one.get_db_prep_save(clear, None)
        texts = Case(When(pk=1, then=Value("x", output_field=free)), output_field=free)
        assert free.get_db_prep_save(texts, None) is texts, "as bulk_update has it"
    with (
        override_settings(VEDETTE_GUARD_KEYS=None),
        pytest.raises(ImproperlyConfigured, match="path of a key file"),
    ):
        free.get_db_prep_value("030 1234", None)


@pytest.mark.deep
def test_a_field_of_djangos_through_its_migrations_and_a_rotation(tmp_path: Path) -> None:
    roots = [str(path) for path in (SITE.parents[1] / "src", SITE.parents[2])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, str(SITE), str(tmp_path)], env=environment, capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "ok"), done.stderr
