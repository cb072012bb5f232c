"""Hosts that tell of hardening and try connections: kept, told on, and asked to put back what drifted."""

import pytest
from tests.support.rooms import bearing
from tests.support.watched_shop import Watched

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Scope
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.deploy import service
from vedette.deploy.hosting import BEGINS, SILENT, Keeper
from vedette.deploy.types import Deed, HardenedHost, RunState
from vedette.hosts.store import hosts
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.signals.types import SignalState
from vedette.wire.hardened import (
    DriftKind,
    HardeningAct,
    HardeningRun,
    HardeningTold,
    HostDrift,
    Witnessed,
)
from vedette.wire.infra import Told
from vedette.wire.witness import Came, Sight, Witness

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "file:/etc/ssh/sshd_config.d/00-vedette.conf"


class Host:
    """A host that is let in, called as a server of the shop."""

    def __init__(self, shop: Watched, name: str = "web") -> None:
        self.shop, self.name, self.keeper = shop, name, Keeper()
        with transaction():
            self.id = hosts.add(name, name.encode().ljust(32, b"k"), name, "anna", shop.now).id

    def tells(self, *reports: HardeningTold | HardeningRun | Witnessed) -> None:
        with transaction():
            self.keeper.accept(self.id, self.name, reports, self.shop.now)

    def hardened(self, *keys: str) -> None:
        now = self.shop.now
        drift = tuple(
            HostDrift(key=key, kind=DriftKind.FILE, name=key.partition(":")[2], measure="ssh-server", since=now - 4, seen_at=now, by="ann")
            for key in keys
        )  # fmt: skip
        self.tells(
            HardeningTold(
                at=now,
                set_at=now - 900,
                profile="cis-l1",
                before=61,
                after=93,
                measures={"ssh-server": 3},
                drift=drift,
            )
        )

    def ran(self, number: str, state: str, sentence: str = "") -> None:
        self.tells(
            HardeningRun(
                at=self.shop.now,
                id=number,
                act=HardeningAct.REVERT,
                state=state,
                sentence=sentence,
                lines=("put back",),
            )
        )

    @property
    def now(self) -> HardenedHost:
        return service.host(self.id)


@pytest.fixture
def web(shop: Watched) -> Host:
    return Host(shop)


def told(kind: str) -> list[SignalState]:
    return [each.signal.state for each in signals.after(0, 500) if each.signal.kind == kind]


def test_drift_of_a_host_is_told_once_and_over_when_it_is_gone(shop: Watched, web: Host) -> None:
    web.hardened()
    assert told("infra.host") == []
    web.hardened(KEY)
    web.hardened(KEY)
    assert [one.key for one in web.now.drift] == [KEY]
    assert told("infra.host") == [SignalState.FIRING]
    web.hardened(KEY, "file:/etc/x")
    web.hardened(KEY)
    web.hardened()
    assert told("infra.host") == [SignalState.FIRING, SignalState.FIRING, SignalState.RESOLVED]
    assert [one.host for one in service.hosts()] == [web.id]
    assert (web.now.score_before, web.now.score_after) == (61.0, 93.0)
    assert shop.now


def test_a_host_is_asked_to_put_back_does_it_and_tells(shop: Watched, web: Host) -> None:
    web.hardened(KEY)
    before = web.keeper.mark(web.id, shop.now)
    run = service.ask_host(SYSTEM, web.id, Deed.REVERT, (KEY,), shop.now)
    assert web.keeper.mark(web.id, shop.now) != before
    (order,) = web.keeper.orders(web.id, shop.now).asked
    assert (order.id, order.act, order.keys, order.until) == (
        run.id,
        HardeningAct.REVERT,
        (KEY,),
        shop.now + BEGINS,
    )
    with pytest.raises(Conflict, match="waits or runs"):
        service.ask_host(SYSTEM, web.id, Deed.ADOPT, (), shop.now)
    other = Host(shop, "db")
    assert other.keeper.orders(other.id, shop.now).asked == ()
    other.ran(run.id, "done")
    assert service.run(run.id).state is RunState.ASKED, "a host speaks of what it was asked itself"
    web.ran(run.id, "running")
    assert web.keeper.orders(web.id, shop.now).asked == ()
    web.ran(run.id, "done", "It is as hardening set it.")
    ended = service.run(run.id)
    assert (ended.state, ended.sentence, [one.text for one in ended.steps]) == (
        RunState.DONE,
        "It is as hardening set it.",
        ["put back"],
    )
    assert service.host_runs(web.id) == ()


def test_a_revert_that_took_itself_back_is_told(shop: Watched, web: Host) -> None:
    web.hardened(KEY)
    run = service.ask_host(SYSTEM, web.id, Deed.REVERT, (), shop.now)
    web.ran(run.id, "failed", "Everything is as it was before: sshd answers no more.")
    assert service.run(run.id).state is RunState.FAILED
    assert told("infra.reverted") == [SignalState.INFO]


def test_what_cannot_be_asked(shop: Watched, web: Host) -> None:
    with pytest.raises(Conflict, match=r"Nothing of web drifts\."):
        service.ask_host(SYSTEM, web.id, Deed.REVERT, (), shop.now)
    web.hardened(KEY)
    with pytest.raises(Invalid, match="does not drift"):
        service.ask_host(SYSTEM, web.id, Deed.REVERT, ("file:/etc/other",), shop.now)
    with pytest.raises(Invalid, match="run `vedette harden`"):
        service.ask_host(SYSTEM, web.id, Deed.APPLY, (), shop.now)
    reader = Actor(ActorKind.TOKEN, 7, "r", scopes=frozenset({Scope.READ}))
    with pytest.raises(Forbidden):
        service.ask_host(reader, web.id, Deed.REVERT, (), shop.now)


def test_what_a_host_never_begins_or_never_ends_is_ended(shop: Watched, web: Host) -> None:
    web.hardened(KEY)
    late = service.ask_host(SYSTEM, web.id, Deed.REVERT, (), shop.now)
    assert service.end_host_runs(shop.now) == 0
    assert service.end_host_runs(shop.now + BEGINS) == 1
    assert service.run(late.id).state is RunState.FAILED
    lost = service.ask_host(SYSTEM, web.id, Deed.REVERT, (), shop.now)
    web.ran(lost.id, "running")
    assert service.end_host_runs(shop.now + SILENT) == 1
    assert service.run(lost.id).state is RunState.INTERRUPTED


def test_a_server_of_a_project_tries_what_intents_want_and_they_are_judged_by_it(
    shop: Watched, web: Host
) -> None:
    stranger = Host(shop, "elsewhere")
    shop.place.apply(said := service_files(shop))
    assert said
    shop.look()
    orders = web.keeper.orders(web.id, shop.now)
    assert orders.looks.spot == "web"
    tried = {(one.name, one.port) for one in orders.looks.looks}
    assert ("db", 5432) in tried
    assert web.keeper.mark(web.id, shop.now) == web.keeper.mark(web.id, shop.now + 60)
    assert stranger.keeper.orders(stranger.id, shop.now).looks.looks == ()
    sights = tuple(
        Sight(look=one, came=Came.ANSWERED if one.port == 5432 else Came.REFUSED)
        for one in orders.looks.looks
    )
    web.tells(
        Witnessed(at=shop.now, witness=Witness(spot="web", at=shop.now, sights=sights, told=Told(drops=True)))
    )
    shop.look()
    judged = {one.intent.text: one for one in shop.standing().intents}
    assert judged["web reaches db:5432"].seen
    assert web.now.told == Told(drops=True)


def service_files(shop: Watched) -> object:
    """Watch the shop with an intent that is seen from inside; return what its files say."""
    from tests.support.watched_shop import SAID

    from vedette.deploy.desired.reading import File, desired

    text = SAID.replace('"admin reaches web:22"', '"admin reaches web:22", "web reaches db:5432"')
    shop.connect(files={"infra/shop.toml": text})
    return desired([File("infra/shop.toml", text)])


def test_over_rest_drift_is_read_and_put_back(shop: Watched, web: Host) -> None:
    web.hardened(KEY)
    admin = bearing(Scope.ADMIN, shop.now)
    found = admin.get("/api/v1/infrastructure/hosts/web").json()
    assert (found["score_before"], found["score_after"], found["waived"], found["left"]) == (
        61.0,
        93.0,
        [],
        [],
    )
    assert [one["key"] for one in found["drift"]] == [KEY]
    path, kind = "/api/v1/infrastructure/hosts/web/runs", "application/json"
    asked = admin.post(path, {"act": "revert", "targets": [KEY]}, content_type=kind)
    assert (asked.status_code, asked.json()["state"]) == (202, "asked")
    assert admin.post(path, {"act": "revert"}, content_type=kind).status_code == 409
    assert bearing(Scope.READ, shop.now).post(path, {"act": "revert"}, content_type=kind).status_code == 403
    assert web.keeper.orders(web.id, shop.now).asked[0].id == asked.json()["id"]
