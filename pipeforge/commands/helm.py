"""Stops several runs of one process together: at a signal, when the time is up, or because one failed."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeforge.engine.control import Cancel, Control, Reason


class Helm:
    """Its methods are called from the loop in which the runs go on; a run that comes later is stopped too."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        """Why nothing new may start; None while all goes on."""
        self._wish: Cancel | None = None
        self._patience: float | None = None
        self._aborted = False
        """Whether whoever is here leaves at once."""
        self._controls: list[Control] = []

    def interrupt(self, patience: float | None = None) -> None:
        """The first time: every run leaves in order. Again: at once. `patience`: see `Control.interrupt`."""
        self._aborted = self.reason is not None
        self.reason = self.reason or "interrupted"
        self._patience = patience
        for control in self._controls:
            control.interrupt(patience)

    def expire(self) -> None:
        """The time budget is used up."""
        self.reason = self.reason or "max_time"
        for control in self._controls:
            control.expire()

    def cancel(self, wish: Cancel) -> None:
        """Every run that is under way ends for good, and none begins."""
        if self.reason is None:
            self.reason, self._wish = "canceled", wish
            for control in self._controls:
                control.cancel(wish)

    @contextmanager
    def steering(self, control: Control) -> Iterator[None]:
        """While inside, the run is stopped with the others."""
        self._controls.append(control)
        if self.reason == "max_time":
            control.expire()
        elif self._wish is not None:
            control.cancel(self._wish)
        elif self.reason is not None:
            control.interrupt(self._patience)
        if self._aborted:
            control.abort()
        try:
            yield
        finally:
            self._controls.remove(control)
