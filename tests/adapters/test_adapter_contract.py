"""The published contract of jobs, held by every kind of ours that starts something."""

from job_cases import CASES
from operation_cases import CASES as OPERATIONS

from pipeforge.adapter import Role
from pipeforge.adapters import KINDS, kinds
from pipeforge.contract.jobs import JobContract


class TestJobs(JobContract):
    """Of all vendors."""

    cases = CASES


def test_every_kind_is_in_one_of_the_two_suites():
    assert {*CASES, *OPERATIONS} == set(KINDS)
    assert not set(CASES) & set(OPERATIONS)
    assert {name for name in KINDS if kinds()[name].role is Role.RUNS} <= set(CASES)
