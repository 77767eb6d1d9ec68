"""What trocco's emulator does and how well each point is known."""

from pipeforge.emulators.core import Behaviour

_SEED = "trocco API Integration (7 Dec 2022)"
_REFERENCE = "trocco API reference"

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("the key goes in Authorization: Token <key>", "stated", _SEED),
    Behaviour(
        'Bearer, no key or a wrong key: 401 {"error": "Not Authorized"}', "stated", "measured by a user"
    ),
    Behaviour("POST answers 200 without started_at and finished_at", "stated", _SEED),
    Behaviour("a transfer job shows started_at and finished_at only when it is complete", "stated", _SEED),
    Behaviour("statuses are lower case on the wire", "stated", "Japanese original, job history connector"),
    Behaviour(
        "the id may come in the query, a form or a JSON body", "inferred", "public clients do all three"
    ),
    Behaviour("context_time without time_zone is Asia/Tokyo", "stated", _REFERENCE),
    Behaviour("custom variables pair as a Rack-style server pairs them", "inferred", "form of the example"),
    Behaviour("half a custom variable is taken without a word", "inferred", "form of the example"),
    Behaviour("a variable name without $ around it: 400", "chosen", "reference asks for $, tells no answer"),
    Behaviour(
        "custom variables of a workflow job are ignored", "chosen", "documents give it no such parameter"
    ),
    Behaviour("malformed context_time, unknown time_zone, limit over 100, bad cursor: 400", "chosen", ""),
    Behaviour(
        "is_runnable_concurrently false and a job active: skipped", "stated", "Terraform provider docs"
    ),
    Behaviour(
        "a workflow skips a concurrent job started over the API too", "inferred", "documented for schedules"
    ),
    Behaviour("a skipped job is queued first (skipped_at_once: at once)", "chosen", "nobody tells which"),
    Behaviour(
        "stopped in the screen: interrupting, then canceled", "inferred", "Japanese wording of the status"
    ),
    Behaviour("times not yet known of a workflow job are null (unset_times: absent)", "chosen", ""),
    Behaviour("times look like 2023-08-23T03:00:00.000+09:00", "chosen", "as definitions show theirs"),
    Behaviour(
        "ids are whole numbers from 1, one sequence for each kind of job", "inferred", "notification docs"
    ),
    Behaviour(
        "an unknown definition or job: 404; a deleted definition: 403", "stated", "vendor's agent skills"
    ),
    Behaviour(
        "3,500 calls in ten minutes, told in X-Rate-Limit-*; no Retry-After", "stated", "vendor's skills"
    ),
    Behaviour("the ten minutes are fixed windows, one for the account", "chosen", ""),
    Behaviour("a scripted 429 resets at the next second", "chosen", "so that a test need not wait"),
    Behaviour("the job list: items and next_cursor, items as GET shows a job", "inferred", "a public client"),
    Behaviour(
        "the job list is newest first, 50 a page (list_order changes it)", "chosen", "order is not told"
    ),
    Behaviour("start_time filters the creation, end_time the end", "inferred", "a public client's words"),
    Behaviour("a key may start jobs and not see them: GET 403 (run_only_keys)", "stated", "a public client"),
    Behaviour(
        "a data mart job: all in one body; its answer has id, definition, context_time and no status",
        "stated",
        "a public client",
    ),
    Behaviour("a data mart job can be seen nowhere afterwards: 404", "stated", "absent from every document"),
    Behaviour("POST /api/datamart_jobs answers 200; a memo that is no text: 400", "chosen", ""),
    Behaviour(
        "definitions have the keys of the official Terraform client, of options only the variables",
        "stated",
        "Terraform provider",
    ),
    Behaviour("empty arrays are left out of a definition", "stated", "measured by the vendor's skills"),
    Behaviour(
        "a transfer setting with certain connectors: 400 for its detail, and it runs (undescribable)",
        "stated",
        "measured by the vendor's skills",
    ),
    Behaviour(
        "lists of definitions: 50 a page, at most 200, next_cursor null at the end",
        "stated",
        "reference and skills",
    ),
    Behaviour("name finds a part of the name; of data marts also /an expression/", "stated", _REFERENCE),
    Behaviour("the list of workflows has no filter: name is ignored there", "inferred", _REFERENCE),
    Behaviour("definitions are listed by number; deleted ones are not", "chosen", ""),
    Behaviour("without a list in the world, lists show the definitions 1, 2 and 3", "chosen", ""),
    Behaviour("schedules are shown and run nothing", "chosen", ""),
    Behaviour("past_jobs of a definition are an hour apart, started by hand", "chosen", ""),
    Behaviour("tasks have a task_identifier and <type>_config, no key", "stated", "measured by the skills"),
    Behaviour(
        "with max_retries a failed workflow job is error, retry_waiting, queued again",
        "inferred",
        "job history connector",
    ),
    Behaviour("no cancel and no list of workflow jobs: 404", "stated", "absent from every document"),
)
