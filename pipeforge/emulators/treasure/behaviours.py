"""What the Treasure emulator does and how well each of it is known."""

from pipeforge.emulators.core import Behaviour

OPENAPI = "the vendor's OpenAPI description of Treasure Workflow 1.0"
DIGDAG = "digdag's source, release 0.10.5.1 and master of 2024-08"
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
    Behaviour("a named attempt may be the first of its session, and two may run at once", "inferred", DIGDAG),
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
    Behaviour("tasks behind a failed one stay blocked", "inferred", DIGDAG),
    Behaviour("more than 1,000 tasks: 400", "stated", LIMITS),
    Behaviour("absent optionals are null, ids are text, times are whole seconds", "stated", RECORDED),
    Behaviour("the task's flag is isGroup", "stated", RECORDED),
    Behaviour("pages run by last_id: attempts and sessions downwards, projects upwards", "stated", DIGDAG),
    Behaviour("a page size over 100 is refused with 400", "stated", DIGDAG),
    Behaviour("an unknown project name gives an empty list, an unknown revision 404", "stated", DIGDAG),
    Behaviour("retries lists a session's attempts by ascending index", "stated", DIGDAG),
    Behaviour("a running task's log is a gzip stream without its end", "stated", DIGDAG),
    Behaviour("an instant without an offset is refused with 400", "inferred", DIGDAG),
    Behaviour("the texts of 400 answers to malformed starts", "chosen", "not readable"),
    Behaviour("GET /api/version needs no key, hosted too", "chosen", DIGDAG),
    Behaviour("502, 503 and 504 are plain text", "inferred", "the documents do not promise JSON"),
)
