"""What all tests share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import carethread.batch  # noqa: F401 -- compiled code is kept where a stale one is never taken for it
from carethread.batch.spark_session import spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    """Return a session of Spark on two processors; commands run in this process use it too.

    Starting it takes long: tests that ask for it are in the group "spark", which one worker runs.
    """
    with spark_session("local[2]") as session:
        yield session
