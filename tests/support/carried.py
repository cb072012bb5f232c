"""A server's run in a process of its own, to be killed: `python -m tests.support.carried ask|work ENDPOINT FILE`."""

import sys
import threading
from pathlib import Path

from tests.support.deploying import WRITES

from vedette.app import tools


def main(act: str, endpoint: str, file: str) -> None:
    """Connect a project and ask for an apply, or carry out what waits; say how far it is."""
    with tools.opened() as ports:
        from vedette.accounts.permissions import SYSTEM
        from vedette.deploy import service
        from vedette.deploy.types import Deed

        def wait(seconds: float) -> None:
            threading.Event().wait(seconds * 0.05)

        now = ports.clock.now()
        if act == "ask":
            known = {one.name: one for one in service.projects()}.get("shop")
            known = known or service.connect(SYSTEM, "shop", WRITES, endpoint, now)
            said = service.say(SYSTEM, known.id, {"infra/shop.toml": Path(file).read_text()}, now)
            service.look(said, now, wait)
            mark = service.planned(said.id, Deed.APPLY, (), now).mark
            service.ask(SYSTEM, said.id, Deed.APPLY, (), now, mark=mark, confirmed="shop")
        else:
            service.work(ports.clock.now, wait)
        run = service.runs().items[0]
        print(run.state, run.sentence, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
