"""`vedette deploys …`."""

from vedette.cli.out import emit, table
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import ConfigError


def add_deploy(
    project: str, *, version: str, environment: str = "", url: str = "", started: str = "", finished: str = "",
    commit: str = "", by: str = "", id: str = "", json: bool = False,  # noqa: A002 - the option's name
) -> None:  # fmt: skip
    """Record that a version of a project went out; one with the same id, or the same times, is recorded once.

    Parameters
    ----------
    project
        Slug or id of the project.
    version
        What went out, as its SDK names the release.
    environment
        Where to: production, staging, …
    url
        Where to read more: the pipeline's run, the release.
    started
        When it began (ISO 8601; without a zone it is UTC).
    finished
        When it was out; now without this.
    commit
        The commit it was built from.
    by
        Who did it.
    id
        What names this deploy, so that telling it twice changes nothing.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools
    from vedette.deploys.types import DeployDraft, Source

    draft = DeployDraft(
        version=version, environment=environment, url=url, commit=commit, by=by, source=Source.CLI,
        started=_instant(started, "--started"), finished=_instant(finished, "--finished"), key=id,
    )  # fmt: skip
    with tools.opened() as ports:
        from vedette.deploys import service, signal
        from vedette.projects import service as projects

        owner = projects.project(project)
        done = service.record(SYSTEM, owner, draft, ports.clock.now())
        tools.tell_server(ports)
        page = ports.settings.public_url + signal.link(done.deploy.version, owner.slug)
    value = {"id": done.deploy.id, "project": owner.slug, "version": done.deploy.version,
             "finished_at": iso(done.deploy.finished), "recorded": done.is_new, "page": page}  # fmt: skip
    word = "is recorded" if done.is_new else "was recorded before"
    emit(value, f"{owner.slug} {done.deploy.version} {word}: {page}", json=json)


def list_deploys(*, project: str = "", json: bool = False) -> None:
    """List the last 25 deploys, newest first.

    Parameters
    ----------
    project
        Only this project (slug or id).
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened():
        from vedette.deploys import service
        from vedette.projects import service as projects

        slugs = {one.id: one.slug for one in projects.projects()}
        found = service.deploys(projects.project(project).id if project else None).deploys
    rows = [
        {"project": slugs.get(one.project, ""), "version": one.version, "environment": one.environment,
         "finished": iso(one.finished), "by": one.by}
        for one in found
    ]  # fmt: skip
    emit(rows, table(rows, "No deploy yet: `vedette deploys add shop --version 1.0`."), json=json)


def _instant(text: str, option: str) -> float | None:
    try:
        return parse_iso(text) if text else None
    except (ValueError, OverflowError):
        raise ConfigError(f"{option} {text}: it is no time; write 2026-11-24T02:14:00Z.") from None
