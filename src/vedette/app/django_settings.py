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
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "vedette.plumbing.db",
    "vedette.ui",
    "vedette.accounts",
    "vedette.projects",
    "vedette.signals",
    "vedette.notify",
    "vedette.errors",
    "vedette.alerts",
    "vedette.web",
]

MIDDLEWARE = [
    "vedette.app.middleware.RequestLog",
    "vedette.ui.middleware.SecurityHeaders",
    "vedette.ui.middleware.Compress",
    "vedette.ui.middleware.ErrorPages",
    "vedette.ui.middleware.SecurityHeaders",
    "vedette.ui.middleware.Compress",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "vedette.ui.middleware.ErrorPages",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
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
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
CSRF_FAILURE_VIEW = "vedette.ui.error_pages.csrf_failure"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = VEDETTE.public_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = ["/".join(VEDETTE.public_url.split("/")[:3])]
CSRF_FAILURE_VIEW = "vedette.ui.error_pages.csrf_failure"
if VEDETTE.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
LOGGING_CONFIG = None  # app.logs configures logging once, for the whole process
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
