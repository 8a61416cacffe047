"""The root as a whole: what its document says, and that it answers in its own form and no other."""

import ast
from pathlib import Path

import pytest

from outpatient import compat
from outpatient.compat.surface import ROUTERS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def document(http) -> dict:
    answer = await http.get("/compat/openapi.json")
    assert answer.status_code == 200
    return answer.json()


async def test_the_pages_need_no_sign_in(http, document):
    page = await http.get("/compat/docs")
    assert page.status_code == 200
    assert "/compat/openapi.json" in page.text
    assert document["paths"].keys() >= {"/auth/register", "/appointments/{appointment_id}/cancel"}


async def test_refusals_are_documented_without_the_envelope(document):
    schemas = document["components"]["schemas"]
    assert schemas["BareError"]["properties"].keys() == {"error"}
    assert schemas["BareErrorBody"]["properties"].keys() == {"code", "message", "details", "retry_after"}
    assert not schemas.keys() & {"ErrorEnvelope", "HTTPValidationError"}
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    shape = answer["content"]["application/json"]["schema"]["$ref"]
                    assert shape == "#/components/schemas/BareError"


def answers(document: dict, method: str, path: str) -> set[str]:
    return set(document["paths"][path][method]["responses"])


async def test_only_what_can_be_answered_is_documented(document):
    assert answers(document, "get", "/auth/me") == {"200", "400", "401", "403", "429"}
    assert answers(document, "post", "/auth/register") >= {"201", "400", "403", "404", "409", "429"}
    assert answers(document, "post", "/appointments") >= {"201", "400", "401", "403", "404", "409", "422", "429"}
    assert "422" not in answers(document, "post", "/doctor/availability")
    assert document["paths"]["/auth/me"]["get"]["security"] == [{"bearer": []}]
    assert "security" not in document["paths"]["/auth/login"]["post"]


async def test_the_apis_document_knows_its_own_form_only(http):
    schemas = (await http.get("/openapi.json")).json()["components"]["schemas"]
    assert "ErrorEnvelope" in schemas and "BareError" not in schemas


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "NOT_FOUND"),
        ("PATCH", "/auth/login", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/appointments/my", 401, "UNAUTHORIZED"),
        ("POST", "/appointments/many/cancel", 404, "NOT_FOUND"),
    ],
)
async def test_every_refusal_is_bare(http, method, path, status, code):
    refused = await http.request(method, path)
    assert refused.status_code == status
    assert list(refused.json()) == ["error"]
    assert list(refused.json()["error"]) == ["code", "message", "details"]
    assert refused.json()["error"]["code"] == code
    assert "x-ratelimit-limit" in refused.headers


async def test_what_is_no_json_is_refused(as_patient):
    headers = {**as_patient.headers, "Content-Type": "application/json"}
    refused = await as_patient.http.post("/appointments", content=b"{", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_the_root_is_thin():
    """Whatever is said there takes less than 25 lines a route, shapes of its bodies included; imports do nothing."""
    files = Path(compat.__file__).parent.rglob("*.py")
    lines = sum(map(lines_of_code, (file.read_text() for file in files)))
    routes = sum(len(router.routes) for router in ROUTERS)
    assert routes >= 54  # of the 55 documented, two are one
    assert lines / routes < 25


def lines_of_code(text: str) -> int:
    """Lines that do something: no imports, comments, docstrings and blank lines."""
    silent: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        is_sentence = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_sentence or isinstance(node, ast.Import | ast.ImportFrom):
            silent |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(
        number not in silent and bool(line.strip()) and not line.strip().startswith("#") for number, line in lines
    )


async def test_terms_are_described_as_they_are_written_there(document):
    schemas = document["components"]["schemas"]

    assert schemas["AppointmentOut"]["properties"]["status"]["enum"][:2] == ["pending", "confirmed"]
    (example,) = schemas["BookRequest"]["examples"]
    assert example["booking_source"] in schemas["BookRequest"]["properties"]["booking_source"]["enum"]
