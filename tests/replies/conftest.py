import pytest

from tests.makers import new_phone
from tests.replies.twilio import Phone


@pytest.fixture
def phone(outpatient, http, as_patient) -> Phone:
    """The patient's own phone."""
    return Phone(outpatient, http, as_patient.phone)


@pytest.fixture
def strange_phone(outpatient, http) -> Phone:
    """A phone that nobody knows."""
    return Phone(outpatient, http, new_phone())
