"""Where sessions and attempts are kept and found again; the two unique keys live here."""

from pipeforge.emulators.core import Desk
from pipeforge.emulators.treasure.catalog import Workflow
from pipeforge.emulators.treasure.records import (
    FIRST_ATTEMPT,
    FIRST_SESSION,
    FIRST_TASK,
    Attempt,
    Session,
    Start,
)
from pipeforge.emulators.treasure.refusing import missing


class Ledger:
    """All sessions and attempts of one account, oldest first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sessions: dict[str, Session] = desk.shelf("sessions")
        self._attempts: dict[str, Attempt] = desk.shelf("attempts")
        self._keys: dict[str, int] = desk.shelf("session_keys")
        self._unfinished: dict[str, bool] = desk.shelf("unfinished")
        self._runs: dict[str, int] = desk.shelf("runs")
        for kept in self._attempts.values():
            kept.setdefault("after", None)  # of a state file from before there were backfills

    def session(self, session_id: str) -> Session:
        """404 if there is none."""
        found = self._sessions.get(session_id)
        if found is None:
            raise missing(f"session id={session_id}")
        return found

    def attempt(self, attempt_id: str) -> Attempt:
        """404 if there is none."""
        found = self._attempts.get(attempt_id)
        if found is None:
            raise missing(f"session attempt id={attempt_id}")
        return found

    def find(self, attempt_id: str) -> Attempt | None:
        return self._attempts.get(attempt_id)

    def sessions(self) -> list[Session]:
        return list(self._sessions.values())

    def attempts(self) -> list[Attempt]:
        return list(self._attempts.values())

    def unfinished(self) -> list[Attempt]:
        """Those that were not yet seen to have ended."""
        return [self._attempts[key] for key in self._unfinished]

    def close(self, attempt: Attempt) -> None:
        """Note that an attempt has ended."""
        del self._unfinished[str(attempt["id"])]

    def siblings(self, session: Session) -> list[Attempt]:
        """All attempts of a session, oldest first."""
        return [self._attempts[str(each)] for each in session["attempts"]]

    def at(self, workflow: Workflow, time: int) -> Session | None:
        """The session of a workflow's name, whatever its revision, at a whole second."""
        number = self._keys.get(_key(workflow, time))
        return None if number is None else self._sessions[str(number)]

    def open_session(self, workflow: Workflow, time: int) -> Session:
        """A new session; the key must be free."""
        number = self._desk.number("session", FIRST_SESSION)
        made = Session(
            id=number, project=workflow["project"], workflow=workflow["name"], time=time, attempts=[]
        )
        self._sessions[str(number)] = made
        self._keys[_key(workflow, time)] = number
        return made

    def runs(self, workflow: Workflow) -> int:
        """How many attempts of a workflow's name there have been."""
        return self._runs.get(_name(workflow), 0)

    def insert(
        self,
        session: Session,
        ask: Start,
        workflow: Workflow,
        begun: float | None,
        *,
        skipped: list[str],
        tasks: int,
    ) -> Attempt:
        """A new attempt of a session, whose name must be free, with ids set aside for its tasks."""
        number = self._desk.number("attempt", FIRST_ATTEMPT)
        self._runs[_name(workflow)] = self.runs(workflow) + 1
        first_task = self._desk.number("task", FIRST_TASK)
        for _ in range(tasks):
            self._desk.number("task", FIRST_TASK)
        made = Attempt(
            id=number,
            session=session["id"],
            index=len(session["attempts"]) + 1,
            name=ask.name,
            workflow=workflow["id"],
            run=self.runs(workflow),
            params=ask.params,
            created=self._desk.clock.now(),
            begun=begun,
            killed=None,
            first_task=first_task,
            skipped=skipped,
            by=ask.by,
            after=ask.after,
        )
        self._attempts[str(number)] = made
        self._unfinished[str(number)] = True
        session["attempts"].append(number)
        return made


def _name(workflow: Workflow) -> str:
    return f"{workflow['project']} {workflow['name']}"


def _key(workflow: Workflow, time: int) -> str:
    return f"{_name(workflow)} {time}"
