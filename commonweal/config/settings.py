"""Django's settings, all derived from the node's folder. There is nothing else to configure."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF

from commonweal.config import node as nodes

django_stubs_ext.monkeypatch()

BASE = Path(__file__).resolve().parent.parent
COMMONWEAL = nodes.load()

SECRET_KEY = COMMONWEAL.secret("django").hex()
SECRET_KEY_FALLBACKS = [old.hex() for old in COMMONWEAL.previous("django")]
DEBUG = False
_address = urlsplit(COMMONWEAL.address)
_local = _address.hostname in {"localhost", "127.0.0.1"}
ALLOWED_HOSTS = [_address.hostname or "localhost", *(["localhost", "127.0.0.1", "[::1]"] if _local else [])]
CSRF_TRUSTED_ORIGINS = [COMMONWEAL.address]

_outside = {point.name: point.value for point in entry_points(group="commonweal.services")}
SERVICES = {name: _outside.get(name, f"commonweal.services.{name}") for name in COMMONWEAL.services}

CORE_ROOMS = [
    "commonweal.core.ledger",
    "commonweal.core.policy",
    "commonweal.core.identity",
    "commonweal.core.portal",
    "commonweal.core.cases",
    "commonweal.core.erasure",
    "commonweal.core.algorithms",
    "commonweal.core.exchange",
    "commonweal.core.mandates",
    "commonweal.core.investigations",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    *CORE_ROOMS,
    *SERVICES.values(),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads answers at random against BREACH
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "commonweal.core.portal.requests.RequestLog",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "commonweal.core.portal.languages.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "commonweal.core.identity.sessions.SessionLimits",
    "commonweal.core.portal.guards.KeptNowhere",
    "commonweal.core.portal.refusals.RefusalPages",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "commonweal.config.urls"
WSGI_APPLICATION = "commonweal.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "core/portal/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "commonweal.core.portal.context.portal",
            ],
        },
    }
]


def _database(address: str) -> dict[str, object]:
    if "://" not in address:
        return {
            "ENGINE": "commonweal.config.sqlite",
            "NAME": address,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
            },
            "TEST": {"NAME": os.environ.get("COMMONWEAL_TEST_SQLITE", str(COMMONWEAL.home / "test.sqlite3"))},
        }
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"options": "-c synchronous_commit=on", "server_side_binding": True, "prepare_threshold": 5},
    }


DATABASES = {"default": _database(COMMONWEAL.database)}
if target := os.environ.get("COMMONWEAL_MOVE_TO"):  # commands/move.py
    DATABASES["target"] = _database(target)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("es", "Español"), ("ar", "العربية")]
LOCALE_PATHS = [BASE / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "commonweal.config.formats"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE.parent / "build/static"
_collected = (STATIC_ROOT / "staticfiles.json").exists()  # by `commonweal collect`
_storage = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if _collected
    else ("django.contrib.staticfiles.storage.StaticFilesStorage")
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _storage},
}
WHITENOISE_USE_FINDERS = not _collected
WHITENOISE_MAX_AGE = 3600

# Sign-in: passkeys first; codes by mail and time-based codes beside them. commonweal/core/identity explains.
AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "commonweal.core.identity.adapters.AccountAdapter"
MFA_ADAPTER = "commonweal.core.identity.adapters.MFAAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _local and _address.scheme == "http"
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("COMMONWEAL_TRUSTED_PROXIES", "0"))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/begin/"
PASSWORD_HASHERS = ["commonweal.core.identity.hashers.SmallArgon2"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Headers (ASVS 5, V3)
_https = _address.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_SSL_REDIRECT = False  # the proxy in front of the node ends TLS; see docs/operating.md
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "commonweal.core.portal.refusals.csrf_failed"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",  # throttles are shared by all processes
        "LOCATION": "throttles",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(COMMONWEAL.home / "mail")
DEFAULT_FROM_EMAIL = f"no-reply@{_address.hostname}"
if mail := os.environ.get("COMMONWEAL_SMTP"):
    _mail = urlsplit(mail)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = True

FORM_RENDERER = "commonweal.core.portal.forms.PortalRenderer"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "commonweal.config.logs.JsonLines"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
        "security": {"()": "commonweal.config.logs.SecurityFile", "formatter": "json"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "commonweal.security": {"handlers": ["security"]},
        "django.request": {"level": "ERROR"},
        "fido2": {"level": "WARNING"},  # names credential ids below that
        "django.security": {"level": "CRITICAL"},  # core/portal/refusals.py says it, without what was sent
        "django.server": {"handlers": [], "propagate": False},  # logs addresses; core/portal/requests.py logs routes
    },
}
# W008: the proxy that ends TLS redirects. The others ask for TLS, which a node on localhost has not.
SILENCED_SYSTEM_CHECKS = ["security.W008"] + ([] if _https else ["security.W004", "security.W012", "security.W016"])
