"""What digesting one 24 KB event costs, part by part: `python -m benchmarks.micro_digest`.

Bodies are real ones of the Python SDK (mean 24 KB). The journal's messages are at hand, core.db and the day files
are SQLite at `synchronous=FULL`; figures are CPU time of the process, the best of several rounds. "decode" is
msgspec alone: the yardstick that tells how busy the machine was.
"""

import os
import tempfile
from pathlib import Path


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VEDETTE_DATA": folder, "DJANGO_SETTINGS_MODULE": "vedette.app.django_settings"}
        import django

        django.setup()
        from benchmarks.digest_parts import measure  # its imports need Django set up

        measure(Path(folder))


if __name__ == "__main__":
    main()
