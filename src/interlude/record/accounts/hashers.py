from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane: the OWASP password storage recommendation.

    Django's defaults use 100 MiB and eight lanes, a fifth of a second on two cores; a signature at the chair
    asks for the password again and must not make anybody wait.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
