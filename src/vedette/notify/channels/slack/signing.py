"""The signing secret of a Slack app: with it, buttons act at once; shared by webhook and bot."""

import re
from collections.abc import Mapping

from vedette.core.errors import Invalid
from vedette.notify.types import Field

_SECRET = re.compile(r"[A-Za-z0-9]{16,128}")
SIGNING_SECRET = Field(
    "signing_secret",
    "Signing secret",
    "For buttons that act at once: from the app's Basic Information. The address its Interactivity asks for is shown here once this is saved.",
    secret=True,
    required=False,
)


def acts(config: Mapping[str, str]) -> bool:
    """Tell whether the buttons of a channel act at once."""
    return bool(config.get("signing_secret"))


def check_signing_secret(config: Mapping[str, str]) -> None:
    """Raise `Invalid` for what cannot be a signing secret."""
    if acts(config) and not _SECRET.fullmatch(config["signing_secret"]):
        what = "Letters and digits: App Credentials, Signing Secret."
        raise Invalid(f"This is no signing secret. {what}", {"signing_secret": what})
