"""Where the Workato documents are silent: what was chosen here, all in one place. Times in seconds."""

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
"""Longer than the vendor's own 40: giving up earlier would make doubts of our own. chosen."""

SERVER_WORKS = 45.0
"""A request whose answer was lost may still take effect for the vendor's 40; with a margin. chosen."""

RECOVERY_LOOK = 5.0
"""Between two looks while that time passes. chosen."""

REQUESTS = (60, 60.0)
"""Of the embedded recipe calls; their own row could not be read, its neighbours have this. chosen."""

ACTIVATION = 120.0
"""A start is acknowledged first and takes effect later, and so is a stop. inferred from a client. A start
whose answer was lost is therefore looked for during both times."""

ACTIVATION_LOOK = 2.0

STOPS_SOON = 10.0
"""So long a look waits for a stop that it has asked for. chosen: within any grace period."""

PROVES_FOR = 900.0
"""A first job of so long after the intent proves no poll: others poll too. chosen: room for many tries."""

SETTLE = 10.0
"""No further job for so long after the last one ended: the poll has given all it had. chosen."""

NO_JOB_GRACE = 60.0
"""No job at all for so long after the poll: there was nothing. chosen."""

BACK_OFF_WAIT = 60.0
"""Until the next try where a back-off names no `Retry-After`. chosen."""

BACK_OFF_WORDS = "back off"
QUOTA_WORDS = ("not enough", "trial has expired")
"""In the `message` of an answer to poll_now (stated): wait, or give up for good."""

SCHEDULER = "clock"
"""The trigger application of scheduled recipes. inferred: polling such a recipe twice may run it twice."""

LATE_LOOK = 30.0
"""So much later than those times a job may begin and still belong: looks are that far apart. chosen."""

JOB_PAGES = 40
"""Pages of jobs that are walked back to find the baseline again. chosen."""

IDS_SHOWN = 100
"""Job ids in a step's outputs. chosen."""

ERROR_LENGTH = 500
REFUSAL_LENGTH = 2_000
STEP_ERRORS_SHOWN = 5

PAGE = 100
"""The most recipes that a page can have (stated); the default is told as 10 and as 100."""

SEARCH_PAGE = 20
"""The same of public recipes (stated)."""

PAGES = 1_000
"""Of any list; a vendor that never comes to an end must not keep a step for ever. chosen: 100,000 recipes."""

CODE_SHOWN = 500_000
"""Characters of a recipe's lines that a step puts out; a recipe has at most 1,000 lines. chosen."""

UNFIT_TRIGGERS: dict[str, str] = {
    "workato_api_platform": "API",
    "workato_recipe_function": "function",
    "workato_service": "function",
    "workato_webhooks": "webhook",
    "slack_bot": "Workbot",
    "kafka": "Kafka",
}
"""Trigger applications that a reset does nothing to, or harm (stated for these kinds of trigger).
inferred: the connectors' names."""

VERIFIED_WITHIN = 10.0
"""So long an update that was acknowledged may take to be seen as a new version. chosen."""

FOLDERS_ASKED = 30
"""Requests for folders after which one that was not seen is taken to be there. chosen: half of what a minute
allows; only the tree of folders tells whether an empty one exists."""

NAME_LENGTH = 255
"""Characters that a recipe's name may have (the vendor's page on limits)."""
