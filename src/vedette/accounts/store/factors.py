"""The second factor as allauth stores it, its secrets sealed by our adapter."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt

from vedette.accounts.models import User
from vedette.accounts.types import SecondFactor

PERIOD = 30
_CODED = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


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
    Authenticator.objects.filter(user=user, type__in=_CODED).delete()
    totp.TOTP.activate(user, seed)
    RecoveryCodes.activate(user)
    forget_pending(user_id)


def drop(user_id: int) -> None:
    """Remove authenticator, passkeys and recovery codes."""
    Authenticator.objects.filter(user_id=user_id).delete()
    forget_pending(user_id)


def drop_totp(user_id: int) -> None:
    """Remove the authenticator; the recovery codes stay while there is a passkey."""
    Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).delete()
    forget_pending(user_id)
    drop_dangling_codes(user_id)


def drop_dangling_codes(user_id: int) -> None:
    """Remove recovery codes that no factor is left to recover."""
    rows = Authenticator.objects.filter(user_id=user_id)
    if not rows.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        rows.delete()


def has_codes(user_id: int) -> bool:
    """Tell whether there is a set of recovery codes, used up or not."""
    rows = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.RECOVERY_CODES)
    return bool(rows.exists())


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
    rows = Authenticator.objects.filter(user_id=user_id)
    has = rows.filter(type=Authenticator.Type.TOTP).exists()
    passkeys = rows.filter(type=Authenticator.Type.WEBAUTHN).count()
    return SecondFactor(has, len(unused_codes(user_id)), passkeys=passkeys)


def svg(uri: str) -> str:
    """Return a text as the SVG of a QR code, to stand within HTML: no declaration, no style."""
    drawn = str(get_adapter().build_totp_svg(uri))
    return drawn[drawn.index("<svg") :]
