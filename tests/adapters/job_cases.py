"""How each kind that starts something is tried, of all vendors."""

from pipeforge.contract.cases import Case

SERIAL = "abcdef-jklmno-pqrstu-xyz123-456789"
APP = "https://example.cybozu.com/k/123"
KREWDATA = {"unit_id": "unit-0123456789", "krewdata_app_url": APP, "serial_number": SERIAL}
TD = {"api_key": "1/" + "c0ffee" * 6 + "abcd"}
WORKATO = {"api_token": "wrk-0123456789abcdef"}
MART = {"project": "sales", "workflow": "mart", "session_time": "2026-01-02T03:04:05+09:00"}
STOPPED = {"recipes": {7: {"running": False}}}

CASES = {
    "trocco.run_job": Case(
        params={"job_definition_id": 7, "custom_variables": {"$a$": "1", "$b$": 2}},
        settings={"api_key": "tra_0123456789abcdef"},
        start="POST /api/jobs",
        look="GET /api/jobs/{id}",
        failing={"course": {"outcome": "error"}},
        prepares="GET /api/job_definitions/{id}/jobs",
    ),
    "trocco.run_workflow": Case(
        params={"pipeline_definition_id": 7},
        settings={"api_key": "tra_0123456789abcdef"},
        start="POST /api/pipeline_jobs",
        look="GET /api/pipeline_jobs/{id}",
        failing={"course": {"outcome": "error"}},
    ),
    "krewdata.run_unit": Case(
        params={"app_id": 55, "user": "batch", "record": {"n": {"type": "NUMBER", "value": "1"}}},
        settings=KREWDATA,
        start="POST /{unit}/run",
        look="POST /{unit}/status",
        failing={"course": {"outcome": "Failure"}},
        prepares="POST /{unit}/token",
    ),
    "reckoner.run_workflow": Case(
        params={"workflow_id": 7, "parameters": {"region": "jp"}},
        settings={"access_token": "pat_0123456789abcdef"},
        start="POST /workflows/{id}/run",
        look="GET /workflows/{id}/jobs/{job}",
        failing={"course": {"outcome": "FAILED"}},
        prepares="GET /workflows/{id}/jobs",
    ),
    "treasure.run_workflow": Case(
        params=MART,
        settings=TD,
        start="PUT /api/attempts",
        look="GET /api/attempts/{id}",
        failing={"course": {"outcome": "error"}},
    ),
    "treasure.backfill_schedule": Case(
        params={"project": "sales", "workflow": "mart", "from_time": "2025-11-22T00:00:00Z", "count": 2},
        settings=TD,
        start="POST /api/schedules/{id}/backfill",
        look="GET /api/attempts/{id}",
        failing={"course": {"outcome": "error"}},
        prepares="GET /api/projects/{id}/schedules",
    ),
    "workato.poll_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="POST /recipes/{id}/poll_now",
        look="GET /recipes/{id}/jobs",
        counted=False,
        failing={"course": {"outcome": "failed"}},
        prepares="GET /recipes/{id}/jobs",
    ),
    "workato.run_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="PUT /recipes/{id}/start",
        look="GET /recipes/{id}/jobs",
        counted=False,
        failing={"course": {"outcome": "failed"}, **STOPPED},
        world=STOPPED,
        prepares="GET /recipes/{id}/jobs",
    ),
    "workato.start_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="PUT /recipes/{id}/start",
        look="GET /recipes/{id}",
        counted=False,
        world=STOPPED,
    ),
    "workato.stop_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="PUT /recipes/{id}/stop",
        look="GET /recipes/{id}",
        counted=False,
    ),
}
