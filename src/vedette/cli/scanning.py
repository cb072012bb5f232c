"""`vedette scan …`: a verb for each scanner there is, all that fit, and how to prove that a host is ours.

Exits 0 when nothing is wrong, 1 when something at or above `--fail-on` is, and 2 when something could not be known (or the
words make no sense), whatever else was found.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated

from cyclopts import App, Parameter

from vedette.cli import scan_asking
from vedette.cli.scan_asking import Order
from vedette.cli.scan_options import NOTHING_SAID, Wanted
from vedette.cli.scan_running import exit_with, scan
from vedette.core.errors import ConfigError
from vedette.instruments.scan.registry import first_line, kinds, load, scanners
from vedette.instruments.scan.telling import words
from vedette.instruments.scan.types import Scanner, Takes

_HELP = (
    "Look for weaknesses: exits 0 when there are none, 1 when there are, 2 when something could not be known."
)
_SWITCH, _LAZY = "yes: ", "verb_"
_KEYWORD, _POSITIONAL = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
_HERE = {Takes.PATH: "."}
_EXAMPLES = {
    Takes.PATH: "A folder or file; else the folder we are in.", Takes.FILE: "A file.", Takes.URL: "https://shop.example",
    Takes.ENDPOINT: "shop.example:443", Takes.DOMAIN: "shop.example", Takes.HOST: "shop.example",
}  # fmt: skip


def build(known: Mapping[str, Scanner]) -> App:
    """Return the verbs of these scanners, of all together, and of proving."""
    app = _app(lambda: known)
    for scanner in known.values():
        app.command(verb(scanner), name=scanner.kind, help=scanner.about)
    return app


def build_all() -> App:
    """Return the verbs of all scanners there are; each is loaded when it is called."""
    app = _app(scanners)
    for kind in kinds():
        app.command(f"{__name__}:{_LAZY}{kind}", name=kind, help=first_line(kind))
    return app


def __getattr__(name: str) -> Callable[..., None]:
    """Return the verb of a scanner by the name under which `build_all` promised it."""
    if name.startswith(_LAZY):
        return verb(load(name.removeprefix(_LAZY)))
    raise AttributeError(name)


def _app(known: Callable[[], Mapping[str, Scanner]]) -> App:
    app = App(name="scan", help=_HELP, version_flags=[], default_parameter=Parameter(negative=()))
    app.command(_all(known), name="all", help="Run all scanners that fit, to one verdict.")
    app.command(prove, name="prove", help="Tell how to prove that a host is yours, so that it is scanned.")
    return app


def verb(scanner: Scanner) -> Callable[..., None]:
    """Return the function of a scanner: its target, its own options as flags, and what every scan can be told."""

    def run(target: str = "", *, wanted: Wanted = NOTHING_SAID, **own: str | bool) -> None:
        where = target or _HERE.get(scanner.takes, "")
        exit_with(scan([Order(scanner, where)], wanted, _own(scanner, own)))

    parameters = list(_parameters(scanner))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__ = f"{scanner.about}"
    return run


def prove(host: str, *, wanted: Wanted = NOTHING_SAID) -> None:
    """Tell how to prove that a host is yours: only loopback and what is proven is scanned from outside.

    Parameters
    ----------
    host
        shop.example
    """
    from vedette.instruments.scan.owning import how_to

    print("\n".join(words.lines(how_to(host, scan_asking.feeds(wanted)))))


def _all(known: Callable[[], Mapping[str, Scanner]]) -> Callable[..., None]:
    def everything(
        path: str = "", *, site: str = "", host: bool = False, only: tuple[str, ...] = (), skip: tuple[str, ...] = (),
        wanted: Wanted = NOTHING_SAID,
    ) -> None:  # fmt: skip
        """Run all scanners that fit, to one verdict.

        Parameters
        ----------
        path
            A folder, a file or an image; else the folder we are in, unless a site or this host is named.
        site
            A site, whose TLS, domain and ports are looked at as well: https://shop.example
        host
            This host as well: its packages, and whatever else needs no target.
        only
            A scanner to run, of those that fit; may be repeated.
        skip
            A scanner to leave out, of those that fit; may be repeated.
        """
        there = known()
        _check("--only", only, there)
        _check("--skip", skip, there)
        where = path or ("" if site or host else ".")
        orders = list(scan_asking.fitting(there.values(), where, site, host=host, only=only, skip=skip))
        exit_with(scan(orders, wanted, {}))

    return everything


def _check(option: str, named: Iterable[str], known: Mapping[str, Scanner]) -> None:
    unknown = [name for name in named if name not in known]
    if unknown:
        raise ConfigError(f"{option} {unknown[0][:60]!r} is no scanner; there are {', '.join(known)}.")


def _parameters(scanner: Scanner) -> Iterator[inspect.Parameter]:
    if scanner.takes is not Takes.NOTHING:
        default = _HERE.get(scanner.takes, inspect.Parameter.empty)
        about = Parameter(help=_EXAMPLES[scanner.takes])
        yield inspect.Parameter("target", _POSITIONAL, default=default, annotation=Annotated[str, about])
    for name, sentence in _flags(scanner).items():
        switch = sentence.startswith(_SWITCH)
        about = Parameter(
            name=f"--{name.replace('_', '-')}", help=sentence.removeprefix(_SWITCH), negative=()
        )
        value, kind = (False, Annotated[bool, about]) if switch else ("", Annotated[str, about])
        yield inspect.Parameter(_variable(name), _KEYWORD, default=value, annotation=kind)
    yield inspect.Parameter("wanted", _KEYWORD, default=NOTHING_SAID, annotation=Wanted)


def _flags(scanner: Scanner) -> Mapping[str, str]:
    """Return the options that are flags: all but those that every scan has."""
    return {
        name: about
        for name, about in scanner.options.items()
        if _variable(name) not in Wanted.__dataclass_fields__
    }


def _variable(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def _own(scanner: Scanner, given: Mapping[str, str | bool]) -> Mapping[str, str]:
    """Return the options that were given, as scanners read them."""
    told = {name: given.get(_variable(name), "") for name in _flags(scanner)}
    return {name: "yes" if value is True else str(value) for name, value in told.items() if value}


APP = build_all()
