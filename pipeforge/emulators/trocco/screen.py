"""What a person sees and does in trocco's screen: all jobs, stop one, start one by hand."""

from collections.abc import Mapping

from pipeforge.emulators.core import Json
from pipeforge.emulators.trocco.state import Kind, Trocco

KINDS: dict[str, Kind] = {"transfer": "transfer", "workflow": "workflow", "datamart": "datamart"}


class Screen:
    """The screen of one account."""

    def __init__(self, account: Trocco) -> None:
        self._account = account

    def jobs(self) -> list[dict[str, Json]]:
        found = [job for kind in KINDS.values() for job in self._account.jobs(kind)]
        hidden = ("stages", "outcome", "interrupted")
        return [
            {key: value for key, value in job.items() if key not in hidden}
            | {"status": self._account.status(job)}
            for job in found
        ]

    def cancel(self, given: Mapping[str, Json]) -> Json:
        """{"job": id, "kind": "transfer", "workflow" or "datamart"}"""
        kind = _kind(given)
        job = self._account.job(kind, str(given.get("job")))
        if job is None:
            raise ValueError(f'there is no {kind} job "{given.get("job")}"')
        self._account.interrupt(job)
        return {"id": job["id"], "status": self._account.status(job)}

    def start(self, given: Mapping[str, Json]) -> Json:
        """{"definition": id, "kind": "transfer", "workflow" or "datamart"}: somebody else's job."""
        kind = _kind(given)
        number = given.get("definition")
        if not isinstance(number, int) or self._account.definition(kind, number) is None:
            raise ValueError(f'there is no {kind} definition "{number}"')
        job = self._account.start(kind, number, {"context_time": None}, by="hand")
        return {"id": job["id"], "status": self._account.status(job)}


def _kind(given: Mapping[str, Json]) -> Kind:
    name = given.get("kind", "transfer")
    if name not in KINDS:
        raise ValueError(f'unknown kind "{name}"; there is {", ".join(KINDS)}')
    return KINDS[name]
