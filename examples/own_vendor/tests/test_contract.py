"""Acme's adapters are held to the contract that pipeforge's own are held to: `pytest tests`."""

from pipeforge.contract.cases import Asked, Case
from pipeforge.contract.jobs import JobContract
from pipeforge.contract.matrix import MatrixContract
from pipeforge.contract.operations import OperationContract

SETTINGS = {"api_key": "acme-0123456789"}
JOBS = {
    "acme.run_report": Case(
        params={"report": "monthly"},
        settings=SETTINGS,
        start="POST /reports",
        look="GET /reports/{id}",
        failing={"course": {"outcome": "failed"}},
    ),
}
QUESTIONS = {
    "acme.get_report": Asked({"id": 1}, SETTINGS, "GET /reports/{id}", world={"past": 1}, gives={"id": 1}),
}


class TestJobs(JobContract):
    cases = JOBS


class TestMatrix(MatrixContract):
    cases = JOBS


class TestOperations(OperationContract):
    cases = QUESTIONS
