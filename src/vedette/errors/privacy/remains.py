"""What an erasure leaves, and why: said on every receipt. Pure.

A table of core.db that is not named here is searched and changed, so a new one is never forgotten.
"""

from collections.abc import Mapping

from vedette.errors.privacy.types import Remains

_MEMBERS = "accounts of this installation: members are no end users of the applications, they are removed under Users"
_SET_UP = "what administrators set up"
_OWN = "receipts and erasures: they hold a keyed hash"
_DJANGO = "Django's own"
AUDIT = "accounts_audit"
STAYS: Mapping[str, str] = {
    AUDIT: "the audit log is append-only",
    **dict.fromkeys(
        (
            "account_emailaddress", "account_emailconfirmation", "accounts_identity", "accounts_invitation",
            "accounts_session", "accounts_token", "accounts_tries", "accounts_user", "auth_group",
            "auth_group_permissions", "auth_permission", "mfa_authenticator",
        ),
        _MEMBERS,
    ),
    **dict.fromkeys(
        (
            "alerts_routing", "alerts_rule", "alerts_silence", "deploys_hook", "errors_owners", "notify_channel", "notify_follow", "notify_preferences",
            "plumbing_kv", "projects_key", "projects_project",
        ),
        _SET_UP,
    ),
    **dict.fromkeys(("errors_erasure", "errors_receipt"), _OWN),
    **dict.fromkeys(("django_content_type", "django_migrations", "django_session"), _DJANGO),
}  # fmt: skip
ALWAYS = (
    Remains("counts", "how often an issue happened and how many users met it are numbers without names; they stay", ""),
    Remains("events by other names", "events of the same person that hold neither this datum nor its user", "erase by each"),
    Remains("files of other events", "the bytes of attachments are searched by nothing; those of erased events are gone", ""),
    Remains("outside", "export files, notices that were sent, copies made by others, logs of a proxy: out of our reach", ""),
    Remains("freed disk blocks", "files that were deleted or cut are not overwritten below the file system", ""),
)  # fmt: skip


def remains(searched: Mapping[str, int], unread: int) -> tuple[Remains, ...]:
    """Return what stays: always, and where the datum still stands (`searched`: mentions by table that stays).

    `unread` are pieces of the journal that could not be read and lie set aside.
    """
    found = list(ALWAYS)
    found += [
        Remains(
            f"{n} {'row' if n == 1 else 'rows'} of {table}",
            STAYS.get(table, ""),
            "for good" if table == AUDIT else "changed by hand",
        )
        for table, n in sorted(searched.items())
        if n
    ]
    if unread:
        found.append(
            Remains(f"{unread} files journal/*.corrupt", "they cannot be read; delete them by hand", "")
        )
    return tuple(found)


def sentence(counts: Mapping[str, int], *, dry_run: bool) -> str:
    """Return in words what was found, or is gone."""
    parts = [f"{name} {counts[key]:,}" for key, name in NAMES.items() if counts.get(key)]
    if not parts:
        return "Nothing was found."
    return ("Would go: " if dry_run else "Gone: ") + ", ".join(parts) + "."


NAMES: Mapping[str, str] = {
    "events": "events of this person",
    "mentions": "other records that mention them",
    "attachments": "attachments",
    "feedback": "pieces of user feedback",
    "users": "traces of a user in issues",
    "tags": "values of tags",
    "texts": "texts, with the name blotted out",
    "copies": "copies of core.db, written anew",
}
