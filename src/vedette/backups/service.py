"""The verbs of backups; each is one transaction."""

from vedette.backups import measuring
from vedette.backups.ascode.applying import export_file
from vedette.backups.ascode.compiling import plan_of as read_plan
from vedette.backups.asking import ask, rekey
from vedette.backups.keeping import host_name, put_plan, remove_plan, set_enabled, set_secret
from vedette.backups.leaving import every as left
from vedette.backups.leaving import forget, holding
from vedette.backups.looking import (
    browsed,
    estimate,
    every_plan,
    listing,
    missing,
    newest,
    offered,
    order,
    plan,
    plans_of,
    run,
    sheet,
    signed,
    standings,
    summary,
)
from vedette.backups.looking import listed as runs
from vedette.backups.looking import one_standing as standing
from vedette.backups.looking import waiting as orders
from vedette.backups.noticing import drop_old, look
from vedette.backups.planning import spread
from vedette.backups.taking import Keeper, take

__all__ = [
    "Keeper", "ask", "browsed", "drop_old", "estimate", "every_plan", "export_file", "forget", "holding", "host_name", "left", "listing", "look", "missing", "newest", "offered", "order", "orders", "plan",
    "plans_of", "put_plan", "read_plan", "rekey", "remove_plan", "run", "runs", "set_enabled", "set_secret", "sheet", "signed", "spread", "standing",
    "standings", "summary", "take",
]  # fmt: skip

measuring.register()
