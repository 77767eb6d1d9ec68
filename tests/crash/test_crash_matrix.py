"""The published contract of killed processes, held by every kind of ours that starts or changes something."""

import pytest
from crash_scenarios import SCRIPTS

from pipeforge.contract.processes import ProcessContract


class TestProcesses(ProcessContract):
    """Of all vendors, over the stage that other tests here use, too."""

    cases = SCRIPTS

    @pytest.fixture(scope="class")
    @classmethod
    def processes(cls, stage):
        return stage
