"""`vedette`: parse, call, print; what goes wrong is one line on standard error."""

import sys

from vedette.core.errors import ConfigError, VedetteError

USAGE, FAILED, INTERRUPTED = 2, 1, 130


def main() -> None:
    """Run one command; exits 2 for wrong words or settings and 1 for what failed."""
    try:
        _run(sys.argv[1:])
    except ConfigError as error:
        _fail(str(error), USAGE)
    except VedetteError as error:
        _fail(f"{error} {error.fix}", FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left; Python would complain at exit
        sys.exit(FAILED)


def _run(argv: list[str]) -> None:
    if argv == ["up"]:  # the process that stays is spared the parser
        from vedette.cli.up import up

        up()
        return
    if argv[:2] == ["agent", "run"] and (argv[2:3] == ["--config"] or not argv[2:]) and len(argv) in {2, 4}:
        _watch(argv[3] if argv[3:] else "")
        return
    from vedette.cli.words import run

    run(argv)


def _watch(config: str) -> None:
    """Run the agent, spared the parser, too."""
    from pathlib import Path

    from vedette.cli.agent import run

    run(config=Path(config) if config else None)


def _fail(line: str, status: int) -> None:
    print(" ".join(line.split()), file=sys.stderr)
    sys.exit(status)
