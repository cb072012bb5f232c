"""Passwords: judged, hashed by Argon2id, verified in constant time. Needs `pip install 'vedette-guard[passwords]'`."""

from vedette_guard.decisions.strength import LONGEST, SHORTEST, SHORTEST_WITH_MFA, Problem
from vedette_guard.passwords.filter import BreachFilter
from vedette_guard.passwords.hashing import Cost, Hashes, Verified
from vedette_guard.passwords.judging import Passwords
from vedette_guard.passwords.port import Breaches, BreachesAway
from vedette_guard.passwords.ranges import BreachRanges, fetch_range

__all__ = [
    "LONGEST",
    "SHORTEST",
    "SHORTEST_WITH_MFA",
    "BreachFilter",
    "BreachRanges",
    "Breaches",
    "BreachesAway",
    "Cost",
    "Hashes",
    "Passwords",
    "Problem",
    "Verified",
    "fetch_range",
]
