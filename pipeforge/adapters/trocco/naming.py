"""What steps name in trocco and what can be looked up there."""

from pipeforge.adapter import Named
from pipeforge.language.saying import say

_TRANSFER = ("job_definition", say("transfer setting"), ("job_definition_id",))

TRANSFER = (Named(*_TRANSFER),)
TRANSFER_RUN = (Named(*_TRANSFER, given="custom_variables"),)
WORKFLOW = (Named("pipeline_definition", say("workflow"), ("pipeline_definition_id",)),)
DATAMART_RUN = (
    Named("datamart_definition", say("data mart"), ("datamart_definition_id",), given="custom_variables"),
)
JOB = (Named("job", say("transfer job"), ("job_id",)),)
WORKFLOW_JOB = (Named("pipeline_job", say("workflow job"), ("pipeline_job_id",)),)
