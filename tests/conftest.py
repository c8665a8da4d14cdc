"""What all tests share."""

from hypothesis import HealthCheck, settings

import carethread.batch  # noqa: F401 -- compiled code is kept where a stale one is never taken for it

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")
