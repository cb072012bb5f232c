"""pgBackRest without it: what is kept, from where an aim is reached, which WAL that needs, and what its words mean."""

import base64
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.instruments.backup.pgbackrest import aiming, ending, keeping, options, reading, segments
from vedette.instruments.backup.pgbackrest.ending import End
from vedette.instruments.backup.pgbackrest.reading import Backup
from vedette.instruments.backup.types import Failed, Repository, Secret
from vedette.wire.backup import Aim, Failure, Keep

DAY, NOW = 86_400.0, 1_795_000_000.0
MIB, GIB = 1 << 20, 1 << 30


def backup(
    days: float, *, full: str = "", transaction: int | None = None, error: bool = False, stop: str = ""
) -> Backup:
    """Return a backup of some days ago, whole unless it is made of another."""
    at = NOW - days * DAY
    own = f"20261101-{int(days * 100):06}"
    told = {
        "label": f"{full}_{own}I" if full else f"{own}F", "timestamp": {"start": at - 60, "stop": at}, "error": error,
        "type": "incr" if full else "full", "reference": [full] if full else None, "archive": {"start": None, "stop": stop or None},
        "annotation": {"transaction": coded(str(transaction))} if transaction else None,
    }  # fmt: skip
    return msgspec.convert(told, Backup)


def coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_what_is_needed_by_what_is_kept_stays() -> None:
    old = backup(9.0)
    there = [old, backup(8.0, full=old.label), backup(2.0), backup(1.0)]
    assert keeping.expired(there, Keep(last=2, daily=0, weekly=0, monthly=0)) == (there[1].label, old.label)
    assert keeping.expired(there[:2], Keep(last=1, daily=0, weekly=0, monthly=0)) == ()
    assert keeping.expired(there, Keep(last=0, daily=0, weekly=0, monthly=0)) == ()


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=30, unique_by=lambda one: one[0]),
       st.integers(0, 3), st.integers(0, 9), st.integers(0, 5))  # fmt: skip
def test_the_newest_is_never_removed_nor_what_another_is_made_of(
    found: list[tuple[int, bool]], last: int, daily: int, monthly: int
) -> None:
    there: list[Backup] = []
    for days, whole in sorted(found, reverse=True):
        full = next((one.label for one in reversed(there) if one.type == "full"), "")
        there.append(backup(days, full="" if whole else full))
    over = keeping.expired(there, Keep(last=last, daily=daily, weekly=0, monthly=monthly))
    left = [one for one in there if one.label not in over]
    assert there[-1] in left
    assert all(label not in over for one in left for label in one.reference or ())


def test_a_whole_one_is_due_after_some_days_and_where_the_last_is_broken() -> None:
    assert keeping.is_full_due([], NOW, 7.0)
    assert not keeping.is_full_due([backup(6.0)], NOW, 7.0)
    assert keeping.is_full_due([backup(8.0), backup(1.0, full=backup(8.0).label)], NOW, 7.0)
    assert keeping.is_full_due([backup(6.0, error=True)], NOW, 7.0)


def test_an_aim_is_reached_from_the_newest_backup_before_it() -> None:
    there = [
        backup(3.0, transaction=100),
        backup(2.0, transaction=200),
        backup(1.0, transaction=300, error=True),
    ]
    assert aiming.choose(Aim(), there) is there[1]
    assert aiming.choose(Aim(before=NOW - 2.5 * DAY), there) is there[0]
    assert aiming.choose(Aim(transaction=150), there) is there[0]
    assert aiming.choose(Aim(snapshot=there[0].label), there) is there[0]
    assert aiming.choose(Aim(snapshot=there[1].label, transaction=150), there) is there[0]


@pytest.mark.parametrize(
    ("aim", "words"),
    [
        (Aim(before=NOW - 4 * DAY), "No backup is older than what is aimed at: the oldest"),
        (Aim(transaction=99), "No backup is older"),
        (Aim(snapshot="20200101-000000F"), "no whole backup"),
    ],
)
def test_what_no_backup_reaches_is_told(aim: Aim, words: str) -> None:
    with pytest.raises(Failed, match=words) as caught:
        aiming.choose(aim, [backup(3.0, transaction=100)])
    assert caught.value.failure is Failure.AIM


def test_recovery_stops_just_before_and_not_at() -> None:
    assert "--target=2026-11-18 11:06:40.250000+00" in aiming.target(Aim(before=NOW + 0.25))
    assert "--target-exclusive" in aiming.target(Aim(before=NOW))
    assert aiming.target(Aim(transaction=7)) == ("--type=xid", "--target=7", "--target-exclusive", "--target-action=promote")  # fmt: skip
    assert aiming.target(Aim()) == ("--type=default",)


def test_wal_after_the_next_backup_is_not_fetched() -> None:
    there = [backup(3.0), backup(2.0, stop="0" * 23 + "5"), backup(1.0, stop="0" * 23 + "9")]
    assert aiming.enough(Aim(before=NOW - 2.5 * DAY), there[0], there) == "0" * 23 + "5"
    assert aiming.enough(Aim(before=NOW - 1.5 * DAY), there[1], there) == "0" * 23 + "9"
    assert aiming.enough(Aim(), there[0], there) is None


@given(st.sampled_from([MIB, 16 * MIB, 64 * MIB, GIB]), st.integers(0, 9_000), st.integers(1, 40), st.data())
def test_a_missing_segment_is_found_in_every_size(
    size: int, first: int, count: int, data: st.DataObject
) -> None:
    per = (4 * GIB) // size
    names = [f"00000001{n // per:08X}{n % per:08X}" for n in range(first, first + count)]
    assert segments.gap(names, names[0], size) == ""
    lost = data.draw(st.integers(0, count - 1))
    left = [name for name in names if name != names[lost]]
    assert segments.gap(left, names[0], size) == ("" if lost == count - 1 and left else names[lost])


def test_names_of_an_archive_are_told_apart() -> None:
    name = "000000010000000000000007"
    paths = [
        f"15-1/{name[:16]}/{name}-{'a' * 40}.zst",
        "15-1/00000002.history",
        f"15-1/{name}.partial",
        "15-1",
    ]
    assert segments.archived(paths) == ((name,), ("00000002.history",))
    names = [name, "000000010000000000000008", "000000020000000000000009"]
    assert segments.needed(names, names[1], None) == (names[1], names[2])
    assert segments.needed(names, names[0], names[1]) == (names[0], names[1])


LINE = (
    "rmgr: Transaction len (rec/tot):     34/    34, tx:        726, lsn: 0/03000060, prev 0/03000028, desc: "
)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("COMMIT 2026-11-27 07:53:32.125000 UTC", End(726, 1_795_766_012.125)),
        ("ABORT 2026-11-27 07:53:32 UTC", End(726, 1_795_766_012.0)),
        (
            "COMMIT_PREPARED 700: 2026-11-27 07:53:32.125000 UTC; rels: base/5/16384",
            End(700, 1_795_766_012.125),
        ),
        ("PREPARE gid shop: 2026-11-27 07:53:32.125000 UTC", None),
        ("ASSIGNMENT xtop 726: subxacts: 727", None),
    ],
)
def test_ends_of_transactions_are_read(told: str, found: End | None) -> None:
    assert ending.end(LINE + told) == found


def test_the_archive_reaches_an_instant_by_the_first_end_after_it() -> None:
    one = End(726, 1_795_766_012.125)
    assert ending.reaches(Aim(before=one.at), one)
    assert not ending.reaches(Aim(before=one.at + 0.001), one)
    assert ending.reaches(Aim(transaction=726), one)
    assert not ending.reaches(Aim(transaction=727), one)


def test_only_a_verdict_is_a_good_one() -> None:
    good = "stanza: shop\nstatus: ok\n"
    assert reading.faults(good) == ()
    assert reading.faults("") == ("it did not say that all is well",)
    bad = "stanza: shop\nstatus: error\n backup: 20261127-075316F, status: invalid, total files checked: 9\n   missing: 2\n"
    assert len(reading.faults(bad)) == 2


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("no JSON", Failure.DAMAGED),
        ('[{"status": {"code": 99, "message": "other"}, "repo": [{"status": {"code": 99, "message": "[FormatError] x"}}]}]', Failure.WRONG_KEY),
        ('[{"status": {"code": 99, "message": "[FormatError] \x12\ufffd"}}]', Failure.WRONG_KEY),
        ('[{"status": {"code": 99, "message": "[ChecksumError] x"}}]', Failure.DAMAGED),
        ('[{"status": {"code": 99, "message": "timeout connecting to a.example"}}]', Failure.NETWORK),
        ('[{"status": {"code": 0}, "backup": [{"label": "../../etc", "timestamp": {"start": 1, "stop": 2}}]}]', Failure.DAMAGED),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_apart(text: str, failure: Failure) -> None:
    with pytest.raises(Failed) as caught:
        reading.stanza(text)
    assert caught.value.failure is failure


def test_nothing_of_a_cluster_is_no_fault() -> None:
    assert reading.stanza("[]").missing
    assert reading.stanza('[{"status": {"code": 1}}]').missing


def repository(at: str, **settings: object) -> Repository:
    return Repository(
        name="My Shop/box", at=at, password=Secret("words of it"), secrets={"access_key": Secret("id")}, settings=settings
    )  # fmt: skip


def test_a_repository_is_told_by_options_and_its_secrets_apart() -> None:
    here = repository("s3://bucket/shop", endpoint="https://store.example:9000", path_style=False)
    known = options.settings_of(here)
    told = dict(options.plain(here, known))
    assert told["repo1-s3-endpoint"] == "store.example"
    assert told["repo1-storage-port"] == "9000"
    assert told["repo1-s3-uri-style"] == "host"
    assert "words" not in str(told)
    assert set(options.secret(here)) == {"repo1-cipher-pass", "repo1-s3-key"}
    assert options.stanza_of(here, known) == "my-shop"
    with pytest.raises(Invalid, match="full_dys"):
        options.settings_of(repository("/backup", full_dys=7))


def test_the_archive_commands_file_holds_a_line_for_each_option_and_no_more() -> None:
    text = options.file(
        {"repo1-path": "/backup"}, {"repo1-cipher-pass": Secret("words")}, "shop", {"pg1-path": "/data"}
    )
    assert text.splitlines()[1:] == [
        "[global]",
        "repo1-path=/backup",
        "repo1-cipher-pass=words",
        "[shop]",
        "pg1-path=/data",
    ]
    with pytest.raises(Invalid, match="repo1-cipher-pass"):
        options.file({}, {"repo1-cipher-pass": Secret("words\n* * * * * root id")}, "shop", {})


def test_a_cluster_that_does_not_archive_is_told_the_lines_that_are_missing() -> None:
    config = Path("/etc/x.conf")
    good = f"pgbackrest --config={config} --stanza=shop archive-push %p"
    assert options.unfit("on", good, config, "shop") == []
    assert options.unfit("off", "", config, "shop") == ["archive_mode = on", f"archive_command = '{good}'"]
    assert options.unfit("on", good, config, "shop2") == [
        f"archive_command = '{good.replace('shop', 'shop2')}'"
    ]
