"""What the Treasure emulator does and how well each of it is known."""

from pipeforge.emulators.core import Behaviour

OPENAPI = "the vendor's OpenAPI description of Treasure Workflow 1.0"
DIGDAG = "digdag's source, release 0.10.5.1 and master of 2024-08"
ENGINE = "digdag's own engine, digdag-core 0.9.42, asked in tests/live"
FRAMEWORK = "RESTEasy 3.0, the framework that digdag's server stands on"
RECORDED = "answers recorded in digdag's own user interface tests"
QUEUEING = "the vendor's page on attempt queueing"
LIMITS = "the vendor's page on prerequisites and limitations"

BEHAVIOURS = (
    Behaviour(
        "a session is unique per project, workflow name and whole second of its time", "stated", DIGDAG
    ),
    Behaviour(
        "an attempt is unique per session and retryAttemptName; no name is one slot too", "stated", DIGDAG
    ),
    Behaviour("a start that conflicts answers 409 with the existing attempt in full", "stated", OPENAPI),
    Behaviour("without a name the 409 shows the session's last attempt, whosever it is", "stated", DIGDAG),
    Behaviour("a refused start makes nothing; its params, resume and revision are ignored", "stated", DIGDAG),
    Behaviour("a named attempt may be the first of its session, and two may run at once", "stated", ENGINE),
    Behaviour("resume is checked first, then the limit, then the conflict", "stated", DIGDAG),
    Behaviour("hosted checks the limit before the conflict as well", "chosen", "nobody says"),
    Behaviour(
        "resume takes over what succeeded; 400 if the attempt succeeded or a name is unclear",
        "stated",
        DIGDAG,
    ),
    Behaviour("a task taken over was never started and ends as the attempt begins", "chosen", "nobody says"),
    Behaviour("a full pool refuses with digdag's 400 unless allowQueueing is true", "chosen", QUEUEING),
    Behaviour(
        "with allowQueueing the attempt is made as queued and begins in the order of asking",
        "stated",
        QUEUEING,
    ),
    Behaviour("the pool holds 200 attempts (oss: 100 unfinished ones)", "stated", LIMITS),
    Behaviour("100 attempts may wait", "chosen", "the limit exists, its value is not told"),
    Behaviour("hosted knows seven statuses, oss four", "stated", OPENAPI),
    Behaviour(
        "a kill answers 200 with the attempt as it was before; a second one 200 again", "stated", DIGDAG
    ),
    Behaviour("a kill of what has ended answers 409 in the error shape", "stated", DIGDAG),
    Behaviour(
        "running tasks are gone two seconds after a kill, or end by themselves before",
        "chosen",
        "nobody says",
    ),
    Behaviour("a kill that came too late leaves success with cancelRequested", "inferred", DIGDAG),
    Behaviour(
        "the server kills an attempt after seven days, or one whose task runs for a day", "stated", LIMITS
    ),
    Behaviour(
        "a failed root gains ^failure-alert, so done comes after the failing task's end", "stated", DIGDAG
    ),
    Behaviour("the alert takes one second", "chosen", "nobody says"),
    Behaviour("tasks behind a failed or canceled one stay blocked", "stated", ENGINE),
    Behaviour(
        "a kill asks every task that has not ended; those that are ready are canceled", "stated", ENGINE
    ),
    Behaviour("groups tell no startedAt; _export is told as exportParams", "stated", ENGINE),
    Behaviour("a workflow's own keys but timezone are the root task's config", "stated", ENGINE),
    Behaviour("a resume takes over the alert too: it is not sent a second time", "stated", ENGINE),
    Behaviour("mode failed of an attempt that there is not starts from the beginning", "stated", ENGINE),
    Behaviour("mode from of a text that is no +name+name: 500", "stated", ENGINE),
    Behaviour("a retryAttemptName may be any text of 1 to 255 characters, blanks too", "stated", ENGINE),
    Behaviour(
        "a pushed file with an unknown key, a key twice, a task with two operators, or with an operator and "
        "tasks, a name that digdag does not take, a time zone that is none: 400",
        "stated",
        ENGINE,
    ),
    Behaviour("what YAML takes for a time is text, as it was written", "stated", ENGINE),
    Behaviour("_parallel may be a limit (0.10)", "stated", DIGDAG),
    Behaviour("tasks under _error and _check do not run", "chosen", "digdag runs them"),
    Behaviour("_after, _background, _retry and _disable are not heeded", "chosen", "digdag heeds them"),
    Behaviour(
        "an attempt has a task even where the file defines none; one without operator is no group",
        "chosen",
        "digdag has the root alone, and makes it a group",
    ),
    Behaviour("ids are given without gaps", "chosen", "digdag spends one on each refused start"),
    Behaviour("more than 1,000 tasks: 400", "stated", LIMITS),
    Behaviour("absent optionals are null, ids are text, times are whole seconds", "stated", RECORDED),
    Behaviour("the task's flag is isGroup", "stated", RECORDED),
    Behaviour(
        "pages run by last_id: attempts and sessions downwards, projects and schedules upwards",
        "stated",
        DIGDAG,
    ),
    Behaviour("a page size over 100 is refused with 400", "stated", DIGDAG),
    Behaviour("a word of the query that is no number, time or mode: 404, not 400", "stated", FRAMEWORK),
    Behaviour("an unknown project name gives an empty list, an unknown revision 404", "stated", DIGDAG),
    Behaviour("attempts and sessions of a workflow that there is not: an empty list", "stated", DIGDAG),
    Behaviour("retries lists a session's attempts by ascending index", "stated", DIGDAG),
    Behaviour("a running task's log is a gzip stream without its end", "stated", DIGDAG),
    Behaviour(
        "a push makes a revision with the .dig files at the archive's root, under new ids", "stated", DIGDAG
    ),
    Behaviour("a push under a revision name that is there answers 409 in the error shape", "stated", OPENAPI),
    Behaviour("a push with a wrong Content-Length, a bad or too large archive: 400", "stated", DIGDAG),
    Behaviour("an archive may have 10 MB (oss: 2 MiB)", "stated", LIMITS),
    Behaviour("what is in an archive may have as much, unpacked", "stated", DIGDAG),
    Behaviour("clear_schedule of a workflow that the archive does not define: 400", "stated", DIGDAG),
    Behaviour("the archive that is fetched is the one that was pushed, byte for byte", "stated", DIGDAG),
    Behaviour(
        "what the world lists and nobody pushed has an archive made from its definitions",
        "chosen",
        "no source",
    ),
    Behaviour("a storage hands archives out by 303 if the world says so", "stated", DIGDAG),
    Behaviour("the storage refuses requests with an Authorization header", "stated", DIGDAG),
    Behaviour("a file that includes others defines nothing", "chosen", "includes are not followed here"),
    Behaviour(
        "attempts of pushed workflows go as their operators say: echo> logs, fail> fails, wait> waits",
        "chosen",
        "the world's own course wins",
    ),
    Behaviour("a deleted project is gone from lists and 404; what it ran stays", "stated", DIGDAG),
    Behaviour("a deleted project's name is free: made anew, it has another id", "stated", DIGDAG),
    Behaviour("revisions are listed newest first, 100 and no more (oss)", "stated", DIGDAG),
    Behaviour(
        "hosted revisions go on by page[after] and pagination.nextPage, a number as text", "inferred", OPENAPI
    ),
    Behaviour("who pushed (userInfo) is an emulated user, nobody on oss", "chosen", "nobody says"),
    Behaviour("secrets are listed by key; a value is never told, and not kept", "stated", OPENAPI),
    Behaviour("putting or deleting a secret: hosted 204, oss 200 with the key", "stated", OPENAPI),
    Behaviour(
        "a secret's key or value against digdag's rules: 400, also where there is no such project",
        "stated",
        DIGDAG,
    ),
    Behaviour("deleting a secret that is not there is no error", "inferred", DIGDAG),
    Behaviour(
        "daily>, hourly>, weekly>, monthly> run later than the session time that they stand for",
        "stated",
        DIGDAG,
    ),
    Behaviour("a schedule starts the default attempt of its session when its time comes", "stated", DIGDAG),
    Behaviour("a schedule for which the account has no room tries again ten minutes later", "stated", DIGDAG),
    Behaviour("at most 1,000 times are caught up with at one look", "chosen", "a clock may be jumped far"),
    Behaviour(
        "a push keeps a schedule's id, and goes on from its last start unless that is cleared",
        "stated",
        DIGDAG,
    ),
    Behaviour("schedules are listed by id upwards, 100 a page", "stated", DIGDAG),
    Behaviour("updatedAt of a schedule that was changed is when it was made", "stated", DIGDAG),
    Behaviour("enabling skips missed times by default (hosted), or runs them (oss)", "stated", OPENAPI),
    Behaviour(
        "enabling with a nextTime that is past answers 409 and changes nothing", "stated", "a user's report"
    ),
    Behaviour("skipping to where a schedule has come already answers 409", "stated", DIGDAG),
    Behaviour(
        "a backfill is made whole or not at all; its attempts run one after the other", "stated", DIGDAG
    ),
    Behaviour("attempts of a backfill that wait are blocked (oss: running)", "inferred", OPENAPI),
    Behaviour("a backfill under a name that an attempt of these times bears: 409", "stated", DIGDAG),
    Behaviour("a backfill of more sessions than there are: 400", "stated", DIGDAG),
    Behaviour("a dry run of a backfill shows attempts with the id 0", "stated", DIGDAG),
    Behaviour(
        "skipExisting and advanceSchedule of a backfill are hosted alone; digdag ignores them",
        "stated",
        OPENAPI,
    ),
    Behaviour("truncated session times: hour, day, schedule, next_schedule", "stated", DIGDAG),
    Behaviour("truncated session times: hosted takes second and minute too", "inferred", OPENAPI),
    Behaviour("schedule is the first time that runs from then on, delay included", "stated", DIGDAG),
    Behaviour("schedule modes of a workflow without a schedule: 400", "stated", DIGDAG),
    Behaviour(
        "where everything exists, a workflow whose schedule is asked for has a daily one",
        "chosen",
        "no world",
    ),
    Behaviour("a path that is there under another method answers 405", "inferred", "the server's framework"),
    Behaviour("an instant without an offset is refused with 400", "inferred", DIGDAG),
    Behaviour("the texts of 400 answers to malformed starts", "chosen", "not readable"),
    Behaviour("GET /api/version and /api/version/check need no key, hosted too", "chosen", DIGDAG),
    Behaviour("oss asks for no key at all unless the world names some", "stated", DIGDAG),
    Behaviour("/api/admin is on another address: 404", "stated", DIGDAG),
    Behaviour("502, 503 and 504 are plain text", "inferred", "the documents do not promise JSON"),
)
