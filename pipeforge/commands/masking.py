"""Masks secrets in all that an adapter says: state, journal, screen and later steps get none of them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from pipeforge.adapter import Adapter, Evidence, Handle, Json, Observation
from pipeforge.errors import AdapterError
from pipeforge.redaction import Redactor


class Masked:
    """An adapter whose vendor may quote what it was sent: nothing it says goes out unmasked.

    Handles and evidence pass as they are: they must find the job again, and hold no secret in clear.
    """

    __slots__ = ("_adapter", "_nowhere", "_redactors", "kind")

    def __init__(self, adapter: Adapter[Any], redactors: Sequence[Redactor], *, nowhere: str = "") -> None:
        """`redactors` may still grow: the sequence is looked through each time.

        `nowhere`: what an emulator's addresses begin with. There is no page to look at then, at that address
        or at the vendor's.
        """
        self.kind = adapter.kind
        self._adapter = adapter
        self._redactors = redactors
        self._nowhere = re.compile(rf"{re.escape(nowhere)}/(\w+)\S*") if nowhere else None

    async def prepare(self, params: BaseModel) -> Evidence:
        with self._masking():
            return await self._adapter.prepare(params)

    async def trigger(self, params: BaseModel, key: str, evidence: Evidence) -> Handle:
        with self._masking():
            return await self._adapter.trigger(params, key, evidence)

    async def observe(self, handle: Handle) -> Observation:
        with self._masking():
            seen = await self._adapter.observe(handle)
        if seen.outcome is None and not (seen.detail or seen.outputs or seen.warning):
            word = self._text(seen.word)  # as nearly always
            return seen if word == seen.word else replace(seen, word=word)
        return replace(
            seen,
            word=self._text(seen.word),
            detail=self._text(seen.detail),
            outputs=self._json(seen.outputs),
            warning=self._text(seen.warning),
        )

    async def cancel(self, handle: Handle) -> None:
        with self._masking():
            await self._adapter.cancel(handle)

    async def recover(self, params: BaseModel, key: str, evidence: Evidence) -> Handle | None:
        with self._masking():
            return await self._adapter.recover(params, key, evidence)

    def link(self, params: BaseModel) -> str:
        return "" if self._nowhere else self._text(self._adapter.link(params))

    def handle_of(self, given: Json, params: BaseModel, evidence: Evidence) -> Handle:
        return self._adapter.handle_of(given, params, evidence)

    @contextmanager
    def _masking(self) -> Iterator[None]:
        try:
            yield
        except AdapterError as error:
            error.message, error.hint = self._text(error.message), self._text(error.hint)
            raise

    def _text(self, text: str) -> str:
        if text:
            for redactor in self._redactors:
                text = redactor.text(text)
            if self._nowhere:
                text = self._nowhere.sub(r"the emulated \1", text)
        return text

    def _json(self, value: Any) -> Any:
        if value:
            for redactor in self._redactors:
                value = redactor.json(value)
        return self._elsewhere(value) if self._nowhere else value

    def _elsewhere(self, value: Any) -> Any:
        """With addresses that lead nowhere said to be an emulator's."""
        if isinstance(value, dict):
            return {key: self._elsewhere(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._elsewhere(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value
