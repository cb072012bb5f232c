"""Invitations, roles, one's own account, sessions, second factor: by the pages that people use."""

import re

import pytest
from django.test import Client
from tests.unit.accounts.conftest import PASSWORD, House, links

from vedette.accounts import mailing, service
from vedette.accounts.permissions import SYSTEM, Role
from vedette.accounts.store.factors import code_at
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from vedette.plumbing.mail.port import MailError

NEW = "eleven marble staircases sing"


def text(answer) -> str:
    return answer.content.decode()


def audited(action: str) -> int:
    return len(service.audit_page(action=action).entries)


def invite(client: Client, email: str, role: str = "member"):
    return client.post("/settings/users/invite/", {"email": email, "role": role})


def test_an_invitation_is_mailed_and_lets_in_once(house: House) -> None:
    olga = house.client(house.person("Olga", Role.OWNER))
    page = text(invite(olga, "Eva@Example.org", "admin"))
    assert "on its way to eva@example.org" in page
    assert "/invitation/" not in page
    (mail,) = house.ports.mail.sent
    assert mail["To"] == "eva@example.org"
    (path,) = [p for p in links(mail.get_content()) if p.startswith("/invitation/")]
    eva = house.client()
    shown = eva.get(path)
    assert "Olga invites you" in text(shown)
    assert shown["Referrer-Policy"] == "no-referrer"
    weak = eva.post(path, {"name": "Eva", "password": "eva@example.org"})
    assert weak.status_code == 422
    assert eva.post(path, {"name": "Eva", "password": NEW})["Location"] == "/"
    assert eva.get("/settings/account/").status_code == 200
    assert house.client().get(path).status_code == 404
    assert house.client().post(path, {"name": "Mallory", "password": NEW}).status_code == 404
    (made,) = [m for m in service.users() if m.ref.name == "Eva"]
    assert (made.ref.email, made.ref.role) == ("eva@example.org", Role.ADMIN)
    assert audited("invitation.create") == audited("invitation.accept") == 1


@pytest.mark.parametrize("trouble", ["no server", "refused"])
def test_without_mail_the_inviter_gets_the_link_once(house: House, trouble: str) -> None:
    if trouble == "no server":
        house.ports.mail._on = False
    else:
        house.ports.mail.error = MailError("550 no such user", permanent=True)
    olga = house.client(house.person("Olga", Role.OWNER))
    page = text(invite(olga, "eva@example.org"))
    assert re.search(r"http://localhost:8700/invitation/[\w-]{40,}/", page)
    assert ("No mail server is set" if trouble == "no server" else "550 no such user") in page
    assert "/invitation/" not in text(olga.get("/settings/users/")).replace("/invitations/", "")


def test_invitations_expire_are_revoked_and_replaced(house: House) -> None:
    owner = service.actor_for(house.person("Olga", Role.OWNER).id)
    first = service.invite(owner, "eva@example.org", Role.MEMBER, house.clock.now())
    second = service.invite(owner, "eva@example.org", Role.VIEWER, house.clock.now())
    secret = second.link.split("/")[-2]
    with pytest.raises(NotFound):
        service.invitation(first.link.split("/")[-2], house.clock.now())
    assert service.invitation(secret, house.clock.now() + 7 * 86_400 - 1).role is Role.VIEWER
    with pytest.raises(NotFound, match="expired"):
        service.invitation(secret, house.clock.now() + 7 * 86_400)
    service.revoke_invitation(owner, second.invitation.id, house.clock.now())
    with pytest.raises(NotFound):
        service.invitation(secret, house.clock.now())
    assert service.invitations(house.clock.now()) == ()


def test_administrators_neither_invite_nor_change_owners(house: House) -> None:
    owner = house.person("Olga", Role.OWNER)
    admin = house.client(house.person("Anna", Role.ADMIN))
    assert invite(admin, "eva@example.org", "owner").status_code == 422
    assert admin.post(f"/settings/users/{owner.id}/role/", {"role": "viewer"}).status_code == 403
    assert admin.post(f"/settings/users/{owner.id}/active/", {"active": "no"}).status_code == 403
    assert service.user(owner.id).ref.role is Role.OWNER


def test_the_last_owner_stays_also_for_the_command_line(house: House) -> None:
    owner = house.person("Olga", Role.OWNER)
    with pytest.raises(Forbidden, match="last owner"):
        service.change_role(SYSTEM, owner.id, Role.ADMIN, house.clock.now())
    with pytest.raises(Forbidden, match="last owner"):
        service.set_active(SYSTEM, owner.id, False, house.clock.now())
    other = house.person("Otto", Role.OWNER)
    assert service.change_role(SYSTEM, owner.id, Role.ADMIN, house.clock.now()).role is Role.ADMIN
    with pytest.raises(Forbidden, match="last owner"):
        service.change_role(SYSTEM, other.id, Role.ADMIN, house.clock.now())


def test_members_see_people_and_change_none(house: House) -> None:
    anna = house.person("Anna", Role.ADMIN)
    member = house.client(house.person("Max"))
    page = text(member.get("/settings/users/"))
    assert "anna@example.org" in page
    assert "<select" not in page
    assert invite(member, "eva@example.org").status_code == 403
    assert member.post(f"/settings/users/{anna.id}/role/", {"role": "viewer"}).status_code == 403
    assert member.get("/settings/audit-log/").status_code == 403


def test_a_role_counts_from_the_next_request(house: House) -> None:
    max_ = house.person("Max")
    client = house.client(max_)
    assert client.get("/settings/audit-log/").status_code == 403
    service.change_role(SYSTEM, max_.id, Role.ADMIN, house.clock.now())
    assert client.get("/settings/audit-log/").status_code == 200
    (entry,) = service.audit_page(action="user.role").entries
    assert entry.detail == {"from": "member", "to": "admin"}


def test_people_need_a_name_an_address_and_a_good_password(house: House) -> None:
    with pytest.raises(Invalid) as wrong:
        service.create_user(SYSTEM, " ", "nowhere", "short", Role.MEMBER, house.clock.now())
    assert set(wrong.value.fields) == {"name", "email", "password"}
    house.person("Ada")
    with pytest.raises(Conflict):
        service.create_user(SYSTEM, "Ada", " ADA@example.org", PASSWORD, Role.MEMBER, house.clock.now())


def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    ada = house.person("Ada")
    here, there = house.client(ada), house.client(ada)
    assert there.get("/settings/account/").status_code == 200
    key = here.cookies["vedette"].value
    wrong = here.post("/settings/account/password/", {"current": "wrong", "new": NEW})
    assert "not your current password" in text(wrong)
    weak = here.post("/settings/account/password/", {"current": PASSWORD, "new": "adaadaadaada"})
    assert weak.status_code == 422
    assert here.post("/settings/account/password/", {"current": PASSWORD, "new": NEW}).status_code == 302
    assert here.cookies["vedette"].value != key
    assert here.get("/settings/account/").status_code == 200
    assert there.get("/settings/account/").status_code == 302
    assert len(service.sessions_of(ada.id, "", house.clock.now())) == 1
    mailing._POST.submit(lambda: None).result()
    assert house.ports.mail.sent[-1]["Subject"] == "Your Vedette account was changed"


def test_guessing_the_current_password_is_throttled(house: House) -> None:
    client = house.client(house.person("Ada"))
    answers = [
        client.post("/settings/account/password/", {"current": "wrong", "new": NEW}).status_code
        for _ in range(7)
    ]
    assert answers[-1] == 429


def test_the_old_address_signs_in_no_more(house: House) -> None:
    client = house.client(house.person("Ada"))
    house.person("Eve")
    taken = client.post("/settings/account/email/", {"email": "eve@example.org", "current": PASSWORD})
    assert taken.status_code == 422
    answer = client.post("/settings/account/email/", {"email": "Countess@example.org", "current": PASSWORD})
    assert answer.status_code == 302
    for email, expected in (("ada@example.org", 422), ("countess@example.org", 302)):
        done = house.client().post("/sign-in/", {"login": email, "password": PASSWORD})
        assert done.status_code == expected


def test_the_name_is_changed(house: House) -> None:
    ada = house.person("Ada")
    client = house.client(ada)
    assert client.post("/settings/account/name/", {"name": "Ada King"}).status_code == 302
    assert client.post("/settings/account/name/", {"name": "A\x07da"}).status_code == 422
    assert service.user_refs([ada.id])[ada.id].initials == "AK"


def test_sessions_are_listed_and_ended(house: House) -> None:
    ada, eve = house.person("Ada"), house.person("Eve")
    here, there, stranger = house.client(ada), house.client(address="198.51.100.4"), house.client(eve)
    there.post("/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
    page = text(here.get("/settings/sessions/"))
    assert "in 2 browsers" in page
    assert "198.51.100.4" in page
    assert "Firefox on Linux" in page
    other = next(s for s in service.sessions_of(ada.id, "", house.clock.now()) if s.address == "198.51.100.4")
    assert stranger.post("/settings/sessions/end/", {"session": other.id}).status_code == 404
    assert here.post("/settings/sessions/end/", {"session": other.id}).status_code == 302
    assert there.get("/settings/sessions/").status_code == 302
    house.client(ada)
    assert here.post("/settings/sessions/end-all/").status_code == 302
    (left,) = service.sessions_of(ada.id, "", house.clock.now())
    assert here.post("/settings/sessions/end/", {"session": left.id})["Location"] == "/sign-in/"
    assert here.get("/settings/sessions/").status_code == 302


def test_signing_out_everywhere_spares_this_browser_unless_told_otherwise(house: House) -> None:
    ada, eve = house.person("Ada"), house.person("Eve")
    here, there, stranger = house.client(ada), house.client(ada), house.client(eve)
    assert "Sign out everywhere" in text(here.get("/settings/sessions/"))
    assert here.post("/settings/sessions/end-all/")["Location"] == "/settings/sessions/"
    assert here.get("/settings/sessions/").status_code == 200
    assert there.get("/settings/sessions/")["Location"].startswith("/sign-in/")
    again = house.client(ada)
    assert here.post("/settings/sessions/end-all/", {"this": "yes"})["Location"] == "/sign-in/"
    for client in (here, again):
        assert client.get("/settings/sessions/").status_code == 302
    assert stranger.get("/settings/sessions/").status_code == 200
    told = [(e.action, e.detail["ended"]) for e in service.audit_page(action="session.end").entries]
    assert told == [("session.end-all", "2"), ("session.end-others", "1")]


def test_administrators_sign_people_out_everywhere(house: House) -> None:
    owner, admin, ada = (
        house.person(n, r) for n, r in (("Olga", Role.OWNER), ("Adam", Role.ADMIN), ("Ada", Role.MEMBER))
    )
    boss, browsers = house.client(admin), [house.client(ada), house.client(ada)]
    assert f"/settings/users/{ada.id}/sign-out/" in text(boss.get("/settings/users/"))
    assert boss.post(f"/settings/users/{ada.id}/sign-out/").status_code == 302
    assert [b.get("/settings/sessions/").status_code for b in browsers] == [302, 302]
    assert "2 sessions ended" in text(boss.get("/settings/users/"))
    assert boss.post(f"/settings/users/{owner.id}/sign-out/").status_code == 403, "owners are left to owners"
    assert boss.post(f"/settings/users/{admin.id}/sign-out/").status_code == 403, (
        "one's own are ended elsewhere"
    )
    assert boss.post("/settings/users/999/sign-out/").status_code == 404
    (entry,) = service.audit_page(action="session.end-all").entries
    assert (entry.actor, entry.subject) == ("Adam", "ada@example.org")


def test_an_authenticator_is_set_up_renewed_and_removed(house: House) -> None:
    ada = house.person("Ada")
    client = house.client(ada)
    base = "/settings/two-factor/"
    assert client.post(f"{base}begin/", {"current": "wrong"}).status_code == 422
    assert client.post(f"{base}begin/", {"current": PASSWORD}).status_code == 302
    page = text(client.get(base))
    seed = service.begin_totp(ada.id).secret
    assert seed in page
    assert "<svg" in page
    assert " style=" not in page
    assert client.post(f"{base}confirm/", {"code": "000000"}).status_code == 422
    now = house.clock.now()
    assert client.post(f"{base}confirm/", {"code": code_at(seed, now)}).status_code == 302
    shown, again = text(client.get(base)), text(client.get(base))
    codes = service.recovery_codes(ada.id)
    assert all(code in shown for code in codes)
    assert not any(code in again for code in codes)
    assert seed not in shown
    client.post(f"{base}codes/", {"current": PASSWORD})
    assert not set(service.recovery_codes(ada.id)) & set(codes)
    assert client.post(f"{base}remove/", {"current": PASSWORD}).status_code == 302
    assert not service.second_factor(ada.id).totp
    assert [audited(f"two-factor.{what}") for what in ("on", "codes", "off")] == [1, 1, 1]


def test_owners_keep_an_authenticator_but_may_change_it(house: House) -> None:
    olga = house.person("Olga", Role.OWNER)
    seed = house.seed(olga)
    client = house.client(olga)
    assert client.post("/settings/two-factor/remove/", {"current": PASSWORD}).status_code == 403
    client.post("/settings/two-factor/begin/", {"current": PASSWORD})
    fresh = service.begin_totp(olga.id).secret
    assert fresh != seed
    assert service.second_factor(olga.id).totp, "the old one counts until the new one is confirmed"
    assert service.confirm_totp(olga.id, code_at(fresh, house.clock.now()), house.clock.now())


def test_a_lost_phone(house: House) -> None:
    owner, ada = house.person("Olga", Role.OWNER), house.person("Ada")
    house.seed(ada)
    lost = house.client(ada)
    assert house.client(owner).post(f"/settings/users/{ada.id}/two-factor/").status_code == 302
    assert lost.get("/settings/account/").status_code == 302
    done = house.client().post("/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
    assert done["Location"] == "/"


def reset_path(house: House) -> str:
    mailing._POST.submit(lambda: None).result()
    (mail,) = [m for m in house.ports.mail.sent if "Reset" in m["Subject"]]
    return next(p for p in links(mail.get_content()) if "/key/" in p)


def test_a_password_is_reset_by_mail(house: House) -> None:
    ada = house.person("Ada")
    signed_in = house.client(ada)
    client = house.client()
    answer = client.post("/password/reset/", {"email": "ada@example.org"}, HTTP_HOST="evil.example")
    assert answer["Location"] == "/password/reset/sent/"
    path = reset_path(house)
    assert "evil.example" not in house.ports.mail.sent[0].get_content()
    hidden = client.get(path)["Location"]
    assert "set-password" in hidden
    assert client.post(hidden, {"password1": "adaadaadaada"}).status_code == 200
    assert client.post(hidden, {"password1": NEW})["Location"] == "/password/reset/done/"
    assert client.get("/password/reset/done/").status_code == 200
    assert signed_in.get("/settings/account/").status_code == 302
    assert "does not work any more" in text(house.client().get(path))
    done = house.client().post("/sign-in/", {"login": "ada@example.org", "password": NEW})
    assert done.status_code == 302
    assert audited("account.password-reset") == 1


def test_a_reset_tells_nobody_who_is_here(house: House) -> None:
    house.person("Ada")
    answers = [
        house.client().post("/password/reset/", {"email": email})
        for email in ("ada@example.org", "eve@example.org")
    ]
    assert len({(a.status_code, a["Location"]) for a in answers}) == 1
    reset_path(house)


def test_a_reset_link_ends_after_an_hour(house: House, settings) -> None:
    house.person("Ada")
    house.client().post("/password/reset/", {"email": "ada@example.org"})
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "does not work any more" in text(house.client().get(reset_path(house)))


def test_without_mail_the_reset_says_so(house: House) -> None:
    house.ports.mail._on = False
    assert "No mail server is set" in text(house.client().get("/password/reset/"))
    answer = house.client().post("/password/reset/", {"email": "ada@example.org"})
    assert answer.status_code == 503
    assert "No mail server is set" in text(house.client().get("/sign-in/"))


def test_a_reset_does_not_go_round_the_second_factor(house: House) -> None:
    house.seed(house.person("Ada"))
    client = house.client()
    client.post("/password/reset/", {"email": "ada@example.org"})
    client.post(client.get(reset_path(house))["Location"], {"password1": NEW})
    done = client.post("/sign-in/", {"login": "ada@example.org", "password": NEW})
    assert done["Location"] == "/sign-in/code/"


def test_the_set_up_token_works_once_until_an_administrator_is_here(house: House) -> None:
    now = house.clock.now()
    first = service.setup_link_token(now)
    second = service.setup_link_token(now)
    assert not service.check_setup_token(first, now), "a new one replaces it"
    assert service.check_setup_token(second, now + 86_399)
    assert not service.check_setup_token(second, now + 86_400)
    assert not service.check_setup_token(second[:-1], now)
    service.consume_setup_token(second, now)
    with pytest.raises(Unauthenticated):
        service.consume_setup_token(second, now)
    third = service.setup_link_token(now)
    house.person("Olga", Role.OWNER)
    assert service.has_admin()
    assert not service.check_setup_token(third, now)
    with pytest.raises(Conflict):
        service.setup_link_token(now)


def test_cleaning_up_keeps_what_lives(house: House) -> None:
    ada = house.person("Ada")
    client = house.client(ada)
    house.client().post("/sign-in/", {"login": "eve@example.org", "password": "wrong"})
    assert service.clean_up(house.clock.now()) == 0
    assert client.get("/settings/account/").status_code == 200
    house.clock.forward(2 * 86_400)
    assert service.clean_up(house.clock.now()) == 3, "account, address and pair are forgotten"
    house.clock.forward(30 * 86_400)
    assert service.clean_up(house.clock.now()) >= 2
    assert service.sessions_of(ada.id, "", house.clock.now()) == ()


def test_asking_for_reset_mails_is_limited(house: House) -> None:
    client = house.client(address="192.0.2.200")
    answers = [client.post("/password/reset/", {"email": "limited@example.org"}) for _ in range(6)]
    assert [a.status_code for a in answers] == [302] * 5 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert "Too many tries" in text(answers[-1])
