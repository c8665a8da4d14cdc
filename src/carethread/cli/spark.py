"""`--engine spark`: a folder settled by the computers of a Spark cluster."""

import shutil
from pathlib import Path

from carethread.cli.engines import BUCKETS, Job, Settled
from carethread.cli.folders import is_folder, stop_for
from carethread.cli.terminal import Bar, Stop


def settle_on_spark(job: Job, master: str | None, bar: Bar) -> Settled:
    """Settle a folder on Spark; one that is not split into buckets is split first."""
    from carethread.batch import spark  # noqa: PLC0415 -- half a second to import
    from carethread.batch.bucketed import NotBuckets, opened  # noqa: PLC0415
    from carethread.batch.buckets import Entangled  # noqa: PLC0415

    is_folder(job.folder)
    is_split = (job.folder / BUCKETS).exists()
    other = "settle the folder that the buckets were made of" if is_split else "settle it"
    try:
        with job.out() as out:
            bar.doing("Starting Spark", 0, 1)
            with spark.spark_session(master) as session:
                buckets = job.folder if is_split else _split(job.folder, out / "buckets", bar)
                bucketed = opened(buckets, bar.reading)
                stop_for(bucketed.faults)
                what = spark.Job(job.period, out, job.form)
                figures = spark.settle_on(session, bucketed, what, bar.doing)
            settled = Settled(figures, bucketed.rows, bucketed.findings, bucketed.sha256)
            if not is_split:
                shutil.rmtree(buckets)
            job.finish(out, settled)
    except (NotBuckets, spark.UnableToUseSpark) as error:
        raise Stop(str(error)) from None
    except Entangled as entangled:
        message = f"{entangled}, which buckets cannot hold: {other} without --engine spark"
        raise Stop(message) from None
    except (spark.NeedsReference, spark.CannotBeTabled):
        message = f"{job.folder} holds ids or terms that cannot be settled in buckets: {other}"
        message += " without --engine spark"
        raise Stop(message) from None
    return settled


def _split(folder: Path, buckets: Path, bar: Bar) -> Path:
    """Split a folder into buckets."""
    from carethread.batch.buckets import make_buckets, usual_count, visits_in  # noqa: PLC0415

    count = usual_count(visits_in(folder))
    stop_for(make_buckets(folder, buckets, count, bar.reading, bar.doing).faults)
    return buckets
