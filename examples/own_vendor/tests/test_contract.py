"""Acme's adapters are held to the contract that pipeforge's own are held to: `pytest tests`."""

from math import inf

from pipeforge.contract.cases import Asked, Case
from pipeforge.contract.jobs import JobContract
from pipeforge.contract.matrix import MatrixContract
from pipeforge.contract.operations import OperationContract
from pipeforge.contract.processes import ProcessContract

SETTINGS = {"api_key": "acme-0123456789"}
JOBS = {
    "acme.run_report": Case(
        params={"report": "monthly"},
        settings=SETTINGS,
        start="POST /reports",
        look="GET /reports/{id}",
        failing={"course": {"outcome": "failed"}},
        endless={"course": {"stages": {"running": inf}}},
    ),
}
QUESTIONS = {
    "acme.get_report": Asked({"id": 1}, SETTINGS, "GET /reports/{id}", world={"past": 1}, gives={"id": 1}),
}


class TestJobs(JobContract):
    cases = JOBS


class TestMatrix(MatrixContract):
    cases = JOBS


class TestProcesses(ProcessContract):
    cases = JOBS


class TestOperations(OperationContract):
    cases = QUESTIONS
