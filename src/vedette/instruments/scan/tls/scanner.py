"""What is wrong with the TLS of a server, and a grade with its reasons."""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import Invalid
from vedette.instruments.host.series import shown
from vedette.instruments.scan.tls import child, environment, grading, profiles, reaching, second
from vedette.instruments.scan.tls.answering import Answer, Job
from vedette.instruments.scan.tls.flaws.registry import found
from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.reaching import Reached
from vedette.instruments.scan.tls.seeing import Seen, deployed
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, Takes
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import ScanReport, Unknown

STARTTLS = ("smtp", "imap", "pop3", "ftp", "ldap", "xmpp", "xmpp_server", "rdp", "postgres")
_OPTIONS = {
    "starttls": f"how TLS begins: {', '.join(STARTTLS)}; at once without it",
    "profile": "Mozilla's profile to hold to: modern, intermediate (the default) or old",
    "server_name": "the name to ask for, when it is not the target's",
    "authority": "a PEM file of authorities to trust instead of the public ones",
}
_PATIENCE = 5.0
_LOCAL_AT_ONCE, _AT_ONCE = 10, 5
_FIX = "Run the scan again; a server that ends connections when there are many of them looks like this."


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Look at each family of addresses of a server; raises `CannotKnow` when nothing can be seen, `Invalid` for wrong options."""
    end = monotonic() + asked.deadline
    options = _checked(asked.options)
    python = environment.python()
    reached = reaching.reached(asked)
    progress(f"TLS of {asked.target} ({', '.join(reached.addresses)})", None)
    jobs = [_job(asked, reached, options, address) for address in reached.addresses]
    with ThreadPoolExecutor(len(jobs)) as pool:
        answers = list(
            pool.map(
                lambda job: _weighed(child.asked(job, python, max(1.0, end - monotonic())), reached, job),
                jobs,
            )
        )
    seen = [_seen(asked, job, answer) for job, answer in zip(jobs, answers, strict=True)]
    return _report(asked, reached, seen, options)


def _checked(options: Mapping[str, str]) -> Mapping[str, str]:
    for name in options:
        if name not in _OPTIONS:
            raise Invalid(
                f"{name[:40]!r} is no option of tls; there are {', '.join(_OPTIONS)}.", {"option": "unknown"}
            )
    profiles.profile_of(options.get("profile", profiles.DEFAULT))
    if options.get("starttls", STARTTLS[0]) not in STARTTLS:
        raise Invalid(f"{options['starttls'][:40]!r} is no way to begin TLS; there are {', '.join(STARTTLS)}.", {"starttls": "unknown"})  # fmt: skip
    if options.get("authority") and not Path(options["authority"]).is_file():
        raise Invalid(f"{options['authority'][:200]}: no such file of authorities.", {"authority": "missing"})
    return options


def _job(asked: Asked, reached: Reached, options: Mapping[str, str], address: str) -> Job:
    authority = options.get("authority", "")
    return Job(
        name=options.get("server_name") or reached.target.host, address=address, port=reached.target.port,
        starttls=options.get("starttls", "").upper(), authority=str(Path(authority).resolve()) if authority else "",
        at_once=_LOCAL_AT_ONCE if ipaddress.ip_address(address).is_loopback else _AT_ONCE,
        patience=max(1, round(min(_PATIENCE, asked.deadline / 4))),
    )  # fmt: skip


def _weighed(answer: Answer, reached: Reached, job: Job) -> Answer:
    """Return the answer with OpenSSL's word on a chain that sslyze does not trust, and on others of the same signers."""
    first = answer.certificates[0] if answer.certificates else None
    said = None if first is None or first.trusted else second.opinion(reached.target, job)
    if first is None or said is None:
        return answer
    judged = (
        msgspec.structs.replace(one, trusted=said.trusted, problem=said.problem or one.problem)
        if one.chain[1:] == first.chain[1:] and not one.trusted
        else one
        for one in answer.certificates
    )
    return msgspec.structs.replace(answer, certificates=tuple(judged))


def _seen(asked: Asked, job: Job, answer: Answer) -> Seen:
    place = f"[{job.address}]:{job.port}" if ":" in job.address else f"{job.address}:{job.port}"
    if answer.error or not answer.spoken:
        why = shown(answer.error, 300) or "it takes no suite that is known"
        raise CannotKnow(f"{asked.target} ({place}) does not speak TLS: {why}", "Name the port of TLS, or how it begins there (--option starttls=smtp).")  # fmt: skip
    seen = Seen(
        name=job.name, place=place, now=asked.now, answer=answer, profile=asked.options.get("profile", profiles.DEFAULT),
        private=bool(job.authority),
    )  # fmt: skip
    try:
        return _with_chain(seen)
    except ValueError as error:
        raise CannotKnow(
            f"The certificate of {asked.target} ({place}) cannot be read: {error}.", "Get another one."
        ) from error


def _with_chain(seen: Seen) -> Seen:
    return msgspec.structs.replace(seen, chain=deployed(seen)[0].chain)


def _report(asked: Asked, reached: Reached, seen: Sequence[Seen], options: Mapping[str, str]) -> ScanReport:
    each = [(one, found(one)) for one in seen]
    unknown = (
        *_unasked(asked, seen),
        *(Unknown(subject=asked.target, why=why, fix=_FIX) for why in _silent(reached)),
    )
    findings = [*_findings(asked, each), *(_profiled(asked, seen) if "profile" in options else ())]
    return ScanReport(
        scanner="tls", target=asked.target, at=asked.now, findings=tuple(findings), unknown=unknown,
        facts=_facts(each, reached), complete=not unknown,
    )  # fmt: skip


def _silent(reached: Reached) -> tuple[str, ...]:
    """Return the addresses that do not answer; `localhost` has two on every machine, and a server is seldom at both."""
    local = all(ipaddress.ip_address(one).is_loopback for one in reached.addresses)
    return () if local else reached.silent


def _findings(asked: Asked, each: Iterable[tuple[Seen, Sequence[Flaw]]]) -> list[Finding]:
    """Return a finding for each flaw, one for all addresses that have it."""
    places: dict[tuple[str, str], list[str]] = {}
    flaws: dict[tuple[str, str], Flaw] = {}
    for seen, found_there in each:
        for flaw in found_there:
            places.setdefault((flaw.check, flaw.subject), []).append(seen.place)
            flaws.setdefault((flaw.check, flaw.subject), flaw)
    return [_finding(asked, flaw, ", ".join(places[key])) for key, flaw in flaws.items()]


def _finding(asked: Asked, flaw: Flaw, places: str) -> Finding:
    return Finding(
        check=flaw.check, title=flaw.title, state=FindingState.FAILED, subject=flaw.subject or asked.target, risk=flaw.risk,
        why=flaw.why, fix=flaw.fix, evidence=flaw.evidence, references=flaw.references, exploited=flaw.exploited,
        place=f"{asked.target} ({places})", identity="/".join(filter(None, (asked.target, flaw.check, flaw.subject))),
    )  # fmt: skip


def _profiled(asked: Asked, seen: Sequence[Seen]) -> list[Finding]:
    """Return the finding that a profile somebody asked for is not held to."""
    name = seen[0].profile
    reasons = dict.fromkeys(text for one in seen for text in profiles.reasons(one, profiles.profile_of(name)))
    if not reasons:
        return []
    return [
        Finding(
            check="tls-profile", title=f"It does not hold to Mozilla's profile “{name}”", state=FindingState.FAILED, subject=asked.target,
            risk=2.0, why="That profile was asked for.", fix="https://ssl-config.mozilla.org/ writes the configuration of it.",
            evidence=" ".join(reasons), place=asked.target, identity=f"{asked.target}/tls-profile/{name}",
        )
    ]  # fmt: skip


def _unasked(asked: Asked, seen: Iterable[Seen]) -> list[Unknown]:
    return [
        Unknown(
            subject=f"{asked.target} ({one.place}): {command}",
            why=f"This could not be told: {shown(why, 300)}",
            fix=_FIX,
        )
        for one in seen
        for command, why in one.answer.failed.items()
    ]


def _facts(each: Sequence[tuple[Seen, Sequence[Flaw]]], reached: Reached) -> dict[str, str]:
    grades = [(grading.graded(seen, flaws), seen) for seen, flaws in each]
    grade, seen = max(grades, key=lambda pair: grading.GRADES.index(pair[0].letter))
    profile = profiles.profile_of(seen.profile)
    reasons = profiles.reasons(seen, profile)
    answer, leaf, how = seen.answer, seen.leaf, seen.deployment
    suites = [suite.openssl for name in answer.spoken for suite in answer.protocols[name]]
    return {
        "grade": grade.letter,
        "grade_reasons": " ".join(grade.reasons),
        "score": str(grading.score(seen)),
        "addresses": ", ".join(reached.addresses),
        "protocols": ", ".join(answer.spoken),
        "ciphers": ", ".join(dict.fromkeys(suites)),
        "curves": ", ".join(answer.curves),
        "profile": f"{seen.profile}: {'no' if reasons else 'yes'}",
        "profile_reasons": " ".join(reasons),
        "certificate": f"{leaf.kind} {leaf.bits}, {leaf.days:.0f} days, by {leaf.issuer}" if leaf else "",
        "anchor_sent": "yes" if how and how.anchor_sent else "no",
        "stapled": "yes" if how and how.stapled else "no",
        "resumption": f"sessions: {_plain(answer.sessions)}, tickets: {_plain(answer.tickets)}",
        "client_certificate": answer.client_certificate.lower(),
        "preload": "yes" if answer.header and answer.header.preload else "no",
    }


def _plain(text: str | None) -> str:
    return (text or "not told").lower().replace("_", " ")


SCANNER = Scanner(
    kind="tls",
    label="TLS",
    about="Protocols, suites, certificate and known holes of a server, graded with reasons.",
    takes=Takes.ENDPOINT,
    scan=scan,
    outward=True,
    options=_OPTIONS,
)
