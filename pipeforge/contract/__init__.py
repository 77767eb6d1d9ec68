"""The contract that every adapter keeps, as tests for pytest: import it in tests only, it needs pytest.

from pipeforge.contract.cases import Case
from pipeforge.contract.jobs import JobContract


class TestJobs(JobContract):
    cases = {"acme.run_report": Case(params={...}, settings={...}, start="POST /reports", ...)}
"""
