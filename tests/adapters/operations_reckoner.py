"""How each kind of reckoner that asks or changes is tried."""

from pipeforge.contract.cases import Asked

SETTINGS = {"access_token": "pat_0123456789abcdef"}

HOOK = "https://hooks.example.com/hook-0123456789"
WORLD = {
    "workflows": {
        7: {
            "name": "build segments",
            "tasks": [
                {"name": "orders", "subcategory": "MySQL", "integration_name": "orders db"},
                {"name": "sum up", "category": "transform", "subcategory": "SQL"},
            ],
            "parameters": ["region", {"name": "key", "value": "hush-hush", "is_secret": True}],
            "schedule": {"cron": "0 3 * * *"},
            "webhooks": [HOOK],
            "notifications": {
                "emails": [{"status": "FAILED", "email": "ops@example.com"}],
                "webhooks": [{"status": "ALL", "url": HOOK}],
                "slacks": [{"status": "ALL", "channel": "#data"}],
                "msteams": [{"status": "ALL", "team": "data", "channel": "runs"}],
            },
            "labels": [{"id": 5, "name": "nightly"}],
            "past_jobs": [{"outcome": "FAILED"}, {"stages": {"RUNNING": 100_000}}],
        },
        8: {"name": "other"},
    },
    "integrations": {
        "mysql": [
            {"integration_id": 42294, "name": "orders (old)"},
            {"integration_id": 40689, "name": "orders db"},
        ],
        "excel": [],
    },
}
JOB = "GET /workflows/{workflowId}/jobs/{jobId}"
INTEGRATIONS = "GET /integrations/projects/{projectId}"


def _asked(params, route, **gives):
    return Asked(params, SETTINGS, route, WORLD, gives)


CASES: dict[str, Asked] = {
    "reckoner.get_job": _asked(
        {"workflow_id": 7, "job_id": 1001}, JOB, id=1001, workflow_id=7, status="FAILED", trigger="scheduled"
    ),
    "reckoner.list_jobs": _asked({"workflow_id": 7}, "GET /workflows/{workflowId}/jobs"),
    "reckoner.cancel_job": _asked(
        {"workflow_id": 7, "job_id": 1002},
        "PUT /workflows/{workflowId}/jobs/{jobId}/cancel",
        id=1002,
        workflow_id=7,
        status_before="RUNNING",
    ),
    "reckoner.get_workflow": _asked(
        {"workflow_id": 7}, "GET /workflows/{workflowId}", name="build segments", webhooks=1
    ),
    "reckoner.list_workflows": _asked({"project_id": 1}, "GET /workflows/projects/{projectId}"),
    "reckoner.export_workflow": _asked(
        {"workflow_id": 7}, "GET /workflows/{workflowId}/export", name="build segments", type="batch"
    ),
    "reckoner.list_integrations": _asked({"project_id": 1, "service": "mysql"}, INTEGRATIONS),
    "reckoner.delete_integration": _asked(
        {"project_id": 1, "service": "mysql", "integration_id": 42294, "confirm": "orders (old)"},
        "DELETE /integrations/{serviceName}/{integrationId}",
        integration_id=42294,
        service="mysql",
        name="orders (old)",
    ),
}
