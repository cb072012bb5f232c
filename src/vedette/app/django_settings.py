"""Django's settings, made from Vedette's own; nothing here is read from anywhere but `core.settings` and the key file."""

from vedette.app import keyfile
from vedette.core import settings as core_settings

VEDETTE = core_settings.load()
SECRET_KEY = keyfile.derive(VEDETTE.data, "django")
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "vedette.app.urls"
WSGI_APPLICATION = "vedette.app.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "vedette.plumbing.db",
    "vedette.ui",
    "vedette.accounts",  # before allauth: its templates and texts stand in for allauth's
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "vedette.projects",
    "vedette.signals",
    "vedette.notify",
    "vedette.deploys",
    "vedette.errors",
    "vedette.monitors",
    "vedette.vitals",
    "vedette.hosts",
    "vedette.intrusions",
    "vedette.oncall",
    "vedette.alerts",
    "vedette.incidents",
    "vedette.reports",
    "vedette.scans",
    "vedette.backups",
    "vedette.deploy",
    "vedette.status",
    "vedette.web",
]

MIDDLEWARE = [
    "vedette.app.middleware.RequestLog",
    "vedette.ui.middleware.StyleHint",
    "vedette.ui.middleware.Compress",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "vedette.ui.middleware.ErrorPages",
    "vedette.accounts.middleware.ActorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vedette.web.context.shell",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VEDETTE.data / "core.db",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
            " PRAGMA cache_size=-8192; PRAGMA mmap_size=0;",
        },
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["vedette.accounts.adapter.Backend"]
PASSWORD_HASHERS = ["vedette.accounts.adapter.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "vedette.accounts.adapter.PasswordPolicy"}]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "vedette.accounts.adapter.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from administrators and invitations
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_FORMS = {
    "login": "vedette.accounts.forms.SignInForm",
    "reset_password": "vedette.accounts.forms.ResetForm",
    "reset_password_from_key": "vedette.accounts.forms.NewPasswordForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
}  # accounts.throttle counts these, and across restarts
ACCOUNT_USER_DISPLAY = "vedette.accounts.adapter.display_name"
MFA_ADAPTER = "vedette.accounts.adapter.SecondFactors"
MFA_FORMS = {
    "authenticate": "vedette.accounts.forms.CodeForm",
    "authenticate_webauthn": "vedette.accounts.forms.PasskeyCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"  # beside a password; a passkey alone always verifies its user
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
ALLAUTH_TRUSTED_PROXY_COUNT = VEDETTE.trusted_proxies
_HTTPS = VEDETTE.public_url.startswith("https://")
SESSION_ENGINE = "vedette.accounts.store.browser_sessions"
SESSION_COOKIE_NAME = "__Host-vedette" if _HTTPS else "vedette"
SESSION_COOKIE_AGE = VEDETTE.session_max_days * 86_400
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-vedette-csrf" if _HTTPS else "vedette-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
CSRF_FAILURE_VIEW = "vedette.ui.error_pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = ["/".join(VEDETTE.public_url.split("/")[:3])]
if VEDETTE.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
LOGGING_CONFIG = None  # app.logs configures logging once, for the whole process
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
