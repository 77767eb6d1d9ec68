"""The envelope of a pipeline, where it decides something of its own."""

import pytest
from pydantic import ValidationError

from pipeforge.language.model import ForeachPolicy


@pytest.mark.parametrize("name", ["item", "_x1", "店舗"])
def test_an_item_may_be_called_in_any_script(name: str) -> None:
    assert ForeachPolicy.model_validate({"items": [1], "as": name}).as_ == name


@pytest.mark.parametrize("name", ["", "1st", "a b", "a-b", "a.b", "in", "none", "店　舗"])
def test_what_a_template_could_not_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError) as raised:
        ForeachPolicy.model_validate({"items": [1], "as": name})
    (error,) = raised.value.errors()
    assert error["type"] == "pipeforge.item_name"
    assert error["msg"] == f"'{name}' cannot be what an item is called"
