"""What of core.db moves to another installation, in an order in which every row comes after those it names.

A table that is neither here nor in `STAYS` fails `tests/unit/app/test_moving.py`.
"""

from collections.abc import Mapping

import msgspec

FORMAT = 1
EVENTS = "events"  # the part of a file that holds telemetry


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table that moves.

    `same` are the columns by which a row is known again. `id` is its key when others name it, or the database gives
    it. `names` maps columns to the tables whose rows they name; `without` are columns that stay, with what stands in
    their place; `instead` are columns in whose place something else leaves, as SQL; `where` narrows the rows.
    """

    name: str
    same: tuple[str, ...]
    id: str = ""
    names: Mapping[str, str] = {}
    without: Mapping[str, str | int | None] = {}
    instead: Mapping[str, str] = {}
    where: str = ""


_USER, _PROJECT, _ISSUE, _MONITOR = "accounts_user", "projects_project", "errors_issue", "monitors_monitor"
_ORIGIN, _VITALS_PAGE = "errors_origin", "vitals_page"
_PAGE, _COMPONENT, _INCIDENT = "status_page", "status_component", "status_incident"
_TROUBLE = "incidents_incident"
_TROUBLES = "SELECT id FROM incidents_incident WHERE state != 'merged'"
_OF_TROUBLE = f"incident_id IN ({_TROUBLES})"
_OF_MONITORS = "monitor IN (SELECT id FROM monitors_monitor)"
# A merged issue moves as one: what is kept by group leaves as the issue's. `errors_group` says which are its groups.
_ISSUES = "SELECT id FROM errors_issue"
_WITH_GROUPS = "SELECT {0} UNION SELECT g.id FROM errors_group g WHERE g.issue = {0}"
_THINNED = f"(SELECT sum(t.n) FROM errors_thinned t WHERE t.issue IN ({_WITH_GROUPS.format('errors_thinned.issue')}))"  # noqa: S608 - our own names
_WORDS = (
    "(SELECT substr(group_concat(s.body, ' '), 1, 200000) FROM errors_search s"  # noqa: S608 - our own names
    f" WHERE s.rowid IN ({_WITH_GROUPS.format('errors_search.rowid')}))"
)
TABLES: tuple[Table, ...] = (
    Table(name="plumbing_kv", same=("key",), without={"revision": 0}, where="(key LIKE 'settings/%' OR key LIKE 'scans/decisions/%') AND value IS NOT NULL"),
    Table(name=_USER, same=("email",), id="id", without={"password": "!", "pending_totp": "", "last_login": None, "privileged_at": None}),
    Table(name="account_emailaddress", same=("email",), id="id", names={"user_id": _USER}),
    Table(name=_PROJECT, same=("slug",), id="id"),
    Table(name="projects_key", same=("public",), id="id", names={"project_id": _PROJECT}),
    Table(name="projects_seen", same=("project_id", "kind", "name"), id="id", names={"project_id": _PROJECT}),
    Table(name="projects_usage", same=("project_id", "day", "item_type", "outcome"), id="id", names={"project_id": _PROJECT}),
    Table(name="deploys_deploy", same=("project", "key"), id="id", names={"project": _PROJECT}),
    Table(name="accounts_identity", same=("issuer", "subject"), id="id", names={"user_id": _USER}),
    Table(name="notify_channel", same=("kind", "name", "created_at"), id="id", names={"owner": _USER}, where="(owner IS NULL OR owner IN (SELECT id FROM accounts_user)) AND kind != 'webpush'",
          without={"failures": 0, "failing_since": None, "refused": 0, "last_error": "", "last_success_at": None}),
    Table(name="notify_template", same=("kind",)),
    Table(name="alerts_rule", same=("name", "kind", "project", "params"), id="id", names={"project": _PROJECT, "channels": "notify_channel", "people": _USER}),
    Table(name="alerts_silence", same=("id",)),
    Table(name="alerts_routing", same=("id",)),
    Table(name="alerts_hook", same=("name",), id="id", without={"secret": ""}),
    Table(name="notify_follow", same=("user", "subject"), id="id", names={"user": _USER}, where="user IN (SELECT id FROM accounts_user)"),
    Table(name=_ISSUE, same=("project", "component", "parts", "kind"), id="id", names={"project": _PROJECT, "assignee": _USER}),
    Table(name="errors_hash", same=("hash",), names={"issue": _ISSUE}, without={"group_id": None}),
    Table(name="errors_feature", same=("issue", "feature"), names={"issue": _ISSUE, "project": _PROJECT}, where=f"issue IN ({_ISSUES})"),
    Table(name="errors_tag", same=("issue", "key", "value"), names={"issue": _ISSUE}),
    Table(name="errors_user", same=("issue", "user"), names={"issue": _ISSUE}),
    Table(name="errors_minute", same=("issue", "minute"), names={"issue": _ISSUE}),
    Table(name="errors_hour", same=("issue", "hour"), names={"issue": _ISSUE}),
    Table(name=_ORIGIN, same=("project", "environment", "release"), id="id", names={"project": _PROJECT}),
    Table(name="errors_origin_minute", same=("issue", "minute"), names={"issue": _ORIGIN}),
    Table(name="errors_origin_hour", same=("issue", "hour"), names={"issue": _ORIGIN}),
    Table(name="errors_history", same=("issue", "at", "kind", "who", "text"), id="id",
          names={"issue": _ISSUE, "user": _USER}, without={"act": "", "before": None},
          instead={"issue": "coalesce((SELECT g.issue FROM errors_group g WHERE g.id = errors_history.issue), issue)"},
          where=f"kind != 'merged' OR issue IN ({_ISSUES})"),
    Table(name="errors_feedback", same=("project", "event", "at"), id="id", names={"project": _PROJECT}),
    Table(name="errors_thinned", same=("issue",), names={"issue": _ISSUE}, where=f"issue < 0 OR issue IN ({_ISSUES})",
          instead={"n": _THINNED}),
    Table(name="errors_report", same=("project", "day", "kind", "what", "source"), names={"project": _PROJECT}),
    Table(name="errors_policy", same=("project", "text"), names={"project": _PROJECT}),
    Table(name="errors_owners", same=("project",), names={"project": _PROJECT}),
    Table(name="errors_saved", same=("owner", "name"), id="id", names={"owner": _USER, "project": _PROJECT},
          where="owner IN (SELECT id FROM accounts_user) AND (project = 0 OR project IN (SELECT id FROM projects_project))"),
    Table(name="errors_star", same=("user",), names={"user": _USER, "search": "errors_saved"},
          where="user IN (SELECT id FROM accounts_user) AND search IN (SELECT id FROM errors_saved)"),
    Table(name="errors_search", same=("rowid",), names={"rowid": _ISSUE}, where=f"rowid IN ({_ISSUES})", instead={"body": _WORDS}),
    # On whom a monitor depends is told by ids of this installation; its locations know this one alone.
    Table(name=_MONITOR, same=("project", "slug"), id="id", names={"project": _PROJECT}, without={"secrets": "", "locations": ""},
          instead={"config": "CAST(json_remove(CAST(config AS TEXT), '$.parents', '$.locations', '$.agree') AS BLOB)"},
          where="project = 0 OR project IN (SELECT id FROM projects_project)"),
    Table(name="monitors_change", same=("monitor", "at", "state", "reason"), id="id", names={"monitor": _MONITOR}, where=_OF_MONITORS),
    Table(name="monitors_minutes", same=("monitor", "at"), names={"monitor": _MONITOR}, where=_OF_MONITORS),
    Table(name="monitors_hour", same=("monitor", "at"), names={"monitor": _MONITOR}, where=_OF_MONITORS),
    Table(name="monitors_day", same=("monitor", "at"), names={"monitor": _MONITOR}, where=_OF_MONITORS),
    Table(name=_VITALS_PAGE, same=("project", "name"), id="id", names={"project": _PROJECT}),
    Table(name="vitals_hour", same=("page", "vital", "at"), names={"page": _VITALS_PAGE}),
    Table(name="vitals_day", same=("page", "vital", "at"), names={"page": _VITALS_PAGE}),
    # A page that lost its password must not stand open.
    Table(name=_PAGE, same=("slug",), id="id", without={"password": ""}, instead={"enabled": "CASE WHEN password = '' THEN enabled ELSE 0 END"}),
    Table(name=_COMPONENT, same=("page", "monitor"), id="id", names={"page": _PAGE, "monitor": _MONITOR}, where=_OF_MONITORS),
    Table(name=_INCIDENT, same=("page", "starts", "title"), id="id", names={"page": _PAGE}),
    Table(name="status_affected", same=("incident", "component"), names={"incident": _INCIDENT, "component": _COMPONENT},
          where=f"component IN (SELECT id FROM status_component WHERE {_OF_MONITORS})"),  # noqa: S608 - our own names
    Table(name="status_update", same=("incident", "at", "text"), id="id", names={"incident": _INCIDENT}),
    # The URLs of webhooks are sealed with this installation's key, and who has not confirmed has not been asked from there.
    Table(name="status_subscriber", same=("page", "target"), id="id", names={"page": _PAGE},
          where="kind = 'email' AND confirmed_at IS NOT NULL"),
    Table(name="signals_moment", same=("at", "room", "kind", "subject", "text"), id="id", names={"project": _PROJECT},
          where="project IS NULL OR project IN (SELECT id FROM projects_project)"),
    # A rule for one project names it by its number here, deep inside. A merged incident lives on in another, which has all of its lines.
    Table(name="incidents_rule", same=("name",), id="id", where="json_extract(body, '$.project') IS NULL"),
    Table(name=_TROUBLE, same=("started_at", "title"), id="id", names={"project": _PROJECT}, where="state != 'merged'",
          without={"status_notice": None, "status_page": "", "rule": None, "rule_key": "", "merged_into": None}),
    Table(name="incidents_entry", same=("incident_id", "source"), id="id", names={"incident_id": _TROUBLE}, where=_OF_TROUBLE),
    Table(name="incidents_alert", same=("incident_id", "fingerprint"), id="id", names={"incident_id": _TROUBLE}, where=_OF_TROUBLE),
    Table(name="incidents_responder", same=("incident_id", "user"), id="id", names={"incident_id": _TROUBLE, "user": _USER},
          where=f"{_OF_TROUBLE} AND user IN (SELECT id FROM accounts_user)"),  # noqa: S608 - our own names
    Table(name="incidents_task", same=("incident_id", "created_at", "text"), id="id", names={"incident_id": _TROUBLE, "assignee": _USER}, where=_OF_TROUBLE),
    Table(name="incidents_link", same=("incident_id", "other", "kind"), id="id", names={"incident_id": _TROUBLE, "other": _TROUBLE},
          where=f"{_OF_TROUBLE} AND other IN ({_TROUBLES})"),
    # Whose a runbook is and who wrote a post-mortem are numbers of people here; the secrets of webhooks are sealed with this key.
    Table(name="incidents_runbook", same=("slug",), id="id", without={"secrets": ""}, instead={"body": "json_remove(body, '$.owner')"}),
    Table(name="incidents_step", same=("incident_id", "runbook", "number"), id="id", names={"incident_id": _TROUBLE}, where=_OF_TROUBLE,
          instead={"secrets": "CASE secrets WHEN '' THEN '' ELSE 'sealed elsewhere' END"}),  # what was signed does not go unsigned
    Table(name="incidents_postmortem", same=("incident_id",), names={"incident_id": _TROUBLE}, where=_OF_TROUBLE,
          instead={"facts": "json_remove(facts, '$.author')"}),
    Table(name="intrusions_allowed", same=("network",)),
    Table(name="intrusions_mode", same=("name",)),
    Table(name="intrusions_list", same=("name",), id="id", without={"checked_at": None, "read_at": None, "entries": 0, "left": 0, "problem": ""}),
    Table(name="accounts_audit", same=("at", "actor", "action", "subject", "detail"), id="id"),
)  # fmt: skip

STAYS: Mapping[str, str] = {
    "alerts_detector": "what detectors learnt; they learn again",
    "alerts_template": "patterns of messages; they are found again",
    "oncall_schedule": "names people by the numbers they have here",
    "oncall_cover": "belongs to schedules",
    "oncall_calendar": "belongs to schedules; addresses are secrets",
    "oncall_feed": "secrets of addresses",
    "oncall_policy": "names people and channels by the numbers they have here",
    "oncall_escalation": "what goes on here",
    "oncall_line": "belongs to escalations",
    "oncall_page": "belongs to escalations",
    "oncall_turn": "belongs to policies",
    "incidents_quiet": "belongs to alerts",
    "incidents_mark": "places in this installation's signals",
    "scans_target": "names folders and hosts as this installation reaches them",
    "scans_scan": "made again by the next scan",
    "scans_finding": "made again by the next scan, which applies what people decided (it moves in plumbing_kv)",
    "scans_search": "the words of findings, which stay",
    "scans_finding_line": "belongs to findings, which stay",
    "scans_tally": "counts findings, which stay",
    "scans_bill": "made again by the next scan",
    "backups_plan": "plans of hosts, which are enrolled anew; `vedette apply` brings those of files",
    "backups_secret": "passwords of repositories, sealed with this installation's key: move recovery sheets",
    "backups_left": "copies that no plan keeps any more, with those passwords: move recovery sheets",
    "backups_order": "what was ordered on hosts, which are enrolled anew",
    "backups_run": "belongs to plans; what was stored knows its own snapshots",
    "backups_listing": "belongs to plans; listed anew",
    "backups_offer": "told anew by hosts",
    "deploy_project": "tokens and files, sealed with this installation's key; `vedette apply` brings those of files, a new token the rest",
    "deploy_seen": "read anew from Hetzner",
    "deploy_drift": "belongs to projects; seen anew",
    "deploy_run": "what was carried out from here",
    "deploy_host": "how hosts are hardened, which are enrolled anew",
    "reports_digest": "made again from what moves",
    "reports_subscription": "names people by the numbers they have here",
    "account_emailconfirmation": "links that were mailed",
    "accounts_invitation": "secrets of links",
    "accounts_session": "signed-in browsers",
    "accounts_token": "secrets of the REST API",
    "accounts_tries": "failed tries",
    "alerts_alert": "what fired; it fires again where it goes on",
    "alerts_group": "belongs to alerts",
    "alerts_member": "belongs to alerts",
    "alerts_notified": "belongs to alerts",
    "alerts_source": "belongs to alerts",
    "alerts_pending": "what rules wait for; it begins anew",
    "alerts_mark": "a place in this installation's signals",
    "alerts_told": "belongs to alerts",
    "alerts_trace": "belongs to alerts",
    "auth_group": "unused",
    "auth_group_permissions": "unused",
    "auth_permission": "made by Django",
    "deploys_hook": "a secret",
    "django_content_type": "made by Django",
    "django_migrations": "made by Django",
    "django_session": "signed-in browsers",
    "errors_attachment": "files of this installation; retention drops them soon",
    "errors_erasure": "erasures of this installation; one that goes on goes on here",
    "errors_group": "a merged issue moves as one issue, with all that its groups hold; there it cannot be split any more",
    "errors_group_hour": "belongs to groups",
    "errors_group_minute": "belongs to groups",
    "errors_group_tag": "belongs to groups",
    "errors_group_user": "belongs to groups",
    "errors_job": "acts on many issues; one that goes on goes on here",
    "errors_mark": "a place in this installation's journal",
    "errors_receipt": "proves what was erased here, with this installation's key",
    "hosts_host": "keys of hosts, which know this installation's address; each is enrolled anew",
    "hosts_action": "what was ordered on hosts, which are enrolled anew",
    "hosts_audit": "belongs to hosts",
    "hosts_facts": "belongs to hosts",
    "hosts_invitation": "tokens that let hosts in here",
    "hosts_noted": "belongs to hosts",
    "hosts_offer": "told anew by hosts",
    "hosts_origin": "belongs to hosts",
    "intrusions_ban": "what stands is decided anew by hosts, and by lists; what people banned is banned by people there",
    "intrusions_claim": "belongs to bans",
    "intrusions_detection": "what hosts told this installation, which keeps it for 90 days",
    "intrusions_entry": "read anew from lists",
    "intrusions_mark": "places in this installation's journal and among its changes",
    "intrusions_past": "belongs to bans",
    "intrusions_replay": "what hosts told this installation about their own logs; asked again there in a moment",
    "intrusions_told": "belongs to bans",
    "mfa_authenticator": "secrets of authenticators",
    "monitors_location": "secrets of locations, which know this installation's address",
    "monitors_mark": "a place in this installation's journal, and when it listened",
    "monitors_result": "results of the hour that goes on",
    "monitors_standing": "what fires; it is found again by the next check or heartbeat",
    "notify_proof": "test pages of this installation's channels",
    "notify_step": "belongs to deliveries",
    "notify_attempt": "belongs to deliveries",
    "notify_delivery": "notices that were sent from here",
    "notify_preferences": "name channels and projects by the numbers they have here; people choose again",
    "plumbing_outbox": "what waits to be sent from here",
    "vitals_mark": "a place in this installation's journal",
    "vitals_worse": "what fires; it is told again where it goes on",
    "signals_signal": "the stream that alerts read; it would alert again",
}
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}
