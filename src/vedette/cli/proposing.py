"""`vedette guard propose`."""

from vedette.cli.out import emit


def propose(*, project: str, days: int = 14, header: bool = False, json: bool = False) -> None:
    """Print the content security policy that browsers' reports justify, as the guard's TOML.

    Parameters
    ----------
    project
        Slug or id of the project.
    days
        The reports of how many days to take; today is one.
    header
        Print the header's text alone.
    json
        Print JSON: the policy, and each source with why it is in it or not.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.errors import service

        found = service.propose_policy(project, days, ports.clock.now())
    emit(found, found.header if header else f"# {found.base}\n{found.toml.rstrip()}", json=json)
