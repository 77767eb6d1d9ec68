"""What a person sees and does in trocco's screen: all jobs, stop one, start one by hand."""

from collections.abc import Mapping

from pipeforge.emulators.core import Json
from pipeforge.emulators.trocco.state import Kind, Trocco


class Screen:
    """The screen of one account."""

    def __init__(self, account: Trocco) -> None:
        self._account = account

    def jobs(self) -> list[dict[str, Json]]:
        both = self._account.jobs("transfer") + self._account.jobs("workflow")
        hidden = ("stages", "outcome", "interrupted")
        return [
            {key: value for key, value in job.items() if key not in hidden}
            | {"status": self._account.status(job)}
            for job in both
        ]

    def cancel(self, given: Mapping[str, Json]) -> Json:
        """{"job": id, "kind": "transfer" or "workflow"}"""
        kind = _kind(given)
        job = self._account.job(kind, str(given.get("job")))
        if job is None:
            raise ValueError(f'there is no {kind} job "{given.get("job")}"')
        self._account.interrupt(job)
        return {"id": job["id"], "status": self._account.status(job)}

    def start(self, given: Mapping[str, Json]) -> Json:
        """{"definition": id, "kind": "transfer" or "workflow"}: somebody else's job."""
        kind = _kind(given)
        number = given.get("definition")
        if not isinstance(number, int) or self._account.definition(kind, number) is None:
            raise ValueError(f'there is no {kind} definition "{number}"')
        job = self._account.start(kind, number, {"context_time": None}, by="hand")
        return {"id": job["id"], "status": self._account.status(job)}


def _kind(given: Mapping[str, Json]) -> Kind:
    if given.get("kind", "transfer") == "transfer":
        return "transfer"
    if given["kind"] == "workflow":
        return "workflow"
    raise ValueError(f'unknown kind "{given["kind"]}"; there is transfer, workflow')
