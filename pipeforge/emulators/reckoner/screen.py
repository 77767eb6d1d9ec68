"""What a person sees and does in Reckoner's screen."""

from collections.abc import Mapping

from pipeforge.emulators.core import Json
from pipeforge.emulators.reckoner.state import Reckoner


class Screen:
    """What a person sees and does."""

    def __init__(self, team: Reckoner) -> None:
        self._team = team

    def jobs(self) -> list[dict[str, Json]]:
        shown = ("id", "of", "by", "trigger", "parameters", "created")
        return [
            {key: job[key] for key in shown} | {"status": self._team.status(job)} for job in self._team.jobs()
        ]

    def start(self, given: Mapping[str, Json]) -> Json:
        """{"workflow": id, "trigger": "button"}: somebody else's job; `external_api` is another client's."""
        workflow = given.get("workflow")
        if not isinstance(workflow, int) or self._team.workflow(workflow) is None:
            raise ValueError(f'there is no workflow "{workflow}"')
        trigger = given.get("trigger", "button")
        if trigger not in ("button", "scheduled", "webhook", "external_api"):
            raise ValueError(
                f'unknown trigger "{trigger}"; there is button, scheduled, webhook, external_api'
            )
        job = self._team.start(workflow, [], trigger)
        return {"id": job["id"], "status": self._team.status(job)}

    def cancel(self, given: Mapping[str, Json]) -> Json:
        """{"job": id}"""
        job = next((job for job in self._team.jobs() if job["id"] == given.get("job")), None)
        if job is None:
            raise ValueError(f'there is no job "{given.get("job")}"')
        self._team.cancel(job)
        return {"id": job["id"], "status": self._team.status(job)}

    def expire(self, given: Mapping[str, Json]) -> Json:
        """{"token": an access token}"""
        token = given.get("token")
        if not isinstance(token, str):
            raise ValueError('say which "token"')
        self._team.expire(token)
        return {"expired": True}
