"""The root surface's shapes: snake_case in and out, terms in lower case."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from outpatient.http.schema import to_term


class Bare(BaseModel):
    """A body, in or out; what stands in the API's form may be named so, too."""

    model_config = ConfigDict(
        from_attributes=True,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,  # an answer has them all
    )


class Said(Bare):
    """A good answer that has nothing else to show."""

    message: str


@dataclass(frozen=True)
class _Lower:
    """A term as these seeds write it; coming in, it may be written as the API does, too."""

    def __get_pydantic_core_schema__(self, term: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        said = core_schema.plain_serializer_function_ser_schema(lambda one: one.value.lower())
        return core_schema.no_info_before_validator_function(to_term, handler(term), serialization=said)

    def __get_pydantic_json_schema__(self, schema: Any, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": [term.value.lower() for term in schema["schema"]["members"]]}


Lower = _Lower()
"""`Annotated[VisitStatus, Lower]`: `in_progress`."""


def listing(name: str, rows: list[Any], total: int, page: int, per_page: int) -> dict[str, Any]:
    """A page as seed 000 shows it: `{appointments: […], total, pages, current_page, per_page}`."""
    return {name: rows, "total": total, "pages": -(-total // per_page), "current_page": page, "per_page": per_page}
