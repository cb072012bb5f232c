"""`vedette harden …` as people call it; ssh is a program that answers as a host does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cyclopts import App

from vedette.cli.hardening import harden
from vedette.core.errors import Invalid, VedetteError

LOOK = (
    "host\tlogin\troot\nhost\tat\t1764000000\nfile\t644\t0\t0\t0\tL2V0Yy9zc2gvc3NoZF9jb25maWc=\t\nfinished\n"
)
SSH = """#!/bin/sh
printf '%s\\n' "$*" >>{folder}/words
cat >/dev/null
host=; former=; for word; do [ "$former" != -- ] || host=$word; former=$word; done
count=$(ls {folder} | grep -c "said.$host."); touch {folder}/said.$host.$count
[ -f {folder}/answer.$host.$count ] || exit 255
cat {folder}/answer.$host.$count
"""
APP = App(default_command=harden)
Run = Callable[..., int]


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ssh").write_text(SSH.format(folder=folder))
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("HCLOUD_TOKEN", raising=False)
    return folder


def answers(folder: Path, *texts: str, host: str = "web-1") -> None:
    for number, text in enumerate(texts):
        (folder / f"answer.{host}.{number}").write_text(text)


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        APP([str(each) for each in words], exit_on_error=False, print_error=False)
    return int(ended.value.code or 0)


def test_a_plan_tells_and_changes_nothing(ssh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(ssh, LOOK)
    assert run("web-1", "--plan", "--user", "ann", "--identity", "/k", "--ssh-option", "ProxyJump=b") == 2
    assert capsys.readouterr().out.startswith("web-1: ")
    words = (ssh / "words").read_text().split()
    assert words[:6] == ["-i", "/k", "-o", "IdentitiesOnly=yes", "-o", "ProxyJump=b"]
    assert words[words.index("-l") + 1] == "ann"


def test_it_is_done_and_proven(ssh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(ssh, LOOK, "armed\tx\ndone\n", "kept\n", LOOK)
    assert run("root@web-1", "--yes", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["host"] == "root@web-1"
    assert told["hardened"]["ended"] == "kept"
    assert told["hardened"]["left"]


def test_what_was_taken_back_is_a_fault_and_the_others_go_on(
    ssh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(ssh, LOOK, "failed\tssh: bad line\nback\n")
    answers(ssh, LOOK, "armed\tx\ndone\n", "kept\n", LOOK, host="web-2")
    assert run("web-1", "web-2", "web-3", "--yes") == 1
    said = capsys.readouterr()
    assert "web-1 was NOT hardened. ssh: bad line" in said.out
    assert "web-2 is harder" in said.out
    assert "web-3 cannot be signed in to" in said.err


MEET = """#!/bin/sh
cat >/dev/null
touch {folder}/here.$$
until [ $(ls {folder} | grep -c here) -ge 3 ]; do sleep 0.05; done
printf '{look}'
"""


def test_hosts_are_worked_on_beside_each_other_and_each_says_its_piece_whole(
    ssh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (ssh / "ssh").write_text(MEET.format(folder=ssh, look=LOOK.replace("\n", "\\n")))
    assert run("web-1", "web-2", "web-3", "--plan") == 2
    pieces = [
        "".join(c for c in part if c.isdigit())[:1] for part in capsys.readouterr().out.split("web-")[1:]
    ]
    assert sorted(pieces) == ["1", "2", "3"]


FORMER = "run\trun-1\t1764000000\nwould\tL2V0Yy9pc3N1ZQ==\nstays\tL2V0Yy9tb3Rk\npackages\tdGVsbmV0IA==\n"


def test_a_run_that_was_kept_is_taken_back_and_proven(ssh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(ssh, FORMER)
    assert run("web-1", "--undo", "--plan") == 2
    told = capsys.readouterr().out
    assert "the run of 2025-11-24T16:00:00.000Z is taken back: 1 paths" in told
    assert "/etc/issue" in told
    assert "! /etc/motd stays as it is: somebody changed it since" in told
    assert "packages: telnet" in told
    answers(ssh, "", FORMER, LOOK, "armed\tx\ndone\n", "kept\n", LOOK)
    assert run("web-1", "--undo", "--yes") == 0
    assert "web-1 is as it was before: 1 paths, proven and kept so." in capsys.readouterr().out


def test_taking_back_what_nobody_proves_is_a_fault_and_what_was_never_done_is_none(
    ssh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(ssh, FORMER, LOOK, "armed\tx\ndone\n", "back\n")
    answers(ssh, "none\n", host="web-2")
    answers(ssh, "who are you", host="web-3")
    assert run("web-1", "web-2", "web-3", "--undo", "--yes") == 1
    said = capsys.readouterr()
    assert "web-1 is still hardened: taking it back did not come through." in said.out
    assert "web-2: no run was kept here" in said.out
    assert "web-3: The host did not tell of its runs" in said.err


def test_nobody_who_could_be_asked_means_no(ssh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(ssh, LOOK)
    assert run("web-1") == 1
    assert "add --yes" in capsys.readouterr().err


def test_all_servers_of_the_files_with_their_rules_profile_and_waivers(
    ssh: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/shop.toml").write_text(
        'project = "shop"\nlocation = "fsn1"\n[servers.web]\ncount = 2\ntype = "cx23"\nimage = "debian-12"\nlabels = { role = "web" }\n'
        '[firewalls.web]\non = "role=web"\nallow = ["tcp/8443 from any"]\n[harden]\nprofile = "cis-l2"\n'
        '[[harden.waive]]\ncheck = "ssh-forwarding"\nreason = "a jump host"\nuntil = "2199-01-01"\n'
        '[[harden.waive]]\ncheck = "ssh-x11"\nreason = "old"\nuntil = "2020-01-01"\n'
    )  # fmt: skip
    answers(ssh, LOOK)
    answers(ssh, LOOK, host="web-2")
    assert run("--all", "--infra", tmp_path, "--plan", "--json", "--allow", "udp/53 from any") == 2
    said = capsys.readouterr()
    told = (json.loads(line) for line in said.out.splitlines())
    first, second = sorted(told, key=lambda each: str(each["host"]))
    assert (first["host"], second["host"]) == ("web-1", "web-2")
    steps = {
        step["path"]: step
        for each in first["plan"]["planned"]
        for step in each.get("steps", ())
        if "path" in step
    }
    assert "tcp dport 8443 accept" in steps["/etc/nftables.d/60-vedette.nft"]["text"]
    assert "udp dport 53 accept" in steps["/etc/nftables.d/60-vedette.nft"]["text"]
    assert "/etc/audit/rules.d/60-vedette.rules" in steps
    assert "/etc/ssh/sshd_config.d/01-vedette-forwarding.conf" not in steps
    assert "The waiver of ssh-x11 ended on 2020-01-01" in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [([], "Name a host"), (["web-1", "--minutes", "0.1"], "--minutes is from 1 to 60"), (["web-1", "--profile", "cis"], "is no profile"),
     (["web-1", "--allow", "443"], "is no rule"), (["web-1", "--reboot", "x"], "no time of day")],
)  # fmt: skip
def test_wrong_words_are_one_line(ssh: Path, words: list[str], why: str) -> None:
    with pytest.raises(VedetteError, match=why):
        APP(words, exit_on_error=False, print_error=False)
    assert not (ssh / "words").exists()


def test_a_host_that_is_none_is_one_line(ssh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--plan", "--", "a b") == 1
    assert "is no host" in capsys.readouterr().err


def test_a_file_that_is_wrong_is_told_and_nothing_is_done(
    ssh: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shop.toml").write_text('project = "shop"\n[harden]\nprofile = "cis-l9"\n')
    assert run("web-1", "--infra", tmp_path / "shop.toml") == 1
    assert "cis-l9" in capsys.readouterr().err


def test_judges_look_before_and_after(ssh: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = "lynis_version=3.0.8\nhardening_index={}\nwarning[]=PKGS-7388|No archive|-|-|\n"
    answers(
        ssh,
        "missing it is not installed.\n",
        report.format(60),
        LOOK,
        "armed\tx\ndone\n",
        "kept\n",
        LOOK,
        "remembered\n",
        report.format(71),
    )
    (tmp_path / "ds.xml").write_text("<a/>")
    words = ("--judge", "openscap", "--judge", "lynis", "--datastream", tmp_path / "ds.xml")
    assert run("root@web-1", "--yes", "--json", *words) == 0
    said = capsys.readouterr()
    assert said.err == "root@web-1: openscap: it is not installed.\n"
    (judged,) = json.loads(said.out)["hardened"]["judged"]
    assert (judged["judge"], judged["before"], judged["after"]) == ("lynis", 60.0, 71.0)


def test_a_data_stream_that_is_not_there_is_told_before_anything(ssh: Path) -> None:
    with pytest.raises(Invalid, match=r"^/nowhere/ds\.xml: No such file or directory\.$"):
        run("root@web-1", "--yes", "--judge", "openscap", "--datastream", "/nowhere/ds.xml")
    assert not (ssh / "words").exists()
