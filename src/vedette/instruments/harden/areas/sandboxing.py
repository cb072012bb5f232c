"""Services that systemd keeps within what they need, and an agent that comes back: drop-ins, linted, in force at the next start."""

from collections.abc import Iterator

from vedette.instruments.harden.types import Facts, Measure, Put, Service, Wanted, Yielded

# What none of these needs; what one of them might (its own folders, its own users) is left out.
_COMMON = """\
# Written by Vedette. In force when the service starts the next time.
[Service]
NoNewPrivileges={privileges}
ProtectSystem=full
ProtectHome={home}
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
LockPersonality=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
"""
_SERVICES = {
    "nginx.service": ("yes", "read-only"), "caddy.service": ("yes", "read-only"), "redis-server.service": ("yes", "yes"),
    "postgresql@.service": ("yes", "yes"), "mariadb.service": ("yes", "yes"), "mysql.service": ("yes", "yes"), "memcached.service": ("yes", "yes"),
}  # fmt: skip
_UNITS = ("/lib/systemd/system", "/usr/lib/systemd/system", "/etc/systemd/system")
_AGENT = "vedette-agent.service"
_FAILSAFE = """\
# Written by Vedette: the agent comes back whatever ends it, and is the last that memory is taken from.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
OOMScoreAdjust=-900
"""


def _sandbox(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    for unit, (privileges, home) in _SERVICES.items():
        if _here(facts, unit):
            yield Put(path=_dropin(unit), text=_COMMON.format(privileges=privileges, home=home))


def _agent(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    if _here(facts, _AGENT):
        yield Put(path=_dropin(_AGENT), text=_FAILSAFE)


def _here(facts: Facts, unit: str) -> bool:
    return any(f"{folder}/{unit}" in facts.files for folder in _UNITS)


def _dropin(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.d/60-vedette.conf"


MEASURES: tuple[Measure, ...] = (
    Measure(id="sandbox", title="Services are kept within what they need", checks=(), steps=_sandbox, proof="units_are_well", reload=Service.SYSTEMD),
    Measure(id="agent-failsafe", title="The agent comes back whatever ends it", checks=(), steps=_agent, proof="units_are_well", reload=Service.SYSTEMD),
)  # fmt: skip
