"""What is wrong with a token, an answer or a project is one clear line, and changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.watched_shop import READS, SAID, Watched, watched

from vedette.accounts.permissions import SYSTEM
from vedette.core.errors import Conflict, Invalid
from vedette.deploy import service
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.reaching import Patience
from vedette.deploy.types import Condition, Deed
from vedette.deploy.watching import BLIND_AFTER, is_due
from vedette.instruments.hetzner.fake.faults import Fault, Harm
from vedette.signals import service as signals
from vedette.signals.types import SignalState

pytestmark = pytest.mark.django_db(transaction=True)


def problem(shop: Watched) -> str:
    """Return why a project cannot be read, on one line."""
    assert shop.look() is None
    text = service.project("shop").problem
    assert "\n" not in text
    return text


def test_a_token_that_nobody_knows_is_refused_and_not_kept(shop: Watched) -> None:
    with pytest.raises(Invalid, match="not known to Hetzner") as caught:
        shop.connect("other-token")
    assert set(caught.value.fields) == {"token"}
    assert service.projects() == ()
    assert "other-token" not in str(caught.value)


def test_what_answers_html_is_not_hetzner(shop: Watched) -> None:
    shop.place.fake.script.add(Fault(harm=Harm.HTML, status=200))
    with pytest.raises(Invalid, match="instead of JSON") as caught:
        shop.connect()
    assert set(caught.value.fields) == {"endpoint"}


def test_a_token_that_was_revoked_later_makes_the_project_blind_and_that_is_told_once(shop: Watched) -> None:
    shop.place.apply(desired([File("infra/shop.toml", SAID)]))
    shop.connect()
    shop.look()
    shop.place.fake.script.add(
        Fault(harm=Harm.ERROR, status=401, code="unauthorized", message="unable to authenticate")
    )
    assert "not known to Hetzner" in problem(shop)
    found = shop.standing()
    assert found.condition is Condition.BLIND
    assert len(found.things) == 4  # what was seen last is still shown
    assert service.notice(shop.now) == 0
    shop.place.clock.forward(BLIND_AFTER)
    assert (service.notice(shop.now), service.notice(shop.now)) == (1, 0)
    service.renew_token(SYSTEM, found.project.id, READS, shop.now, wait=shop.place.clock.forward)
    shop.look()
    assert shop.standing().condition is Condition.GOOD
    told = [one.signal.state for one in signals.after(0, 100) if one.signal.kind == "infra.blind"]
    assert told == [SignalState.FIRING, SignalState.RESOLVED]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(harm=Harm.HTML, status=502, times=0), "instead of JSON"),
        (Fault(harm=Harm.ERROR, status=503, code="unavailable", message="overloaded", times=0), "Hetzner refused (unavailable)"),
        (Fault(harm=Harm.DROP, times=0), "cannot be reached"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_one_line_and_what_was_known_stays(
    shop: Watched, fault: Fault, said: str
) -> None:
    shop.place.apply(desired([File("infra/shop.toml", SAID)]))
    shop.connect()
    shop.look()
    before = shop.place.calls("POST")
    shop.place.fake.script.add(fault)
    assert said in problem(shop)
    assert service.drifts(service.project("shop").id) == ()
    assert shop.place.calls("POST") == before


@pytest.fixture
def skewed(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as made:
        made.place.fake.script.add(
            Fault(harm=Harm.SKEW, seconds=86_400, times=0),
            Fault(harm=Harm.EXTRA, fields={"new_field": {"a": 1}}, times=0),
        )
        yield made


def test_a_wrong_clock_and_unknown_fields_change_nothing(skewed: Watched) -> None:
    skewed.place.apply(desired([File("infra/shop.toml", SAID)]))
    skewed.connect()
    skewed.look()
    assert skewed.standing().condition is Condition.GOOD


def test_half_of_a_project_that_was_deleted_is_drift_and_can_be_put_back(shop: Watched) -> None:
    shop.place.apply(desired([File("infra/shop.toml", SAID)]))
    number = shop.connect().id
    shop.look()
    cloud = shop.place.cloud()
    cloud.did("DELETE", f"/servers/{shop.place.thing('server', 'web').id}")
    cloud.did("DELETE", f"/servers/{shop.place.thing('server', 'db').id}")
    cloud.did("DELETE", f"/networks/{shop.place.thing('network', 'main').id}")
    shop.look()
    gone = {str(one.ref): one.way.value for one in service.drifts(number)}
    assert gone == {"network main": "gone", "server db": "gone", "server web": "gone"}
    shop.ask(Deed.REVERT)
    assert shop.work().sentence == "Done: 3 changes, each read back."
    assert service.drifts(number) == ()


def test_names_that_people_use_are_kept_as_they_are(shop: Watched) -> None:
    """Volumes may be called as people speak; what is foreign is shown under its name."""
    shop.connect()
    cloud = shop.place.cloud()
    cloud.did("POST", "/volumes", {"name": "Größe-数据", "size": 10, "location": "fsn1"})
    shop.look()
    (one,) = [each for each in shop.standing().things if each.ref.kind == "volume"]
    assert one.ref.name == "Größe-数据"
    assert one.state.value == "foreign"


def test_a_private_key_that_lies_beside_files_is_never_looked_for_here(shop: Watched, tmp_path: Path) -> None:
    secret = tmp_path / "secret.pem"
    secret.write_text("-----BEGIN PRIVATE KEY-----\n")
    said = f'{SAID}[certificates.shop]\nfile = "shop.pem"\nkey_file = "{secret}"\n'
    shop.connect(files={"infra/shop.toml": said, "infra/shop.pem": "-----BEGIN CERTIFICATE-----\n"})
    shop.look()
    with pytest.raises(Conflict, match="never comes here"):
        shop.ask(Deed.APPLY)


def test_a_look_waits_only_so_long(shop: Watched) -> None:
    shop.connect()
    shop.place.fake.script.add(Fault(harm=Harm.ERROR, status=429, code="rate_limit_exceeded", times=0))
    assert service.look_due(shop.now, Patience(0)) == 1
    assert "longer than the 0 seconds" in service.project("shop").problem
    assert service.look_due(shop.now, Patience(0)) == 0  # and it is not asked again before its turn


def test_fifty_servers_are_read_with_few_requests(shop: Watched) -> None:
    said = SAID.replace("[servers.web]", "[servers.web]\ncount = 50")
    shop.place.apply(desired([File("infra/shop.toml", said)]))
    shop.connect(files={"infra/shop.toml": said})
    shop.look()
    known, found = service.project("shop"), shop.standing()
    assert (found.condition, len(found.things)) == (Condition.GOOD, 53)
    assert known.requests <= 60
    assert not is_due(known.tried_at, known.requests, shop.now + 299, wanted=False)
