"""Where a witness stands, and whether what he sees counts for whom an intent speaks of. Pure."""

from vedette.core.errors import Invalid
from vedette.deploy.intents import naming, reach
from vedette.deploy.intents.naming import Party
from vedette.deploy.intents.parsing import INTERNET
from vedette.deploy.intents.world import World
from vedette.deploy.suggesting import no_such

SOMEWHERE = ""  # outside, and nobody knows where: this machine is behind another address


def spot_of(name: str, here: World) -> Party:
    """Return who stands at a spot: the internet, a group or network, one server, or somebody somewhere outside; raises `Invalid`."""
    if name == SOMEWHERE:
        return Party(name=name)
    found = naming.party(name, here)
    if found.is_outside or len(found.hosts) == 1:
        return found
    if found.hosts:
        raise Invalid(f"{name} are {len(found.hosts)} servers; name the one: {', '.join(found.hosts[:5])}.")
    places = [INTERNET, *here.groups, *here.hosts]
    raise Invalid(no_such(name, places, "The project") + " An address or a network will do as well.")


def counts(spot: Party, who: Party, here: World) -> bool:
    """Tell whether what is seen from a spot is seen by one of those an intent speaks of."""
    if spot.hosts:
        return bool(set(spot.hosts) & set(who.hosts))
    if who.internet:
        return spot.name == SOMEWHERE or stands_in_the_internet(spot, here)
    return bool(spot.networks) and all(reach.within(one, who.addresses()) for one in spot.addresses())


def stands_in_the_internet(spot: Party, here: World) -> bool:
    """Tell whether a spot is a part of the internet as intents mean it: in no group, and no address of the project's."""
    if spot.internet:
        return True
    return bool(spot.networks) and not any(
        one.version == known.version and one.overlaps(known)
        for one in spot.addresses()
        for known in here.known
    )
