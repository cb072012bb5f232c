"""Errors that speak to a person: what happened, where, and what to do."""


class VedetteError(Exception):
    """Base of every error Vedette raises on purpose; its text is fit to show to a person, `fix` says what to do where that does not."""

    fix: str = ""


class Invalid(VedetteError):
    """The caller's input cannot be used. `fields` maps a field's name to what is wrong with it."""

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class NotFound(VedetteError):
    """Nothing stands under the key that was asked for."""


class Unauthenticated(VedetteError):
    """Nobody is signed in, or the token is unknown or expired."""


class Forbidden(VedetteError):
    """The actor is known and may not do this."""


class Conflict(VedetteError):
    """The thing changed meanwhile, or exists already."""


class Throttled(VedetteError):
    """Too many tries. `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(VedetteError):
    """A part cannot answer now (disk full, database locked). `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConfigError(VedetteError):
    """The configuration is wrong; the text names key, file and line."""
