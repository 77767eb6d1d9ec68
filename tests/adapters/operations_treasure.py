"""How each kind of treasure that asks or changes is tried."""

from pathlib import Path

from pipeforge.contract.cases import Asked

SETTINGS = {
    "api_key": "1/" + "c0ffee" * 6 + "abcd",
    "secret_values": {"mysql_password": "s3cr3t-of-mysql-9f8e"},
}
OSS = {**SETTINGS, "api": "oss"}
WORKFLOWS = str(Path(__file__).parent.parent / "live" / "workflows")

WORLD = {
    "projects": {
        "sales": {
            "secrets": ["a"],
            "workflows": {
                "mart": {
                    "timezone": "Asia/Tokyo",
                    "config": {"schedule": {"daily>": "07:00:00"}, "+load": {"td>": "load.sql"}},
                    "course": {
                        "tasks": [
                            {"name": "load", "seconds": 3, "log": ["loaded 7 rows", "done"]},
                            {"name": "build", "seconds": 2},
                        ]
                    },
                    "past": [172_800.0, 86_400.0],
                },
                "endless": {"course": {"seconds": 3600}, "past": [60.0]},
            },
        },
        "stock": None,
    }
}
PROJECT, WORKFLOW, SCHEDULE = "1001", "20001", "7001"
"""Ids as the emulator counts them: by the order of the world."""
SESSION, ATTEMPT, RUNNING = "300001", "4000001", "4000003"
LOG = "+mart+load@6921de0000000000.4242@emulator.log.gz"
SALES = {"project": "sales"}
MART = {**SALES, "workflow": "mart"}


def asked(route, gives=None, *, settings=SETTINGS, shape="hosted", **params):
    return Asked(params, settings, route, {**WORLD, "shape": shape}, gives or {})


def of_mart(route, gives=None, **params):
    return asked(route, gives, **MART, **params)


CASES = {
    "treasure.list_attempts": of_mart("GET /api/attempts", limit=1),
    "treasure.get_attempt": asked(
        "GET /api/attempts/{id}", {"id": ATTEMPT, "status": "success"}, attempt_id=ATTEMPT
    ),
    "treasure.list_attempt_retries": asked("GET /api/attempts/{id}/retries", attempt_id=ATTEMPT),
    "treasure.list_attempt_tasks": asked("GET /api/attempts/{id}/tasks", attempt_id=ATTEMPT),
    "treasure.kill_attempt": asked(
        "POST /api/attempts/{id}/kill", {"kill_requested": True, "status": "canceling"}, attempt_id=RUNNING
    ),
    "treasure.list_log_files": asked("GET /api/logs/{id}/files", attempt_id=ATTEMPT, task="+mart+load"),
    "treasure.get_log_file": asked(
        "GET /api/logs/{id}/files/{file}",
        {"text": "loaded 7 rows\ndone\n", "truncated": False},
        attempt_id=ATTEMPT,
        file_name=LOG,
    ),
    "treasure.list_sessions": asked("GET /api/sessions", limit=2),
    "treasure.get_session": asked("GET /api/sessions/{id}", {"id": SESSION}, session_id=SESSION),
    "treasure.list_session_attempts": asked("GET /api/sessions/{id}/attempts", session_id=SESSION),
    "treasure.list_projects": asked("GET /api/projects", name_pattern="s"),
    "treasure.get_project": asked("GET /api/projects", {"id": PROJECT, "revision": "1"}, **SALES),
    "treasure.get_project_archive": asked(
        "GET /api/projects/{id}/archive", {"saved_to": None}, project_id=PROJECT
    ),
    "treasure.list_project_revisions": asked("GET /api/projects/{id}/revisions", **SALES),
    "treasure.list_project_schedules": of_mart("GET /api/projects/{id}/schedules"),
    "treasure.list_project_sessions": of_mart("GET /api/projects/{id}/sessions"),
    "treasure.list_secrets": asked("GET /api/projects/{id}/secrets", {"keys": ["a"]}, **SALES),
    "treasure.list_project_workflows": asked("GET /api/projects/{id}/workflows", **SALES, revision="1"),
    "treasure.get_project_workflow": of_mart(
        "GET /api/projects/{id}/workflows/{name}", {"id": WORKFLOW, "timezone": "Asia/Tokyo"}
    ),
    "treasure.list_workflows": asked("GET /api/workflows", order="desc"),
    "treasure.get_workflow": asked("GET /api/workflows/{id}", {"name": "mart"}, workflow_id=WORKFLOW),
    "treasure.get_truncated_session_time": asked(
        "GET /api/workflows/{id}/truncated_session_time",
        {"session_time": "2026-01-02T00:00:00+09:00", "timezone": "Asia/Tokyo"},
        workflow_id=WORKFLOW,
        session_time="2026-01-02T03:04:05+09:00",
        mode="day",
    ),
    "treasure.list_schedules": asked("GET /api/schedules"),
    "treasure.get_schedule": asked("GET /api/schedules/{id}", {"disabled_at": None}, schedule_id=SCHEDULE),
    "treasure.push_project": asked(
        "PUT /api/projects", {"files": 4, "pushed": True}, project="sales", folder=WORKFLOWS
    ),
    "treasure.delete_project": asked(
        "DELETE /api/projects/{id}", {"id": PROJECT, "name": "sales"}, **SALES, confirm="sales"
    ),
    "treasure.put_secret": asked(
        "PUT /api/projects/{id}/secrets/{key}",
        {"project_id": PROJECT, "key": "mysql.password"},
        **SALES,
        key="mysql.password",
        value_of="mysql_password",
    ),
    "treasure.delete_secret": asked(
        "DELETE /api/projects/{id}/secrets/{key}", {"key": "a"}, **SALES, key="a"
    ),
    "treasure.enable_schedule": of_mart("POST /api/schedules/{id}/enable", {"disabled_at": None}),
    "treasure.disable_schedule": of_mart("POST /api/schedules/{id}/disable"),
    "treasure.skip_schedule": of_mart(
        "POST /api/schedules/{id}/skip",
        {"next_schedule_time": "2026-01-10T00:00:00+09:00"},
        next_time="2026-01-10T00:00:00+09:00",
    ),
}
