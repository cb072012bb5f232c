"""`vedette projects …`."""

from vedette.cli.out import emit, table


def add_project(name: str, *, platform: str = "other", slug: str = "", json: bool = False) -> None:
    """Add a project and print the DSN its SDK is given.

    Parameters
    ----------
    name
        What people call it; its slug is made from it.
    platform
        What it runs on: python, django, fastapi, flask, node, express, javascript, react, php, ruby, go, …
    slug
        The name in links and issue keys, when it should not be made from the name.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.projects import service as projects

        made = projects.create_project(SYSTEM, name, platform, ports.clock.now(), slug)
        dsn = projects.dsn(projects.keys(made.id)[0], ports.settings.public_url)
        tools.tell_server(ports)
    emit(
        {"id": made.id, "slug": made.slug, "dsn": dsn},
        f"{made.name} is project {made.id}.\nDSN: {dsn}",
        json=json,
    )


def list_projects(*, json: bool = False) -> None:
    """List projects with the DSN of their first active key."""
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.projects import service as projects

        rows = []
        for project in projects.projects():
            keys = [key for key in projects.keys(project.id) if key.active]
            dsn = projects.dsn(keys[0], ports.settings.public_url) if keys else ""
            rows.append({"id": project.id, "slug": project.slug, "name": project.name, "platform": project.platform, "dsn": dsn})  # fmt: skip
    shown = [{name: str(value) for name, value in row.items()} for row in rows]
    emit(rows, table(shown, "No projects yet: `vedette projects add shop --platform python`."), json=json)
