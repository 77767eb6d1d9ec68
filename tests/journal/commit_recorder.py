"""Stands where a store's writing stands, so that tests see what is committed, when, and in which thread."""

import threading

from journal_events import intended

from pipeforge.journal.committing import Entry, Stream
from pipeforge.journal.rows import row


class Recorder:
    """Stands where a store's writing stands, and tells who called it."""

    def __init__(self):
        self.groups = []
        self.inside = self.most_inside = 0
        self.threads = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, batch, wait):
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.gate.wait()
        self.inside -= 1
        self.groups.append([entry.row[1] for entry in batch if entry.row])
        self.threads.append(threading.current_thread() is threading.main_thread())


STREAM = Stream("r", 1, 1)


def entry(number):
    return Entry(STREAM, row("r", number, intended(number)))
