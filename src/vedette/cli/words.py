"""The words of `vedette`, parsed by cyclopts. What a verb needs is loaded when it runs."""

from cyclopts import App, CycloptsError, Parameter

from vedette import cli
from vedette.cli.agent_words import APP as AGENT
from vedette.core.errors import ConfigError

_V = f"{cli.__name__}."

app = App(
    name="vedette",
    help="Vedette watches the web applications of a small team: errors become issues people are told about.",
    version_flags=[],
    default_parameter=Parameter(negative=()),
)
users = App(name="users", help="People who sign in.")
projects = App(name="projects", help="Applications that report here.")
deploys = App(name="deploys", help="Versions that went out.")
monitors = App(name="monitors", help="What is watched.")
locations = App(name="locations", help="Where monitors are checked from, besides here.")
hosts = App(name="hosts", help="Machines that an agent watches, and who may speak for them.")
incidents = App(name="incidents", help="What is broken, declared by hand or by a rule.")
alerts = App(name="alerts", help="What fires, and why people are told of it or not.")
oncall = App(name="oncall", help="Who gets the next page, until when, and who then.")
tokens = App(name="tokens", help="Tokens for the REST API.")
passwords = App(name="passwords", help="Which passwords people may choose.")
filters = App(name="filter", help="The filter of leaked passwords.")
privacy = App(name="privacy", help="What is kept about end users of your applications.")
guard = App(
    name="guard",
    help="The policy in front of your applications: as proxy configuration, against a live site, from reports.",
)
certificates = App(name="certificates", help="HTTPS by Caddy in front.")
bans = App(name="bans", help="Who is banned: everywhere on the server, else on this host.")
allow = App(name="allow", help="Who is never banned: everywhere on the server, else on this host.")
feeds = App(name="feeds", help="What is known of weaknesses in packages, kept on this machine.")
dev = App(name="dev", help="What helps to try things out without harm.")
service = App(name="service", help="Vedette as a service of this machine.")


_GROUPS = (
    users, projects, deploys, monitors, locations, alerts, tokens, passwords, privacy, certificates, guard, bans, allow,
    service, AGENT, hosts, incidents, oncall,
    feeds,
    dev,
)  # fmt: skip


@app.command(name="version")
def show_version(*, json: bool = False) -> None:
    """Print the version."""
    from importlib.metadata import version

    from vedette.cli.out import emit

    emit({"version": version("vedette")}, f"vedette {version('vedette')}", json=json)


def build() -> App:
    """Return the application with every verb."""
    app.command(f"{_V}up:up", help="Run Vedette until Ctrl-C.")
    app.command(f"{_V}check:check_config", name="check-config", help="Say whether the settings are right.")
    app.command(f"{_V}probing:check", name="check", help="Look at URLs once, or again and again.")
    app.command(f"{_V}scanning:APP", name="scan", help="Look for weaknesses in what you ship or expose.")
    app.command(f"{_V}backing:APP", name="backup", help="Make, prove and restore backups of this host.")
    app.command(f"{_V}backup_restoring:RESTORE", name="restore", help="Bring a backup of this host back.")
    app.command(f"{_V}deploying:APP", name="deploy", help="Keep a Hetzner project as files say.")
    app.command(f"{_V}hardening:harden", name="harden", help="Make hosts harder, or put everything back.")
    app.command(f"{_V}outposts:probe", name="probe", help="Check from here for a Vedette elsewhere.")
    app.command(f"{_V}doctor:doctor", help="Look for what is wrong with this installation.")
    app.command(f"{_V}trial:send", name="test-error", help="Send a real error the whole way.")
    app.command(f"{_V}ascode:apply", name="apply", help="Put in force what files plan, watch and route.")
    app.command(f"{_V}export:export", help="Write everything into a file, or print issues or events.")
    app.command(f"{_V}arrival:read", name="import", help="Read what export wrote.")
    _admit()
    projects.command(f"{_V}applications:add_project", name="add", help="Add a project and print its DSN.")
    projects.command(f"{_V}applications:list_projects", name="list", help="List projects and their DSNs.")
    deploys.command(f"{_V}rollouts:add_deploy", name="add", help="Record that a version went out.")
    deploys.command(f"{_V}rollouts:list_deploys", name="list", help="List what went out.")
    _feed()
    _watch()
    _carry()
    _place()
    alerts.command(f"{_V}alerting:list_alerts", name="list", help="List what fires, worst first.")
    alerts.command(
        f"{_V}alerting:explain", name="explain", help="Tell why somebody is told of an alert, or not."
    )
    oncall.command(f"{_V}oncall:who", name="who", help="Tell who is on call now, until when, and who then.")
    oncall.command(f"{_V}oncall:shifts", name="shifts", help="List the shifts of a schedule, gaps included.")
    tokens.command(f"{_V}people:add_token", name="add", help="Make an API token; it is printed once.")
    filters.command(f"{_V}passwords:build_filter", name="build", help="Build it from a list and install it.")
    filters.command(f"{_V}passwords:check_filter", name="check", help="Tell which one is installed.")
    passwords.command(filters)
    privacy.command(f"{_V}privacy:erase", name="erase", help="Erase what is kept about one end user.")
    privacy.command(f"{_V}privacy:receipt", name="receipt", help="Show and verify a receipt.")
    _guard()
    _host()
    _ban()
    _detect()
    _install()
    _develop()
    _watch_host()
    for group in _GROUPS:
        app.command(group)
    return app


def _watch_host() -> None:
    AGENT.command(f"{_V}auditing:audit", name="audit", help="Tell how hard this host is, worst first.")
    AGENT.command(f"{_V}agent:run", name="run", help="Watch this host until Ctrl-C.")
    AGENT.command(f"{_V}agent:show", name="status", help="Tell what it reads and what waits.")
    AGENT.command(f"{_V}agent:show_backups", name="backups", help="Tell which plans of backups it runs.")
    AGENT.command(f"{_V}agent:back_up", name="backup", help="Back up one of its plans at once.")
    AGENT.command(f"{_V}agent:show_unit", name="unit", help="Print or install its unit for systemd.")


def _guard() -> None:
    guard.command(f"{_V}guarding:render", name="render", help="Write it as configuration of Caddy or nginx.")
    guard.command(f"{_V}guarding:check", name="check", help="Look whether a live site keeps it.")
    guard.command(
        f"{_V}asvs:show", name="asvs", help="Tell which requirements of OWASP ASVS 5.0 are covered."
    )
    guard.command(f"{_V}proposing:propose", name="propose", help="Write the CSP that reports justify.")


def _host() -> None:
    app.command(
        f"{_V}besieging:APP", name="attack", help="Hold a flood back for a while, and see what holds."
    )
    AGENT.command(f"{_V}enrolling:enroll", name="enroll", help="Let this host be watched by a server.")
    incidents.command(
        f"{_V}responding:list_incidents", name="list", help="List what is open, the worst first."
    )
    incidents.command(f"{_V}responding:declare", name="declare", help="Declare one.")
    incidents.command(f"{_V}responding:note", name="note", help="Write a note on a timeline.")
    incidents.command(f"{_V}responding:resolve", name="resolve", help="Say that one is over.")
    hosts.command(f"{_V}hosts:list_hosts", name="list", help="List them, worst first.")
    hosts.command(f"{_V}hosts:make_token", name="token", help="Make a token that lets one host in.")
    hosts.command(f"{_V}hosts:revoke_host", name="revoke", help="Let one say nothing any more, at once.")
    hosts.command(f"{_V}hosts:rotate_host", name="rotate", help="Have one make a new key.")
    hosts.command(f"{_V}hosts:remove_host", name="remove", help="Remove one with all that is known of it.")


def _ban() -> None:
    bans.command(f"{_V}bans:list_bans", name="list", help="List what stands, what ends first first.")
    bans.command(f"{_V}bans:add_ban", name="add", help="Ban an address or a network.")
    bans.command(f"{_V}bans:remove_ban", name="remove", help="Lift a ban; it does not come back by itself.")
    allow.command(f"{_V}bans:list_allowed", name="list", help="List who is never banned.")
    allow.command(f"{_V}bans:add_allowed", name="add", help="Never ban an address or network; lift its bans.")
    allow.command(f"{_V}bans:remove_allowed", name="remove", help="Let it be banned again.")


def _detect() -> None:
    AGENT.command(f"{_V}detecting:explain", name="explain", help="Tell what rules make of a line.")
    AGENT.command(
        f"{_V}detecting:replay", name="replay", help="Tell what rules would have done to logs of the past."
    )
    AGENT.command(f"{_V}detecting:try_examples", name="test-rules", help="Run the examples of rules.")


def _place() -> None:
    locations.command(f"{_V}outposts:add_location", name="add", help="Add one; its token is printed once.")
    locations.command(
        f"{_V}outposts:list_locations", name="list", help="List them, and when they were last heard of."
    )
    locations.command(
        f"{_V}outposts:remove_location", name="remove", help="Remove one, also from its monitors."
    )


def _admit() -> None:
    users.command(f"{_V}people:add_user", name="add", help="Invite a person, or add one with a password.")
    users.command(
        f"{_V}people:reset_two_factor",
        name="reset-two-factor",
        help="Help one who lost phone and recovery codes.",
    )
    users.command(f"{_V}people:list_users", name="list", help="List people.")


def _watch() -> None:
    monitors.command(
        f"{_V}watching:add_monitor", name="add", help="Add a monitor; of a heartbeat, print its address."
    )
    monitors.command(f"{_V}watching:list_monitors", name="list", help="List monitors and where they stand.")
    monitors.command(
        f"{_V}watching:show_monitor", name="show", help="Show one: why it is so, and what is due."
    )


def _carry() -> None:
    monitors.command(
        f"{_V}carrying:export_monitors", name="export", help="Write those made by hand as a file."
    )
    monitors.command(
        f"{_V}carrying:import_monitors",
        name="import",
        help="Make them of what Uptime Kuma, Gatus or another program watches.",
    )


def run(argv: list[str]) -> None:
    """Run one command; raises `ConfigError` for words that make none."""
    try:
        build()(argv, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        raise ConfigError(f"{str(error).strip()} `vedette --help` lists the commands.") from error


def _feed() -> None:
    feeds.command(f"{_V}feeding:add", name="add", help="Add a feed of advisories, or replace it.")
    feeds.command(f"{_V}feeding:update", name="update", help="Bring feeds up to date from where they came.")
    feeds.command(f"{_V}feeding:status", name="status", help="Tell how old and how whole the feeds are.")
    feeds.command(f"{_V}feeding:remove", name="remove", help="Remove a feed.")


def _develop() -> None:
    dev.command(
        f"{_V}developing:hetzner_fake", name="hetzner-fake", help="Serve a fake of Hetzner's API on loopback."
    )


def _install() -> None:
    certificates.command(
        f"{_V}proxying:caddyfile", name="caddyfile", help="Print a Caddyfile that puts Caddy in front."
    )
    service.command(f"{_V}unit:install", name="install", help="Write a hardened systemd unit and start it.")
