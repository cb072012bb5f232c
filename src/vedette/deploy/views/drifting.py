"""The page of drift: who moved what since when, old and new line by line, and both ways out."""

import difflib
from collections.abc import Mapping

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import VedetteError
from vedette.deploy import service
from vedette.deploy.types import CloudProject, Deed, KeptDrift, Way
from vedette.deploy.views import common, marks, saying

_PATCHES, _PAST = 20, 50


class DriftRow(msgspec.Struct, frozen=True, kw_only=True):
    """A drift as the page shows it. `patch` is what adopting it writes, `unsaid` why nothing can; `quick` says that a revert is
    without danger: one button does it, and `mark` what it does."""

    one: KeptDrift
    page: str
    project: str
    kind: str
    tone: str
    word: str
    way: str
    side: str
    target: str
    patch: str = ""
    unsaid: str = ""
    quick: bool = False
    revertible: bool = False
    mark: str = ""
    source: str = ""


@require_safe
@needs(Verb.INFRA_READ)
def every(request: Request) -> HttpResponse:
    """List what drifted, of a project or all, the latest first; and what was over lately. What files say is shown to who may say it."""
    most = _PATCHES if may(request.actor, Verb.INFRA_WRITE).allowed else 0
    project, names = common.narrowed(request), common.names()
    wanted = [project] if project is not None and project in names else list(names)
    still = sorted((each for key in wanted for each in service.drifts(key)), key=lambda each: -each.until)
    past = sorted(
        (each for key in wanted for each in service.past_drifts(key, "", _PAST).items),
        key=lambda each: -(each.ended_at or 0.0),
    )
    watched = any(each.files and each.read_at for each in service.projects())
    context = {
        "said": saying.of_drifts(still, watched=watched), "still": [_open(each, names, known=n < most) for n, each in enumerate(still)],
        "past": [_row(each, names) for each in past[:_PAST]], "projects": bool(names),
        "chips": _chips(project, names), "sections": common.sections("drift/"), **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/drift.html", context)


def _row(one: KeptDrift, names: Mapping[int, str]) -> DriftRow:
    tone, word = marks.DRIFTS[one.state]
    return DriftRow(
        one=one, page=common.page_of(one.project), project=names.get(one.project, ""), kind=marks.called(one.ref.kind), tone=tone, word=word,
        way=marks.WAYS[one.way], side=marks.SIDES.get(one.side, ""), target=f"{one.ref.kind}/{one.ref.name}",
    )  # fmt: skip


def _open(one: KeptDrift, names: Mapping[int, str], *, known: bool) -> DriftRow:
    """Return an open drift, with what both ways out would do where there are not too many."""
    row = _row(one, names)
    if not known:
        return msgspec.structs.replace(row, revertible=one.way is not Way.FOREIGN)
    project = service.project(str(one.project))
    return msgspec.structs.replace(
        row, source=project.source, **_adopt(row, project), **_revert(row, project)
    )


def _revert(row: DriftRow, project: CloudProject) -> dict[str, object]:
    """Return whether it can be reverted from here, and whether that endangers nothing: foreign things are never touched."""
    try:
        found = service.planned(row.one.project, Deed.REVERT, (row.target,), common.now())
    except VedetteError:
        return {}
    if not found.planned.changes:
        return {}
    return {
        "revertible": True,
        "quick": not (found.typed or found.planned.dangers or common.needs_token(project)),
        "mark": found.mark,
    }


def _adopt(row: DriftRow, project: CloudProject) -> dict[str, object]:
    """Return what adopting it writes into the files, or why nothing can."""
    try:
        found = service.adoption(row.one.project, (row.target,))
    except VedetteError as error:
        return {"unsaid": str(error)}
    return {"patch": patch(project.files, found.texts), "unsaid": " ".join(found.left.values())}


def patch(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return what files differ in, as people know it from version control."""
    lines = [
        line
        for name, text in after.items()
        for line in difflib.unified_diff(
            before.get(name, "").splitlines(), text.splitlines(), name, name, n=2, lineterm=""
        )
    ]
    return "\n".join(lines)


def _chips(project: int | None, names: Mapping[int, str]) -> list[common.Chip]:
    if len(names) < 2:
        return []
    chips = [
        common.Chip(name, f"{common.PAGE}drift/?project={key}", key == project) for key, name in names.items()
    ]
    return [common.Chip("All projects", f"{common.PAGE}drift/", project is None), *chips]
