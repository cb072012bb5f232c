"""Whoever listens for a secret hears it: where a test finds none, there was none."""

import logging
import os
import signal
import subprocess
from pathlib import Path

from tests.support.netns import until
from tests.support.overheard import overheard


def test_a_command_line_is_heard() -> None:
    with overheard("planted") as listening:
        subprocess.run(["/bin/true", "--password=planted"], check=True)
    assert len(listening.heard) >= 1


def test_the_words_of_a_childs_child_are_heard() -> None:
    with overheard("planted") as listening:
        child = subprocess.Popen(
            ["/bin/sh", "-c", 'x=plan; sh -c "sleep 20; true" "${x}ted"; true'], start_new_session=True
        )
        try:
            assert until(lambda: bool(listening.heard))
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def test_logs_and_files_are_heard(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("it is planted")
    with overheard("planted") as listening:
        logging.getLogger("vedette").warning("it is %s", "planted")
        listening.look_into(tmp_path)
    assert len(listening.heard) == 2
