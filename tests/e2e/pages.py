"""Every page of the URLconf: the address to walk for each route, or that it only takes POST.

A route without a row fails `test_every_route_has_a_row`. `{…}` in an address is filled from the world.
"""

from collections.abc import Iterator

import msgspec
from django.urls import URLPattern, URLResolver, get_resolver


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """How a route is walked: its address, whether by nobody, and whether it needs the normal world.

    `shot` names its screenshot. `aside` says why a route is not a page of ours (a file, a redirect).
    """

    path: str = ""
    anonymous: bool = False
    normal_only: bool = False
    shot: str = ""
    aside: str = ""


def page(path: str, *, anonymous: bool = False, normal_only: bool = False, shot: str = "") -> Row:
    return Row(path=path, anonymous=anonymous, normal_only=normal_only, shot=shot)


def aside(why: str) -> Row:
    return Row(aside=why)


POST = aside("takes POST only")
FILE = aside("a file, not a page")
ROWS: dict[str, Row] = {
    "": page("/", shot="overview"),
    "settings/": page("/settings/", shot="settings"),
    "settings/about/": page("/settings/about/", shot="about"),
    "settings/privacy/": page("/settings/privacy/", shot="privacy"),
    "settings/privacy/ask/": POST,
    "settings/privacy/<str:erasure_id>/": aside(
        "of one erasure; tests/unit/errors_pages/test_privacy.py opens it"
    ),
    "settings/privacy/<str:erasure_id>/erase/": POST,
    "settings/privacy/receipts/<str:receipt_id>/": aside(
        "of one erasure; tests/unit/errors_pages/test_privacy.py opens it"
    ),
    "settings/privacy/receipts/<str:receipt_id>.json": FILE,
    "find/": aside("the options of the palette; walked by its tests"),
    "go/<str:key>/": aside("leads to another page"),
    "theme/": POST,
    "robots.txt": FILE,
    "sw.js": FILE,
    "metrics": FILE,
    "-/ready": FILE,
    "reports/": page("/reports/?days=90", shot="reports"),
    "vitals/": page("/vitals/", shot="vitals"),
    "findings/": page("/findings/", shot="findings"),
    "findings/act/": POST,
    "findings/reopen/<str:ids>/": POST,
    "findings/<int:number>/": page("/findings/1/", normal_only=True, shot="finding"),
    "findings/<int:number>/note/": POST,
    "findings/targets/": page("/findings/targets/", shot="targets"),
    "findings/targets/new/": page("/findings/targets/new/", shot="target-new"),
    "findings/targets/<int:number>/": page("/findings/targets/1/", normal_only=True, shot="target"),
    "findings/targets/<int:number>/edit/": page("/findings/targets/4/edit/", normal_only=True),
    "findings/targets/<int:number>/run/": POST,
    "findings/targets/<int:number>/remove/": POST,
    "findings/bills/<int:number>/": page("/findings/bills/2/", normal_only=True, shot="bill"),
    "findings/bills/<int:before>/<int:after>/": page("/findings/bills/1/2/", normal_only=True, shot="bills"),
    "findings/feeds/": page("/findings/feeds/", shot="feeds"),
    "findings/feeds/update/": POST,
    "backups/": page("/backups/", shot="backups"),
    "backups/new/": page("/backups/new/", shot="backup-new"),
    "backups/new/<int:host>/": page("/backups/new/1/", normal_only=True, shot="backup-found"),
    "backups/new/<int:host>/plan/": page(
        "/backups/new/1/plan/?found=0&found=1", normal_only=True, shot="backup-plan-new"
    ),
    "backups/restore/": page("/backups/restore/"),
    "backups/runs/": page("/backups/runs/", shot="backup-runs"),
    "backups/runs/<slug:key>/": page(f"/backups/runs/{'d' * 32}/", normal_only=True, shot="backup-drill"),
    "backups/runs/<slug:key>/report.html": FILE,
    "backups/runs/<slug:key>/report.pdf": FILE,
    "backups/<int:number>/": page("/backups/1/", normal_only=True, shot="backup-plan"),
    "backups/<int:number>/edit/": page("/backups/1/edit/", normal_only=True),
    "backups/<int:number>/act/": POST,
    "backups/<int:number>/switch/<str:state>/": POST,
    "backups/<int:number>/remove/": POST,
    "backups/<int:number>/restore/": page(
        "/backups/1/restore/?look=1&where=live&what=all&into=/", normal_only=True, shot="backup-restore"
    ),
    "backups/<int:number>/looks/<slug:key>/": aside(
        "asks its host first; tests/unit/backups/test_looking_pages.py opens it"
    ),
    "backups/<int:number>/copies/<slug:name>/": page(
        "/backups/1/copies/disk/", normal_only=True, shot="backup-copy"
    ),
    "backups/<int:number>/copies/<slug:name>/look/": POST,
    "backups/<int:number>/copies/<slug:name>/forget/": POST,
    "backups/<int:number>/copies/<slug:name>/sheet/": page("/backups/1/copies/disk/sheet/", normal_only=True),
    "backups/<int:number>/copies/<slug:name>/secrets/": POST,
    "backups/<int:number>/copies/<slug:name>/rekey/": POST,
    "infrastructure/": page("/infrastructure/", shot="infrastructure"),
    "infrastructure/new/": page("/infrastructure/new/", shot="infra-new"),
    "infrastructure/drift/": page("/infrastructure/drift/", shot="infra-drift"),
    "infrastructure/runs/": page("/infrastructure/runs/", shot="infra-runs"),
    "infrastructure/runs/<slug:key>/": page(
        f"/infrastructure/runs/{'a' * 32}/", normal_only=True, shot="infra-run"
    ),
    "infrastructure/attack/": page("/infrastructure/attack/", shot="infra-attack"),
    "infrastructure/attack/ask/": POST,
    "infrastructure/attack/<int:host>/on/": POST,
    "infrastructure/attack/<int:host>/off/": POST,
    "infrastructure/hosts/": page("/infrastructure/hosts/", shot="infra-hosts"),
    "infrastructure/hosts/<int:host>/": page("/infrastructure/hosts/1/", normal_only=True, shot="infra-host"),
    "infrastructure/hosts/<int:host>/act/": POST,
    "infrastructure/<int:number>/": page("/infrastructure/1/", normal_only=True, shot="infra-project"),
    "infrastructure/<int:number>/start/": page(
        "/infrastructure/1/start/", normal_only=True, shot="infra-start"
    ),
    "infrastructure/<int:number>/files/": page(
        "/infrastructure/1/files/", normal_only=True, shot="infra-files"
    ),
    "infrastructure/<int:number>/token/": page("/infrastructure/1/token/", normal_only=True),
    "infrastructure/<int:number>/look/": POST,
    "infrastructure/<int:number>/forget/": POST,
    "infrastructure/<int:number>/changes/": page(
        "/infrastructure/1/changes/", normal_only=True, shot="infra-changes"
    ),
    "infrastructure/<int:number>/act/": POST,
    "digests/": page("/digests/", shot="digests"),
    "digests/mine/": page("/digests/mine/", shot="digests-mine"),
    "digests/leave/<str:token>/": page("/digests/leave/wrong/", anonymous=True),
    "digests/<int:digest_id>/": page("/digests/1/", normal_only=True, shot="digest"),
    "bans/": page("/bans/", shot="bans"),
    "bans/new/": page("/bans/new/", shot="ban-new"),
    "bans/remove/": POST,
    "bans/allowed/": page("/bans/allowed/", shot="allowlist"),
    "bans/allowed/remove/": POST,
    "bans/lists/": page("/bans/lists/", shot="blocklists"),
    "bans/lists/new/": page("/bans/lists/new/"),
    "bans/lists/remove/": POST,
    "bans/rules/": page("/bans/rules/", shot="ban-rules"),
    "bans/rules/<str:name>/": POST,
    "bans/rules/<str:name>/replays/": page("/bans/rules/ssh/replays/", shot="rule-replay"),
    "bans/<address:value>/": page("/bans/198.51.100.7/", shot="address"),
    "issues/": page("/issues/", shot="issues"),
    "issues.json": FILE,
    "issues/bulk/": POST,
    "issues/all/": page("/issues/all/?q=is:open", shot="whole"),
    "issues/all/act/": POST,
    "issues/searches/": POST,
    "issues/searches/<int:search_id>/": POST,
    "issues/searches/<int:search_id>/star/": POST,
    "issues/searches/<int:search_id>/delete/": POST,
    "issues/undo/<str:token>/": POST,
    "issues/<str:short_id>/": page("/issues/{issue}/", normal_only=True, shot="issue"),
    "issues/<str:short_id>/act/": POST,
    "issues/<str:short_id>/comment/": POST,
    "issues/<str:short_id>.md": FILE,
    "issues/<str:short_id>/merge/": POST,
    "issues/<str:short_id>/split/": POST,
    "issues/<str:short_id>/groups/": page("/issues/{issue}/groups/", normal_only=True, shot="groups"),
    "issues/<str:short_id>/events/": page("/issues/{issue}/events/", normal_only=True, shot="events"),
    "issues/<str:short_id>/events.json": FILE,
    "issues/<str:short_id>/events/<str:event_id>/": page(
        "/issues/{issue}/events/latest/", normal_only=True, shot="event"
    ),
    "issues/<str:short_id>/events/<str:event_id>.md": FILE,
    "issues/<str:short_id>/events/<str:event_id>/json/": FILE,
    "issues/<str:short_id>/events/<str:event_id>/attachments/<int:attachment_id>/": FILE,
    "t/<str:token>/": page("/t/wrong/", anonymous=True),
    "a/<str:token>/": page("/a/wrong/", anonymous=True),
    "hosts/": page("/hosts/", shot="hosts"),
    "hosts/token/": POST,
    "hosts/tokens/<str:key>/revoke/": POST,
    "hosts/<int:key>/": page("/hosts/1/?range=6h", normal_only=True, shot="host"),
    "hosts/<int:key>/rotate/": POST,
    "hosts/<int:key>/revoke/": POST,
    "hosts/<int:key>/remove/": POST,
    "monitors/": page("/monitors/", shot="monitors"),
    "monitors/new/": page("/monitors/new/?kind=http", shot="monitor-new"),
    "monitors/times/": aside("a piece of the form of a heartbeat"),
    "monitors/trials/<str:trial_id>/": aside("a piece of a page on which something is tried"),
    "monitors/trials/<str:trial_id>/picture/": aside("a picture of a failed test"),
    "monitors/maintenance/": page("/monitors/maintenance/", shot="maintenance"),
    "monitors/maintenance/new/": page("/monitors/maintenance/new/", shot="maintenance-new"),
    "monitors/maintenance/<str:key>/remove/": POST,
    "monitors/locations/": page("/monitors/locations/", shot="locations"),
    "monitors/locations/new/": page("/monitors/locations/new/"),
    "monitors/locations/<str:slug>/token/": POST,
    "monitors/locations/<str:slug>/remove/": POST,
    "monitors/<str:key>/": page("/monitors/checkout/", normal_only=True, shot="monitor"),
    "monitors/<str:key>/edit/": page("/monitors/nightly-backup/edit/", normal_only=True, shot="monitor-edit"),
    "monitors/<str:key>/check/": POST,
    "monitors/<str:key>/picture/": aside("a picture of a failed journey"),
    "monitors/<str:key>/pause/": POST,
    "monitors/<str:key>/delete/": POST,
    "monitors/<str:key>/maintenance/": POST,
    "alerts/": page("/alerts/", shot="alerts"),
    "alerts/<int:alert_id>/": page("/alerts/1/", normal_only=True, shot="alert"),
    "alerts/<int:alert_id>/acknowledge/": POST,
    "alerts/<int:alert_id>/unacknowledge/": POST,
    "alerts/groups/<int:group_id>/acknowledge/": POST,
    "alerts/groups/<int:group_id>/unacknowledge/<str:at>/": POST,
    "alerts/escalations/<int:escalation_id>/take/": POST,
    "on-call/policies/": page("/on-call/policies/", shot="policies"),
    "on-call/policies/new/": page("/on-call/policies/new/", shot="policy-new"),
    "on-call/policies/<int:policy_id>/": page("/on-call/policies/1/", normal_only=True, shot="policy"),
    "on-call/policies/<int:policy_id>/delete/": POST,
    "on-call/escalations/": page("/on-call/escalations/", shot="escalations"),
    "on-call/escalations/<int:escalation_id>/": aside(
        "of one escalation; tests/unit/alerts/test_escalation_pages.py opens it"
    ),
    "alerts/inhibitions/new/": page("/alerts/inhibitions/new/", shot="inhibition-new"),
    "alerts/inhibitions/count/": aside("a piece of the form of an inhibition"),
    "alerts/inhibitions/<int:place>/": aside("the form of a new one, filled in"),
    "alerts/inhibitions/<int:place>/delete/": POST,
    "alerts/hooks/": page("/alerts/hooks/", shot="hooks"),
    "alerts/hooks/new/": page("/alerts/hooks/new/?preset=grafana", shot="hook-new"),
    "alerts/hooks/<slug:name>/": page("/alerts/hooks/backups/", normal_only=True, shot="hook"),
    "alerts/hooks/<slug:name>/secret/": POST,
    "alerts/hooks/<slug:name>/delete/": POST,
    "alerts/routes/": page("/alerts/routes/?labels=team%3Ddb", shot="routes"),
    "alerts/routes/new/": page("/alerts/routes/new/", shot="route-new"),
    "alerts/routes/<str:place>/": page("/alerts/routes/root/"),
    "alerts/routes/<str:place>/move/": POST,
    "alerts/routes/<str:place>/delete/": POST,
    "alerts/receivers/new/": page("/alerts/receivers/new/", shot="receiver-new"),
    "alerts/receivers/<int:place>/": aside("the form of a new one, filled in"),
    "alerts/receivers/<int:place>/delete/": POST,
    "on-call/": page("/on-call/", shot="on-call"),
    "on-call/schedules/new/": page("/on-call/schedules/new/", shot="schedule-new"),
    "on-call/schedules/<int:schedule_id>/": page("/on-call/schedules/1/", normal_only=True, shot="schedule"),
    "on-call/schedules/<int:schedule_id>/edit/": page(
        "/on-call/schedules/1/edit/", normal_only=True, shot="schedule-edit"
    ),
    "on-call/schedules/<int:schedule_id>/delete/": POST,
    "on-call/schedules/<int:schedule_id>/cover/": page(
        "/on-call/schedules/1/cover/", normal_only=True, shot="cover"
    ),
    "on-call/schedules/<int:schedule_id>/swap/": page(
        "/on-call/schedules/1/swap/", normal_only=True, shot="swap"
    ),
    "on-call/covers/<int:cover_id>/accept/": POST,
    "on-call/covers/<int:cover_id>/drop/": POST,
    "on-call/calendars/": page("/on-call/calendars/", shot="on-call-calendars"),
    "on-call/calendars/new/": page("/on-call/calendars/new/"),
    "on-call/calendars/<int:calendar_id>/remove/": POST,
    "on-call/feeds/": page("/on-call/feeds/", shot="on-call-feeds"),
    "on-call/feeds/<int:feed_id>/drop/": POST,
    "on-call/feeds/<str:secret>.ics": FILE,
    "alerts/patterns/": page("/alerts/patterns/", shot="patterns"),
    "alerts/silences/": page("/alerts/silences/", shot="silences"),
    "alerts/silences/new/": page("/alerts/silences/new/", shot="silence-new"),
    "alerts/silences/count/": aside("a piece of the form of a silence"),
    "alerts/silences/<str:silence_id>/": aside("the form of a new one, filled in"),
    "alerts/silences/<str:silence_id>/end/": POST,
    "alerts/rules/": aside("leads to another page"),
    "settings/rules/": page("/settings/rules/", shot="rules"),
    "settings/rules/new/": page("/settings/rules/new/", shot="rule-new"),
    "settings/rules/<int:rule_id>/": page("/settings/rules/1/", shot="rule"),
    "settings/rules/<int:rule_id>/switch/": POST,
    "settings/rules/<int:rule_id>/delete/": POST,
    "settings/notifications/": page("/settings/notifications/", shot="notifications"),
    "settings/notifications/templates/": page("/settings/notifications/templates/"),
    "settings/notifications/templates/<slug:kind>/": page("/settings/notifications/templates/all/"),
    "settings/notifications/new/<slug:kind>/": page(
        "/settings/notifications/new/webhook/", shot="channel-new"
    ),
    "settings/notifications/<int:channel_id>/": page(
        "/settings/notifications/{channel}/", normal_only=True, shot="channel"
    ),
    "settings/notifications/<int:channel_id>/test/": POST,
    "settings/notifications/<int:channel_id>/delete/": POST,
    "settings/my-notifications/": page("/settings/my-notifications/", shot="my-notifications"),
    "settings/my-notifications/rules/": page("/settings/my-notifications/rules/", shot="own-rules"),
    "settings/my-notifications/proof/": page("/settings/my-notifications/proof/", shot="own-proof"),
    "settings/my-notifications/proof/start/": POST,
    "settings/my-notifications/proof/acknowledge/": POST,
    "settings/my-notifications/new/<slug:kind>/": page("/settings/my-notifications/new/ntfy/"),
    "settings/my-notifications/<int:channel_id>/": aside("the form of a new one, filled in"),
    "settings/my-notifications/<int:channel_id>/test/": POST,
    "settings/my-notifications/<int:channel_id>/delete/": POST,
    "issues/<str:short_id>/follow/": POST,
    "settings/projects/": page("/settings/projects/", shot="projects"),
    "settings/projects/new/": page("/settings/projects/new/", shot="project-new"),
    "settings/projects/<slug:slug>/": page("/settings/projects/checkout/", normal_only=True, shot="project"),
    "settings/projects/<slug:slug>/edit/": POST,
    "settings/projects/<slug:slug>/owners/": page(
        "/settings/projects/checkout/owners/", normal_only=True, shot="owners"
    ),
    "settings/projects/<slug:slug>/owners/edit/": POST,
    "settings/projects/<slug:slug>/scrubbing/": POST,
    "settings/projects/<slug:slug>/delete/": POST,
    "settings/projects/<slug:slug>/keys/new/": POST,
    "settings/projects/<slug:slug>/keys/<int:key_id>/": POST,
    "settings/projects/<slug:slug>/keys/<int:key_id>/revoke/": POST,
    "settings/projects/<slug:slug>/keys/<int:key_id>/rotate/": POST,
    "settings/projects/<slug:slug>/deploys/": page(
        "/settings/projects/checkout/deploys/", normal_only=True, shot="deploy-hook"
    ),
    "settings/projects/<slug:slug>/deploys/secret/": POST,
    "settings/projects/<slug:slug>/deploys/drop/": POST,
    "hooks/deploys/<slug:slug>/": POST,
    "incidents/": page("/incidents/", shot="incidents"),
    "incidents/new/": page("/incidents/new/?title=Checkout+returns+500", shot="incident-new"),
    "incidents/rules/": page("/incidents/rules/", shot="incident-rules"),
    "incidents/rules/new/": page("/incidents/rules/new/", shot="incident-rule-new"),
    "incidents/rules/<int:number>/": page("/incidents/rules/1/", normal_only=True),
    "incidents/rules/<int:number>/switch/": POST,
    "incidents/rules/<int:number>/delete/": POST,
    "incidents/<int:number>/": page("/incidents/2/", normal_only=True, shot="incident"),
    "incidents/<int:number>/act/": POST,
    "incidents/<int:number>/reopen/": POST,
    "incidents/<int:number>/severity/": POST,
    "incidents/<int:number>/rename/": POST,
    "incidents/<int:number>/notes/": POST,
    "incidents/<int:number>/entries/<int:line>/": POST,
    "incidents/<int:number>/draft/": POST,
    "incidents/<int:number>/responders/": POST,
    "incidents/<int:number>/tasks/": POST,
    "incidents/<int:number>/tasks/<int:task>/": POST,
    "incidents/<int:number>/merge/": POST,
    "incidents/<int:number>/split/": POST,
    "incidents/<int:number>/links/": POST,
    "incidents/actions/": page("/incidents/actions/", shot="actions"),
    "incidents/metrics/": page("/incidents/metrics/", shot="incident-metrics"),
    "incidents/metrics.json": FILE,
    "incidents/post-mortems/": page("/incidents/post-mortems/", shot="post-mortems"),
    "incidents/post-mortems/settings/": page("/incidents/post-mortems/settings/"),
    "incidents/runbooks/": page("/incidents/runbooks/", shot="runbooks"),
    "incidents/runbooks/new/": page("/incidents/runbooks/new/", shot="runbook-new"),
    "incidents/runbooks/<slug:slug>/": page(
        "/incidents/runbooks/checkout-failing/", normal_only=True, shot="runbook"
    ),
    "incidents/runbooks/<slug:slug>/edit/": page(
        "/incidents/runbooks/checkout-failing/edit/", normal_only=True
    ),
    "incidents/runbooks/<slug:slug>/delete/": POST,
    "incidents/<int:number>/actions/add/": POST,
    "incidents/<int:number>/actions/<int:task>/finish/": POST,
    "incidents/<int:number>/post-mortem/": page(
        "/incidents/1/post-mortem/", normal_only=True, shot="post-mortem"
    ),
    "incidents/<int:number>/post-mortem/edit/": page("/incidents/1/post-mortem/edit/", normal_only=True),
    "incidents/<int:number>/post-mortem/act/": POST,
    "incidents/<int:number>/post-mortem.md": FILE,
    "incidents/<int:number>/post-mortem.html": FILE,
    "incidents/<int:number>/post-mortem.pdf": FILE,
    "incidents/<int:number>/runbooks/attach/": POST,
    "incidents/<int:number>/runbooks/<slug:slug>/detach/": POST,
    "incidents/<int:number>/steps/<int:run_id>/tick/": POST,
    "incidents/<int:number>/steps/<int:run_id>/untick/": POST,
    "incidents/<int:number>/steps/<int:run_id>/run/": page("/incidents/2/steps/5/run/", normal_only=True),
    "status-pages/tell/<int:number>/": page("/status-pages/tell/2/", normal_only=True, shot="incident-tell"),
    "status-pages/": page("/status-pages/", shot="status-pages"),
    "status-pages/new/": page("/status-pages/new/", shot="status-page-new"),
    "status-pages/<slug:slug>/": page("/status-pages/tidemark/", normal_only=True, shot="status-page"),
    "status-pages/<slug:slug>/edit/": page("/status-pages/tidemark/edit/", normal_only=True),
    "status-pages/<slug:slug>/delete/": POST,
    "status-pages/<slug:slug>/preview/": page("/status-pages/tidemark/preview/", normal_only=True),
    "status-pages/<slug:slug>/announce/": page("/status-pages/tidemark/announce/", normal_only=True),
    "status-pages/<slug:slug>/incidents/<int:number>/": page(
        "/status-pages/tidemark/incidents/1/", normal_only=True
    ),
    "status-pages/<slug:slug>/incidents/<int:number>/delete/": POST,
    "status-pages/<slug:slug>/subscribers/": page("/status-pages/tidemark/subscribers/", normal_only=True),
    "status-pages/<slug:slug>/subscribers/<int:number>/remove/": POST,
    "deploys/": page("/deploys/", shot="deploys"),
    "deploys/<path:version>/": page("/deploys/2026.11.24-3/", normal_only=True, shot="deploy"),
    "settings/retention/": page("/settings/retention/", shot="retention"),
    "settings/retention/edit/": POST,
    "sign-in/": page("/sign-in/", anonymous=True, shot="sign-in"),
    "sign-in/passkey/begin/": POST,
    "sign-in/passkey/": POST,
    "sign-in/oidc/": aside("leads to the provider"),
    "sign-in/oidc/back/": aside("takes the provider's answer; walked by the tests of accounts"),
    "sign-in/code/": aside("asks in the middle of a sign-in; walked by the tests of accounts"),
    "sign-in/inactive/": page("/sign-in/inactive/", anonymous=True),
    "sign-out/": POST,
    "password/reset/": page("/password/reset/", anonymous=True, shot="password-reset"),
    "password/reset/sent/": page("/password/reset/sent/", anonymous=True),
    r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[^/]{1,200})/$": page(
        "/password/reset/key/1-not-a-key/", anonymous=True
    ),
    "password/reset/done/": page("/password/reset/done/", anonymous=True),
    "invitation/<str:secret>/": page("{invitation}", anonymous=True, shot="invitation"),
    "setup/<str:token>/": page("{setup}", anonymous=True, shot="setup"),
    "setup/two-factor/": page("/setup/two-factor/", shot="setup-two-factor"),
    "setup/two-factor/qr.svg": FILE,
    "setup/project/": page("/setup/project/", shot="setup-project"),
    "setup/<str:slug>/snippet/": page("/setup/{slug}/snippet/", normal_only=True, shot="setup-snippet"),
    "setup/<str:slug>/test/": POST,
    "setup/notify/": page("/setup/notify/", shot="setup-notify"),
    "setup/notify/<int:channel_id>/test/": POST,
    "settings/account/": page("/settings/account/", shot="account"),
    "settings/two-factor/": page("/settings/two-factor/", shot="two-factor"),
    "settings/sessions/": page("/settings/sessions/", shot="sessions"),
    "settings/tokens/": page("/settings/tokens/", shot="tokens"),
    "settings/users/": page("/settings/users/", shot="users"),
    "settings/audit-log/": page("/settings/audit-log/", shot="audit-log"),
    "settings/account/name/": POST,
    "settings/account/email/": POST,
    "settings/account/password/": POST,
    "settings/two-factor/begin/": POST,
    "settings/two-factor/confirm/": POST,
    "settings/two-factor/cancel/": POST,
    "settings/two-factor/codes/": POST,
    "settings/two-factor/remove/": POST,
    "settings/two-factor/passkeys/begin/": POST,
    "settings/two-factor/passkeys/new/": aside(
        "asks only after the password; walked by the test of passkeys"
    ),
    "settings/two-factor/passkeys/<int:passkey_id>/": aside(
        "walked by the test of passkeys, which makes one"
    ),
    "settings/two-factor/passkeys/<int:passkey_id>/rename/": POST,
    "settings/two-factor/passkeys/<int:passkey_id>/remove/": POST,
    "settings/sessions/end/": POST,
    "settings/sessions/end-all/": POST,
    "settings/tokens/<int:token_id>/revoke/": POST,
    "settings/users/invite/": POST,
    "settings/users/invitations/<int:invitation_id>/revoke/": POST,
    "settings/users/<int:user_id>/role/": POST,
    "settings/users/<int:user_id>/active/": POST,
    "settings/users/<int:user_id>/two-factor/": POST,
    "settings/users/<int:user_id>/sign-out/": POST,
}


def routes() -> Iterator[str]:
    """Yield every route of the URLconf but those of the REST API, which is no page."""
    yield from (route for route in _routes(get_resolver(), "") if not route.startswith("api/"))


def _routes(resolver: URLResolver, before: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _routes(entry, route)
