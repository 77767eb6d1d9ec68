"""Where the Treasure Workflow documents are silent: what was chosen here, all in one place."""

LIMIT_WORDS = ("too many attempts",)
"""In the message of a 400: no room now, try later. inferred: digdag says it; the hosted text is unknown."""

LIMIT_WAIT = 30.0
"""Seconds until a start that found no room is tried again. chosen."""

RECOVERY_PAGES = 50
"""Pages of 100 sessions (and of attempts) that a recovery looks through before it gives up. chosen."""

NAME_PREFIX = "pf"
NAME_READABLE = 180
"""Characters of the key kept readable in `retryAttemptName`; 255 are allowed. chosen."""

ERRORS_SHOWN = 5
"""Failing tasks named in a failure's detail. chosen."""

EXPLAIN_SECONDS = 15.0
"""A failure is told without its reason when that takes longer to read. chosen: within any grace period."""

LOG_LINES = 20
LOG_LINE_LENGTH = 400
LOG_FILE_BYTES = 8 * 1024 * 1024
"""A larger compressed log file is not fetched. chosen."""

LOG_KEPT = 64 * 1024
LOG_MARGIN = 1024
"""Of a text cut off at its beginning so much is dropped: half a secret could not be masked. chosen."""

LOG_TEXT_BYTES = 64 * 1024 * 1024
"""Unpacking stops here, so that no log can fill the memory. chosen."""
