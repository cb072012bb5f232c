"""Subscribers confirm first, hear of updates, leave, and are forgotten; nothing tells who is there."""

import json
import re
from collections.abc import Callable
from typing import NoReturn

import pytest
from django.db import OperationalError, connection
from tests.unit.status.conftest import NOW, draft

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Invalid, Throttled, Unavailable, VedetteError
from vedette.monitors.types import Monitor
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.testing import MemoryPorts
from vedette.status import asking, drafting, service, signing, subscribing
from vedette.status.delivering import MOST_FAILURES, PAUSES
from vedette.status.gathering import History
from vedette.status.models import SubscriberRow
from vedette.status.types import IncidentDraft, NoticeKind, Progress, StatusPage, SubscriberKind

EMAIL, WEBHOOK = SubscriberKind


def ask(
    page: StatusPage, target: str = "Ann@shop.example", kind: SubscriberKind = EMAIL, at: float = NOW
) -> None:
    service.subscribe(page.id, kind, target, at)
    service.deliver_due(at)


def link(house: MemoryPorts, act: str) -> str:
    """Return the token of a link in the last mail."""
    found = re.search(rf"/{act}/([^/]+)/", house.mail.sent[-1].get_content())
    assert found
    return found[1]


def announce(page: StatusPage, title: str = "Payments fail", at: float = NOW) -> None:
    draft = IncidentDraft(
        kind=NoticeKind.INCIDENT, title=title, text="We look.", components=(page.components[0].id,)
    )
    service.announce(SYSTEM, page, draft, at)
    while service.deliver_due(at):
        pass


def test_from_the_question_to_leaving(house: MemoryPorts, page: StatusPage) -> None:
    ask(page)
    announce(page)
    assert len(house.mail.sent) == 1, "who did not confirm hears nothing"
    assert service.confirm(page.id, link(house, "confirm"), NOW)
    announce(page, "Search fails")
    mail = house.mail.sent[-1]
    assert mail["Subject"] == "[Tidemark] Investigating: Search fails"
    assert "It is about Checkout." in mail.get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link(house, "leave") in mail["List-Unsubscribe"]
    assert service.leave(page.id, link(house, "leave"))
    announce(page, "All fails")
    assert len(house.mail.sent) == 2
    assert not SubscriberRow.objects.exists()


def test_links_are_good_for_what_they_were_made(house: MemoryPorts, page: StatusPage) -> None:
    ask(page)
    token = link(house, "confirm")
    assert not service.leave(page.id, token)
    assert not service.confirm(page.id + 1, token, NOW)
    assert not service.confirm(page.id, token[:-1], NOW)
    assert not service.confirm(page.id, "²." + "0" * 40, NOW)
    assert service.confirm(page.id, token, NOW)
    assert service.confirm(page.id, token, NOW), "twice is once"


def test_nobody_is_asked_twice_within_the_hour(house: MemoryPorts, page: StatusPage) -> None:
    ask(page)
    ask(page, "ann@SHOP.example", at=NOW + 60)
    assert len(house.mail.sent) == 1
    ask(page, at=NOW + subscribing.ASK_AGAIN)
    assert len(house.mail.sent) == 2
    service.confirm(page.id, link(house, "confirm"), NOW)
    ask(page, at=NOW + 9 * subscribing.ASK_AGAIN)
    assert len(house.mail.sent) == 2, "who is subscribed is not asked"


def test_a_webhook_is_asked_at_itself_and_its_url_is_sealed(house: MemoryPorts, page: StatusPage) -> None:
    ask(page, "https://hooks.example/T0/secret", WEBHOOK)
    sent = house.net.requests[-1]
    told = json.loads(sent.body)
    assert (sent.url, told["event"]) == ("https://hooks.example/T0/secret", "confirm")
    assert "secret" not in SubscriberRow.objects.get().target
    (shown,), _ = service.subscribers(page, None, 10)
    assert shown.target == "hooks.example"


def test_a_page_that_is_switched_off_sends_nothing(
    house: MemoryPorts, page: StatusPage, checkout: Monitor
) -> None:
    ask(page)
    service.confirm(page.id, link(house, "confirm"), NOW)
    house.mail.error = MailError("451 later", permanent=False)
    announce(page, "Tried before it was switched off")
    house.mail.error = None
    off = service.update(SYSTEM, page, draft(checkout, enabled=False), NOW)
    announce(off)
    service.subscribe(page.id, EMAIL, "ben@shop.example", NOW)
    assert service.deliver_due(NOW + PAUSES[0] * 2) == 2
    assert (len(house.mail.sent), service.next_due()) == (1, None)


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://user:pw@a.example/", "https://", "javascript:alert(1)"]
)
def test_a_webhook_that_cannot_be_asked_is_refused(page: StatusPage, url: str) -> None:
    with pytest.raises(Invalid):
        service.subscribe(page.id, WEBHOOK, url, NOW)


def test_a_mail_that_does_not_leave_is_tried_again_then_given_up(
    house: MemoryPorts, page: StatusPage, clock: ManualClock
) -> None:
    ask(page)
    service.confirm(page.id, link(house, "confirm"), NOW)
    house.mail.error = MailError("451 later", permanent=False)
    announce(page)
    at = NOW
    for pause in PAUSES:
        at += pause * 1.2
        assert service.deliver_due(at) == 1
    assert service.next_due() is None
    assert SubscriberRow.objects.get().failures == 1


def test_who_is_never_reached_is_dropped(house: MemoryPorts, page: StatusPage) -> None:
    ask(page)
    service.confirm(page.id, link(house, "confirm"), NOW)
    house.mail.error = MailError("550 no such user", permanent=True)
    for n in range(MOST_FAILURES):
        assert SubscriberRow.objects.count() == 1, n
        announce(page, f"number {n}")
    assert not SubscriberRow.objects.exists()


def test_more_than_a_piece_of_subscribers_are_all_told_once(house: MemoryPorts, page: StatusPage) -> None:
    SubscriberRow.objects.bulk_create(
        SubscriberRow(
            page=page.id, kind="email", target=f"u{n}@shop.example", mark=f"m{n}", created_at=NOW, asked_at=NOW,
            confirmed_at=NOW, failures=0,
        )
        for n in range(210)
    )  # fmt: skip
    announce(page)
    assert sorted(mail["To"] for mail in house.mail.sent) == sorted(f"u{n}@shop.example" for n in range(210))


def test_who_never_confirmed_and_who_was_erased_are_forgotten(house: MemoryPorts, page: StatusPage) -> None:
    ask(page)
    assert service.clean(NOW + subscribing.PENDING_SECONDS - 1) == 0
    service.confirm(page.id, link(house, "confirm"), NOW)
    assert service.clean(NOW + 10 * subscribing.PENDING_SECONDS) == 0
    SubscriberRow.objects.update(target="••••")
    announce(page)
    assert len(house.mail.sent) == 1
    assert service.clean(NOW) == 1


def filled(page: StatusPage, n: int, confirmed_at: float | None, created_at: float = NOW) -> None:
    SubscriberRow.objects.bulk_create(
        SubscriberRow(
            page=page.id, kind="email", target=f"u{k}@shop.example", mark=f"m{k}", created_at=created_at,
            asked_at=created_at, confirmed_at=confirmed_at, failures=0,
        )
        for k in range(n)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("n", "confirmed_at", "said"),
    [(drafting.MOST_SUBSCRIBERS, NOW, Conflict), (subscribing.MOST_PENDING, None, Throttled)],
)
def test_a_full_page_answers_the_same_to_who_is_there_and_who_is_not(
    page: StatusPage, n: int, confirmed_at: float | None, said: type[VedetteError]
) -> None:
    ask(page)
    filled(page, n, confirmed_at)
    for target in ("ann@shop.example", "ben@shop.example"):
        with pytest.raises(said):
            service.subscribe(page.id, EMAIL, target, NOW)


def test_who_never_confirms_is_asked_twice_and_forgotten_two_days_after_the_first(
    house: MemoryPorts, page: StatusPage
) -> None:
    for hours in range(0, 48, 6):
        ask(page, at=NOW + hours * 3_600)
    assert len(house.mail.sent) == 2
    assert service.clean(NOW + subscribing.PENDING_SECONDS + 1) == 1


def test_urls_are_told_apart_by_case_and_addresses_are_not(house: MemoryPorts, page: StatusPage) -> None:
    for url in (
        "https://hooks.example/T0/aB",
        "https://Hooks.Example/T0/aB",
        "https://hooks.example/T0/Ab",
    ):
        ask(page, url, WEBHOOK)
    assert [one.url for one in house.net.requests] == [
        "https://hooks.example/T0/aB",
        "https://hooks.example/T0/Ab",
    ]


def test_a_host_gets_a_few_webhooks_of_a_page(house: MemoryPorts, page: StatusPage) -> None:
    for n in range(subscribing.MOST_OF_HOST):
        ask(page, f"https://hooks.example/{n}", WEBHOOK)
    for url in ("https://HOOKS.example:8443/more", "https://hooks.example/1"):
        with pytest.raises(Conflict):
            service.subscribe(page.id, WEBHOOK, url, NOW)
    ask(page, "https://other.example/0", WEBHOOK)
    assert len(house.net.requests) == subscribing.MOST_OF_HOST + 1


def test_an_address_asks_some_times_a_day_whatever_came_of_it() -> None:
    askers = asking.Askers()
    for n in range(asking.MOST_A_DAY):
        askers.count(f"2001:db8:0:7::{n:x}", NOW)
    with pytest.raises(Throttled) as refused:
        askers.count("2001:db8:0:7:ffff::1", NOW)
    assert refused.value.retry_after == 8 * 3_600  # until midnight
    askers.count("2001:db8:0:8::1", NOW)
    askers.count("192.0.2.7", NOW)
    askers.count("2001:db8:0:7::1", NOW + 8 * 3_600)


@pytest.mark.parametrize(
    "act",
    [
        lambda page: service.confirm(page.id, signing.link(signing.CONFIRM, 1), NOW),
        lambda page: service.leave(page.id, signing.link(signing.LEAVE, 1)),
        lambda page: service.opens(page.id, "open sesame"),
        lambda page: service.pages(),
        lambda page: service.page("shop"),
        lambda page: service.current(page, NOW),
        lambda page: service.standings([page], NOW),
        lambda page: service.shown(page, History(), NOW),
        lambda page: service.incidents(page, None, 9),
        lambda page: service.subscribers(page, None, 9),
        lambda page: service.subscriber_counts([page]),
    ],
)
def test_a_database_that_is_locked_is_said_in_our_words(
    page: StatusPage, act: Callable[[StatusPage], object]
) -> None:
    def locked(*_args: object) -> NoReturn:
        raise OperationalError("database is locked")

    with connection.execute_wrapper(locked), pytest.raises(Unavailable):
        act(page)


def test_resolving_ends_an_incident_and_more_news_opens_it_again(
    house: MemoryPorts, page: StatusPage
) -> None:
    announce(page)
    (going,) = service.current(page, NOW + 1)
    over = IncidentDraft(kind=NoticeKind.INCIDENT, title="x", text="Done.", progress=Progress.RESOLVED)
    going = service.say(SYSTEM, page, going, over, NOW + 10)
    assert going.ends == NOW + 10
    assert service.current(page, NOW + 11) == ()
    again = IncidentDraft(kind=NoticeKind.INCIDENT, title="x", text="No.", progress=Progress.INVESTIGATING)
    assert service.say(SYSTEM, page, going, again, NOW + 20).ends is None
    assert [one.text for one in service.incident(page, going.id).updates] == ["No.", "Done.", "We look."]
