"""Settings of the test suite: the product's own, with a quick password hasher."""

from __future__ import annotations

import os

from interlude.config.settings import *  # noqa: F403
from interlude.config.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
if os.environ.get("INTERLUDE_DATABASE"):
    DATABASES["default"]["TEST"] = {"NAME": "test_interlude"}
