"""The second factor as allauth stores it, its secrets sealed by our adapter."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt

from vedette.accounts.models import User
from vedette.accounts.types import SecondFactor

PERIOD = 30


def pending_seed(user_id: int) -> str:
    """Return the seed that is being set up, made when there is none yet."""
    user = User.objects.get(id=user_id)
    if user.pending_totp:
        return str(decrypt(user.pending_totp))
    seed = str(totp.generate_totp_secret())
    User.objects.filter(id=user_id).update(pending_totp=encrypt(seed))
    return seed


def has_pending(user_id: int) -> bool:
    """Tell whether an authenticator is being set up."""
    return User.objects.filter(id=user_id).exclude(pending_totp="").exists()


def forget_pending(user_id: int) -> None:
    """Drop the seed that is being set up."""
    User.objects.filter(id=user_id).update(pending_totp="")


def code_at(seed: str, now: float) -> str:
    """Return the code an authenticator shows at `now` (TOTP, RFC 6238: SHA-1, 30 s, 6 digits)."""
    return str(totp.format_hotp_value(totp.hotp_value(seed, int(now) // PERIOD)))


def activate(user_id: int, seed: str) -> None:
    """Make a seed the person's authenticator, with fresh recovery codes."""
    user = User.objects.get(id=user_id)
    Authenticator.objects.filter(user=user).delete()
    totp.TOTP.activate(user, seed)
    RecoveryCodes.activate(user)
    forget_pending(user_id)


def drop(user_id: int) -> None:
    """Remove authenticator and recovery codes."""
    Authenticator.objects.filter(user_id=user_id).delete()
    forget_pending(user_id)


def renew_codes(user_id: int) -> tuple[str, ...]:
    """Replace the recovery codes."""
    user = User.objects.get(id=user_id)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    return tuple(RecoveryCodes.activate(user).get_unused_codes())


def unused_codes(user_id: int) -> tuple[str, ...]:
    """Return the recovery codes that were not used yet."""
    row = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.RECOVERY_CODES).first()
    return () if row is None else tuple(RecoveryCodes(row).get_unused_codes())


def second_factor(user_id: int) -> SecondFactor:
    """Return what a person has."""
    has = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists()
    return SecondFactor(has, len(unused_codes(user_id)))


def svg(uri: str) -> str:
    """Return a text as the SVG of a QR code, to stand within HTML: no declaration, no style."""
    drawn = str(get_adapter().build_totp_svg(uri))
    return drawn[drawn.index("<svg") :]
