"""What a selector of labels names, followed with a delay: firewalls and targets of load balancers."""

from vedette.instruments.hetzner.fake.labels import matches
from vedette.instruments.hetzner.fake.state import Followed, State

LAG = 2.0  # seconds until a change of labels is felt ("can take up to a few seconds")


def follow(state: State, now: float) -> None:
    """Note since when selectors name which servers, and let go what they named."""
    for firewall in state.firewalls.values():
        for application in firewall.applications:
            _note(state, application.followed, application.selector, now)
    for balancer in state.load_balancers.values():
        for target in balancer.targets:
            _note(state, target.followed, target.selector, now)


def _note(state: State, followed: Followed, selector: str | None, now: float) -> None:
    if selector is None:
        return
    fitting = {server.id for server in state.servers.values() if matches(selector, server.labels)}
    for server in fitting - set(followed.joined):
        followed.joined[server] = now + LAG
    for server in fitting & set(followed.leaving):
        del followed.leaving[server]
    for server in set(followed.joined) - fitting - set(followed.leaving):
        followed.leaving[server] = now + LAG
    for server in [one for one, at in followed.leaving.items() if at <= now or one not in state.servers]:
        del followed.leaving[server], followed.joined[server]


def members(followed: Followed, now: float) -> list[int]:
    """Return the servers that are felt as named by now."""
    return sorted(server for server, since in followed.joined.items() if since <= now)
