"""What people have the server do with a project: only what they saw, step by step, also after a stop in the middle."""

import pytest
from tests.support.watched_shop import FILES, READS, SAID, Watched

from vedette.accounts.permissions import ROLE_VERBS, SYSTEM, Actor, ActorKind, Role
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.deploy import carrying, service
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.reaching import Patience
from vedette.deploy.store import runs
from vedette.deploy.types import Condition, Deed, DeployRun, Desired, DriftState, RunState
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.signals.types import SignalState

pytestmark = pytest.mark.django_db(transaction=True)
ANY = ["0.0.0.0/0", "::/0"]
MEMBER = Actor(kind=ActorKind.USER, id=3, name="mia", role=Role.MEMBER)
assert ROLE_VERBS


def said(text: str = SAID) -> Desired:
    return desired([File("infra/shop.toml", text)])


def opened_by_hand(shop: Watched, *ports: str) -> None:
    wall = shop.place.thing("firewall", "web")
    told = [{"direction": "in", "protocol": "tcp", "port": port, "source_ips": ANY} for port in ports]
    shop.place.cloud().did("POST", f"/firewalls/{wall.id}/actions/set_rules", {"rules": told})


def applied(shop: Watched) -> int:
    """Have a shop that is as its files say, and drifted since."""
    shop.place.apply(said())
    number = shop.connect().id
    shop.look()
    shop.place.clock.forward(300)
    opened_by_hand(shop, "443", "22", "5432")
    shop.look()
    return number


def test_an_apply_makes_what_the_files_say_step_by_step(shop: Watched) -> None:
    shop.connect()
    shop.look()
    asked = shop.ask(Deed.APPLY)
    assert (asked.state, len(asked.agreed)) == (RunState.ASKED, 4)
    done = shop.work()
    assert (done.state, done.sentence) == (RunState.DONE, "Done: 4 changes, each read back.")
    assert [one.good for one in done.steps[:4]] == [True] * 4
    assert shop.standing().condition is Condition.GOOD
    assert service.project("shop").writes is True


def test_a_drift_is_put_back_and_nothing_else_is(shop: Watched) -> None:
    number = applied(shop)
    asked = shop.ask(Deed.REVERT)
    assert asked.targets == ("firewall/web",)
    assert shop.work().state is RunState.DONE
    assert service.drifts(number) == ()
    assert service.past_drifts(number, "", 5).items[0].state is DriftState.REVERTED
    assert shop.standing().condition is Condition.GOOD


def test_a_drift_is_adopted_by_the_smallest_edit(shop: Watched) -> None:
    number = applied(shop)
    found = service.adoption(number, ["firewall/web"])
    assert "tcp/5432 from any" in found.texts["infra/shop.toml"]
    shop.ask(Deed.ADOPT, "firewall/web")
    done = shop.work()
    assert done.state is RunState.DONE
    assert "tcp/5432 from any" in service.project("shop").files["infra/shop.toml"]
    assert service.drifts(number) == ()
    assert service.past_drifts(number, "", 5).items[0].state is DriftState.ADOPTED
    assert shop.place.calls("PUT") == []


def test_what_changed_since_it_was_shown_is_not_done(shop: Watched) -> None:
    number = applied(shop)
    mark = service.planned(number, Deed.REVERT, (), shop.now).mark
    opened_by_hand(shop, "443", "6379")
    shop.look()
    with pytest.raises(Conflict, match="look at it again"):
        service.ask(SYSTEM, number, Deed.REVERT, (), shop.now, mark=mark)
    shop.ask(Deed.REVERT)
    opened_by_hand(shop, "443", "11211")
    ended = shop.work()
    assert (ended.state, ended.sentence) == (
        RunState.FAILED, "What is at Hetzner, or what the files say, is not as it was when this plan was shown; look at it again.",
    )  # fmt: skip
    assert "11211" in str(shop.place.thing("firewall", "web").fields["rules"])


def test_a_token_that_may_only_read_is_told_in_one_line_and_nothing_is_changed(shop: Watched) -> None:
    shop.connect(READS)
    shop.look()
    shop.ask(Deed.APPLY)
    ended = shop.work()
    assert ended.state is RunState.FAILED
    assert ended.sentence.startswith("Hetzner lets this token only read; nothing was changed.")
    assert service.project("shop").writes is False
    assert shop.place.live().things == ()
    (told,) = [one.signal for one in signals.after(0, 500) if one.signal.kind == "infra.apply"]
    assert told.state is SignalState.FIRING


def test_removing_asks_for_the_name_and_leaves_nothing_that_drifts(shop: Watched) -> None:
    shop.place.apply(said())
    number = shop.connect().id
    shop.look()
    assert service.planned(number, Deed.DESTROY, (), shop.now).typed
    with pytest.raises(Invalid) as caught:
        shop.ask(Deed.DESTROY)
    assert set(caught.value.fields) == {"confirmed"}
    shop.ask(Deed.DESTROY, confirmed="shop")
    assert shop.work().state is RunState.DONE
    assert shop.place.live().things == ()
    assert service.drifts(number) == ()


def test_only_one_thing_at_a_time_and_only_by_those_who_may(shop: Watched) -> None:
    number = applied(shop)
    mark = service.planned(number, Deed.REVERT, (), shop.now).mark
    with pytest.raises(Forbidden):
        service.ask(MEMBER, number, Deed.REVERT, (), shop.now, mark=mark)
    assert service.ask(MEMBER, number, Deed.PLAN, (), shop.now).by == "mia"
    with pytest.raises(Conflict, match="waits or runs already"):
        service.ask(SYSTEM, number, Deed.REVERT, (), shop.now, mark=mark)
    done = shop.work()
    assert done.state is RunState.DONE
    assert done.sentence.startswith("shop: 1 to change")


def begun(run: DeployRun, shop: Watched) -> None:
    with transaction():
        runs.begin(run.id, shop.now)


def test_one_that_was_killed_in_the_middle_goes_on_with_what_is_left(shop: Watched) -> None:
    shop.connect()
    shop.look()
    run = shop.ask(Deed.APPLY)
    begun(run, shop)
    shop.place.apply(said(), targets=("server/db",))  # all that it waits for was made before the kill
    ended = shop.work()
    assert (ended.state, ended.steps[0].text) == (RunState.DONE, carrying.RESUMED)
    assert shop.standing().condition is Condition.GOOD


def test_one_that_was_killed_does_nothing_that_nobody_agreed_to(shop: Watched) -> None:
    shop.place.apply(said())
    shop.connect()
    shop.look()
    opened_by_hand(shop, "443")
    shop.look()
    run = shop.ask(Deed.APPLY)
    begun(run, shop)
    service.say(SYSTEM, run.project, {"infra/shop.toml": SAID.replace("web]\n", "webs]\n", 1)}, shop.now)
    ended = shop.work()
    assert ended.state is RunState.FAILED
    assert "which nobody agreed to" in ended.sentence
    assert {one.name for one in shop.place.live().things if one.kind == "server"} == {"web", "db"}


def test_one_that_nobody_began_or_went_on_with_for_long_ends_with_words(shop: Watched) -> None:
    shop.connect()
    shop.look()
    shop.ask(Deed.PLAN)
    shop.place.clock.forward(carrying.PATIENCE + 1)
    ended = shop.work()
    assert (ended.state, ended.sentence[:44]) == (
        RunState.INTERRUPTED,
        "The server did not begin it within an hour: ",
    )
    run = shop.ask(Deed.APPLY)
    begun(run, shop)
    shop.place.clock.forward(carrying.PATIENCE + 1)
    ended = shop.work()
    assert (ended.state, shop.place.live().things) == (RunState.INTERRUPTED, ())
    assert "0 of its changes were made" in ended.sentence


def test_when_the_server_stops_a_run_waits_for_its_next_start(shop: Watched) -> None:
    shop.place.fake.pace = 1
    shop.connect()
    shop.look()
    shop.ask(Deed.APPLY)
    stopped = Patience(60)
    stopped.stop()
    service.work(shop.place.clock.now, stopped)
    assert service.runs().items[0].state is RunState.RUNNING
    ended = shop.work()
    assert ended.state is RunState.DONE, ended
    assert shop.standing().condition is Condition.GOOD


def test_what_files_of_a_folder_say_is_adopted_there(shop: Watched) -> None:
    number = shop.connect().id
    service.say(SYSTEM, number, FILES, shop.now, source="infra/shop.toml")
    with pytest.raises(Conflict, match="vedette apply"):
        shop.ask(Deed.ADOPT)


def test_every_deed_has_who_carries_it_out() -> None:
    assert set(carrying.CARRIERS) == set(Deed)
