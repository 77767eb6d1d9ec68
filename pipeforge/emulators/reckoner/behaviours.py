"""What Reckoner's emulator does and how well each point is known."""

from pipeforge.emulators.core import Behaviour

_API = "Reckoner external API v1.1.0"

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("Authorization: Bearer pat_...; prt_... only on the refresh", "stated", _API),
    Behaviour(
        "no token: UNAUTHORIZED; another prefix or unknown: TOKEN_INVALID; old: TOKEN_EXPIRED", "stated", _API
    ),
    Behaviour("a refresh gives access_token and expires_at; the refresh token stays good", "inferred", _API),
    Behaviour("a refreshed token lives an hour (token_lifetime)", "chosen", "lifetimes are not told"),
    Behaviour("run answers 200 with job_id; the body is optional, values are strings", "stated", _API),
    Behaviour("an unknown parameter is ignored (unknown_parameter: reject)", "chosen", "nobody tells"),
    Behaviour("runs of one workflow go side by side", "chosen", "nobody tells"),
    Behaviour(
        "SUBMITTING, RUNNABLE, RUNNING, then COMPLETED, FAILED, CANCELED or SERVER_ERROR", "stated", _API
    ),
    Behaviour("started_at is absent until the job runs", "inferred", "the field is optional"),
    Behaviour("errors only of a failed job, which still answers 200", "stated", _API),
    Behaviour("a job shows no id and no parameters", "stated", _API),
    Behaviour("the list: total, up to 100 a page from page 1", "stated", _API),
    Behaviour("the list is newest first (unsorted: no order)", "chosen", "order is not told"),
    Behaviour("limit over 100, page under 1, ids that are no integers: BAD_REQUEST", "chosen", ""),
    Behaviour("the list's dates are days of Japan", "stated", _API),
    Behaviour("without saved results the list is empty (saves_job_result)", "inferred", _API),
    Behaviour("cancel: an empty 200, also of a finished job; CANCEL_STARTED, then CANCELED", "stated", _API),
    Behaviour("404 where cancel is not there yet (can_cancel)", "inferred", "release notes, June 2026"),
    Behaviour("a workflow's detail has task_dependencies and integration_name", "stated", _API),
    Behaviour("a secret parameter's value is masked in the detail", "stated", _API),
    Behaviour("an export has type, position and dependencies, and tells no secrecy", "stated", _API),
    Behaviour(
        "the mask is eight asterisks; an export's type is the world's (batch)", "chosen", "nobody tells"
    ),
    Behaviour("workflows are listed by update, newest first, unless sort says otherwise", "stated", _API),
    Behaviour("search_words is part of the name, upper and lower case apart", "inferred", _API),
    Behaviour("label_ids: a workflow with any of them", "chosen", "nobody tells"),
    Behaviour("where every workflow exists, those that have run are listed", "chosen", ""),
    Behaviour(
        "integrations: services beside total, as the example (integrations_shape: beside)", "stated", _API
    ),
    Behaviour("or below integrations, as the schema (integrations_shape: nested)", "stated", _API),
    Behaviour("an integration's id is not its integration_id, which deletes it", "inferred", "the example"),
    Behaviour(
        "deleting what a task uses: 409 CONFLICT with the workflows; force=true deletes", "stated", _API
    ),
    Behaviour("what is deleted twice is NOT_FOUND", "inferred", _API),
    Behaviour("projects are listed if the world names any, and else exist", "chosen", ""),
    Behaviour("an inactive subscription: 402 for what writes (subscription_active)", "stated", _API),
    Behaviour("429 RATE_LIMIT_EXCEEDED without Retry-After, only when scripted", "stated", _API),
    Behaviour("messages are English", "chosen", "some are Japanese; match the code"),
)
