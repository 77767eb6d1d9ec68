"""The published matrix of deaths and faults, held by every kind of ours that starts something."""

from job_cases import CASES

from pipeforge.contract.matrix import MatrixContract


class TestMatrix(MatrixContract):
    """Of all vendors."""

    cases = CASES
