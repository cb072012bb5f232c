"""The word of the switch against floods."""

import msgspec


class Shield(msgspec.Struct, frozen=True, kw_only=True):
    """What is tightened on a host while it is under attack.

    `ports` are those of the web (TCP and UDP); no other port is touched. Of `front` (the load balancer's addresses) everything is
    let in; with `only_front` nobody else is, otherwise each address may open `rate` connections a second, `burst` at once (an IPv6
    network of /64 counts as one). `policy` is the file of the guard's policy, which gets a limit of `requests` a minute for each
    client; `reload` is the command by which the application reads it again.
    """

    ports: tuple[int, ...] = (80, 443)
    front: tuple[str, ...] = ()
    only_front: bool = False
    rate: int = 20
    burst: int = 40
    policy: str = ""
    reload: str = ""
    requests: int = 60
