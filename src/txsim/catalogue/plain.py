"""The base of every checked table: frozen, strict about keys, described by its own docstrings."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Plain(BaseModel):
    """Frozen, and strict about keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add to each property the words that stand under its field.

        Reading them takes time that only those who export a schema should spend.
        """
        plain = handler(schema)
        properties = handler.resolve_ref_schema(plain).get("properties", {})
        for name, words in field_descriptions(cls).items():
            key = cls.model_fields[name].alias or name
            if key in properties:
                properties[key].setdefault("description", words)
        return plain


@cache
def field_descriptions(kind: type[BaseModel]) -> dict[str, str]:
    """Words that stand under each field of a class and its bases, by field name."""
    import ast
    import inspect
    import textwrap

    words: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if not issubclass(one, BaseModel) or one is BaseModel:
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, below in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
                and isinstance(below.value.value, str)
            ):
                words[field.target.id] = inspect.cleandoc(below.value.value)
    return {name: text for name, text in words.items() if name in kind.model_fields}
