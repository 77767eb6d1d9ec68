"""The published contract of kinds that ask or change, held by every such kind of ours."""

from operation_cases import CASES

from pipeforge.contract.operations import OperationContract


class TestOperations(OperationContract):
    """Of all vendors."""

    cases = CASES
