"""Write docs/audit.md from the checks there are; a test compares what is there with what this makes."""

from pathlib import Path

from vedette.instruments.audit.registry import checks, families
from vedette.instruments.audit.types import Check

PAGE = Path(__file__).parents[1] / "docs" / "audit.md"
HEAD = """# The hardening audit

`vedette agent audit` looks at the host it runs on and says, worst first, what is not as it should be, why that matters, and what to
do. It changes nothing. It reads what is in force (`sshd -T`, kernel values in `/proc/sys`, the ruleset of nftables, mounts, sockets),
not what a file intends, wherever the host tells. Run it as root: what it may not read it calls unknown, and what is unknown never passes.

```
vedette agent audit                    # everything, worst first
vedette agent audit --only ssh         # one family
vedette agent audit --fail-on high     # exit 1 for what is high or critical alone
vedette agent audit --json             # one line of JSON
```

It exits 0 when nothing at or above `--fail-on` (medium without it) failed, 1 when something did, and 2 when something there could
not be told. Risks are 1 to 10: from 4 on medium, from 7 on high, from 9 on critical.

## The score

Each check counts once, by its risk and its worst finding: passed is worth all of its risk, unknown half, failed nothing. What is
waived or does not apply does not count. The score is 100 × what is worth ÷ the risk of all that counts, to one decimal.

## Waivers

What may fail on a host stands in `/etc/vedette/agent.toml`, with a reason and the last day it counts. A waiver without either, or of
a check there is not, is refused with what was meant; one that expired is told beside its finding, which counts again.

```toml
[audit.waive]
ssh-x11 = { reason = "students need it in the lab", until = 2027-03-31 }
service-unexpected = { reason = "the metrics door", until = 2027-01-31, subjects = ["tcp 0.0.0.0:9100"] }
```

Reports of Lynis and OpenSCAP that lie on the host are read, too: what they hold for wrong stands beside the findings and counts for
neither score nor exit ([how](deploy/hardening.md#what-other-auditors-say)).

## What it never does

It keeps no hash of a password: of `/etc/shadow` it knows whether a password is set, locked, missing or empty, and by which scheme it
is hashed. It reads no private key, only who else may. Programs are started with fixed words, without a shell, with a deadline and a
bound on what they say. The walk over the file systems is bounded by a minute; where it does not come to its end, checks that rest on it
say unknown. Numbers of CIS are those of the benchmark for Debian 12, version 1.1.0, where one exists.

This page is written by `python -m tools.audit_page`.

## The checks
"""


def page() -> str:
    """Return the page."""
    found = families()
    count = f"\nThere are {len(checks())}, in {len(found)} families.\n"
    return HEAD + count + "".join(_family(name, members) for name, members in found.items())


def _family(name: str, members: tuple[Check, ...]) -> str:
    rows = [
        f"| `{one.id}` | {one.title} | {one.risk:g} | {_cell(one.why)} | {_cell(one.reads)} | {', '.join(one.cis) or '–'} |\n"
        for one in sorted(members, key=lambda check: -check.risk)
    ]
    return (
        f"\n### {name}\n\n| check | what should be so | risk | why | read from | CIS |\n|---|---|---|---|---|---|\n"
        + "".join(rows)
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
