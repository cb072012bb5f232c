"""Passwords of words: strong, and understood as a tired person types them."""

import math

from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.backup import words

PASSWORDS = st.lists(st.sampled_from(words.known()), min_size=words.COUNT, max_size=words.COUNT)


def test_words_are_told_apart_by_four_letters() -> None:
    known = words.known()
    assert len({word[:4] for word in known}) == len(known) == 512
    assert all(word.isascii() and word.islower() and word.isalpha() and 4 <= len(word) <= 8 for word in known)
    assert words.COUNT * math.log2(len(known)) >= 126


def test_each_is_another() -> None:
    made = {words.new_password().reveal() for _ in range(100)}
    assert len(made) == 100
    assert all(words.understood(one) == one for one in made)


@given(PASSWORDS, st.data())
def test_a_hurried_hand_is_understood(password: list[str], data: st.DataObject) -> None:
    typed = [
        data.draw(st.sampled_from((str.lower, str.upper, str.title)))(
            word[: data.draw(st.integers(4, len(word)))]
        )
        for word in password
    ]
    between = data.draw(st.sampled_from((" ", "-", "  ", "\n", " - ")))
    assert words.understood(f" {between.join(typed)} ") == "-".join(password)


@given(st.text())
def test_what_is_no_password_of_ours_stays_as_it_is(text: str) -> None:
    meant = words.understood(text)
    assert meant == text or len(text.replace("-", " ").split()) == words.COUNT


@given(PASSWORDS, st.integers(0, words.COUNT - 1))
def test_one_that_lacks_a_word_is_not_completed(password: list[str], at: int) -> None:
    text = " ".join(password[:at] + password[at + 1 :])
    assert words.understood(text) == text
