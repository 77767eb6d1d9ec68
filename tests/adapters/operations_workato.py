"""How each kind of workato that asks or changes is tried."""

from pipeforge.contract.cases import Asked

SETTINGS = {"api_token": "wrk-0123456789abcdef", "managed_user": {"id": 91829}}
OWN = {"api_token": "wrk-0123456789abcdef"}
ONE = "/managed_users/{mu}/recipes/{id}"
LIST = "/managed_users/{mu}/recipes"

CODE = {
    "number": 0,
    "provider": "clock",
    "name": "scheduled_event",
    "keyword": "trigger",
    "input": {"time_unit": "minutes", "trigger_every": "5"},
    "block": [{"number": 1, "provider": "email", "name": "send_mail", "keyword": "action", "input": {}}],
}
CONFIG = [{"provider": "clock"}, {"provider": "email"}]
OLD = {**CODE, "block": []}

_POLLED = {"name": "Orders", "polls": [3], "past_jobs": 3}
_WORLD = {
    "recipes": {
        7: {
            "name": "Send mail",
            "folder_id": 4520,
            "code": OLD,
            "config": [],
            "activation": 2.0,
            "stopping": 2.0,
        },
        8: {"name": "Old one", "folder_id": 4520, "running": False},
        9: {**_POLLED, "trigger_application": "salesforce"},
    }
}


def _asked(params, route, gives=None, settings=SETTINGS):
    return Asked(params, settings, route, _WORLD, gives or {})


CASES = {
    "workato.list_recipes": _asked(
        {"folder_id": 4520, "running": True, "limit": 5}, f"GET {LIST}", {"count": 1}
    ),
    "workato.get_recipe": _asked({"recipe_id": 7}, f"GET {ONE}", {"name": "Send mail", "running": True}),
    "workato.search_recipes": _asked(
        {"applications": ["salesforce", "service_now"]}, "GET /recipes/search", {"count": 2}
    ),
    "workato.list_jobs": _asked(
        {"recipe_id": 9, "status": "succeeded"}, f"GET {ONE}/jobs", {"count": 3, "succeeded_count": 3}
    ),
    "workato.get_job": _asked(
        {"recipe_id": 9, "job_id": "j-kzDXpcuM-mC8kK"}, f"GET {ONE}/jobs/{{job}}", {"outcome": "succeeded"}
    ),
    "workato.create_recipe": _asked(
        {"name": "Send mail", "code": CODE, "config": CONFIG, "folder_id": 17254},
        f"POST {LIST}",
        {"recipe_id": 11613},
    ),
    "workato.update_recipe": _asked(
        {"recipe_id": 8, "code": CODE}, f"PUT {ONE}", {"changed": True, "version_no": 2}
    ),
    "workato.deploy_recipe": _asked(
        {"folder_id": 4520, "name": "Send mail", "code": CODE, "config": CONFIG},
        f"PUT {ONE}/stop",
        {"recipe_id": 7, "created": False, "version_no": 2, "was_running": True, "running": True},
    ),
    "workato.delete_recipe": _asked(
        {"recipe_id": 8, "confirm": "Old one"}, f"DELETE {ONE}", {"name": "Old one"}
    ),
    "workato.reset_trigger": _asked(
        {"recipe_id": 9, "acknowledge_reprocess": True}, f"POST {ONE}/reset_trigger", {"running": True}
    ),
}
