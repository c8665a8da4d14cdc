"""Django's settings. What an installation may choose is in `home`; nothing else is a choice."""

import os

import dj_database_url

from carethread.config.home import home

_home = home()
FILES = _home.files
SECRET_KEY = _home.secret("secret_key")
MASTER_KEY = _home.secret("master_key")
"""Wraps the key of each person's audited values. Without it they cannot be read, ever."""
DEBUG = False
ALLOWED_HOSTS = [
    one for one in os.environ.get("CARETHREAD_HOSTS", "localhost,127.0.0.1").split(",") if one
]


def database(url: str) -> dict[str, object]:
    """Return how Django is told of a database."""
    found = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            " PRAGMA busy_timeout=30000",
        }
    return found


_is_owner = bool(os.environ.get("CARETHREAD_AS_OWNER"))
"""Set by the commands that migrate, for themselves alone."""
DATABASES = {"default": database(_home.owner_url if _is_owner else _home.database_url)}
APP_ROLE = None if _home.owner_url == _home.database_url else str(database(_home.database_url)["USER"])
"""The role that the application connects as, where it is not the one that owns the tables."""
ROOMS = (
    "wall",
    "clockwork",
    "councils",
    "audit",
    "accounts",
    "people",
    "providers",
    "orders",
    "visits",
    "settlement",
    "invoices",
    "interchange",
)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django_tasks",
    "django_tasks_db",
    *(f"carethread.{room}" for room in ROOMS),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20
"""Bytes; what comes in is refused sooner, with a word on why, by `interchange.api.doors`."""
ROOT_URLCONF = "carethread.config.urls"
WSGI_APPLICATION = "carethread.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGE_CODE = "en-gb"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
RUN_BEAT_SECONDS = float(os.environ.get("CARETHREAD_BEAT_SECONDS", "5"))
"""How often whoever settles a run gives a sign of life."""
RUN_LIFE_SECONDS = 12 * RUN_BEAT_SECONDS
"""A run without one for so long is given up, and queued again."""
