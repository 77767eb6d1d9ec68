"""What steps name in Reckoner and what can be looked up there."""

from pipeforge.adapter import Named
from pipeforge.language.saying import say

_WORKFLOW = ("workflow", say("workflow"), ("workflow_id",))

WORKFLOW = (Named(*_WORKFLOW),)
WORKFLOW_RUN = (Named(*_WORKFLOW, given="parameters"),)
JOB = (*WORKFLOW, Named("job", say("job"), ("workflow_id", "job_id")))
PROJECT = (Named("project", say("project"), ("project_id",)),)
INTEGRATION = (
    *PROJECT,
    Named(
        "integration",
        say("integration"),
        ("project_id", "service", "integration_id"),
        repeated="confirm",
    ),
)
