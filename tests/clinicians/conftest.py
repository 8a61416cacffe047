"""What the tests of clinicians share."""

import pytest

from tests.makers import new_phone

TEN = {"appointmentDate": "2026-03-03", "appointmentTime": "10:00:00"}


@pytest.fixture
def profile(hospital):
    """A body as seed 001 has it, of somebody whom nobody knows."""

    def profile(**given):
        phone = new_phone()
        body = {
            "fullName": "Dr. Jane Smith",
            "phone": phone,
            "email": f"jane{phone[1:]}@example.com",
            "password": "SecurePassword123",
            "primaryCentreId": hospital.centre_id,
            "specialization": ["Clinical Psychologist"],
            "qualification": ["PhD Psychology"],
            "yearsOfExperience": 8,
            "consultationFee": 1500,
            "languages": ["English", "Hindi"],
            "profilePictureUrl": "https://example.com/jane.jpg",
            "defaultConsultationDurationMinutes": 60,
        }
        return {**body, **given}

    return profile


@pytest.fixture
def book(as_patient):
    """The patient books a clinician, tomorrow at ten; answers the response."""

    async def book(clinician_id, **given):
        return await as_patient.post("/appointments", {"clinicianId": clinician_id, **TEN, **given})

    return book


@pytest.fixture
async def at_another_centre(make, hospital):
    """A clinician of the same hospital whose primary centre is the second one."""
    return await make.clinician(hospital, centre_id=await make.centre(hospital))
