"""What each failure means and what to do about it. Pure."""

from collections.abc import Mapping

from vedette.wire.backup import Failure

MEANS: Mapping[Failure, tuple[str, str]] = {
    Failure.SOURCE_MISSING: ("What is to be saved is not there", "Correct the plan, or start what does not answer."),
    Failure.SOURCE_EMPTY: ("What is to be saved is empty", "See whether its data was moved; then correct the plan."),
    Failure.SHRANK: ("It is much smaller than the last time", "See what vanished; if that is right, run it with --accept-size."),
    Failure.PARTIAL: ("Some of it could not be read", "Give the agent's user the right to read it, or exclude it by name."),
    Failure.HOOK: ("What runs before or after it failed", "Run the hook by hand and see what it says."),
    Failure.TARGET_MISSING: ("The repository is not there", "Mount the disk, make the folder it is to lie in, or correct its address; a new one is made on the first run alone."),
    Failure.TARGET_FULL: ("There is no room where it is kept", "Free space there, keep fewer, or choose a larger place."),
    Failure.WRONG_KEY: ("The repository has another password", "Enter the password of the recovery sheet, or choose an empty place."),
    Failure.LOCKED: ("Somebody is at work in the repository", "Wait until that is done."),
    Failure.STALE_LOCK: ("A lock is left of somebody who is gone", "vedette backup unlock PLAN removes it: its holder is proven gone."),
    Failure.NETWORK: ("The repository cannot be reached", "See whether the host is up and lets this one in; the next run tries again."),
    Failure.DAMAGED: ("What was stored is not as it was written", "Do not prune it. Repair it with the engine's own check, or begin a new repository and keep this one."),
    Failure.CLOCK: ("The clock went backwards", "Set the clock (timedatectl); snapshots of the future would be kept, and new ones removed."),
    Failure.INTERRUPTED: ("It was ended before it was done", "Run it again; what was stored so far is used."),
    Failure.TIMEOUT: ("It took longer than it may", "Raise limits.seconds, or save less at once."),
    Failure.UNCONFIRMED: ("It would overwrite live data", "Restore to another place (--into), or type the name of what is overwritten (--confirm)."),
    Failure.AIM: ("What is asked for cannot be restored", "vedette backup list shows what there is."),
    Failure.NOT_PROVEN: ("What came back is not what was saved", "Look at the checks that failed; keep older snapshots until one is proven."),
    Failure.NO_TOOL: ("A program it needs is not installed", "Install it; vedette doctor names the package."),
    Failure.ENGINE: ("The engine failed", "Read the end of what it said."),
    Failure.REFUSED: ("The host does not allow it", "Add the line that is named to its agent.toml, and reload the agent."),
}  # fmt: skip


def fix_of(failure: Failure) -> str:
    """Return what to do about a failure."""
    return MEANS[failure][1]
