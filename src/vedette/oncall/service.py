"""On-call: who is on, whom an alert that nobody answers is told to, and what was told."""

from vedette.oncall.calling import deliver_one as deliver_webhook
from vedette.oncall.calling import next_due as next_webhook
from vedette.oncall.escalating import (
    KEEP_SECONDS,
    answered,
    begin,
    drop_before,
    escalation,
    escalations,
    expired,
    forget_project,
    lines,
    live,
    live_after,
    next_due,
    next_expiry,
    open_pages,
    pages,
    resume,
    stop,
    wake,
    work,
)
from vedette.oncall.policies import (
    create_policy,
    delete_policy,
    drop_policy,
    keep_policy,
    policies,
    policy,
    policy_named,
    update_policy,
)
from vedette.projects import service as projects

__all__ = [
    "KEEP_SECONDS", "answered", "begin", "create_policy", "delete_policy", "deliver_webhook", "drop_before", "drop_policy", "escalation", "escalations", "expired", "forget_project", "keep_policy", "lines", "live", "live_after", "next_due", "next_expiry", "next_webhook", "open_pages", "pages", "policies", "policy", "policy_named", "resume", "stop", "update_policy", "wake", "work",
]  # fmt: skip

projects.on_delete(forget_project)
