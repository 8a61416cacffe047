"""Every line of seed 004; the bodies that it leaves open are those we chose."""

from tests.contract.reading import read

PEOPLE = """
nobody POST /api/v1/auth/patient/signup
> {"name": "Jane Smith", "email": "$new_email", "phone": "$new_phone", "password": "SecurePassword123", "age": 34,
"gender": "FEMALE"}
< 201 {"success": true, "data": {"user": {"id": 1}, "accessToken": "eyJ", "refreshToken": "eyJ"}}

nobody POST /api/v1/auth/patient/login
> {"email": "$patient_email", "password": "$patient_password"}
< 200 {"success": true, "data": {"user": {"id": 1}, "accessToken": "eyJ", "refreshToken": "eyJ"}}

nobody POST /api/v1/auth/doctor/login
> {"email": "$clinician_email", "password": "$clinician_password"}
< 200 {"success": true, "data": {"user": {"id": 1}, "accessToken": "eyJ", "refreshToken": "eyJ"}}

nobody POST /api/v1/auth/refresh
> {"refreshToken": "$manager_session"}
< 200 {"success": true, "data": {"accessToken": "eyJ"}}

CLINICIAN GET /api/v1/users/me
< 200 {"success": true, "data": {"id": 1, "doctorProfile": {"specialization": ["Cardiology"], "slotDurationMin": 30,
"weeklySchedule": {"MONDAY": [{"start": "09:00", "end": "17:00"}]}}}}

PATIENT GET /api/v1/users/me
< 200 {"success": true, "data": {"id": 1, "patientProfile": {"patientId": 10}}}

PATIENT PATCH /api/v1/users/me
> {"name": "Jane Smith", "email": "$new_email", "age": 34, "gender": "FEMALE"}
< 200 {"success": true, "data": {"id": 1}}

PATIENT POST /api/v1/users/me/photo
> {"file": "$photo"}
< 201 {"success": true, "data": {"photoUrl": "http://localhost/uploads/1.jpg"}}
"""

APPOINTMENTS = """
PATIENT POST /api/v1/appointments
> {"doctorId": "$clinician", "start": "$day_at_ten", "reason": "A cough"}
< 201 {"success": true, "data": {"id": 1, "status": "PENDING"}}

PATIENT GET /api/v1/appointments?status=pending&month=2026-03
@ appointment
< 200 {"success": true, "data": [{"id": 1, "status": "PENDING"}]}

PATIENT GET /api/v1/appointments/$appointment
< 200 {"success": true, "data": {"id": 1, "status": "PENDING"}}

PATIENT PATCH /api/v1/appointments/$appointment/confirm
< 200 {"success": true, "data": {"id": 1, "status": "=CONFIRMED"}}

PATIENT PATCH /api/v1/appointments/$appointment/cancel
< 200 {"success": true, "data": {"id": 1, "status": "=CANCELLED"}}

CLINICIAN PATCH /api/v1/appointments/$confirmed/complete
< 200 {"success": true, "data": {"id": 1, "status": "=COMPLETED"}}

nobody GET /api/v1/doctors/$clinician/slots?date=$day
< 200 {"success": true, "data": [{"start": "2024-03-15T10:00:00Z", "end": "2024-03-15T10:30:00Z", "available": true}]}

CLINICIAN GET /api/v1/appointments/stats/doctor/$clinician?groupBy=month&limit=10
@ appointment counted
< 200 {"success": true, "data": {"doctorId": 5, "totalAppointments": 1, "stats": [{"period": "2024-03", "count": 1,
"scheduled": 1, "confirmed": 0, "completed": 0, "cancelled": 0, "noShow": 0}]}}

CLINICIAN GET /api/v1/appointments/stats/doctor/$clinician?groupBy=day&limit=10
@ appointment counted
< 200 {"success": true, "data": {"doctorId": 5, "totalAppointments": 1, "stats": [{"period": "2024-03-15",
"count": 1, "scheduled": 1, "confirmed": 0, "completed": 0, "cancelled": 0, "noShow": 0}]}}

nobody GET /api/v1/time/now
< 200 {"success": true, "data": {"serverUtc": "2024-03-15T10:00:00Z"}}
"""

TEXTED = """
phone POST /api/v1/twilio/webhook
> {"Body": "CONFIRM $appointment"}
< 200

phone POST /api/v1/twilio/webhook
> {"Body": "CANCEL $appointment"}
< 200
"""

REFUSALS = """
PATIENT POST /api/v1/appointments
@ taken_at_ten
> {"doctorId": "$clinician", "start": "$day_at_ten"}
< 409 {"success": false, "error": {"code": "SLOT_UNAVAILABLE", "message": "Time slot not available"}}
"""

EXAMPLES = [one for text in (PEOPLE, APPOINTMENTS) for one in read("004", text)]
TEXTS = read("004", TEXTED)
REFUSED = read("004", REFUSALS)
