"""Finding patients: `GET /patients`."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def people(make, hospital) -> dict[str, int]:
    """Name → id of four records, made in this order."""
    numbers = {
        "Jane Smith": "+919876543210",
        "Mary Jane Watson": "+919812345678",
        "José García": "+14155550123",
        "100% Kumar": None,
    }
    async with make.database.transaction() as tx:
        return {name: (await make.patient_row(tx, hospital, name, phone)).id for name, phone in numbers.items()}


async def names(who, **params) -> list[str]:
    answer = await who.get("/patients", params=params)
    assert answer.status_code == 200, answer.text
    return [one["fullName"] for one in answer.json()["data"]]


async def test_a_patient_in_a_list_has_the_keys_of_the_seed_and_no_medical_history(as_front_desk, people):
    found = (await as_front_desk.get("/patients", params={"search": "Smith"})).json()["data"]

    assert found == [
        {
            "id": people["Jane Smith"],
            "fullName": "Jane Smith",
            "phone": "+919876543210",
            "email": None,
            "dateOfBirth": None,
            "age": None,
            "gender": None,
            "bloodGroup": None,
            "createdAt": "2026-03-02T03:30:00Z",
        }
    ]


async def test_without_a_search_all_are_listed_the_newest_first(as_front_desk, people):
    assert await names(as_front_desk) == list(reversed(people))
    assert await names(as_front_desk, search="  ", phone="") == list(reversed(people))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("jane", ["Mary Jane Watson", "Jane Smith"]),
        ("JANE", ["Mary Jane Watson", "Jane Smith"]),
        ("wat jane", ["Mary Jane Watson"]),
        ("smith  jane", ["Jane Smith"]),
        ("mit", ["Jane Smith"]),
        ("GARCÍA", ["José García"]),
        ("jose\u0301", ["José García"]),
        ("%", ["100% Kumar"]),
        ("_", []),
        ("jane nobody", []),
        ("\x00", ["100% Kumar", "José García", "Mary Jane Watson", "Jane Smith"]),
    ],
)
async def test_a_name_is_found_by_its_parts(as_front_desk, people, search, found):
    assert await names(as_front_desk, search=search) == found


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        ("+919876543210", ["Jane Smith"]),
        ("9876543210", ["Jane Smith"]),
        ("098765 43210", ["Jane Smith"]),
        (" 91 98765-43210", ["Jane Smith"]),
        ("0091 98765 43210", ["Jane Smith"]),
        ("43210", ["Jane Smith"]),
        ("+9198", ["Mary Jane Watson", "Jane Smith"]),
        ("(415) 555", ["José García"]),
        ("5551111", []),
    ],
)
async def test_a_phone_is_found_in_any_writing_and_by_its_parts(as_front_desk, people, phone, found):
    assert await names(as_front_desk, phone=phone) == found


@pytest.mark.parametrize("phone", ["98", "+98", "call", "-"])
async def test_fewer_than_three_digits_are_no_search(as_front_desk, phone):
    refused = await as_front_desk.get("/patients", params={"phone": phone})

    assert refused.status_code == 400
    assert refused.json()["error"]["details"] == {"phone": "Give at least 3 digits"}


async def test_name_and_phone_together_must_both_fit(as_front_desk, people):
    assert await names(as_front_desk, search="jane", phone="12345") == ["Mary Jane Watson"]


async def test_pages_say_how_many_there_are(as_front_desk, people):
    answer = await as_front_desk.get("/patients", params={"page": 2, "limit": 3})

    assert [one["fullName"] for one in answer.json()["data"]] == ["Jane Smith"]
    assert answer.json()["meta"] == {"page": 2, "limit": 3, "total": 4, "totalPages": 2}


@pytest.mark.parametrize("page", [{"page": 0}, {"limit": 0}, {"limit": 101}, {"limit": -1}, {"page": "two"}])
async def test_a_page_that_cannot_be_is_refused(as_front_desk, page):
    refused = await as_front_desk.get("/patients", params=page)

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == list(page)


async def test_another_hospitals_patients_are_not_there(as_stranger, people):
    assert await names(as_stranger, search="jane") == []


async def test_who_may_list(answers_by_role):
    assert await answers_by_role("GET", "/patients") == {
        "NOBODY": 401,
        "STRANGER": 200,
        "PATIENT": 403,
        "ADMIN": 200,
        "MANAGER": 200,
        "CENTRE_MANAGER": 200,
        "CARE_COORDINATOR": 200,
        "FRONT_DESK": 200,
        "CLINICIAN": 403,
    }
