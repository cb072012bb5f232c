"""The switch on a host: asked, on, off. Everything runs there as a script, so nothing of Vedette has to be there, or to live on."""

from vedette.core.errors import Unavailable, VedetteError
from vedette.deploy.attack import listing
from vedette.deploy.types import Besieged, Hands, Shield
from vedette.instruments.attack import reading, scripts, tightening
from vedette.wire.infra import Live

_SECONDS = 60.0


def told(hands: Hands, host: str, shield: Shield, folder: str = scripts.FOLDER) -> reading.HostTold:
    """Return what a host says of itself; raises `Unavailable`, `Invalid`."""
    return reading.read(hands.run(host, scripts.facts(shield.policy, folder), {}, _SECONDS))


def besieged(
    hands: Hands, host: str, shield: Shield, live: Live | None, *, now: float, folder: str = scripts.FOLDER
) -> Besieged:
    """Return how a host stands; one that does not answer is unknown, not well."""
    found: reading.HostTold | None = None
    try:
        found = told(hands, host, shield, folder)
    except VedetteError:
        found = None
    until = now + found.until - found.now if found and found.until else 0.0  # by our clock
    defences = listing.defences(shield, found, live)
    return Besieged(host=host, until=until, defences=defences)


def on(hands: Hands, host: str, shield: Shield, *, seconds: float, folder: str = scripts.FOLDER) -> None:
    """Tighten a host, or tighten it anew until another instant; undone by the host where half of it fails.

    Raises `Invalid`, and `Unavailable` where it is not tightened afterwards.
    """
    tightening.fit(shield, seconds)
    tightening.fit_policy(told(hands, host, shield, folder).policy, shield)
    hands.run(host, scripts.on(shield, seconds, folder), {}, _SECONDS)
    after = told(hands, host, shield, folder)
    if not after.armed or not after.until:
        hands.run(host, scripts.end(folder), {}, _SECONDS)
        raise Unavailable(f"{host} said that it is tightened, yet its rules are not there; it was undone.")


def off(hands: Hands, host: str, shield: Shield, folder: str = scripts.FOLDER) -> None:
    """Restore what was before; a host that is not under attack stays as it is. Raises `Unavailable` where something is left."""
    hands.run(host, scripts.end(folder), {}, _SECONDS)
    after = told(hands, host, shield, folder)
    if after.armed or after.until:
        raise Unavailable(f"{host} is still under attack by its own word; look at {folder}/off there.")
