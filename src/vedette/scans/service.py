"""The verbs of scans: take what was found, say what must be fixed, and keep what people decide about it."""

from vedette.projects import service as projects
from vedette.scans.acting import accept, assign, mark_false, note, reopen
from vedette.scans.away import bring, claim_from, miss, read_brought
from vedette.scans.billing import bill, bills, compared, components
from vedette.scans.feeding import Shelf, shelf, update_now
from vedette.scans.looking import (
    alike,
    counts,
    finding,
    findings,
    history,
    hosts_of,
    named,
    stands,
    targets_of,
    week,
)
from vedette.scans.reporting import Sent, Taken, Taking, read, take_sent
from vedette.scans.running import (
    blind,
    claim,
    claim_bill,
    claim_feeds,
    finish,
    give_back,
    next_due,
    recover,
)
from vedette.scans.store.targets import forget_project
from vedette.scans.taking import end_acceptances, take
from vedette.scans.targeting import (
    add,
    edit,
    every,
    forget_hosts,
    how_to_prove,
    is_ours,
    offered,
    remove,
    run_now,
    scans,
    target,
)

__all__ = [
    "Sent", "Shelf", "Taken", "Taking", "accept", "add", "alike", "assign", "bill", "bills", "blind", "bring", "claim", "claim_bill",
    "claim_feeds", "claim_from", "compared", "components", "counts", "edit", "end_acceptances", "every", "finding", "findings", "finish", "forget_hosts",
    "give_back", "history", "hosts_of", "how_to_prove", "is_ours", "mark_false", "miss", "named", "next_due", "note", "offered", "read", "read_brought", "recover", "remove",
    "reopen", "run_now", "scans", "shelf", "stands", "take", "take_sent", "target", "targets_of", "update_now", "week",
]  # fmt: skip

projects.on_delete(forget_project)
