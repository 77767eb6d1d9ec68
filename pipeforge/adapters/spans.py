"""For how long a start may go unanswered, where a lost one is told from others by its time; chosen."""

PREPARED = 60.0
"""Seconds in which a prepared start must be made."""
STARTING = 600.0
"""Seconds; longer than a request can last."""
LOST = PREPARED + STARTING
"""Seconds after its preparation in which the job of a lost start can have been made."""

REACHED = 240.0
"""Seconds after its preparation in which a start that arrived has made its job: a minute until it is asked
for, some seconds until the request leaves, and more than a vendor works on one."""
