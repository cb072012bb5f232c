"""The navigation: what there is, where, and what a member must be allowed to do to see it. Only pages that exist show."""

import functools
from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.accounts.permissions import Actor, Verb, may


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the navigation. `key` is the second key of its `g` chord; `tab` puts it on the phone's bar."""

    head: str
    href: str
    icon: str
    text: str
    verb: Verb
    key: str = ""
    tab: bool = False


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as one page shows it."""

    href: str
    icon: str
    text: str
    key: str
    current: bool
    count: str = ""
    tone: str = ""


class Group(msgspec.Struct, frozen=True):
    """Items under one heading."""

    head: str
    items: tuple[Item, ...]


class Count(msgspec.Struct, frozen=True):
    """A number beside an entry; tone crit when somebody should look."""

    text: str
    tone: str = ""


MAIN: tuple[Entry, ...] = (
    Entry(
        head="",
        href="/",
        icon="layout-dashboard",
        text="Overview",
        verb=Verb.OVERVIEW_READ,
        key="o",
        tab=True,
    ),
    Entry(
        head="Respond", href="/incidents/", icon="flame", text="Incidents", verb=Verb.INCIDENT_READ, key="n"
    ),
    Entry(
        head="Respond", href="/alerts/", icon="bell", text="Alerts", verb=Verb.RULE_READ, key="a", tab=True
    ),
    Entry(head="Respond", href="/on-call/", icon="phone", text="On call", verb=Verb.ONCALL_READ),
    Entry(head="Respond", href="/digests/", icon="newspaper", text="Digests", verb=Verb.REPORT_READ),
    Entry(head="Watch", href="/issues/", icon="bug", text="Issues", verb=Verb.ISSUE_READ, key="i", tab=True),
    Entry(
        head="Watch",
        href="/monitors/",
        icon="heart-pulse",
        text="Monitors",
        verb=Verb.MONITOR_READ,
        key="m",
        tab=True,
    ),
    Entry(head="Watch", href="/hosts/", icon="server", text="Hosts", verb=Verb.HOST_READ),
    Entry(head="Watch", href="/reports/", icon="shield", text="Browser reports", verb=Verb.ISSUE_READ),
    Entry(head="Watch", href="/vitals/", icon="gauge", text="Web vitals", verb=Verb.ISSUE_READ),
    Entry(head="Guard", href="/bans/", icon="ban", text="Detections & bans", verb=Verb.BAN_READ, key="b"),
    Entry(
        head="Guard",
        href="/findings/",
        icon="octagon-alert",
        text="Findings",
        verb=Verb.FINDING_READ,
        key="f",
    ),
    Entry(
        head="Recover",
        href="/backups/",
        icon="archive-restore",
        text="Backups & drills",
        verb=Verb.BACKUP_READ,
        key="r",
    ),
    Entry(head="Recover", href="/deploys/", icon="rocket", text="Deploys", verb=Verb.DEPLOY_READ, key="d"),
    Entry(
        head="Recover",
        href="/infrastructure/",
        icon="network",
        text="Infrastructure",
        verb=Verb.INFRA_READ,
        key="c",
    ),
    Entry(
        head="Publish",
        href="/status-pages/",
        icon="globe",
        text="Status pages",
        verb=Verb.STATUS_READ,
        key="s",
    ),
)
SETTINGS: tuple[Entry, ...] = (
    Entry(
        head="Projects",
        href="/settings/projects/",
        icon="package",
        text="Projects and keys",
        verb=Verb.PROJECT_READ,
        key="p",
    ),
    Entry(
        head="Projects",
        href="/settings/notifications/",
        icon="bell",
        text="Notifications",
        verb=Verb.CHANNEL_READ,
    ),
    Entry(
        head="Projects",
        href="/settings/rules/",
        icon="sliders-horizontal",
        text="Alert rules",
        verb=Verb.RULE_READ,
    ),
    Entry(head="People", href="/settings/users/", icon="users", text="Users", verb=Verb.USER_READ),
    Entry(
        head="People", href="/settings/audit-log/", icon="scroll-text", text="Audit log", verb=Verb.AUDIT_READ
    ),
    Entry(
        head="People",
        href="/settings/privacy/",
        icon="eye-off",
        text="Privacy",
        verb=Verb.PRIVACY_ERASE,
    ),
    Entry(head="You", href="/settings/account/", icon="user", text="Your account", verb=Verb.ACCOUNT_OWN),
    Entry(
        head="You",
        href="/settings/my-notifications/",
        icon="bell",
        text="Your notifications",
        verb=Verb.NOTIFY_OWN,
    ),
    Entry(
        head="You", href="/settings/two-factor/", icon="smartphone", text="Two-factor", verb=Verb.ACCOUNT_OWN
    ),
    Entry(head="You", href="/settings/sessions/", icon="laptop", text="Sessions", verb=Verb.ACCOUNT_OWN),
    Entry(head="You", href="/settings/tokens/", icon="key-round", text="API tokens", verb=Verb.TOKEN_OWN),
    Entry(
        head="Vedette",
        href="/settings/retention/",
        icon="hourglass",
        text="Retention",
        verb=Verb.SETTINGS_READ,
    ),
    Entry(head="Vedette", href="/settings/about/", icon="info", text="About", verb=Verb.SETTINGS_READ),
)


def groups(
    entries: Sequence[Entry],
    actor: Actor,
    path: str,
    counts: Mapping[str, Count],
    exists: Callable[[str], bool],
) -> tuple[Group, ...]:
    """Return the entries this actor may open and that exist, under their headings, the current one marked."""
    seen = [e for e in entries if may(actor, e.verb).allowed and exists(e.href)]
    heads = list(dict.fromkeys(e.head for e in seen))
    return tuple(Group(h, tuple(_item(e, path, counts) for e in seen if e.head == h)) for h in heads)


def tabs(
    entries: Sequence[Entry],
    actor: Actor,
    path: str,
    counts: Mapping[str, Count],
    exists: Callable[[str], bool],
) -> tuple[Item, ...]:
    """Return the entries of the phone's bar."""
    chosen = [e for e in entries if e.tab]
    return tuple(item for group in groups(chosen, actor, path, counts, exists) for item in group.items)


def here(href: str, path: str) -> bool:
    """Tell whether `path` is the page `href` or one below it; `/` is only itself."""
    return path == href if href == "/" else path.startswith(href)


def _item(entry: Entry, path: str, counts: Mapping[str, Count]) -> Item:
    count = counts.get(entry.href, Count(""))
    return Item(
        href=entry.href, icon=entry.icon, text=entry.text, key=entry.key, current=here(entry.href, path),
        count=count.text, tone=count.tone,
    )  # fmt: skip


@functools.cache
def routed(href: str) -> bool:
    """Tell whether a page stands at this address."""
    from django.urls import Resolver404, resolve

    try:
        resolve(href)
    except Resolver404:
        return False
    return True
