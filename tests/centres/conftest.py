"""What the tests of places share."""

import pytest

TOMORROW_AT_TEN = {"appointmentDate": "2026-03-03", "appointmentTime": "10:00:00"}


@pytest.fixture
def book(as_admin, as_clinician, as_patient):
    """Books the patient with the clinician, tomorrow at ten."""

    async def book(**given):
        wish = {
            "clinicianId": as_clinician.clinician_id,
            "patientId": as_patient.patient_id,
            **TOMORROW_AT_TEN,
            **given,
        }
        return await as_admin.post("/appointments", wish)

    return book
