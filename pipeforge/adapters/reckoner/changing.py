"""Reckoner's changes: a job that is asked to stop, an integration that is deleted."""

from pipeforge.adapter import Evidence
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.kinds_integrations import DeleteIntegrationOutputs, DeleteIntegrationParams
from pipeforge.adapters.reckoner.kinds_jobs import CancelJobOutputs, CancelJobParams
from pipeforge.adapters.reckoner.wire_definitions import Integration, Integrations
from pipeforge.errors import InDoubt, Rejected, Transient


async def job_before(client: ReckonerClient, params: CancelJobParams) -> Evidence:
    """How the job goes. Raises Rejected where there is no such job."""
    job = await client.get_job(params.workflow_id, params.job_id)
    return {"status": job.status}


async def cancel_job(client: ReckonerClient, params: CancelJobParams, evidence: Evidence) -> CancelJobOutputs:
    """Asks once; what becomes of it is not awaited."""
    await client.cancel_job(params.workflow_id, params.job_id)
    return CancelJobOutputs(
        id=params.job_id, workflow_id=params.workflow_id, status_before=str(evidence["status"])
    )


async def integration_before(client: ReckonerClient, params: DeleteIntegrationParams) -> Evidence:
    """Its name, which `confirm` must repeat. Raises Rejected where it does not, or there is none."""
    found = await _find(client, params)
    if found is None:
        raise Rejected(
            f"project {params.project_id} has no integration {params.integration_id} of {params.service}",
            "reckoner.list_integrations tells its integrations; give the `integration_id`, not the `id`",
        )
    if found.name != params.confirm:
        raise Rejected(
            f"integration {params.integration_id} is called '{found.name}', not '{params.confirm}'",
            "nothing was deleted: `confirm` repeats the name of what is to be deleted, letter for letter",
        )
    return {"name": found.name}


async def delete_integration(
    client: ReckonerClient, params: DeleteIntegrationParams, evidence: Evidence
) -> DeleteIntegrationOutputs:
    """Deletes it. One that is not found was there when it was looked up: an earlier request deleted it."""
    path: dict[str, int | str] = {"service": params.service, "integration_id": params.integration_id}
    query = [("force", "true")] if params.force else []
    try:
        await client.ask("deleteIntegration", path, query=query, safe=False)
    except Refused as refusal:
        if refusal.status != 404 or await _still_there(client, params):
            raise
    return DeleteIntegrationOutputs(
        integration_id=params.integration_id, service=params.service, name=str(evidence["name"])
    )


async def _still_there(client: ReckonerClient, params: DeleteIntegrationParams) -> bool:
    """Of what was there and is not found where it was. Raises InDoubt where that cannot be asked now."""
    try:
        return await _find(client, params) is not None
    except Rejected:
        return False  # the list is refused; that it was not found is said all the same
    except Transient as error:
        doubt = InDoubt(error.message, error.hint)
    raise doubt


async def _find(client: ReckonerClient, params: DeleteIntegrationParams) -> Integration | None:
    query = [("service", params.service)]
    found = await client.fit("listIntegrations", {"project_id": params.project_id}, Integrations, query)
    wanted = (params.service, params.integration_id)
    return next((each for each in found.listed if (each.service, each.integration_id) == wanted), None)
