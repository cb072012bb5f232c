"""What containers open to the world and may do to the host, and how their engine is set."""

from vedette.instruments.audit.asking import bad_ones, names_or, permitted, said, there
from vedette.instruments.audit.containers.engine import containers, daemon, name, part, published
from vedette.instruments.audit.types import Check, Look, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_SOCKETS = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
)
_MIGHTY = frozenset(
    {"SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "ALL", "NET_ADMIN", "BPF"}
)
_HOST_FOLDERS = (
    "/",
    "/etc",
    "/root",
    "/boot",
    "/proc",
    "/sys",
    "/dev",
    "/usr",
    "/lib",
    "/var",
    "/var/lib",
    "/var/run",
    "/run",
    "/home",
)


def _published(live: Live) -> list[Verdict]:
    """Docker's own rules run before those of the input chain: a published port is open whatever the firewall says."""
    bad = [(name(one), f"{place} is open to everybody, past the firewall") for one in containers(live) for place in published(one)
           if place.startswith(("0.0.0.0:", ":::", "[::]:", "::")) and place.rpartition(":")[2] not in {"80", "443"}]  # fmt: skip
    return bad_ones(bad, "none, but 80 and 443")


def _privileged(live: Live) -> list[Verdict]:
    return bad_ones(
        (
            (name(one), "it runs as --privileged")
            for one in containers(live)
            if part(one, "HostConfig").get("Privileged")
        ),
        "none",
    )


def _sockets(live: Live) -> list[Verdict]:
    bad = [
        (name(one), f"it has {source}")
        for one in containers(live)
        for source in _sources(one)
        if source in _SOCKETS
    ]
    return bad_ones(bad, "none has the engine's socket")


def _host_folders(live: Live) -> list[Verdict]:
    bad = [
        (name(one), f"it has the host's {source}")
        for one in containers(live)
        for source in _sources(one)
        if source in _HOST_FOLDERS
    ]
    return bad_ones(bad, "none has a folder of the system")


def _sources(one: object) -> list[str]:
    mounts = one.get("Mounts") if isinstance(one, dict) else None
    return (
        [str(m.get("Source", "")) for m in mounts if isinstance(m, dict)] if isinstance(mounts, list) else []
    )


def _shares(key: str, what: str) -> Look:
    def look(live: Live) -> list[Verdict]:
        found = [one for one in containers(live) if part(one, "HostConfig").get(key) == "host"]
        return bad_ones(((name(one), f"it shares the host's {what}") for one in found), "none does")

    return look


def _rights(live: Live) -> list[Verdict]:
    bad = []
    for one in containers(live):
        added = part(one, "HostConfig").get("CapAdd")
        found = {str(c).removeprefix("CAP_") for c in added} & _MIGHTY if isinstance(added, list) else set()
        bad += [(name(one), f"it has {', '.join(sorted(found))}")] if found else []
    return bad_ones(bad, "none has more than usual")


def _unconfined(live: Live) -> list[Verdict]:
    bad = []
    for one in containers(live):
        given = part(one, "HostConfig").get("SecurityOpt")
        loose = (
            [str(o) for o in given if "unconfined" in str(o) or "label:disable" in str(o)]
            if isinstance(given, list)
            else []
        )
        bad += [(name(one), loose[0])] if loose else []
    return bad_ones(bad, "each is confined")


def _bounded(live: Live) -> list[Verdict]:
    found = [one for one in containers(live) if not part(one, "HostConfig").get("Memory")]
    return bad_ones(((name(one), "its memory is not bounded") for one in found), "each is bounded")


def _as_root(live: Live) -> list[Verdict]:
    found = [
        one
        for one in containers(live)
        if str(part(one, "Config").get("User") or "0").split(":")[0] in {"0", "root"}
    ]
    return bad_ones(((name(one), "it runs as root") for one in found), "none runs as root")


def _remote(live: Live) -> list[Verdict]:
    hosts = daemon(live).get("hosts")
    bad = [str(one) for one in hosts if str(one).startswith("tcp://")] if isinstance(hosts, list) else []
    bad += [one.place for one in live.listening() if one.port == 2375 and not one.local]
    guarded = daemon(live).get("tlsverify") is True and not any(one.endswith(":2375") for one in bad)
    return said(not bad or guarded, f"it listens on {bad[0]}" if bad else "it has no port")


def _daemon(key: str, wanted: object, default: object) -> Look:
    def look(live: Live) -> list[Verdict]:
        value = daemon(live).get(key, default)
        return said(value == wanted, f"{key}: {value}")

    return look


def _registries(live: Live) -> list[Verdict]:
    found = daemon(live).get("insecure-registries")
    bad = [str(one) for one in found] if isinstance(found, list) else []
    return bad_ones(((one, "images come from it in clear") for one in bad), "none")


def _iptables(live: Live) -> list[Verdict]:
    value = daemon(live).get("iptables", True)
    return said(value is not False, f"iptables: {value}")


def _log_size(live: Live) -> list[Verdict]:
    told = daemon(live)
    options = told.get("log-opts")
    driver = told.get("log-driver", "json-file")
    fine = driver not in {"json-file"} or (isinstance(options, dict) and "max-size" in options)
    return said(fine, f"log-driver {driver}{'' if fine else ' without max-size'}")


def _socket_mode(live: Live) -> list[Verdict]:
    path = next((one for one in ("/run/docker.sock", "/var/run/docker.sock") if there(live, one)), "")
    if not path:
        raise NotApplicable("Docker is not on this host.")
    found = live.status(path)
    fine = not found.mode & 0o007 and found.uid == 0
    return said(fine, f"{path} has mode {found.mode:04o}, owner {found.uid}")


def _user_chain(live: Live) -> list[Verdict]:
    """DOCKER-USER is where rules for published ports belong; without one of its own, nothing is filtered."""
    bad = [
        place
        for one in containers(live)
        for place in published(one)
        if place.startswith(("0.0.0.0:", "::", "[::]"))
    ]
    if not bad:
        raise NotApplicable("No port is published to everybody.")
    text = live.ran("nft", "list", "chain", "ip", "filter", "DOCKER-USER")
    rules = [
        line.strip()
        for line in text.splitlines()
        if line.strip() and not line.strip().startswith(("table", "chain", "}", "counter packets", "return"))
    ]
    return said(bool(rules), f"{len(rules)} rules in DOCKER-USER" if rules else "DOCKER-USER has no rule")


def _compose_secrets(live: Live) -> list[Verdict]:
    bad = []
    for folder in ("/opt", "/srv"):
        for inner in names_or(live, folder):
            path = f"{folder}/{inner}/.env"
            if there(live, path) and live.status(path).mode & 0o004:
                bad.append((path, f"mode {live.status(path).mode:04o}: everybody may read it"))
    return bad_ones(bad, "none is for everybody")


_PS = "docker inspect"
_JSON = "/etc/docker/daemon.json"
_DAEMON_FIX = "in /etc/docker/daemon.json, then systemctl restart docker"
CHECKS: tuple[Check, ...] = (
    Check(id="container-published", title="No container is open to everybody past the firewall", risk=8, reads=_PS, look=_published,
          why="Docker writes its own rules before those of the firewall: ports that seem closed are open.", fix="Publish on 127.0.0.1 (-p 127.0.0.1:5432:5432), or not at all; containers of one network reach each other."),
    Check(id="container-user-chain", title="Published ports are filtered", risk=5, reads="nft list chain ip filter DOCKER-USER", look=_user_chain,
          why="DOCKER-USER is the one chain that Docker leaves to you.", fix="iptables -I DOCKER-USER -i eth0 ! -s NETWORK -j DROP"),
    Check(id="container-privileged", title="No container is privileged", risk=8, reads=_PS, look=_privileged,
          why="Who breaks into it has the host.", fix="Give it the one capability or device it needs (--cap-add, --device)."),
    Check(id="container-socket", title="No container has the engine's socket", risk=8, reads=_PS, look=_sockets,
          why="Who breaks into it starts a privileged one.", fix="Put a proxy that reads alone in between, or take it out."),
    Check(id="container-host-folders", title="No container has folders of the system", risk=7, reads=_PS, look=_host_folders,
          why="Who breaks into it writes keys and cron jobs of the host.", fix="Mount the folder of the application alone, :ro where it reads."),
    Check(id="container-host-network", title="Each container has a network of its own", risk=4, reads=_PS, look=_shares("NetworkMode", "network"),
          why="It reaches what listens on 127.0.0.1, past every password that is not there.", fix="Take network_mode: host out."),
    Check(id="container-host-pid", title="Each container has processes of its own", risk=5, reads=_PS, look=_shares("PidMode", "processes"),
          why="It sees and traces the processes of the host.", fix="Take pid: host out."),
    Check(id="container-rights", title="No container has mighty capabilities", risk=6, reads=_PS, look=_rights,
          why="SYS_ADMIN and its like are root on the host by a few steps.", fix="cap_drop: [ALL], then cap_add what it needs."),
    Check(id="container-confined", title="Each container is confined", risk=5, reads=_PS, look=_unconfined,
          why="seccomp and AppArmor stop most ways out of a container.", fix="Take seccomp=unconfined and apparmor=unconfined out."),
    Check(id="container-memory", title="Each container's memory is bounded", risk=2, reads=_PS, look=_bounded,
          why="One that leaks takes the host with it.", fix="mem_limit in compose.yaml, or --memory"),
    Check(id="container-root", title="No container runs as root", risk=4, reads=_PS, look=_as_root,
          why="Who finds a way out is root on the host.", fix="USER in the Dockerfile, or user: in compose.yaml; userns-remap"),
    Check(id="docker-remote", title="Docker has no port without TLS", risk=10, reads=_JSON, look=_remote,
          why="Who reaches it is root: there is no password.", fix="Take tcp:// out of hosts; DOCKER_HOST=ssh://host does the same."),
    Check(id="docker-socket", title="Docker's socket is not for everybody", risk=9, reads="/run/docker.sock", look=_socket_mode,
          why="Who may write to it is root.", fix="chmod 0660 /run/docker.sock && chown root:docker /run/docker.sock"),
    Check(id="docker-privileges", title="Containers gain no privileges", risk=4, reads=_JSON, look=_daemon("no-new-privileges", True, False),
          why="A program with set-id in an image makes its user root.", fix=f"\"no-new-privileges\": true {_DAEMON_FIX}"),
    Check(id="docker-between", title="Containers of the default network do not reach each other", risk=3, reads=_JSON, look=_daemon("icc", False, True),
          why="Who breaks into one goes on to the next.", fix=f"\"icc\": false {_DAEMON_FIX}; use networks of your own"),
    Check(id="docker-remap", title="root of a container is nobody on the host", risk=3, reads=_JSON, look=lambda live: said(bool(daemon(live).get("userns-remap")), f"userns-remap: {daemon(live).get('userns-remap') or 'not set'}"),
          why="Who finds a way out of a container is root otherwise.", fix=f"\"userns-remap\": \"default\" {_DAEMON_FIX}"),
    Check(id="docker-registries", title="Images come from registries that prove who they are", risk=6, reads=_JSON, look=_registries,
          why="Whoever sits on the way puts his program into the image.", fix=f"Take insecure-registries out {_DAEMON_FIX}"),
    Check(id="docker-rules", title="Docker keeps its networks apart", risk=4, reads=_JSON, look=_iptables,
          why="With iptables: false networks of containers are not kept apart from each other.", fix=f"Take \"iptables\": false out {_DAEMON_FIX}"),
    Check(id="docker-logs", title="Logs of containers are bounded", risk=3, reads=_JSON, look=_log_size,
          why="One that writes much fills the disk.", fix=f"\"log-opts\": {{\"max-size\": \"50m\", \"max-file\": \"3\"}} {_DAEMON_FIX}"),
    Check(id="docker-config", title="Docker's configuration is written by root alone", risk=6, reads=_JSON, look=permitted("/etc/docker/daemon.json", 0o644),
          why="Who may write it opens a port that is root's.", fix="chown root:root /etc/docker/daemon.json && chmod 0644 /etc/docker/daemon.json"),
    Check(id="docker-env-files", title="Files of secrets beside compose are not for everybody", risk=5, reads="/opt/*/.env, /srv/*/.env", look=_compose_secrets,
          why="Passwords of databases stand in them.", fix="chmod 0600 FILE"),
)  # fmt: skip
