"""The pages of what was carried out: the list, and one run with its steps as they come."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.deploy import service
from vedette.deploy.types import Act, Agreed
from vedette.deploy.views import common, marks, saying

_ROWS = 50


@require_safe
@needs(Verb.INFRA_READ)
def every(request: Request) -> HttpResponse:
    """List what was carried out, the newest first: of a project, or all."""
    page = service.runs(common.narrowed(request), request.GET.get("cursor", ""), _ROWS)
    context = {
        "said": saying.of_runs(page.items), "runs": common.run_rows(page.items, common.owners()), "page": page,
        "sections": common.sections("runs/"), **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/runs.html", context)


@require_safe
@needs(Verb.INFRA_READ)
def one(request: Request, key: str) -> HttpResponse:
    """Show a run: how far it is, each step, and what was agreed to before."""
    found = service.run(key)
    (row,) = common.run_rows([found], common.owners())
    context = {
        "said": saying.of_run(found, row.whose, common.now()), "one": found, "row": row, "going": found.state in marks.GOING,
        "again": bool(found.project and row.page) and found.state in marks.AGAIN, "agreed": [_agreed(each) for each in found.agreed],
        **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/run.html", context)


def _agreed(one: Agreed) -> dict[str, str]:
    tone, word = marks.ACTS[Act(one.act)]
    return {"name": one.name, "kind": marks.called(one.kind), "tone": tone, "word": word}
