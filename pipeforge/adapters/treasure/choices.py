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

LOG_TEXT_KEPT = 256 * 1024
"""Of a log that is read, so much of its end is kept. chosen: it becomes an output."""

ARCHIVE_PUSHED = 10 * 1000 * 1000
"""A project's archive may have 10 MB (the vendor's page on limits); whose MB is not told, so the smaller."""

ARCHIVE_FOLDER = 256 * 1024 * 1024
"""Of a folder, before it is compressed. chosen: what fits into memory."""

ARCHIVE_FETCHED = 64 * 1024 * 1024
ARCHIVE_LISTED = 10_000
ARCHIVE_HELD = 1024 * 1024 * 1024
"""A larger archive is not kept, and no more of its files are told (so many, or so many bytes of
them unpacked). chosen."""

CREDENTIAL_FILES = (
    r".*\.(pem|key|p12|pfx|jks|keystore|env)|id_(rsa|dsa|ecdsa|ed25519)"
    r"|credentials(\.json)?|secrets?\.(ya?ml|json)"
)
"""Names of files that usually hold credentials. chosen: they are refused rather than pushed."""

RECOVERY_SESSIONS = 5_000
"""Sessions of a backfill that a recovery looks through. chosen."""
