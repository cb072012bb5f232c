import json

from tests.support.hardening.hosts import Pair, folder, host, made, modes

from vedette.instruments.live.memory import Made, MemoryLive

ID = "a" * 64
DOCKER = {"/var/lib/docker": folder(0o710)}
CHAIN = "nft list chain ip filter DOCKER-USER"
GOOD: dict[str, object] = {
    "Name": "/shop", "Config": {"User": "1000"}, "Mounts": [{"Source": "/srv/shop"}],
    "HostConfig": {"Memory": 1 << 28, "NetworkMode": "shop", "PidMode": "", "CapAdd": ["NET_BIND_SERVICE"], "SecurityOpt": None, "Privileged": False},
    "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "443"}], "5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5432"}], "9/tcp": None}},
}  # fmt: skip


def running(one: dict[str, object], **more: str) -> MemoryLive:
    return host(
        says={
            "docker ps -q --no-trunc": f"{ID}\n",
            f"docker inspect {ID}": json.dumps([one]),
            **({CHAIN: more["chain"]} if more else {}),
        }
    )


def set_(**host_config: object) -> Pair:
    config = GOOD["HostConfig"]
    assert isinstance(config, dict)
    return running(GOOD), running({**GOOD, "HostConfig": {**config, **host_config}})


def other(**parts: object) -> Pair:
    return running(GOOD), running({**GOOD, **parts})


def daemon(good: dict[str, object], bad: dict[str, object]) -> Pair:
    path = "/etc/docker/daemon.json"
    one: dict[str, Made | str] = {**DOCKER, path: json.dumps(good)}
    two: dict[str, Made | str] = {**DOCKER, path: json.dumps(bad)}
    return host(one), host(two)


OPEN = {**GOOD, "NetworkSettings": {"Ports": {"5432/tcp": [{"HostIp": "0.0.0.0", "HostPort": "5432"}]}}}
EXAMPLES: dict[str, Pair] = {
    "container-published": (running(GOOD), running(OPEN)),
    "container-user-chain": (running(OPEN, chain="table ip filter {\n chain DOCKER-USER {\n  iifname \"eth0\" ip saddr != 192.0.2.0/24 drop\n }\n}\n"), running(OPEN, chain="table ip filter {\n chain DOCKER-USER {\n  counter packets 0 bytes 0 return\n }\n}\n")),
    "container-privileged": set_(Privileged=True),
    "container-socket": other(Mounts=[{"Source": "/var/run/docker.sock"}]),
    "container-host-folders": other(Mounts=[{"Source": "/etc"}]),
    "container-host-network": set_(NetworkMode="host"),
    "container-host-pid": set_(PidMode="host"),
    "container-rights": set_(CapAdd=["CAP_SYS_ADMIN"]),
    "container-confined": set_(SecurityOpt=["seccomp=unconfined"]),
    "container-memory": set_(Memory=0),
    "container-root": other(Config={"User": ""}),
    "docker-remote": daemon({}, {"hosts": ["unix://", "tcp://0.0.0.0:2375"]}),
    "docker-socket": (host({"/run/docker.sock": made(mode=0o660)}), host({"/run/docker.sock": made(mode=0o666)})),
    "docker-privileges": daemon({"no-new-privileges": True}, {}),
    "docker-between": daemon({"icc": False}, {}),
    "docker-remap": daemon({"userns-remap": "default"}, {}),
    "docker-registries": daemon({}, {"insecure-registries": ["registry.example.org:5000"]}),
    "docker-rules": daemon({}, {"iptables": False}),
    "docker-logs": daemon({"log-opts": {"max-size": "50m"}}, {}),
    "docker-config": modes("/etc/docker/daemon.json", 0o644, 0o664),
    "docker-env-files": (host({"/opt/shop/.env": made(mode=0o600)}), host({"/opt/shop/.env": made(mode=0o644)})),
}  # fmt: skip
