"""The role table: every URL of the pages and every operation of the API, walked as everybody.

Who may: P public, then the first letters of owner, admin, member, viewer. A URL or operation without a row fails, and so does a
row for nothing. What is denied answers 403 (or sends nobody to sign in, 401 in the API); what is allowed answers anything else.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.app.api import api
from vedette.core.clock import SystemClock
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import memory_ports

OAMV, OAM, OA, P, NOBODY = "OAMV", "OAM", "OA", "P", ""

KEY_OF_A_RESET = "password/reset/key/…"  # a regular expression of allauth
PAGES = {
    "": OAMV,
    "-/ready": P,
    "metrics": P,  # loopback or a token; tests/e2e asks from elsewhere
    "robots.txt": P,
    "sw.js": P,
    "theme/": P,
    "reports/": OAMV,
    "vitals/": OAMV,
    "bans/": OAM,
    "bans/new/": OAM,
    "bans/remove/": OAM,
    "bans/allowed/": OAM,
    "bans/allowed/remove/": OAM,
    "bans/lists/": OAM,
    "bans/lists/new/": OA,
    "bans/lists/remove/": OA,
    "bans/rules/": OAM,
    "bans/rules/<str:name>/": OA,
    "bans/rules/<str:name>/replays/": OAM,
    "bans/<address:value>/": OAM,
    "findings/": OAM,
    "findings/act/": OAM,
    "findings/reopen/<str:ids>/": OAM,
    "findings/<int:number>/": OAM,
    "findings/<int:number>/note/": OAM,
    "findings/targets/": OAM,
    "findings/targets/new/": OA,
    "findings/targets/<int:number>/": OAM,
    "findings/targets/<int:number>/edit/": OA,
    "findings/targets/<int:number>/run/": OA,
    "findings/targets/<int:number>/remove/": OA,
    "findings/bills/<int:number>/": OAM,
    "findings/bills/<int:before>/<int:after>/": OAM,
    "findings/feeds/": OAM,
    "findings/feeds/update/": OA,
    "backups/": OAM,
    "backups/new/": OA,
    "backups/new/<int:host>/": OA,
    "backups/new/<int:host>/plan/": OA,
    "backups/restore/": OA,
    "backups/runs/": OAM,
    "backups/runs/<slug:key>/": OAM,
    "backups/runs/<slug:key>/report.html": OAM,
    "backups/runs/<slug:key>/report.pdf": OAM,
    "backups/<int:number>/": OAM,
    "backups/<int:number>/edit/": OA,
    "backups/<int:number>/act/": OAM,
    "backups/<int:number>/switch/<str:state>/": OA,
    "backups/<int:number>/remove/": OA,
    "backups/<int:number>/restore/": OA,
    "backups/<int:number>/looks/<slug:key>/": OAM,
    "backups/<int:number>/copies/<slug:name>/": OAM,
    "backups/<int:number>/copies/<slug:name>/look/": OAM,
    "backups/<int:number>/copies/<slug:name>/sheet/": OA,
    "backups/<int:number>/copies/<slug:name>/secrets/": OA,
    "backups/<int:number>/copies/<slug:name>/forget/": OA,
    "backups/<int:number>/copies/<slug:name>/rekey/": OA,
    "infrastructure/": OAM,
    "infrastructure/new/": OA,
    "infrastructure/drift/": OAM,
    "infrastructure/runs/": OAM,
    "infrastructure/runs/<slug:key>/": OAM,
    "infrastructure/attack/": OAM,
    "infrastructure/attack/ask/": OAM,
    "infrastructure/attack/<int:host>/on/": OAM,
    "infrastructure/attack/<int:host>/off/": OAM,
    "infrastructure/hosts/": OAM,
    "infrastructure/hosts/<int:host>/": OAM,
    "infrastructure/hosts/<int:host>/act/": OA,
    "infrastructure/<int:number>/": OAM,
    "infrastructure/<int:number>/start/": OA,
    "infrastructure/<int:number>/files/": OA,
    "infrastructure/<int:number>/token/": OA,
    "infrastructure/<int:number>/look/": OAM,
    "infrastructure/<int:number>/forget/": OA,
    "infrastructure/<int:number>/changes/": OAM,
    "infrastructure/<int:number>/act/": OA,
    "digests/": OAMV,
    "digests/mine/": OAMV,
    "digests/leave/<str:token>/": P,
    "digests/<int:digest_id>/": OAMV,
    "hosts/": OAM,
    "hosts/token/": OA,
    "hosts/tokens/<str:key>/revoke/": OA,
    "hosts/<int:key>/": OAM,
    "hosts/<int:key>/rotate/": OA,
    "hosts/<int:key>/revoke/": OA,
    "hosts/<int:key>/remove/": OA,
    "incidents/": OAMV,
    "incidents/new/": OAM,
    "incidents/rules/": OAMV,
    "incidents/rules/new/": OA,
    "incidents/rules/<int:number>/": OA,
    "incidents/rules/<int:number>/switch/": OA,
    "incidents/rules/<int:number>/delete/": OA,
    "incidents/<int:number>/": OAMV,
    "incidents/<int:number>/act/": OAM,
    "incidents/<int:number>/reopen/": OAM,
    "incidents/<int:number>/severity/": OAM,
    "incidents/<int:number>/rename/": OAM,
    "incidents/<int:number>/notes/": OAM,
    "incidents/<int:number>/entries/<int:line>/": OAM,
    "incidents/<int:number>/draft/": OAM,
    "incidents/<int:number>/responders/": OAM,
    "incidents/<int:number>/tasks/": OAM,
    "incidents/<int:number>/tasks/<int:task>/": OAM,
    "incidents/<int:number>/merge/": OAM,
    "incidents/<int:number>/split/": OAM,
    "incidents/<int:number>/links/": OAM,
    "incidents/actions/": OAMV,
    "incidents/metrics/": OAMV,
    "incidents/metrics.json": OAMV,
    "incidents/post-mortems/": OAMV,
    "incidents/post-mortems/settings/": OA,
    "incidents/runbooks/": OAMV,
    "incidents/runbooks/new/": OA,
    "incidents/runbooks/<slug:slug>/": OAMV,
    "incidents/runbooks/<slug:slug>/edit/": OA,
    "incidents/runbooks/<slug:slug>/delete/": OA,
    "incidents/<int:number>/actions/add/": OAM,
    "incidents/<int:number>/actions/<int:task>/finish/": OAM,
    "incidents/<int:number>/post-mortem/": OAMV,
    "incidents/<int:number>/post-mortem/edit/": OAM,
    "incidents/<int:number>/post-mortem/act/": OAM,
    "incidents/<int:number>/post-mortem.md": OAMV,
    "incidents/<int:number>/post-mortem.html": OAMV,
    "incidents/<int:number>/post-mortem.pdf": OAMV,
    "incidents/<int:number>/runbooks/attach/": OAM,
    "incidents/<int:number>/runbooks/<slug:slug>/detach/": OAM,
    "incidents/<int:number>/steps/<int:run_id>/tick/": OAM,
    "incidents/<int:number>/steps/<int:run_id>/untick/": OAM,
    "incidents/<int:number>/steps/<int:run_id>/run/": OAM,
    "status-pages/tell/<int:number>/": OAM,
    "status-pages/": OAMV,
    "status-pages/new/": OAM,
    "status-pages/<slug:slug>/": OAMV,
    "status-pages/<slug:slug>/edit/": OAM,
    "status-pages/<slug:slug>/delete/": OAM,
    "status-pages/<slug:slug>/preview/": OAMV,
    "status-pages/<slug:slug>/announce/": OAM,
    "status-pages/<slug:slug>/incidents/<int:number>/": OAM,
    "status-pages/<slug:slug>/incidents/<int:number>/delete/": OAM,
    "status-pages/<slug:slug>/subscribers/": OAM,
    "status-pages/<slug:slug>/subscribers/<int:number>/remove/": OAM,
    "find/": OAMV,
    "go/<str:key>/": OAMV,
    "sign-in/": P,
    "sign-in/passkey/begin/": P,
    "sign-in/passkey/": P,
    "sign-in/oidc/": P,
    "sign-in/oidc/back/": P,
    "sign-in/code/": P,
    "sign-in/inactive/": P,
    "sign-out/": P,
    "password/reset/": P,
    "password/reset/sent/": P,
    KEY_OF_A_RESET: P,
    "password/reset/done/": P,
    "invitation/<str:secret>/": P,
    "setup/<str:token>/": P,
    "setup/two-factor/": OAMV,
    "setup/two-factor/qr.svg": OAMV,
    "setup/project/": OA,
    "setup/notify/": OA,
    "setup/notify/<int:channel_id>/test/": OA,
    "setup/<str:slug>/snippet/": OAM,
    "setup/<str:slug>/test/": OAM,
    "settings/": OAMV,
    "settings/about/": OAMV,
    "settings/privacy/": OA,
    "settings/privacy/ask/": OA,
    "settings/privacy/<str:erasure_id>/": OA,
    "settings/privacy/<str:erasure_id>/erase/": OA,
    "settings/privacy/receipts/<str:receipt_id>/": OA,
    "settings/privacy/receipts/<str:receipt_id>.json": OA,
    "settings/account/": OAMV,
    "settings/account/name/": OAMV,
    "settings/account/email/": OAMV,
    "settings/account/password/": OAMV,
    "settings/two-factor/": OAMV,
    "settings/two-factor/begin/": OAMV,
    "settings/two-factor/confirm/": OAMV,
    "settings/two-factor/cancel/": OAMV,
    "settings/two-factor/codes/": OAMV,
    "settings/two-factor/remove/": OAMV,
    "settings/two-factor/passkeys/begin/": OAMV,
    "settings/two-factor/passkeys/new/": OAMV,
    "settings/two-factor/passkeys/<int:passkey_id>/": OAMV,
    "settings/two-factor/passkeys/<int:passkey_id>/rename/": OAMV,
    "settings/two-factor/passkeys/<int:passkey_id>/remove/": OAMV,
    "settings/sessions/": OAMV,
    "settings/sessions/end/": OAMV,
    "settings/sessions/end-all/": OAMV,
    "settings/tokens/": OAMV,
    "settings/tokens/<int:token_id>/revoke/": OAMV,
    "settings/users/": OAMV,
    "settings/users/invite/": OA,
    "settings/users/invitations/<int:invitation_id>/revoke/": OA,
    "settings/users/<int:user_id>/role/": OA,
    "settings/users/<int:user_id>/active/": OA,
    "settings/users/<int:user_id>/two-factor/": OA,
    "settings/users/<int:user_id>/sign-out/": OA,
    "settings/audit-log/": OA,
    "settings/projects/": OAMV,
    "settings/projects/new/": OA,
    "settings/projects/<slug:slug>/": OAMV,
    "settings/projects/<slug:slug>/edit/": OA,
    "settings/projects/<slug:slug>/owners/": OAMV,
    "settings/projects/<slug:slug>/owners/edit/": OA,
    "settings/projects/<slug:slug>/scrubbing/": OA,
    "settings/projects/<slug:slug>/delete/": OA,
    "settings/projects/<slug:slug>/keys/new/": OA,
    "settings/projects/<slug:slug>/keys/<int:key_id>/": OA,
    "settings/projects/<slug:slug>/keys/<int:key_id>/revoke/": OA,
    "settings/projects/<slug:slug>/keys/<int:key_id>/rotate/": OA,
    "settings/projects/<slug:slug>/deploys/": OAMV,
    "settings/projects/<slug:slug>/deploys/secret/": OA,
    "settings/projects/<slug:slug>/deploys/drop/": OA,
    "hooks/deploys/<slug:slug>/": P,
    "deploys/": OAMV,
    "deploys/<path:version>/": OAMV,
    "settings/retention/": OAMV,
    "settings/retention/edit/": OA,
    "settings/rules/": OAMV,
    "settings/rules/new/": OA,
    "settings/rules/<int:rule_id>/": OA,
    "settings/rules/<int:rule_id>/switch/": OA,
    "settings/rules/<int:rule_id>/delete/": OA,
    "settings/notifications/": OAMV,
    "settings/notifications/templates/": OA,
    "settings/notifications/templates/<slug:kind>/": OA,
    "settings/notifications/new/<slug:kind>/": OA,
    "settings/notifications/<int:channel_id>/": OA,
    "settings/notifications/<int:channel_id>/test/": OA,
    "settings/notifications/<int:channel_id>/delete/": OA,
    "settings/my-notifications/": OAMV,
    "settings/my-notifications/rules/": OAMV,
    "settings/my-notifications/proof/": OAMV,
    "settings/my-notifications/proof/start/": OAMV,
    "settings/my-notifications/proof/acknowledge/": OAMV,
    "settings/my-notifications/new/<slug:kind>/": OAMV,
    "settings/my-notifications/<int:channel_id>/": OAMV,
    "settings/my-notifications/<int:channel_id>/test/": OAMV,
    "settings/my-notifications/<int:channel_id>/delete/": OAMV,
    "issues/<str:short_id>/follow/": OAMV,
    "issues/": OAMV,
    "issues.json": OAMV,
    "issues/bulk/": OAM,
    "issues/all/": OAM,
    "issues/all/act/": OAM,
    "issues/searches/": OAMV,
    "issues/searches/<int:search_id>/": OAMV,
    "issues/searches/<int:search_id>/star/": OAMV,
    "issues/searches/<int:search_id>/delete/": OAMV,
    "issues/undo/<str:token>/": OAM,
    "issues/<str:short_id>/": OAMV,
    "issues/<str:short_id>/act/": OAM,
    "issues/<str:short_id>/comment/": OAM,
    "issues/<str:short_id>.md": OAMV,
    "issues/<str:short_id>/merge/": OAM,
    "issues/<str:short_id>/split/": OAM,
    "issues/<str:short_id>/groups/": OAMV,
    "issues/<str:short_id>/events/": OAMV,
    "issues/<str:short_id>/events.json": OAMV,
    "issues/<str:short_id>/events/<str:event_id>/": OAMV,
    "issues/<str:short_id>/events/<str:event_id>.md": OAMV,
    "issues/<str:short_id>/events/<str:event_id>/json/": OAMV,
    "issues/<str:short_id>/events/<str:event_id>/attachments/<int:attachment_id>/": OAMV,
    "t/<str:token>/": P,  # a wrong token is a 403
    "a/<str:token>/": P,  # a wrong token is a 403
    "monitors/": OAMV,
    "monitors/new/": OAM,
    "monitors/times/": OAM,
    "monitors/trials/<str:trial_id>/": OAM,
    "monitors/trials/<str:trial_id>/picture/": OAM,
    "monitors/maintenance/": OAMV,
    "monitors/maintenance/new/": OAM,
    "monitors/maintenance/<str:key>/remove/": OAM,
    "monitors/locations/": OAMV,
    "monitors/locations/new/": OA,
    "monitors/locations/<str:slug>/token/": OA,
    "monitors/locations/<str:slug>/remove/": OA,
    "monitors/<str:key>/": OAMV,
    "monitors/<str:key>/edit/": OAM,
    "monitors/<str:key>/check/": OAM,
    "monitors/<str:key>/picture/": OAMV,
    "monitors/<str:key>/pause/": OAM,
    "monitors/<str:key>/delete/": OAM,
    "monitors/<str:key>/maintenance/": OAM,
    "alerts/": OAMV,
    "alerts/<int:alert_id>/": OAMV,
    "alerts/<int:alert_id>/acknowledge/": OAM,
    "alerts/<int:alert_id>/unacknowledge/": OAM,
    "alerts/groups/<int:group_id>/acknowledge/": OAM,
    "alerts/groups/<int:group_id>/unacknowledge/<str:at>/": OAM,
    "alerts/inhibitions/new/": OA,
    "alerts/inhibitions/count/": OAMV,
    "alerts/inhibitions/<int:place>/": OA,
    "alerts/inhibitions/<int:place>/delete/": OA,
    "alerts/hooks/": OAMV,
    "alerts/hooks/new/": OA,
    "alerts/hooks/<slug:name>/": OA,
    "alerts/hooks/<slug:name>/secret/": OA,
    "alerts/hooks/<slug:name>/delete/": OA,
    "alerts/rules/": OAMV,
    "api/hooks/slack/<int:channel_id>": P,  # signed by Slack, else a 403
    "api/hooks/telegram/<int:bot>": P,  # with the bot's secret, else a 403
    "api/v2/alerts": OAMV,  # pushing them is the front door's, by key or token
    "api/v2/alerts/groups": OAMV,
    "api/v2/receivers": OAMV,
    "api/v2/status": OAMV,
    "api/v2/silences": OAMV,  # reading; writing is walked below
    "api/v2/silence/<str:silence_id>": OAMV,
    "alerts/routes/": OAMV,
    "alerts/routes/new/": OA,
    "alerts/routes/<str:place>/": OA,
    "alerts/routes/<str:place>/move/": OA,
    "alerts/routes/<str:place>/delete/": OA,
    "alerts/receivers/new/": OA,
    "alerts/receivers/<int:place>/": OA,
    "alerts/receivers/<int:place>/delete/": OA,
    "alerts/patterns/": OAMV,
    "alerts/silences/": OAMV,
    "alerts/silences/new/": OAM,
    "alerts/silences/count/": OAMV,
    "alerts/silences/<str:silence_id>/": OAM,
    "alerts/silences/<str:silence_id>/end/": OAM,
    "on-call/": OAMV,
    "on-call/schedules/new/": OA,
    "on-call/schedules/<int:schedule_id>/": OAMV,
    "on-call/schedules/<int:schedule_id>/edit/": OA,
    "on-call/schedules/<int:schedule_id>/delete/": OA,
    "on-call/schedules/<int:schedule_id>/cover/": OAM,
    "on-call/schedules/<int:schedule_id>/swap/": OAM,
    "on-call/covers/<int:cover_id>/accept/": OAM,
    "on-call/covers/<int:cover_id>/drop/": OAM,
    "on-call/calendars/": OAMV,
    "on-call/calendars/new/": OA,
    "on-call/calendars/<int:calendar_id>/remove/": OA,
    "on-call/policies/": OAMV,
    "on-call/policies/new/": OA,
    "on-call/policies/<int:policy_id>/": OA,
    "on-call/policies/<int:policy_id>/delete/": OA,
    "on-call/escalations/": OAMV,
    "on-call/escalations/<int:escalation_id>/": OAMV,
    "alerts/escalations/<int:escalation_id>/take/": OAM,
    "on-call/feeds/": OAMV,
    "on-call/feeds/<int:feed_id>/drop/": OAMV,
    "on-call/feeds/<str:secret>.ics": P,  # a wrong secret is a 404
    "api/v1/openapi.json": P,
    "api/v1/": P,
}
OPERATIONS: dict[str, tuple[str, Any]] = {
    "GET /projects": (OAMV, None),
    "POST /projects": (OA, {"name": "shop", "platform": "python"}),
    "GET /projects/{slug}": (OAMV, None),
    "PATCH /projects/{slug}": (OA, {"name": "shop"}),
    "DELETE /projects/{slug}?confirm=x": (OA, None),
    "GET /projects/{slug}/keys": (OAM, None),
    "POST /projects/{slug}/keys": (OA, {"label": "web"}),
    "PUT /projects/{slug}/keys/{key_id}": (OA, {"label": "web"}),
    "DELETE /projects/{slug}/keys/{key_id}": (OA, None),
    "POST /projects/{slug}/keys/{key_id}/rotate": (OA, None),
    "GET /projects/{slug}/scrubbing": (OAMV, None),
    "PUT /projects/{slug}/scrubbing": (OA, {}),
    "GET /projects/{slug}/usage": (OAMV, None),
    "GET /projects/{slug}/reports": (OAMV, None),
    "GET /projects/{slug}/csp-proposal": (OAMV, None),
    "GET /projects/{slug}/vitals": (OAMV, None),
    "GET /projects/{slug}/deploys": (OAMV, None),
    "POST /projects/{slug}/deploys": (OAM, {"version": "1.0"}),
    "GET /monitors": (OAMV, None),
    "POST /monitors": (OAM, {"name": "job", "config": {}}),
    "POST /scans": (OAM, None),
    "GET /scans/targets": (OAM, None),
    "POST /scans/targets": (OA, {"scanner": "site", "target": "https://shop.example"}),
    "DELETE /scans/targets/{target}": (OA, None),
    "GET /scans/targets/{target}": (OAM, None),
    "POST /scans/targets/{target}/run": (OA, None),
    "GET /scans/targets/{target}/scans": (OAM, None),
    "GET /scans/targets/{target}/bills": (OAM, None),
    "GET /scans/bills/{bill}": (OAM, None),
    "GET /infrastructure/projects": (OAM, None),
    "POST /infrastructure/projects": (OA, {"name": "shop", "token": "x"}),
    "GET /infrastructure/projects/{key}": (OAM, None),
    "DELETE /infrastructure/projects/{key}": (OA, None),
    "PUT /infrastructure/projects/{key}/token": (OA, {"token": "x"}),
    "GET /infrastructure/projects/{key}/files": (OA, None),
    "PUT /infrastructure/projects/{key}/files": (OA, {"files": {}}),
    "GET /infrastructure/projects/{key}/proposal": (OA, None),
    "POST /infrastructure/projects/{key}/look": (OAM, None),
    "GET /infrastructure/projects/{key}/things": (OAM, None),
    "GET /infrastructure/projects/{key}/picture": (OAM, None),
    "GET /infrastructure/projects/{key}/drifts": (OAM, None),
    "GET /infrastructure/projects/{key}/drifts/past": (OAM, None),
    "POST /infrastructure/projects/{key}/plan": (OAM, {"act": "apply"}),
    "POST /infrastructure/projects/{key}/adoption": (OA, {"act": "adopt"}),
    "POST /infrastructure/projects/{key}/runs": (OA, {"act": "plan"}),
    "GET /infrastructure/projects/{key}/runs": (OAM, None),
    "GET /infrastructure/runs": (OAM, None),
    "GET /infrastructure/runs/{run}": (OAM, None),
    "GET /infrastructure/hosts": (OAM, None),
    "GET /infrastructure/hosts/{host}": (OAM, None),
    "POST /infrastructure/hosts/{host}/runs": (OA, {"act": "revert"}),
    "GET /backups/plans": (OAM, None),
    "POST /backups/plans": (OA, {"host": "web1", "plan": {}}),
    "GET /backups/plans/{plan}": (OAM, None),
    "PUT /backups/plans/{plan}": (OA, {"plan": {}}),
    "DELETE /backups/plans/{plan}": (OA, None),
    "PUT /backups/plans/{plan}/secrets": (OA, {"copy_name": "box", "name": "password", "value": "x"}),
    "POST /backups/plans/{plan}/run": (OAM, {}),
    "POST /backups/plans/{plan}/drill": (OAM, {}),
    "POST /backups/plans/{plan}/unlock": (OAM, {}),
    "POST /backups/plans/{plan}/list": (OAM, {}),
    "POST /backups/plans/{plan}/restore": (OA, {"into": "/srv/back"}),
    "POST /backups/plans/{plan}/key": (OA, {}),
    "GET /backups/plans/{plan}/orders": (OAM, None),
    "GET /backups/plans/{plan}/snapshots": (OAM, None),
    "GET /backups/orders/{order}": (OAM, None),
    "GET /backups/orders/{order}/entries": (OAM, None),
    "GET /backups/offers/{host}": (OAM, None),
    "GET /backups/left": (OAM, None),
    "GET /backups/file": (OAM, None),
    "DELETE /backups/left/{plan}/{copy_name}": (OA, None),
    "GET /backups/runs": (OAM, None),
    "GET /backups/runs/{run}": (OAM, None),
    "GET /hosts": (OAM, None),
    "GET /host-tokens": (OA, None),
    "POST /host-tokens": (OA, None),
    "DELETE /host-tokens/{token}": (OA, None),
    "GET /hosts/{host}": (OAM, None),
    "PUT /hosts/{host}/modes": (OA, {"modes": {}}),
    "POST /hosts/{host}/rotate": (OA, None),
    "POST /hosts/{host}/revoke": (OA, None),
    "DELETE /hosts/{host}": (OA, None),
    "GET /hosts/{host}/forecasts": (OAM, None),
    "GET /hosts/{host}/events": (OAM, None),
    "GET /hosts/{host}/measures": (OAM, None),
    "GET /findings": (OAM, None),
    "GET /findings/{finding}": (OAM, None),
    "POST /findings/accept": (OAM, {"ids": [1], "reason": "x", "until": "2027-01-01T00:00:00Z"}),
    "POST /findings/false": (OAM, {"ids": [1], "reason": "x"}),
    "POST /findings/reopen": (OAM, {"ids": [1]}),
    "POST /findings/assign": (OAM, {"ids": [1]}),
    "GET /bans": (OAM, None),
    "POST /bans": (OAM, {"value": "192.0.2.7"}),
    "DELETE /bans?value=192.0.2.7": (OAM, None),
    "GET /allowlist": (OAM, None),
    "POST /allowlist": (OAM, {"value": "192.0.2.7"}),
    "DELETE /allowlist?value=192.0.2.8": (OAM, None),
    "GET /blocklists": (OAM, None),
    "POST /blocklists": (OA, {"name": "drop", "source": "https://lists.example/drop.txt"}),
    "DELETE /blocklists/{name}": (OA, None),
    "GET /detections": (OAM, None),
    "GET /rule-sets": (OAM, None),
    "PUT /rule-sets/{name}": (OA, {"mode": "simulate"}),
    # An agent's alone, by its key, which is nobody's: tests/unit/hosts
    "POST /agent/enroll": (NOBODY, {"token": "0" * 32, "name": "a", "key": "", "proof": ""}),
    "POST /agent/key": (NOBODY, {"key": "", "proof": ""}),
    "POST /agent/reports": (NOBODY, {"origin": "0" * 32, "first": 1, "sent_at": 0, "reports": [{}]}),
    "GET /agent/orders": (NOBODY, None),
    "GET /locations": (OAMV, None),
    "POST /locations": (OA, {"name": "Frankfurt"}),
    "POST /locations/{location}/token": (OA, None),
    "DELETE /locations/{location}": (OA, None),
    "GET /probe/orders": (
        NOBODY,
        None,
    ),  # a location's alone, by a token that is nobody's: tests/unit/app/test_location_door.py
    "POST /probe/results": (NOBODY, {"origin": "0" * 32, "first": 1, "sent_at": 0, "results": []}),
    "GET /monitors/{monitor}": (OAMV, None),
    "PUT /monitors/{monitor}": (OAM, {"name": "job", "config": {}}),
    "DELETE /monitors/{monitor}": (OAM, None),
    "PUT /monitors/{monitor}/pause": (OAM, None),
    "DELETE /monitors/{monitor}/pause": (OAM, None),
    "POST /monitors/{monitor}/check": (OAM, None),
    "GET /monitors/{monitor}/pings": (OAMV, None),
    "GET /monitors/{monitor}/uptime": (OAMV, None),
    "GET /incidents": (OAMV, None),
    "POST /incidents": (OAM, {"title": "x"}),
    "GET /incidents/{incident}": (OAMV, None),
    "POST /incidents/{incident}/acts": (OAM, {"act": "acknowledge"}),
    "PUT /incidents/{incident}/severity": (OAM, {"severity": 1}),
    "POST /incidents/{incident}/merge": (OAM, {"into": 999}),
    "GET /incidents/{incident}/entries": (OAMV, None),
    "POST /incidents/{incident}/notes": (OAM, {"text": "x"}),
    "GET /incidents/{incident}/tasks": (OAMV, None),
    "POST /incidents/{incident}/tasks": (OAM, {"text": "x"}),
    "PATCH /incidents/{incident}/tasks/{task}": (OAM, {"done": True}),
    "GET /incident-metrics": (OAMV, None),
    "GET /incidents/{incident}/post-mortem": (OAMV, None),
    "POST /incidents/{incident}/post-mortem": (OAM, None),
    "PUT /incidents/{incident}/post-mortem": (OAM, {"text": "x", "version": 1}),
    "POST /incidents/{incident}/post-mortem/publish": (OAM, None),
    "POST /incidents/{incident}/post-mortem/review": (OAM, None),
    "GET /incidents/{incident}/steps": (OAMV, None),
    "PUT /incidents/{incident}/runbooks/{runbook}": (OAM, None),
    "DELETE /incidents/{incident}/runbooks/{runbook}": (OAM, None),
    "PUT /incidents/{incident}/steps/{step}/tick": (OAM, None),
    "DELETE /incidents/{incident}/steps/{step}/tick": (OAM, None),
    "POST /incidents/{incident}/steps/{step}/run": (OAM, {"sure": False}),
    "GET /runbooks": (OAMV, None),
    "POST /runbooks": (OA, {"slug": "x", "name": "x", "text": "x"}),
    "GET /runbooks/{runbook}": (OAMV, None),
    "PUT /runbooks/{runbook}": (OA, {"slug": "x", "name": "x", "text": "x"}),
    "DELETE /runbooks/{runbook}": (OA, None),
    "GET /status-pages": (OAMV, None),
    "GET /status-pages/{page}": (OAMV, None),
    "PUT /status-pages/{page}": (OAM, {"title": "x"}),
    "DELETE /status-pages/{page}": (OAM, None),
    "GET /status-pages/{page}/incidents": (OAMV, None),
    "POST /status-pages/{page}/incidents": (OAM, {"title": "x", "text": "x"}),
    "POST /status-pages/{page}/incidents/{incident_id}/updates": (OAM, {"title": "x", "text": "x"}),
    "GET /users": (OAMV, None),
    "GET /users/{user_id}": (OAMV, None),
    "PATCH /users/{user_id}": (OA, {}),
    "GET /tokens": (OAMV, None),
    "POST /tokens": (OAMV, {"name": "ci", "scopes": ["read"]}),
    "DELETE /tokens/{token_id}": (OAMV, None),
    "GET /audit": (OA, None),
    "POST /privacy/erasures": (OA, None),
    "GET /privacy/erasures": (OA, None),
    "GET /privacy/erasures/{erasure}": (OA, None),
    "GET /privacy/receipts": (OA, None),
    "GET /privacy/receipts/{receipt}": (OA, None),
    "GET /rules": (OAMV, None),
    "POST /rules": (OA, {"name": "r", "kind": "new_issue"}),
    "POST /rules/preview": (OA, {"name": "r", "kind": "new_issue"}),
    "GET /rules/{rule_id}": (OAMV, None),
    "PATCH /rules/{rule_id}": (OA, {}),
    "DELETE /rules/{rule_id}": (OA, None),
    "GET /series": (OAMV, None),
    "GET /series/{name}": (OAMV, None),
    "GET /alerts": (OAMV, None),
    "GET /alert-hooks": (OAMV, None),
    "POST /alert-hooks": (OA, {"name": "shop", "mapping": {"labels": {"alertname": "x"}}}),
    "POST /alert-hooks/trial": (OA, {"mapping": {"labels": {"alertname": "x"}}, "body": "{}"}),
    "GET /alert-hooks/{name}": (OAMV, None),
    "PUT /alert-hooks/{name}": (OA, {"name": "shop", "mapping": {"labels": {"alertname": "x"}}}),
    "DELETE /alert-hooks/{name}": (OA, None),
    "POST /alert-hooks/{name}/secret": (OA, None),
    "GET /alerts/{alert_id}/why": (OAMV, None),
    "PUT /alerts/{alert_id}/acknowledgement": (OAM, None),
    "DELETE /alerts/{alert_id}/acknowledgement": (OAM, None),
    "GET /silences": (OAMV, None),
    "POST /silences": (OAM, {"matchers": "team=db", "ends": "2099-01-01T00:00:00Z"}),
    "GET /silences/{silence_id}": (OAMV, None),
    "PUT /silences/{silence_id}": (OAM, {"matchers": "team=db", "ends": "2099-01-01T00:00:00Z"}),
    "DELETE /silences/{silence_id}": (OAM, None),
    "GET /channels": (OAMV, None),
    "POST /channels": (OA, {"kind": "webhook", "name": "hook", "config": {}}),
    "GET /channels/{channel_id}": (OAMV, None),
    "PATCH /channels/{channel_id}": (OA, {}),
    "DELETE /channels/{channel_id}": (OA, None),
    "POST /channels/{channel_id}/test": (OA, None),
    "GET /templates": (OAMV, None),
    "PUT /templates/{kind}": (OA, {}),
    "DELETE /templates/{kind}": (OA, None),
    "POST /templates/{kind}/preview": (OA, {}),
    "GET /deliveries": (OAMV, None),
    "GET /me/notifications": (OAMV, None),
    "PUT /me/notifications": (OAMV, {}),
    "GET /me/proof": (OAMV, None),
    "POST /me/proof": (OAMV, {}),
    "POST /me/proof/acknowledge": (OAMV, {}),
    "GET /me/channels": (OAMV, None),
    "POST /me/channels": (OAMV, {"kind": "webhook", "name": "mine", "config": {}}),
    "PATCH /me/channels/{channel_id}": (OAMV, {}),
    "DELETE /me/channels/{channel_id}": (OAMV, None),
    "POST /me/channels/{channel_id}/test": (OAMV, None),
    "GET /me/deliveries": (OAMV, None),
    "GET /me/followed": (OAMV, None),
    "PUT /me/followed/{key}": (OAMV, None),
    "DELETE /me/followed/{key}": (OAMV, None),
    "GET /digests": (OAMV, None),
    "GET /digests/{digest_id}": (OAMV, None),
    "GET /issues": (OAMV, None),
    "POST /issues/bulk": (OAM, {"ids": ["NOTHING-1"], "status": "resolved"}),
    "POST /issues/undo": (OAM, {"token": "x"}),
    "GET /issues/{key}": (OAMV, None),
    "PATCH /issues/{key}": (OAM, {"status": "resolved"}),
    "GET /jobs": (OAMV, None),
    "GET /jobs/{job}": (OAMV, None),
    "POST /issues/merge": (OAM, {"ids": ["NOTHING-1", "NOTHING-2"]}),
    "GET /issues/{key}/groups": (OAMV, None),
    "GET /issues/{key}/similar": (OAMV, None),
    "POST /issues/{key}/split": (OAM, {"groups": ["NOTHING-2"]}),
    "GET /issues/{key}/tags": (OAMV, None),
    "GET /issues/{key}/history": (OAMV, None),
    "POST /issues/{key}/comments": (OAM, {"text": "x"}),
    "GET /issues/{key}/events": (OAMV, None),
    "GET /issues/{key}/events/{event}": (OAMV, None),
    "GET /issues/{key}/events/{event}/json": (OAMV, None),
    "GET /projects/{slug}/owners": (OAMV, None),
    "PUT /projects/{slug}/owners": (OA, {"source": ""}),
    "POST /projects/{slug}/owners/preview": (OA, {"source": ""}),
    "GET /searches": (OAMV, None),
    "POST /searches": (OAMV, {"name": "mine"}),
    "PUT /searches/{search_id}": (OAMV, {"name": "mine"}),
    "DELETE /searches/{search_id}": (OAMV, None),
    "PUT /searches/{search_id}/star": (OAMV, None),
    "DELETE /searches/{search_id}/star": (OAMV, None),
    "GET /events/{event}": (OAMV, None),
    "GET /events/{event}/json": (OAMV, None),
    "GET /events/{event}/attachments": (OAMV, None),
    "GET /events/{event}/attachments/{attachment}": (OAMV, None),
    "GET /events/{event}/feedback": (OAMV, None),
    "GET /on-call": (OAMV, None),
    "GET /escalation-policies": (OAMV, None),
    "POST /escalation-policies": (OA, {"name": "Night", "steps": []}),
    "GET /escalation-policies/{policy_id}": (OAMV, None),
    "PUT /escalation-policies/{policy_id}": (OA, {"name": "Night", "steps": []}),
    "DELETE /escalation-policies/{policy_id}": (OA, None),
    "GET /escalations": (OAMV, None),
    "GET /escalations/{escalation_id}": (OAMV, None),
    "PUT /escalations/{escalation_id}/acknowledgement": (OAM, None),
    "GET /pages": (OAMV, None),
    "GET /schedules": (OAMV, None),
    "POST /schedules": (OA, {"name": "web", "layers": [{"name": "a", "people": [["nobody@example.org"]]}]}),
    "GET /schedules/{schedule_id}": (OAMV, None),
    "PUT /schedules/{schedule_id}": (
        OA,
        {"name": "web", "layers": [{"name": "a", "people": [["nobody@example.org"]]}]},
    ),
    "DELETE /schedules/{schedule_id}": (OA, None),
    "GET /schedules/{schedule_id}/shifts": (OAMV, None),
    "GET /schedules/{schedule_id}/covers": (OAMV, None),
    "POST /schedules/{schedule_id}/covers": (
        OAM,
        {"user": "owner@example.org", "starts_at": "2026-11-28T18:00:00Z", "ends_at": "2026-11-29T18:00:00Z"},
    ),
    "DELETE /covers/{cover_id}": (OAM, None),
    "POST /schedules/{schedule_id}/swaps": (
        OAM,
        {
            "other": "owner@example.org",
            "mine": {"starts_at": "2026-11-28T18:00:00Z", "ends_at": "2026-11-29T18:00:00Z"},
            "theirs": {"starts_at": "2026-12-05T18:00:00Z", "ends_at": "2026-12-06T18:00:00Z"},
        },
    ),
    "POST /covers/{cover_id}/accept": (OAM, None),
}
SAMPLES = {"int": "999", "slug": "nothing", "str": "NOTHING-1", "path": "x", "address": "192.0.2.7"}
WRITES = {"PATCH", "POST", "PUT", "DELETE"}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        route = KEY_OF_A_RESET if route.startswith("^password/reset/key/") else route
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def operations() -> set[str]:
    paths = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    }


def sample(route: str) -> str:
    filled = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLES[m[1] or "str"], route)
    return re.sub(r"\{(\w+)\}", lambda m: "999" if is_number(m[1]) else "nothing-1", filled)


def is_number(parameter: str) -> bool:
    """Tell whether a parameter of the API is filled with a number."""
    return parameter.endswith("_id") or parameter in {"finding", "target", "bill", "plan"}


@pytest.fixture
def people(db: None) -> Iterator[dict[str, Any]]:
    """Return a user of each role by its first letter."""
    from vedette.accounts.models import User

    now = SystemClock().now()
    before = installed._Installed.ports
    installed.install(memory_ports(SystemClock()))
    made = {
        role.value[0].upper(): accounts.create_user(
            SYSTEM, role.value, f"{role}@example.org", "kJ8#vQ2!mZ5x", role, now
        )
        for role in Role
    }
    yield {letter: User.objects.get(id=who.id) for letter, who in made.items()}
    installed._Installed.ports = before


def client_of(people: dict[str, Any], letter: str) -> Client:
    client = Client(raise_request_exception=False)
    if letter != P:
        client.force_login(people[letter])
    return client


def held(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


@contextlib.contextmanager
def undone(client: Client, cookies: dict[str, str]) -> Iterator[None]:
    """Ask with these cookies, and take back what it did: signing in anew costs more than most requests."""
    client.cookies.clear()
    client.cookies.load(cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def denied(answer: Any) -> bool:
    return answer.status_code in {401, 403} or (
        answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    )


def test_every_url_has_a_row() -> None:
    walked = {route for route in routes(get_resolver()) if not route.startswith("api/v1/") or route in PAGES}
    assert walked == set(PAGES)


def test_every_operation_has_a_row() -> None:
    assert operations() == {operation.partition("?")[0] for operation in OPERATIONS}


def test_pages_as_everybody(people: dict[str, Any]) -> None:
    wrong = []
    everybody = [
        (letter, client, held(client)) for letter in (*"OAMV", P) for client in [client_of(people, letter)]
    ]
    for route, who in PAGES.items():
        for method in ("get", "post"):
            for letter, client, cookies in everybody:
                with undone(client, cookies):  # some acts end the session
                    answer = getattr(client, method)("/" + sample(route))
                if answer.status_code == 405:
                    break  # it is not taken from the owner, so it is not taken: a third of all that could be asked
                assert answer.status_code < 500 or route == "-/ready", (
                    method,
                    route,
                    answer.content[-500:],
                )
                if who != P and denied(answer) is (letter in who):
                    wrong.append((letter, method, route, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("letter", [P, *"OAMV"])
def test_operations_as(people: dict[str, Any], letter: str) -> None:
    wrong = []
    client = client_of(people, letter)
    cookies = held(client)
    for operation, (who, body) in OPERATIONS.items():
        method, path = operation.split(" ")
        with undone(client, cookies):
            answer = ask(client, method, path, body)
        assert answer.status_code < 500, (operation, answer.content[-500:])
        if denied(answer) is (letter in who):
            wrong.append((operation, answer.status_code))
    assert not wrong


def ask(client: Client, method: str, path: str, body: Any, **headers: str) -> Any:
    payload = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, "/api/v1" + sample(path), payload, "application/json", **headers)  # type: ignore[arg-type]


def test_the_role_is_asked_before_the_body(people: dict[str, Any]) -> None:
    from vedette.accounts.permissions import Actor, ActorKind

    viewer = Actor(ActorKind.USER, people["V"].id, "viewer", Role.VIEWER)
    secret, _ = accounts.create_token(viewer, "ci", frozenset({Scope.WRITE}), SystemClock().now())
    told = {}
    for operation, (who, body) in OPERATIONS.items():
        method, path = operation.split(" ")
        if body is not None and "V" not in who:
            client = Client(raise_request_exception=False)
            answer = ask(client, method, path, ["broken"], HTTP_AUTHORIZATION=f"Bearer {secret}")
            told[operation] = answer.status_code
    assert len(told) > 5
    assert set(told.values()) == {403}, told
    assert ask(client_of(people, "O"), "POST", "/rules", ["broken"]).status_code == 422
    assert ask(client_of(people, P), "POST", "/rules", ["broken"]).status_code == 401


OF_NOBODY = {operation for operation, (who, _) in OPERATIONS.items() if who == NOBODY}
READ_ONLY_SCOPE = {
    operation
    for operation in OPERATIONS
    if operation.startswith("GET ") and not operation.startswith("GET /me/")
} - {"GET /tokens", "GET /host-tokens", *OF_NOBODY}
READ_ONLY_SCOPE -= {  # passwords may stand in what a first boot is told
    "GET /infrastructure/projects/{key}/files",
    "GET /infrastructure/projects/{key}/proposal",
}
PRIVACY = {operation for operation in OPERATIONS if " /privacy/" in operation}
READ_ONLY_SCOPE -= PRIVACY
WRITE_SCOPE_LACKS = PRIVACY | {
    "POST /infrastructure/projects",
    "DELETE /infrastructure/projects/{key}",
    "PUT /infrastructure/projects/{key}/token",
    "GET /infrastructure/projects/{key}/files",
    "PUT /infrastructure/projects/{key}/files",
    "GET /infrastructure/projects/{key}/proposal",
    "POST /infrastructure/projects/{key}/adoption",
    "POST /infrastructure/projects/{key}/runs",
    "POST /infrastructure/hosts/{host}/runs",
    "POST /backups/plans",
    "PUT /backups/plans/{plan}",
    "DELETE /backups/plans/{plan}",
    "DELETE /backups/left/{plan}/{copy_name}",
    "PUT /backups/plans/{plan}/secrets",
    "POST /backups/plans/{plan}/restore",
    "POST /backups/plans/{plan}/key",
    "GET /host-tokens",
    "POST /host-tokens",
    "DELETE /host-tokens/{token}",
    "PUT /hosts/{host}/modes",
    "POST /hosts/{host}/rotate",
    "POST /hosts/{host}/revoke",
    "DELETE /hosts/{host}",
    "POST /blocklists",
    "DELETE /blocklists/{name}",
    "PUT /rule-sets/{name}",
    "POST /runbooks",
    "PUT /runbooks/{runbook}",
    "DELETE /runbooks/{runbook}",
    "POST /locations",
    "POST /locations/{location}/token",
    "DELETE /locations/{location}",
    "PATCH /users/{user_id}",
    "GET /tokens",
    "POST /tokens",
    "DELETE /tokens/{token_id}",
}


@pytest.mark.parametrize("scope", Scope)
def test_operations_with_an_owners_token(people: dict[str, Any], scope: Scope) -> None:
    from vedette.accounts.permissions import Actor, ActorKind

    owner = Actor(ActorKind.USER, people["O"].id, "owner", Role.OWNER)
    secret, _ = accounts.create_token(owner, "ci", frozenset({scope}), SystemClock().now())
    allowed = {
        Scope.READ: READ_ONLY_SCOPE,
        Scope.WRITE: set(OPERATIONS) - WRITE_SCOPE_LACKS - OF_NOBODY,
        Scope.ADMIN: set(OPERATIONS) - OF_NOBODY,
    }[scope]
    wrong = []
    for operation, (_, body) in OPERATIONS.items():
        method, path = operation.split(" ")
        sent = body | {"scopes": [scope]} if operation == "POST /tokens" else body
        client = Client(raise_request_exception=False)
        answer = ask(client, method, path, sent, HTTP_AUTHORIZATION=f"Bearer {secret}")
        if denied(answer) is (operation in allowed):
            wrong.append((operation, answer.status_code))
    assert not wrong
