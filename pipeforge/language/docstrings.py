"""The texts that stand under a model's fields in its source, and what they say of single words."""

import ast
import inspect
import re
from collections.abc import Mapping
from functools import lru_cache

from pydantic import BaseModel

_MEANING = re.compile(r"`([\w-]+)`: (.+?)(?=\.?\s+`[\w-]+`: |$)", re.DOTALL)


@lru_cache(maxsize=256)
def field_docs(model: type[BaseModel]) -> Mapping[str, str]:
    """The text under each field of a model and of its bases, by the field's name."""
    texts: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if isinstance(base, type) and issubclass(base, BaseModel) and base is not BaseModel:
            texts |= _docs_of(base)
    return texts


def key_docs(model: type[BaseModel]) -> Mapping[str, str]:
    """The same by the key that authors write."""
    texts = field_docs(model)
    return {field.alias or name: texts[name] for name, field in model.model_fields.items() if name in texts}


def meanings(text: str) -> dict[str, str]:
    """What a field's text says of its words: it lists them as `word`: meaning. `other`: meaning."""
    return {word: " ".join(meaning.split()).removesuffix(".") for word, meaning in _MEANING.findall(text)}


def _docs_of(model: type[BaseModel]) -> dict[str, str]:
    body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    texts = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            texts[field.target.id] = inspect.cleandoc(after.value.value)
    return texts
