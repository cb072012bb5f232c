import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.plumbing.seal.aesgcm import AesGcmSeal

SEAL = AesGcmSeal(bytes(range(32)))


@given(secret=st.text(), purpose=st.text())
def test_a_secret_comes_back_for_its_purpose(secret: str, purpose: str) -> None:
    sealed = SEAL.seal(secret, purpose)
    assert sealed.startswith("v1.")
    assert sealed.isascii()
    assert sealed.isprintable()
    assert SEAL.open(sealed, purpose) == secret


def test_two_seals_of_one_secret_differ_and_hide_it() -> None:
    first, second = SEAL.seal("hunter2", "channel"), SEAL.seal("hunter2", "channel")
    assert first != second
    assert "hunter2" not in first


def test_another_purpose_or_key_does_not_open_it() -> None:
    sealed = SEAL.seal("hunter2", "channel:1")
    with pytest.raises(Invalid, match="channel:2"):
        SEAL.open(sealed, "channel:2")
    with pytest.raises(Invalid):
        AesGcmSeal(bytes(32)).open(sealed, "channel:1")


@given(place=st.integers(0, 40), text=st.sampled_from("Aa0-_!é="))
def test_an_altered_text_is_refused_and_not_shown(place: int, text: str) -> None:
    sealed = SEAL.seal("hunter2", "channel")
    altered = sealed[:place] + text + sealed[place + 1 :]
    if altered != sealed:
        with pytest.raises(Invalid) as caught:
            SEAL.open(altered, "channel")
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "v1.", "v2.AAAA", "v1.AAAA", "v1.é"])
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        SEAL.open(text, "channel")


def test_a_mark_is_always_the_same_and_only_for_its_text_purpose_and_key() -> None:
    one = AesGcmSeal(bytes(32)).mark("anna@example.com", "receipt")
    assert one == AesGcmSeal(bytes(32)).mark("anna@example.com", "receipt")
    others = (
        AesGcmSeal(bytes(32)).mark("ann@example.com", "receipt"),
        AesGcmSeal(bytes(32)).mark("anna@example.com", "other"),
        AesGcmSeal(b"\1" * 32).mark("anna@example.com", "receipt"),
    )
    assert len({one, *others}) == 4
    assert all(len(mark) == 64 and "anna" not in mark for mark in (one, *others))
