"""How each kind of trocco that asks or changes is tried."""

from pipeforge.contract.cases import Asked

SETTINGS = {"api_key": "tra_0123456789abcdef"}

TARGET = {"name": "$target_date$", "type": "timestamp", "quantity": 1, "unit": "date", "direction": "ago"}
TRANSFERS = {
    7: {
        "name": "orders from MySQL",
        "labels": ["nightly", "sales"],
        "schedules": [{"frequency": "daily", "hour": 3, "minute": 30}],
        "custom_variables": [TARGET | {"format": "%Y-%m-%d", "time_zone": "Asia/Tokyo"}],
        "output_custom_variables": [{"name": "$region$", "value": "jp"}],
        "is_runnable_concurrently": False,
        "retry_limit": 2,
    },
    8: {"name": "kintone 顧客"},
}
WORKFLOWS = {
    310: {
        "name": "nightly mart",
        "max_retries": 1,
        "min_retry_interval": 5,
        "execution_timeout": 120,
        "tasks": [
            {"definition_id": 7, "name": "orders", "custom_variable_loop": {"type": "string"}},
            {"type": "http_request", "name": "tell", "config": {"request_headers": [{"value": "token"}]}},
        ],
        "task_dependencies": [{"source": 1, "destination": 2}],
    },
    311: {"name": "weekly mart"},
}
WORLD = {"job_definitions": TRANSFERS, "pipeline_definitions": WORKFLOWS}

CASES: dict[str, Asked] = {
    "trocco.run_datamart": Asked(
        params={"datamart_definition_id": 42, "custom_variables": {"$region$": "jp"}},
        settings=SETTINGS,
        route="POST /api/datamart_jobs",
        gives={"id": 1, "datamart_definition_id": 42, "link": "http://emulators/trocco/datamart/jobs/1"},
    ),
    "trocco.get_job": Asked(
        params={"job_id": 1},
        settings=SETTINGS,
        route="GET /api/jobs/{id}",
        world={"job_definitions": {7: {"past_jobs": 1}}},
        gives={"id": 1, "job_definition_id": 7, "link": "http://emulators/trocco/jobs/1"},
    ),
    "trocco.get_workflow_job": Asked(
        params={"pipeline_job_id": 1},
        settings=SETTINGS,
        route="GET /api/pipeline_jobs/{id}",
        world={"pipeline_definitions": {310: {"past_jobs": 1}}},
        gives={"id": 1, "pipeline_definition_id": 310, "link": "http://emulators/trocco/pipeline_jobs/1"},
    ),
    "trocco.list_jobs": Asked(
        params={"job_definition_id": 7},
        settings=SETTINGS,
        route="GET /api/job_definitions/{id}/jobs",
        gives={"jobs": []},
    ),
    "trocco.get_job_definition": Asked(
        params={"job_definition_id": 7},
        settings=SETTINGS,
        route="GET /api/job_definitions/{id}",
        world=WORLD,
        gives={"name": "orders from MySQL", "labels": ["nightly", "sales"], "retry_limit": 2},
    ),
    "trocco.list_job_definitions": Asked(
        params={},
        settings=SETTINGS,
        route="GET /api/job_definitions",
        world=WORLD,
    ),
    "trocco.get_workflow_definition": Asked(
        params={"pipeline_definition_id": 310},
        settings=SETTINGS,
        route="GET /api/pipeline_definitions/{id}",
        world=WORLD,
        gives={"execution_timeout": 120, "task_dependencies": [{"source": 1, "destination": 2}]},
    ),
    "trocco.list_workflow_definitions": Asked(
        params={},
        settings=SETTINGS,
        route="GET /api/pipeline_definitions",
        world=WORLD,
    ),
}
