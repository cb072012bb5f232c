"""When the authority is asked: at two thirds of the life, later after failures, never before it wants to be."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from vedette.certificates import renewing
from vedette.certificates.types import Certificate, Failure, Outcome, Standing, Wanted

NOW = 1_764_040_000.0
DAY = 86_400.0
WANTED = Wanted(("watch.example.com", "status.example.com"), "https://ca.example.com/dir")
BAD = Outcome("It refused.", Failure.REFUSED)
lives = st.floats(30.0, 400 * DAY)
chances = st.floats(0.0, 1.0, exclude_max=True)


def certificate(life: float = 90 * DAY, start: float = NOW, **changed: object) -> Certificate:
    made = Certificate(
        names=WANTED.names, directory=WANTED.directory, issuer="CA", serial="5a", start=start, end=start + life, installed_at=start
    )  # fmt: skip
    return msgspec.structs.replace(made, **changed)


def fresh() -> Standing:
    return Standing(wanted=WANTED)


@given(lives, st.text("0123456789abcdef", min_size=1, max_size=40))
def test_a_certificate_is_renewed_at_two_thirds_of_its_life_and_up_to_a_thirtieth_later(
    life: float, serial: str
) -> None:
    one = certificate(life, serial=serial)
    share = (renewing.renew_at(one) - one.start) / one.life
    assert 2 / 3 - 1e-6 <= share <= 0.7 + 1e-6
    assert renewing.plan(one, fresh()).at == renewing.renew_at(one)


def test_many_are_not_renewed_at_once() -> None:
    ats = {renewing.renew_at(certificate(serial=f"{n:x}")) for n in range(200)}
    assert len(ats) == 200
    assert max(ats) - min(ats) > 2 * DAY


def test_what_is_installed_must_be_what_is_wanted() -> None:
    others = [
        None,
        certificate(self_signed=True),
        certificate(names=("watch.example.com",)),
        certificate(directory="https://other.example.com/dir"),
    ]
    assert [renewing.plan(other, fresh()).at for other in others] == [0.0] * 4
    assert renewing.covers(certificate(names=WANTED.names[::-1]), WANTED)


def test_failures_come_slower_and_slower() -> None:
    standing, gaps, now = fresh(), [], NOW
    for _ in range(8):
        standing = renewing.failed(standing, BAD, now, 0.0, None)
        gaps.append(standing.next_at - now)
        now = standing.next_at
    assert gaps == [60, 300, 900, 3_600, 10_800, 21_600, 21_600, 21_600]
    assert (standing.failures, standing.failing_since) == (8, NOW)


@given(chances)
def test_no_more_than_five_proofs_fail_in_an_hour(chance: float) -> None:
    standing, now, tries = fresh(), NOW, 0
    while now < NOW + 3_600:
        tries += 1
        standing = renewing.failed(standing, BAD, now, chance, None)
        now = standing.next_at
    assert tries <= 5


@given(st.integers(1, 40), lives, chances)
def test_a_renewal_is_tried_each_twentieth_of_the_life_at_least(
    failures: int, life: float, chance: float
) -> None:
    before = Standing(wanted=WANTED, failures=failures - 1)
    after = renewing.failed(before, BAD, NOW, chance, certificate(life))
    assert NOW < after.next_at <= NOW + max(1.0, life / 20) * 1.2 + 1e-3


@given(st.sampled_from(list(Failure)), st.floats(0, 30 * DAY), st.integers(0, 9), chances)
def test_what_the_authority_asks_for_is_kept(
    failure: Failure, seconds: float, failures: int, chance: float
) -> None:
    before = Standing(wanted=WANTED, failures=failures)
    after = renewing.failed(before, Outcome("Wait.", failure, seconds), NOW, chance, certificate(30.0))
    until = NOW + min(seconds, 8 * DAY)
    assert after.next_at >= until - 1e-3
    for started in (False, True):
        assert renewing.plan(None, after, started=started).at >= until - 1e-3


def test_a_limit_without_a_time_means_an_hour() -> None:
    after = renewing.failed(fresh(), Outcome("Too often.", Failure.LIMIT), NOW, 0.0, certificate(600.0))
    assert after.next_at == NOW + 3_600


def test_a_start_cuts_a_back_off_short_but_does_not_hammer() -> None:
    standing = Standing(wanted=WANTED, failures=7, tried_at=NOW, next_at=NOW + 21_600)
    assert renewing.plan(None, standing).at == NOW + 21_600
    assert renewing.plan(None, standing, started=True).at == NOW + 60


def test_a_renewal_that_failed_waits_and_says_so() -> None:
    one = certificate(start=NOW - 80 * DAY)
    after = renewing.failed(renewing.failed(fresh(), BAD, NOW, 0.0, one), BAD, NOW + 60, 0.0, one)
    assert renewing.plan(one, after) == renewing.Due(NOW + 360, "The last 2 tries failed.")


def test_success_forgets_the_failures() -> None:
    assert renewing.succeeded(WANTED, NOW) == Standing(wanted=WANTED, tried_at=NOW)
