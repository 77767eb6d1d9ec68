"""How trocco shows a job."""

from collections.abc import Mapping

from pipeforge.emulators.core import Json
from pipeforge.emulators.trocco.reading import stamp
from pipeforge.emulators.trocco.state import Trocco


def transfer(account: Trocco, job: Mapping[str, Json], *, created_only: bool = False) -> dict[str, Json]:
    """A transfer job: the times only when it is complete, and never in the answer to POST."""
    shown = {
        "id": job["id"],
        "job_definition_id": job["of"],
        "job_definition_name": account.name("transfer", job["of"]),
        "status": account.status(job),
        "created_at": stamp(job["created"]),
    }
    if not created_only and account.ended(job):
        times = {
            "started_at": account.started_at(job),
            "finished_at": account.finished_at(job),
        }
        shown |= {name: stamp(time) for name, time in times.items() if time is not None}
    return shown


def workflow(account: Trocco, job: Mapping[str, Json]) -> dict[str, Json]:
    """A workflow job: all keys from the start, unless the world wants unset times absent."""
    times = {"started_at": account.started_at(job), "finished_at": account.finished_at(job)}
    context = job["created"] if job["context_time"] is None else job["context_time"]
    absent = account.world.unset_times == "absent"
    return {
        "id": job["id"],
        "pipeline_definition_id": job["of"],
        "name": account.name("workflow", job["of"]),
        "status": account.status(job),
        "created_at": stamp(job["created"]),
        **{name: stamp(time) for name, time in times.items() if time is not None or not absent},
        "context_time": stamp(context),
    }


def datamart(job: Mapping[str, Json]) -> dict[str, Json]:
    """The answer to the start of a data mart job: no status."""
    context = job["created"] if job["context_time"] is None else job["context_time"]
    return {"id": job["id"], "datamart_definition_id": job["of"], "context_time": stamp(context)}
