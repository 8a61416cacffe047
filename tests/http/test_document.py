"""What generated clients make of the OpenAPI documents: short names, and types that say what is there."""

from collections.abc import Iterator
from typing import Any

import pytest

from outpatient.app import create_api
from outpatient.compat.surface import create_compat
from outpatient.settings import Settings

NULL = {"type": "null"}


@pytest.fixture(scope="module", params=["api", "root"])
def document(request) -> dict[str, Any]:
    api = create_api(Settings.model_construct()) if request.param == "api" else create_compat()
    return api.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_has_a_name_of_its_own(document):
    names = [operation["operationId"] for _, operation in operations(document)]

    assert len(set(names)) == len(names) > 40
    assert max(map(len, names)) < 50


def test_operations_are_called_as_their_functions_where_that_tells_them_apart():
    api = create_api(Settings.model_construct())
    names = {label: operation["operationId"] for label, operation in operations(api.openapi())}

    assert names["POST /appointments"] == "book_appointment"
    assert (names["PUT /services/{service_id}"], names["PATCH /services/{service_id}"]) == (
        "update_service_put",
        "update_service_patch",
    )
    assert names["GET /patient/dashboard"] == "get_dashboard_patient_dashboard"


def test_an_address_knows_no_null(document):
    for label, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert NULL not in parameter.get("schema", {}).get("anyOf", ()), (label, parameter)


def test_what_every_answer_has_is_said_to_be_there(document):
    """A key is optional if, and only if, some answers leave it out; and then it is not null where it is there."""
    optional = {
        f"{name}.{key}": shape
        for name in answered(document)
        for key, shape in document["components"]["schemas"][name].get("properties", {}).items()
        if key not in document["components"]["schemas"][name].get("required", ())
    }

    assert optional
    for name, shape in optional.items():
        assert NULL not in shape.get("anyOf", ()), name
    allowed = {"message", "meta", "retryAfter", "retry_after", "expires_at", "payment_link"}
    allowed |= {"page", "limit", "total", "totalPages", "warnings"}  # of Meta
    allowed |= {"clinic_id", "doctor_id", "start_date", "end_date"}  # of a queue of seed 000
    assert {name.rpartition(".")[2] for name in optional} <= allowed


def answered(document: dict[str, Any]) -> set[str]:
    """The shapes that answers are made of."""
    shapes, found = document["components"]["schemas"], set()

    def look(at: Any) -> None:
        match at:
            case {"$ref": str() as where} if (name := where.rpartition("/")[2]) in shapes and name not in found:
                found.add(name)
                look(shapes[name])
            case dict():
                for one in at.values():
                    look(one)
            case list():
                for one in at:
                    look(one)

    for _, operation in operations(document):
        look(operation["responses"])
    return found
