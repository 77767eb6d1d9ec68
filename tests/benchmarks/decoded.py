"""The yardstick of a resume: a bare SELECT and decode of a run's events, `python decoded.py JOURNAL`."""

import sqlite3
import sys

from pipeforge.engine.events import EVENT

if __name__ == "__main__":
    connection = sqlite3.connect(sys.argv[1])
    for (body,) in connection.execute("SELECT body FROM events ORDER BY run, seq"):
        EVENT.validate_json(body)
