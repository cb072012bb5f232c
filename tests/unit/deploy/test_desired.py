"""Files become desired state as a whole, or everything that is wrong is told at once, each with its line."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from vedette.core import settings
from vedette.core.errors import ConfigError, Invalid
from vedette.deploy import opening
from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.reading import File, desired, read
from vedette.deploy.intents import judging
from vedette.deploy.intents.world import world
from vedette.deploy.types import Roll
from vedette.wire.infra import Ref, Verdict, Waiver

ROOT = Path(__file__).parents[3]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
TOP = 'project = "shop"\nlocation = "fsn1"\n'
SERVER = 'type = "cx23"\nimage = "debian-12"\n'


def the_example() -> str:
    found = re.search(r"```toml\n(.*?)```", (ROOT / "docs/deploy/desired.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def faults(text: str, name: str = "infra/shop.toml", files: Mapping[str, str] = {}) -> list[str]:
    def opener(folder: str, wanted: str) -> str:
        if wanted not in files:
            raise Invalid(f"{wanted} cannot be read: No such file or directory.")
        return files[wanted]

    return [str(each) for each in read([File(name, text)], opener).faults]


def fields(text: str, kind: str, name: str) -> Mapping[str, object]:
    things = {each.ref: each for each in desired([File("infra/shop.toml", TOP + text)]).things}
    return things[Ref(kind, name)].fields


def test_the_example_of_the_docs_is_read_and_holds() -> None:
    found = desired([File("infra/shop.toml", the_example())])
    assert found.project == "shop"
    assert found.groups == {"admin": ("203.0.113.0/24",)}
    assert [str(each.ref) for each in found.things] == [
        "certificate shop", "firewall web", "key ann", "load_balancer front", "network main", "placement web", "server db",
        "server web-1", "server web-2", "volume web-1-data", "volume web-2-data", "zone shop.example",
    ]  # fmt: skip
    assert found.harden.waive == (
        Waiver(check="ssh-banner", reason="the banner is shown by the jump host", until="2027-03-01"),
    )
    judged = judging.judged(found.intents, world(found.things, found.groups, {}, {}))
    assert {each.verdict for each in judged} == {Verdict.HOLDS}
    web = next(each for each in found.things if each.name == "web-2")
    assert web.place.startswith("infra/shop.toml:")
    assert the_example().splitlines()[int(web.place.rpartition(":")[2]) - 1] == "[servers.web]"


def test_the_section_of_the_settings_says_the_same_as_a_file() -> None:
    inside = re.sub(r"^(\[+)", r"\1infra.", the_example(), flags=re.MULTILINE)
    settings = 'host = "0.0.0.0"\n\n[infra]\n' + inside
    there, here = (
        desired([File(name, text)])
        for name, text in (("vedette.toml", settings), ("infra/shop.toml", the_example()))
    )
    assert [each.fields for each in there.things] == [each.fields for each in here.things]
    assert [str(each) for each in read([File("vedette.toml", 'host = "a"\n')]).faults] == [
        'vedette.toml:1: No file says infrastructure: write [infra] and project = "shop", or infra/*.toml (docs/deploy/desired.md).'
    ]


def test_several_files_are_one_project_and_contradict_each_other_nowhere() -> None:
    one = File("infra/a.toml", TOP + f"[servers.web]\n{SERVER}")
    two = File("infra/b.toml", f'project = "shops"\n[servers.web]\n{SERVER}\n[servers.db]\n{SERVER}')
    assert [str(each) for each in read([one, two]).faults] == [
        "infra/b.toml:1: `project` is 'shops' here and 'shop' in infra/a.toml:1; leave one.",
        "infra/b.toml:2: [servers.web] stands in infra/a.toml:3 as well; leave one.",
    ]


def test_everything_that_is_wrong_is_told_in_one_pass() -> None:
    text = """project = "shop"
location = "fsn2"
assert = [
    "internet cannot reach db:*",
    "web reachs db:5432",
    "web reaches dbs:5432",
]
[groups]
admin = ["203.0.113.7/24"]
[networks.main]
range = "10.0.0.0/16"
subnets = [
    "10.0.1.0/24",
    "10.0.1.128/25",
    "10.1.0.0/24",
    "10.0.3.0/42",
]
zone = "eu-central"
[servers.web]
count = "2"
tpye = "cx23"
image = "debian-12"
[servers.db]
type = "cx24"
image = "debain-12"
location = "fsn1"
network = "mian"
keys = ["ann"]
labels = { role = "db" }
[firewalls.web]
on = "role=web"
allow = [
    "tcp/443 from any",
    "tcp/22 from admn",
    "tcp/70000 from any",
    "tpc/22 from any", "icmp/1 from any",
]
"""
    assert faults(text) == [
        "infra/shop.toml:2: Hetzner has no `fsn2`; did you mean `fsn1`?",
        'infra/shop.toml:5: \'web reachs db:5432\' is no assertion; write "internet cannot reach db:*", "web reaches db:5432" or "db is encrypted at rest".',
        "infra/shop.toml:6: The project has no `dbs`; did you mean `db`?",
        "infra/shop.toml:9: '203.0.113.7/24' has bits beside its network; did you mean 203.0.113.0/24?",
        "infra/shop.toml:14: The subnets 10.0.1.0/24 and 10.0.1.128/25 overlap.",
        "infra/shop.toml:15: The subnet 10.1.0.0/24 lies outside of the network's range 10.0.0.0/16.",
        "infra/shop.toml:16: '10.0.3.0/42' is no network; write 203.0.113.0/24, 203.0.113.7 or 2001:db8::/32.",
        "infra/shop.toml:19: [servers.web] needs `type`.",
        "infra/shop.toml:20: `count`: Expected `int | null`, got `str`.",
        "infra/shop.toml:21: [servers.web] has no `tpye`; did you mean `type`?",
        "infra/shop.toml:24: Hetzner has no `cx24`; did you mean `cx52`?",
        "infra/shop.toml:25: Hetzner has no `debain-12`; did you mean `debian-12`?",
        "infra/shop.toml:27: [networks] has no `mian`; did you mean `main`?",
        "infra/shop.toml:28: [keys] has no `ann`; there is none yet.",
        "infra/shop.toml:31: No server has the labels role=web; there are role=db.",
        "infra/shop.toml:34: [groups] has no `admn`; did you mean `admin`?",
        "infra/shop.toml:35: '70000' is no port; write 443, 8000-8010 or *.",
        "infra/shop.toml:36: A rule has no `tpc`; did you mean `tcp`?",
        "infra/shop.toml:36: icmp has no ports; write icmp alone.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[servers."wéb"]\n' + SERVER, "3: 'wéb' is no name of a server: letters, digits and '-'; did you mean 'web'?"),
        (f"[servers.web]\n{SERVER}public = false\n", "6: It has neither a network nor a public address: nobody would reach it."),
        (f"[servers.web]\n{SERVER}assert = []\n", "6: `assert` belongs to the whole file: write it above the first [table]."),
        ('[groups]\nadmin = ["1.2.3.4"]\nassert = ["a"]', "5: `assert` belongs to the whole file: write it above the first [table]."),
        (f'[servers.web]\n{SERVER}labels = {{ vedette = "x" }}', "6: The label vedette is ours: it marks what a file made."),
        (f"[servers.web-1]\n{SERVER}[servers.web]\ncount = 1\n{SERVER}", "6: The server web-1 is one of [servers.web-1] as well."),
        (f'[servers.web]\n{SERVER}cloud_init = "no.yaml"', "6: no.yaml cannot be read: No such file or directory."),
        (f'[servers.web]\n{SERVER}cloud_init = "bad.yaml"', "6: bad.yaml begins with none of #cloud-config, #!, #include, Content-Type:, #cloud-boothook: cloud-init would ignore it."),
        ('[keys.ann]\nfile = "id"', "4: This is a private key; name the file that ends in .pub, and keep this one to yourself."),
        ('[keys.ann]\npublic = "ssh-ed25519 AAAA"', "4: This is no public key of OpenSSH; it begins with ssh-ed25519 AAAA…."),
        (f'[networks.a]\nrange = "10.0.0.0/16"\nsubnets = ["10.0.0.0/24"]\n[networks.b]\nrange = "10.0.0.0/8"\nsubnets = ["10.1.0.0/24"]\n[servers.w]\n{SERVER}network = ["a", "b"]',
         "12: Its networks a and b overlap."),
        ("[firewalls.f]\nallow = 3", "4: `allow`: Expected `array`, got `int`."),
        ("[networks]\nmain = 3", "4: [networks.main] is a table, not a number."),
        ("servers = 3", "3: `servers` are tables, each with a name: [servers.NAME]."),
        ("serves = 3", "3: A file of infrastructure has no `serves`; did you mean `servers`?"),
        ("[networks.m]\nrange = ", "4: This is no TOML: Invalid value."),
        ('[networks.m]\nrange = "8.8.8.0/24"', "4: 8.8.8.0/24 is no private range; take one within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."),
        ('[load_balancers.l]\ntype = "lb11"\nservices = [\n{ listen = 443, to = 80, protocol = "https" },\n]', "6: HTTPS needs a certificate."),
        ('[load_balancers.l]\ntype = "lb11"\ntargets = "role=web"', "5: No server has the labels role=web."),
        ('[certificates.c]\nfile = "x.pem"', "3: A certificate has `domains`, which Hetzner orders, or both `file` and `key_file`."),
        ('[zones."a.example"]\nrecords = [\n"@ A 2001:db8::1",\n]', "5: 2001:db8::1 is IPv6; write AAAA."),
        ('[zones."a.example"]\nrecords = ["@ CNAME b.example"]', "4: CNAME of @ stands beside the zone's own name; a CNAME stands alone."),
        ('[harden]\nprofile = "cis-1"', "4: [harden] has no `cis-1`; did you mean `cis-l1`?"),
        ('[harden]\n[[harden.waive]]\ncheck = "a"\nreason = "b"\nuntil = "soon"', "7: `until`: Invalid RFC3339 encoded date."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_clear_line(text: str, told: str) -> None:
    files = {"bad.yaml": "packages: []", "id": "-----BEGIN OPENSSH PRIVATE KEY-----"}
    assert f"infra/shop.toml:{told}" in faults(TOP + text, files=files)


def test_a_type_that_the_api_offers_is_no_fault() -> None:
    text = File("infra/shop.toml", TOP + '[servers.web]\ntype = "cx99"\nimage = "debian-12"')
    assert read([text]).faults
    assert not read([text], catalogue=SHIPPED.with_more(servers=["cx99"])).faults


def test_more_than_a_project_holds_is_told_and_not_made() -> None:
    tables = "".join(f"[servers.s{n}]\ncount = 100\n{SERVER}" for n in range(11))
    assert [each.partition(": ")[2] for each in faults(TOP + tables)] == [
        "A project has 1,000 servers at most; split it."
    ]
    assert faults("#" * 1_000_001) == [
        "infra/shop.toml:1: The file is longer than 1,000,000 characters; split it."
    ]


def test_servers_of_a_table_are_numbered_and_so_is_what_is_theirs() -> None:
    text = f"""[networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.1.0/24"]
[primary_ips.web-1]
[primary_ips.web-2]
[servers.web]
count = 2
{SERVER}network = "main"
ip = "10.0.1.10"
primary_ipv4 = "web-{{n}}"
rdns = "web-{{n}}.shop.example"
"""
    second = fields(text, "server", "web-2")
    assert second["networks"] == [{"network": "main", "ip": "10.0.1.11"}]
    assert second["primary_ipv4"] == "web-2"
    assert second["rdns"] == {"ipv4": "web-2.shop.example"}
    assert fields(text, "primary_ip", "web-2")["server"] == "web-2"


def test_records_name_what_the_file_makes() -> None:
    text = f"""[servers.mail]
{SERVER}[zones."shop.example"]
records = ["@ A mail", "@ 300 MX 10 mail", "a CNAME b.example", "@ TXT v=spf1 -all", "@ A 203.0.113.1"]
"""
    assert fields(text, "zone", "shop.example")["records"] == [
        {"name": "@", "type": "A", "ttl": 0, "values": ["203.0.113.1", "ref:server/mail"]},
        {"name": "@", "type": "MX", "ttl": 300, "values": ["10 mail"]},
        {"name": "@", "type": "TXT", "ttl": 0, "values": ['"v=spf1 -all"']},
        {"name": "a", "type": "CNAME", "ttl": 0, "values": ["b.example."]},
    ]


def test_a_folder_is_read_with_what_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / "infra/keys").mkdir(parents=True)
    (tmp_path / "infra/shop.toml").write_text(TOP + '[keys.ann]\nfile = "keys/ann.pub"\n')
    (tmp_path / "infra/keys/ann.pub").write_text(f"{KEY} ann@laptop\n")
    (tmp_path / "vedette.toml").write_text('host = "0.0.0.0"\n')
    found = opening.opened(tmp_path)
    assert found.faults == ()
    assert found.desired is not None
    assert found.desired.things[0].fields == {"public": KEY}
    assert opening.opened(tmp_path / "infra/shop.toml").desired == found.desired or found.desired.files
    (tmp_path / "infra/keys/ann.pub").unlink()
    assert [str(each) for each in opening.opened(tmp_path).faults] == [
        "infra/shop.toml:4: keys/ann.pub cannot be read: No such file or directory."
    ]


def test_what_is_wrong_is_raised_as_a_whole() -> None:
    with pytest.raises(ConfigError, match="did you mean `servers`") as caught:
        desired([File("infra/shop.toml", "serves = 1\nsevers = 2")])
    assert str(caught.value).count("\n") == 2


def test_the_settings_leave_infrastructure_alone(tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(f"port = 8123\n\n[infra]\n{TOP}\n[infra.servers.web]\n{SERVER}")
    assert settings.load({}, tmp_path / "vedette.toml").port == 8123


def test_a_roll_is_read_and_one_that_could_not_be_taken_back_or_seen_healthy_is_refused() -> None:
    text = (
        TOP
        + '[load_balancers.front]\ntype = "lb11"\n[rolls.web]\nbalancer = "front"\nunit = "shop.service"\nbatch = 3\n'
    )
    found = desired([File("infra/shop.toml", text)]).rolls["web"]
    assert (found.balancer, found.roll) == ("front", Roll(unit="shop.service", batch=3))
    wrong = '[rolls.web]\nbalancer = "frnt"\ndo = "x"\nbatch = 0\n[rolls.db]\ndo = "x"\nhosts = { db = "-o" }\nproject = "shop"\n'
    assert faults(TOP + wrong) == [
        "infra/shop.toml:6: `batch`: Expected `int` >= 1.",
        'infra/shop.toml:7: Nothing would tell who is healthy: health = "http://{address}:8000/health".',
        'infra/shop.toml:8: Say how it is undone: `undo`; "true" is for what needs no undoing.',
        "infra/shop.toml:9: '-o' is no address.",
        "infra/shop.toml:10: A Vedette is told with both `send` (its address) and `project` (there).",
    ]
    assert faults(TOP + '[rolls.web]\nbalancer = "frnt"\n')[0].startswith(
        "infra/shop.toml:3: Say what is done"
    )
