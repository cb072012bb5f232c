"""People for tests of what is theirs."""

from vedette.accounts import service as accounts
from vedette.accounts.adapter import Argon2id
from vedette.accounts.permissions import SYSTEM, Actor, Role


class Quick(Argon2id):
    """Argon2id that costs next to nothing; tests of the hash itself set `django_settings.PASSWORD_HASHERS` again."""

    time_cost = 1
    memory_cost = 8


def person(name: str, now: float, role: Role = Role.VIEWER) -> Actor:
    """Make a person and return them as who asks; the address begins with the first name."""
    email = f"{name.partition(' ')[0].lower()}@shop.example"
    made = accounts.create_user(SYSTEM, name, email, "kJ8#vQ2!mZ5x", role, now)
    return accounts.actor_for(made.id)
