"""The second factor: one-time passwords, recovery codes, passkeys; and the throttle for them and for passwords.

`Factors` keeps them for users and lets nobody guess; passkeys need `pip install 'vedette-guard[mfa]'`.
"""

from vedette_guard.decisions.throttle import Admission, Scope
from vedette_guard.decisions.totp import Totp, code_at
from vedette_guard.mfa.factors import Begun, Factors, Has, Outcome
from vedette_guard.mfa.passkeys import Passkey, PasskeyRefused, Passkeys
from vedette_guard.mfa.throttling import Throttle

__all__ = [
    "Admission",
    "Begun",
    "Factors",
    "Has",
    "Outcome",
    "Passkey",
    "PasskeyRefused",
    "Passkeys",
    "Scope",
    "Throttle",
    "Totp",
    "code_at",
]
