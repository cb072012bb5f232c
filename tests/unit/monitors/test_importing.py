"""What other programs watch, as monitors: what is carried, that nothing is lost unseen, and that no file breaks us."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import kuma
from tests.support.rooms import NOW

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.errors import Forbidden, Invalid
from vedette.monitors import requesting, service
from vedette.monitors.importing import opening, phrasing, yamltree
from vedette.monitors.importing.port import Found, Given
from vedette.monitors.importing.registry import all_formats
from vedette.monitors.types import ByCron, Once, Tolerance, Weekly
from vedette.projects.types import Project

FOREIGN = Path(__file__).parents[2] / "support" / "foreign"
NO_CORPUS = "the reference corpora hold no configuration of it; its documented examples stand in tests/support/foreign"
# Where real files of each format are found in the reference corpora, or why there are none.
CORPORA = dict.fromkeys(("uptime-kuma", "gatus", "blackbox", "healthchecks"), NO_CORPUS) | {
    "seed": "an interface of ours, which nobody else writes"
}
ENVIRONMENT = {"GATUS_PATH": "graph"}

# What becomes of the fixtures: slug and URL or rhythm of each monitor …
CARRIED = {
    "seed": ["api https://api.example/health", "login https://www.example/login", "odd https://odd.example"],
    "healthchecks": ["nightly-backup 0 4 * * *", "import 3600.0", "timer Mon..Fri 04:00"],
    "gatus": [
        "core-front https://front.example/health", "graph https://graph.example/graph", "zone dns://8.8.8.8/example.org?type=MX",
        "mail smtp+starttls://mail.example:587", "gate icmp://gate.example", "core-job 1800.0",
    ],
    "blackbox": [
        "shop-example https://shop.example", "www-example-8080 http://www.example:8080", "host-example-22 tcp://host.example:22",
        "mail-example-587 smtp+starttls://mail.example:587", "gate-example icmp://gate.example", "192-0-2-53 dns://192.0.2.53/example.org?type=SOA",
        "shop-example-443 grpcs://shop.example:443", "wss-talk-example wss://talk.example",
    ],
    "uptime-kuma": [
        "shop https://shop.example", "price https://shop.example/price", "job 300.0", "database tcp://[2001:db8::1]:5432",
        "sum https://shop.example/sum",
    ],
}  # fmt: skip
# … and everything that is told of as not carried: place, and how the reason begins.
LEFT = {
    "seed": [
        ("checks.json healthChecks[3].timeout", "This is a text, not a number."),
        ("checks.json healthChecks[2]", "Not carried: '/health' names no host"),
        ("checks.json healthChecks[3].method", "BREW is no method"),
        ("checks.json healthChecks[3].retries", "Vedette has nothing like it."),
        ("checks.json alertEndpoints[0]", "Who is told"),
    ],
    "healthchecks": [
        ("checks.json checks[0].desc", "Vedette keeps no description"),
        ("checks.json checks[0].channels", "Who is told"),
        ("checks.json checks[1].methods", "A heartbeat counts"),
        ("checks.json checks[2]", "Its address is not told"),
        ("checks.json checks[2].success_kw", "A heartbeat is read by its address alone"),
    ],
    "gatus": [
        ("config.yaml:34 endpoints[1].headers.Authorization", "The variable GATUS_TOKEN is not set"),
        ("config.yaml:24 endpoints[0].conditions[3]", "Not carried: Assertion [STATUS] = 200, column 10"),
        ("config.yaml:26 endpoints[0].alerts[0]", "Who is told"),
        ("config.yaml:38 endpoints[1].client.oauth2", "Not carried: no token is fetched"),
        ("config.yaml:50 endpoints[5]", "Not carried: Vedette has no check for sctp:."),
        ("config.yaml:56 external-endpoints[0].token", "Its address is a new one"),
        ("config.yaml:58 external-endpoints[1]", "Not carried: nothing says how often"),
        ("config.yaml:61 suites[0]", "Not carried: a suite of steps"),
        ("config.yaml:2 alerting", "Who is told"),
        ("config.yaml:1 metrics", "This is about Gatus itself."),
        ("config.yaml:10 x-defaults", "This is about Gatus itself."),
    ],
    "blackbox": [
        ("blackbox.yml:15 modules.web.http.tls_config.ca_file", "Not carried: put what the file holds"),
        ("blackbox.yml:11 modules.web.http.fail_if_body_matches_regexp[1]", "Not carried: assertions look for texts"),
        ("prometheus.yml:18 scrape_configs[0].relabel_configs[3]", "Not carried: labels are not rewritten"),
        ("blackbox.yml:22 modules.banner.tcp.query_response[0].expect", "Not carried: only the first answer"),
        ("prometheus.yml:25 scrape_configs[1].dns_sd_configs", "Not carried: targets that are discovered"),
        ("blackbox.yml:46 modules.talk.websocket.query_response[0]", "Not carried: one text is sent"),
        ("blackbox.yml:47 modules.socket", "Not carried: Vedette has no check for the prober unix."),
        ("prometheus.yml:45 scrape_configs[8].params", "Not carried: there is no module nowhere"),
        ("prometheus.yml:47 scrape_configs[9]", "Not carried: this job asks no module"),
        ("prometheus.yml:3 rule_files", "Who is told"),
        ("blackbox.yml:49 modules.unused", "Not carried: no job of Prometheus asks this module"),
    ],
    "uptime-kuma": [
        ("backup.json monitorList[0].notification_idlist", "Who is told"),
        ("backup.json monitorList[0].resend_interval", "How often people are told again"),
        ("backup.json monitorList[0].description", "Vedette keeps no description."),
        ("backup.json monitorList[2]", "A group"),
        ("backup.json monitorList[3].push_token", "Its address is a new one"),
        ("backup.json monitorList[5].json_path", "Not carried: this is more than a path"),
        ("backup.json monitorList[6]", "Not carried: it is up when nothing answers"),
        ("backup.json monitorList[7]", "Not carried: Vedette does not sign in by ntlm."),
        ("backup.json monitorList[8]", "Not carried: Vedette has no check like docker"),
        ("backup.json notificationList[0]", "Who is told"),
    ],
}  # fmt: skip


def of(name: str) -> list[Given]:
    return [each for path in sorted((FOREIGN / name).iterdir()) for each in opening.opened(path)]


def read(name: str, files: list[Given] | None = None) -> Found:
    return all_formats()[name].read(of(name) if files is None else files, ENVIRONMENT)


def watched(entry: Any) -> str:
    rhythm = entry.draft.config.rhythm
    if rhythm is None:
        return f"{entry.draft.slug} {requesting.read(entry.draft.config.request).url}"
    return f"{entry.draft.slug} {getattr(rhythm.schedule, 'expression', '') or rhythm.schedule.seconds}"


def test_each_importer_has_fixtures_and_a_corpus_or_says_why_not() -> None:
    assert (
        set(all_formats())
        == set(CARRIED)
        == set(LEFT)
        == set(CORPORA)
        == {each.name for each in FOREIGN.iterdir()}
    )
    assert all(CORPORA.values())


@pytest.mark.parametrize("name", CARRIED)
def test_what_is_carried_and_what_is_left(house: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATUS_PATH", "graph")
    found = service.read_foreign(SYSTEM, [FOREIGN / name], NOW)
    assert [watched(entry) for entry in found.entries] == CARRIED[name]
    left = [(each.place, each.why) for each in found.left]
    assert [place for place, _ in left] == [place for place, _ in LEFT[name]]
    assert [why[: len(said)] for (_, why), (_, said) in zip(left, LEFT[name], strict=True)] == [said for _, said in LEFT[name]]  # fmt: skip
    assert "geheim" not in str(left)


@pytest.mark.parametrize("version", [1, 2])
def test_a_database_of_uptime_kuma_is_read_and_left_as_it_is(
    house: object, tmp_path: Path, version: int
) -> None:
    path = kuma.build(tmp_path / "kuma.db", version)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    found = service.read_foreign(SYSTEM, [path], NOW)
    assert [watched(entry) for entry in found.entries] == [
        "shop https://shop.example", "gate icmp://gate.example", "zone dns://1.1.1.1/example.org?type=MX", "shop-2 https://other.example",
    ]  # fmt: skip
    assert [each.place for each in found.left] == [
        "kuma.db maintenance 2 “Move” timezone", "kuma.db maintenance 5 “By hand”", "kuma.db maintenance 6 “Nobody's”",
        "kuma.db monitor 1 “Shop” resend_interval", "kuma.db monitor 2 “Gate” packet_size", "kuma.db monitor 3 “Core”",
        "kuma.db monitor 4 “Zone” dns_resolve_server", "kuma.db monitor 5 “Shop” expiry_notification",
        "kuma.db monitor 5 “Shop” interval", "kuma.db monitor 6 “Game”",
        "kuma.db status_page 1 “All”", "kuma.db notification 1 “Mail”",
    ]  # fmt: skip
    shop = found.entries[0].draft
    assert requesting.joined("http", requesting.read(shop.config.request), shop.secrets or {}).options == {
        "method": "POST", "body": "a=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}, "user": "u", "password": "geheim",
    }  # fmt: skip
    assert (shop.config.tags, shop.config.tolerance) == (
        ("team:shop", "core"),
        Tolerance(failures=3, retry=60.0),
    )
    assert shop.config.maintenance == (
        Weekly(days=(6, 0), start="02:00", minutes=150, zone="Europe/Berlin", why="Sunday"),
        Once(starts=1_796_162_400.0, ends=1_796_176_800.0, why="Move"),
        ByCron(expression="0 3 1,15 * *", minutes=60, why="Monthly"),
        ByCron(expression="0 5 * * 6", minutes=30, why="Cron"),
    )
    assert found.entries[1].paused
    assert "geheim" not in str(found.left)
    assert [each.name for each in tmp_path.iterdir()] == ["kuma.db"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_what_a_backup_of_uptime_kuma_asks(house: object) -> None:
    shop, price, _, database, _ = [each.text for each in read("uptime-kuma").carried]
    assert shop.expect == ('[BODY] contains "welcome \\"home\\""',)
    assert shop.options == {
        "method": "POST", "body": "{}", "headers": {"X-Api-Key": "geheim", "n": "1", "Content-Type": "application/json"},
        "user": "u", "password": "geheim", "proxy": "http://proxy.example:3128", "proxy_user": "u", "proxy_password": "geheim",
        "status": "200-299,401,500-599", "verify": False, "follow": False,
    }  # fmt: skip
    assert (shop.interval, shop.timeout, shop.tags) == (30.0, 24.0, ("team:shop", "core"))
    assert (price.expect, price.paused, database.expect) == (
        ("[BODY].items[0].price < 10",),
        True,
        ("[CONNECTED] == false",),
    )


def test_what_gatus_asks(house: object) -> None:
    front, graph, _, _, gate, job = [each.text for each in read("gatus").carried]
    assert front.expect == ("[STATUS] == 200", "[BODY].status == UP", "[CERTIFICATE_EXPIRATION] > 48h")
    assert (front.interval, front.timeout, front.options, front.tags) == (
        30.0,
        5.0,
        {"verify": False},
        ("core",),
    )
    assert (front.tolerance.failures, front.tolerance.successes) == (5, 1) if front.tolerance else False
    assert [window.days for window in gate.maintenance] == [
        ("mon", "thu"),
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ]
    assert graph.options["body"] == '{"query": "{ me { id } }"}'
    assert (graph.options["status"], graph.paused) == ("100-599", True), (
        "Gatus minds a status where a condition does"
    )
    assert (job.every, job.grace) == (1_800.0, 450.0)


def test_what_blackbox_asks(house: object) -> None:
    web, _, banner, _, ping, zone, health, talk = [each.text for each in read("blackbox").carried]
    assert web.options == {
        "method": "POST", "headers": {"Origin": "example.com"}, "user": "watch", "password": "geheim", "verify": False, "status": "200,301",
    }  # fmt: skip
    assert web.expect == (
        '[BODY] !contains "Could not connect"', '[BODY] contains "Download the latest version."', 'has([HEADER]["Set-Cookie"]) == false',
    )  # fmt: skip
    assert (health.options, talk.options) == (
        {"service": "shop"},
        {"headers": {"X-Some": "1", "Authorization": "Bearer geheim"}},
    )
    assert (web.family, web.interval, web.timeout, web.tags) == ("ipv4", 15.0, 5.0, ("web", "team:shop"))
    assert (banner.interval, ping.options, zone.expect) == (60.0, {"count": 1, "loss": 0}, ("[DNS_RCODE] == any(NOERROR, NXDOMAIN)",))  # fmt: skip


def test_a_heartbeat_keeps_the_address_it_had(house: object) -> None:
    found = service.read_foreign(SYSTEM, [FOREIGN / "healthchecks"], NOW, name="healthchecks")
    service.make_imported(SYSTEM, found, NOW)
    backup = service.find("nightly-backup")
    assert service.ping_url(backup).endswith("/ping/31365bce-8da9-4729-8ff3-aaa71d56b712")
    assert (service.find("import").paused, backup.config.tags) == (True, ("prod", "backups"))


def test_an_import_is_made_once_and_again_changes_nothing(shop: Project) -> None:
    found = service.read_foreign(SYSTEM, [FOREIGN / "seed"], NOW, project="shop")
    made = service.make_imported(SYSTEM, found, NOW)
    assert [one.slug for one in service.every()] == ["api", "login", "odd"]
    assert {one.project for one in service.every()} == {shop.id}
    assert (len(made.entries), accounts.audit_page().entries[0].action) == (3, "monitor.import")
    again = service.make_imported(
        SYSTEM, service.read_foreign(SYSTEM, [FOREIGN / "seed"], NOW, project="shop"), NOW
    )
    assert (again.entries, len(service.every())) == ((), 3)
    assert "There is a monitor api already; it stays as it is." in [each.why for each in again.left]


def test_what_is_imported_can_be_kept_in_files(house: object) -> None:
    written = service.read_foreign(SYSTEM, [FOREIGN / "uptime-kuma"], NOW).file
    assert "geheim" not in written.text
    assert written.variables == ("VEDETTE_SECRET_SHOP__HEADERS__X_API_KEY", "VEDETTE_SECRET_SHOP__HEADERS__N", "VEDETTE_SECRET_SHOP__BODY", "VEDETTE_SECRET_SHOP__PASSWORD", "VEDETTE_SECRET_SHOP__PROXY_PASSWORD")  # fmt: skip


def test_who_may_not_write_monitors_imports_none(house: object) -> None:
    viewer = Actor(kind=ActorKind.USER, name="v", id=7, role=Role.VIEWER)
    with pytest.raises(Forbidden):
        service.read_foreign(viewer, [FOREIGN / "seed"], NOW)


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("a: [1", "", "x.yaml:2: This is no YAML"),
        ("a: 1", "", "it looks like none of them"),
        ("a: 1", "kuma", "There is no format kuma; there are blackbox, gatus"),
        ("endpoints: []\nmodules: {m: {prober: http}}", "", "it looks like blackbox and gatus"),
        ("a: &a [x, x]\nb: &b [" + "*a, " * 9 + "*a]\nc: &c [" + "*b, " * 99 + "*b]\nd: &d [" + "*c, " * 99 + "*c]\ne: [" + "*d, " * 99 + "*d]", "", "by way of anchors"),
        ("a: &a [*a]", "", "by way of anchors"),
        ("[" * 100 + "]" * 100, "gatus", "nested too deeply"),
        ("a: 2026-99-99", "gatus", "cannot be read"),
        ("a: !!python/object:os.system x", "gatus", "This is no YAML: could not determine a constructor"),
    ],
    ids=["broken", "unknown", "no format", "two", "bomb", "circle", "deep", "date", "object"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(
    house: object, tmp_path: Path, text: str, name: str, told: str
) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(Invalid) as refused:
        service.read_foreign(SYSTEM, [tmp_path / "x.yaml"], NOW, name=name)
    assert told in str(refused.value)


def test_databases_that_are_none_or_never_end_are_refused(house: object, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5_000)
    with pytest.raises(Invalid, match="cannot be"):
        opening.opened(broken)
    (tmp_path / "latin.txt").write_bytes(b"a\n\xff")
    with pytest.raises(Invalid, match=r"latin\.txt:2: This is neither UTF-8"):
        opening.opened(tmp_path / "latin.txt")
    with pytest.raises(Invalid, match="holds 0 files"):
        opening.opened(tmp_path / "..") if not any(tmp_path.iterdir()) else opening.opened(_empty(tmp_path))
    with pytest.raises(Invalid, match="No such file"):
        opening.opened(tmp_path / "nowhere")


def _empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_changes_that_are_not_in_the_database_yet_are_told_of(house: object, tmp_path: Path) -> None:
    path = kuma.build(tmp_path / "kuma.db", 2)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("UPDATE monitor SET name = 'new'")
    database.commit()
    found = service.read_foreign(SYSTEM, [path], NOW)
    assert found.left[0].place == "kuma.db-wal"
    database.close()


def nodes(said: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    inside = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in inside:
        yield from nodes(value, (*path, key))


def replaced(said: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    copy = dict(said) if isinstance(said, dict) else list(said)
    copy[path[0]] = replaced(said[path[0]], path[1:], value)
    return copy


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
TREES = {name: of(name) for name in CARRIED}
PLACES = [
    (name, n, path)
    for name, files in TREES.items()
    for n, each in enumerate(files)
    for path in nodes(each.said)
]


@given(st.sampled_from(PLACES), JUNK)
def test_no_value_at_any_place_breaks_an_importer(
    place: tuple[str, int, tuple[str | int, ...]], junk: object
) -> None:
    name, n, path = place
    files = list(TREES[name])
    files[n] = msgspec.structs.replace(files[n], said=replaced(files[n].said, path, junk))
    assert isinstance(read(name, files), Found)


ITEMS = {"seed": "healthChecks", "healthchecks": "checks", "gatus": "endpoints", "uptime-kuma": "monitorList"}


@pytest.mark.parametrize("name", ITEMS)
def test_what_nobody_knows_is_told_of(house: object, name: str) -> None:
    (file,) = TREES[name]
    said: Any = file.said
    for n, item in enumerate(said[ITEMS[name]]):
        strange = replaced(said, (ITEMS[name], n), {**item, "unheard_of": 1})
        left = read(name, [msgspec.structs.replace(file, said=strange)]).left
        named = {each.place.rpartition(" ")[2] for each in left}
        place = f"{ITEMS[name]}[{n}]"
        assert named & {f"{place}.unheard_of", place}, "it is told of, or the whole is"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_of_yaml(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert yamltree.read("a.yaml", text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("ready", "ready"), (".*ready.*", "ready"), (r"v1\.2", "v1.2"), ("a+", None), ("^a", None), ("(?i)a", None), ("", None)],
)  # fmt: skip
def test_patterns_that_are_texts(pattern: str, text: str | None) -> None:
    assert phrasing.literal(pattern) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("1m30s", 90.0), ("500ms", 0.5), ("0", 0.0), ("1h", 3_600.0), ("", None), ("soon", None), ("1m 30s", None)]
)  # fmt: skip
def test_lengths_of_time(text: str, seconds: float | None) -> None:
    assert phrasing.seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"), [("10MB", 10_000_000), ("1MiB", 1_048_576), ("7", 7), ("2k", 2_000), ("much", None)]
)
def test_sizes(text: str, size: int | None) -> None:
    assert phrasing.size(text) == size
