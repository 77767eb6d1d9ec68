"""How each kind of krewData that asks or changes is tried."""

from pipeforge.contract.cases import Asked

UNIT = "unit-0123456789"
SETTINGS = {
    "unit_id": UNIT,
    "krewdata_app_url": "https://example.cybozu.com/k/123",
    "serial_number": "abcdef-jklmno-pqrstu-xyz123-456789",
}
TASK = "task0000000001"
FAILED = {"outcome": "Failure", "error_code": "33", "failing_flow": 1}
WORLD = {"units": {UNIT: {"flows": ["Load", "Sum"], "past_tasks": [FAILED]}}}

CASES: dict[str, Asked] = {
    "krewdata.get_task_status": Asked(
        {"task_id": TASK},
        SETTINGS,
        "POST /{unit}/status",
        WORLD,
        {"id": TASK, "status": "Failure", "error_code": "33"},
    ),
}
