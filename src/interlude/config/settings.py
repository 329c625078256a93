"""Django settings. Everything that differs between clinics comes from the data directory and four variables.

INTERLUDE_DATA       directory with the database, `keys/` and `media/` (set by the `interlude` command)
INTERLUDE_DATABASE   optional: postgresql://user:password@host:port/name instead of SQLite
INTERLUDE_HOSTS      optional: comma-separated host names that the clinic is reached by
INTERLUDE_HTTPS      "1" when browsers reach it by HTTPS (cookies are then marked secure)
Without INTERLUDE_DATA (type checks, migrations check) the database lives in memory and keys are thrown away.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from interlude.config.database import database_settings
from interlude.record.vault.keys import create_keys, read_key

PACKAGE = Path(__file__).resolve().parent.parent

_data = os.environ.get("INTERLUDE_DATA", "")
if _data:
    INTERLUDE_DATA = Path(_data)
else:
    INTERLUDE_DATA = Path(tempfile.mkdtemp(prefix="interlude-"))
    atexit.register(shutil.rmtree, INTERLUDE_DATA, ignore_errors=True)
    create_keys(INTERLUDE_DATA / "keys")
INTERLUDE_KEYS = INTERLUDE_DATA / "keys"
MEDIA_ROOT = INTERLUDE_DATA / "media"

SECRET_KEY = read_key(INTERLUDE_KEYS, "session").hex()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"] + [
    host for host in os.environ.get("INTERLUDE_HOSTS", "").split(",") if host
]
DATABASES: dict[str, Any] = {
    "default": database_settings(os.environ.get("INTERLUDE_DATABASE", ""), INTERLUDE_DATA if _data else None)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOMS = [
    "vault",
    "audit",
    "accounts",
    "clinic",
    "patients",
    "worklist",
    "protocols",
    "measures",
    "assessments",
    "plans",
    "appointments",
    "stock",
    "devices",
    "dosing",
    "therapy",
    "followup",
    "outcomes",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    *(f"interlude.record.{room}" for room in ROOMS if (PACKAGE / "record" / room / "apps.py").exists()),
    "interlude.interfaces.design",
    "interlude.interfaces.staff",
    "interlude.interfaces.portal",
    "interlude.interfaces.gateway",
    "interlude.interfaces.cli",
]
INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS
    if not app.startswith("interlude.interfaces.")
    or (PACKAGE / "interfaces" / app.rsplit(".", 1)[1] / "apps.py").exists()
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "interlude.config.middleware.ClinicMiddleware",
    "interlude.config.middleware.AccessMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "interlude.config.urls"
ASGI_APPLICATION = "interlude.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "interlude.config.context.page",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.StaffMember"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["interlude.record.accounts.hashers.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "staff:sign_in"
LOGIN_REDIRECT_URL = "staff:today"
# Shown on the sign-in page of a demo, whose people and data are all invented.
DEMO_PASSWORD = "interlude demo"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = INTERLUDE_DATA / "static"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = False
SERVESTATIC_MAX_AGE = 300

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Unwrapped patient keys: memory of this process only.
    "keys": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "keys",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "throttle": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "throttle"},
}

_https = os.environ.get("INTERLUDE_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-interlude" if _https else "interlude"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
# TLS ends in this process or in a proxy beside it; plain HTTP is refused at the socket, not redirected.
SILENCED_SYSTEM_CHECKS = ["security.W008"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# Which function proposes appointments of a series; a clinic may name another one.
INTERLUDE_PROPOSER = "interlude.domain.timetabling.propose_series"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"interlude": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
