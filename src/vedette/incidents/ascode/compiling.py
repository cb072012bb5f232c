"""From what files say to incident rules and runbooks; what is wrong is told with its line. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from vedette.alerts.types import Matchers
from vedette.core.errors import Invalid
from vedette.incidents import drafting
from vedette.incidents.ascode.written import IncidentRuleFile, IncidentRuleText, RunbookFile, RunbookText
from vedette.incidents.runbooks import reading
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import IncidentRuleDraft
from vedette.wire.ascode.reading import Fault, Path, Read, line_of

T = TypeVar("T", IncidentRuleDraft, RunbookDraft)
Filed = tuple[T, str]
Wrong = dict[str, str]


class There(msgspec.Struct, frozen=True, kw_only=True):
    """What names mean here: projects and runbooks by slug, people by address; `matchers` reads them (raises `Invalid`)."""

    matchers: Callable[[str], Matchers]
    projects: Mapping[str, int] = {}
    people: Mapping[str, int] = {}
    runbooks: Collection[str] = ()


def rules(
    files: Sequence[Read[IncidentRuleFile]], there: There
) -> tuple[tuple[Filed[IncidentRuleDraft], ...], tuple[Fault, ...]]:
    """Return the rules that files say, each with its file, or what is wrong with them."""
    found, faults, names = list[Filed[IncidentRuleDraft]](), list[Fault](), set[str]()
    for file, path, text in (
        (f, ("incident_rule", n), t) for f in files for n, t in enumerate(f.said.incident_rule)
    ):
        draft, wrong = _rule(text, there)
        if text.name in names:
            wrong["name"] = f"There are two incident rules named {text.name!r}."
        names.add(text.name)
        faults += [file.fault((*path, field), told) for field, told in wrong.items()]
        found.append((draft, file.name))
    return tuple(found), tuple(faults)


def runbooks(
    files: Sequence[Read[RunbookFile]], there: There, problems: Callable[[RunbookDraft], Mapping[str, str]]
) -> tuple[tuple[Filed[RunbookDraft], ...], tuple[Fault, ...]]:
    """Return the runbooks that files say, each with its file, or what is wrong with them; `problems` judges the rest."""
    found, faults, slugs = list[Filed[RunbookDraft]](), list[Fault](), set[str]()
    for file, path, text in ((f, ("runbook", n), t) for f in files for n, t in enumerate(f.said.runbook)):
        draft, wrong = _runbook(text, there)
        wrong = {**problems(draft), **wrong}
        if text.slug in slugs:
            wrong["slug"] = f"There are two runbooks named {text.slug!r}."
        slugs.add(text.slug)
        faults += _told(file, path, text, wrong)
        found.append((draft, file.name))
    return tuple(found), tuple(faults)


def _rule(text: IncidentRuleText, there: There) -> tuple[IncidentRuleDraft, Wrong]:
    wrong: Wrong = {}
    draft = IncidentRuleDraft(
        name=text.name.strip(), matchers=_matchers(text.matchers, there, wrong), severity=text.severity,
        project=there.projects.get(text.project), group_by=text.group_by, impact=text.impact, urgency=text.urgency,
        runbook=text.runbook, quiet_minutes=text.quiet_minutes, enabled=text.enabled,
    )  # fmt: skip
    if text.project and text.project not in there.projects:
        wrong["project"] = f"There is no project {text.project!r}."
    return draft, {**drafting.rule_problems(draft, there.projects.values(), there.runbooks), **wrong}


def _runbook(text: RunbookText, there: There) -> tuple[RunbookDraft, Wrong]:
    wrong: Wrong = {}
    owner = there.people.get(text.owner.strip().casefold())
    if text.owner and owner is None:
        wrong["owner"] = f"Nobody in the team has the address {text.owner!r}."
    matchers = _matchers(text.matchers, there, wrong)
    return RunbookDraft(slug=text.slug, name=text.name, text=text.text, owner=owner, matchers=matchers), wrong


def _matchers(text: str, there: There, wrong: Wrong) -> Matchers:
    try:
        return there.matchers(text) if text.strip() else ()
    except Invalid as error:
        wrong["matchers"] = str(error)
        return ()


def _told(
    file: Read[RunbookFile], path: Path, text: RunbookText, wrong: Mapping[str, str]
) -> Iterator[Fault]:
    """Yield what is wrong with a runbook; what is wrong in the text of a Markdown file has its own line."""
    lined = reading.faults(text.text) if file.name.endswith(".md") and "text" in wrong else ()
    begins = line_of(file.lines, (*path, "text"))
    for line, said in lined:
        yield Fault(file.name, begins + line - 1, f"{said[0].upper()}{said[1:]}.")
    yield from (
        file.fault((*path, field), told) for field, told in wrong.items() if field != "text" or not lined
    )
