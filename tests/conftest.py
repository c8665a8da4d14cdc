"""What all tests share."""

import os
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import django
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

import carethread.batch  # noqa: F401 -- compiled code is kept where a stale one is never taken for it
from carethread.batch.spark_session import spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

os.environ["CARETHREAD_HOME"] = tempfile.mkdtemp(prefix="carethread-test-home-")
os.environ["DJANGO_SETTINGS_MODULE"] = "carethread.config.settings"
django.setup()

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


class OneWorkerForSpark(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Gives tests out one by one, but those of Spark together: starting it takes long."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", maxsplit=1)[0]
        return file if file.endswith("test_spark.py") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Say which worker runs which test. (Groups of xdist 3.8 have no effect under pytest 9.2.)"""
    return OneWorkerForSpark(config, log)


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    """Return a session of Spark on two processors; commands run in this process use it too.

    Only for tests in files named `test_spark.py`, each of which one worker runs.
    """
    with spark_session("local[2]") as session:
        yield session
