"""Every example of seed 001; where the document shows no answer, what is said of it elsewhere in the document."""

from tests.contract.reading import read

SIGNING_IN = """
nobody POST /api/auth/send-otp
> {"phone": "$manager_phone"}
< 200 {"success": true, "message": "OTP sent", "data": {"phone": "+919876543210", "expiresIn": 300}}

nobody POST /api/auth/login/phone-otp
> {"phone": "$manager_phone", "otp": "$manager_code"}
< 200 {"success": true, "message": "Login successful", "data": {"user": {"id": 1, "fullName": "Dr. John Doe",
"phone": "+919876543210", "email": "john@example.com", "roleId": 3, "roleName": "CLINICIAN"},
"accessToken": "eyJ", "refreshToken": "eyJ"}}

nobody POST /api/auth/login/phone-password
> {"phone": "$manager_phone", "password": "$manager_password"}
< 200 {"success": true, "message": "Login successful", "data": {"user": {"id": 1, "fullName": "Dr. John Doe",
"phone": "+919876543210", "email": "john@example.com", "roleId": 3, "roleName": "CLINICIAN"},
"accessToken": "eyJ", "refreshToken": "eyJ"}}

nobody POST /api/auth/login/username-password
> {"username": "$manager_username", "password": "$manager_password"}
< 200 {"success": true, "message": "Login successful", "data": {"user": {"id": 1, "fullName": "Dr. John Doe",
"phone": "+919876543210", "email": "john@example.com", "roleId": 3, "roleName": "CLINICIAN"},
"accessToken": "eyJ", "refreshToken": "eyJ"}}

nobody POST /api/auth/refresh
> {"refreshToken": "$manager_session"}
< 200 {"success": true, "data": {"accessToken": "eyJ"}}

MANAGER POST /api/auth/logout
> {"refreshToken": "$manager_session"}
< 200

CLINICIAN GET /api/auth/me
< 200 {"success": true, "data": {"id": 1, "fullName": "Dr. John Doe", "phone": "+919876543210",
"email": "john@example.com", "roleId": 3, "roleName": "CLINICIAN", "isActive": true}}

nobody POST /api/patient-auth/send-otp
> {"phone": "$patient_phone", "fullName": "Jane Smith"}
< 200 {"success": true, "message": "OTP sent", "data": {"phone": "+919876543210", "expiresIn": 300}}

nobody POST /api/patient-auth/verify-otp
> {"phone": "$new_phone", "otp": "$new_patient_code"}
< 200 {"success": true, "message": "Login successful", "data": {"patient": {"id": 1, "fullName": "Jane Smith",
"phone": "+919876543210", "email": null, "isNewUser": true}, "accessToken": "eyJ", "refreshToken": "eyJ"}}

nobody POST /api/patient-auth/refresh-token
> {"refreshToken": "$patient_session"}
< 200 {"success": true, "data": {"accessToken": "eyJ"}}

nobody POST /api/patient-auth/logout
> {"refreshToken": "$patient_session"}
< 200

PATIENT GET /api/patient-auth/me
@ whole_profile
< 200 {"success": true, "data": {"id": 1, "fullName": "Jane Smith", "phone": "+919876543210",
"email": "jane@example.com", "dateOfBirth": "1990-05-15", "gender": "FEMALE", "bloodGroup": "O+",
"emergencyContactName": "John Smith", "emergencyContactPhone": "+919876543211"}}
"""

APPOINTMENTS = """
ADMIN GET /api/appointments?centreId=$centre&clinicianId=$clinician&status=CONFIRMED&date=$day
@ confirmed
< 200 {"success": true, "data": [{"id": 1, "patientId": 10, "patientName": "Jane Smith", "clinicianId": 5,
"clinicianName": "Dr. John Doe", "centreId": 1, "centreName": "Mibo Bangalore", "appointmentDate": "2024-03-15",
"appointmentTime": "10:00:00", "sessionType": "ONLINE", "status": "CONFIRMED", "consultationFee": 1500,
"paymentStatus": "PAID"}]}

CLINICIAN GET /api/appointments/my-appointments
@ confirmed
< 200 {"success": true, "data": {"current": [], "upcoming": [{"id": 1, "patientName": "Jane Smith",
"appointmentDate": "2024-03-15", "appointmentTime": "10:00:00", "sessionType": "ONLINE", "status": "CONFIRMED"}],
"past": []}}

ADMIN GET /api/appointments/$linked_with_notes
< 200 {"success": true, "data": {"id": 123, "patientId": 10, "patientName": "Jane Smith",
"patientPhone": "+919876543210", "clinicianId": 5, "clinicianName": "Dr. John Doe", "centreId": 1,
"centreName": "Mibo Bangalore", "appointmentDate": "2024-03-15", "appointmentTime": "10:00:00",
"sessionType": "ONLINE", "status": "CONFIRMED", "consultationFee": 1500, "paymentStatus": "PAID",
"meetLink": "https://meet.google.com/abc-defg-hij", "notes": "First consultation"}}

FRONT_DESK POST /api/appointments
> {"patientId": "$patient", "clinicianId": "$clinician", "centreId": "$centre", "appointmentDate": "$day",
"appointmentTime": "10:00:00", "sessionType": "ONLINE", "consultationFee": 1500, "notes": "First consultation"}
< 201 {"success": true, "message": "Appointment created successfully", "data": {"id": 123,
"appointmentDate": "2024-03-15", "appointmentTime": "=10:00:00", "status": "=PENDING",
"paymentLink": "https://razorpay.com/payment-link/xyz"}}

ADMIN PUT /api/appointments/$appointment
> {"appointmentDate": "$next_day", "appointmentTime": "14:00:00", "status": "CONFIRMED"}
< 200 {"success": true, "data": {"id": 123, "appointmentDate": "2024-03-16", "appointmentTime": "=14:00:00",
"status": "=CONFIRMED"}}

FRONT_DESK DELETE /api/appointments/$appointment
> {"reason": "Patient requested cancellation"}
< 200

PATIENT GET /api/appointments/availability?clinician_id=$clinician&centre_id=$centre&date=$day
< 200 {"success": true, "data": {"availableSlots": ["09:00:00", "10:00:00", "11:00:00"]}}

PATIENT POST /api/booking/create
> {"clinicianId": "$clinician", "centreId": "$centre", "appointmentDate": "$day", "appointmentTime": "10:00:00",
"sessionType": "ONLINE", "consultationFee": 1500}
< 201 {"success": true, "message": "Appointment created successfully", "data": {"appointmentId": 123,
"paymentOrderId": "order_xyz123", "amount": 1500}}

PATIENT GET /api/booking/my-appointments
@ linked
< 200 {"success": true, "data": [{"id": 123, "clinicianName": "Dr. John Doe", "centreName": "Mibo Bangalore",
"appointmentDate": "2024-03-15", "appointmentTime": "10:00:00", "sessionType": "ONLINE", "status": "CONFIRMED",
"paymentStatus": "PAID", "meetLink": "https://meet.google.com/abc-defg-hij"}]}

PATIENT GET /api/booking/$linked
< 200 {"success": true, "data": {"id": 123, "clinicianName": "Dr. John Doe", "centreName": "Mibo Bangalore",
"appointmentDate": "2024-03-15", "appointmentTime": "10:00:00", "sessionType": "ONLINE", "status": "CONFIRMED"}}

PATIENT POST /api/booking/$appointment/cancel
> {"reason": "Unable to attend"}
< 200

nobody GET /api/booking/available-slots?clinicianId=$clinician&centreId=$centre&date=$day
< 200 {"success": true, "data": {"date": "2024-03-15", "availableSlots": [{"time": "09:00:00", "available": true}]}}

FRONT_DESK POST /api/booking/front-desk
> {"patientPhone": "+919876543210", "patientName": "Jane Smith", "clinicianId": "$clinician", "centreId": "$centre",
"appointmentDate": "$day", "appointmentTime": "10:00:00", "sessionType": "IN_PERSON", "consultationFee": 1500}
< 201 {"success": true, "data": {"id": 123, "appointmentDate": "2024-03-15", "appointmentTime": "10:00:00"}}
"""

STAFF = """
ADMIN GET /api/users?roleId=6&centreId=$centre
< 200 {"success": true, "data": [{"id": 1, "fullName": "John Manager", "phone": "+919876543210",
"email": "john@example.com", "roleId": 2, "roleName": "MANAGER", "isActive": true,
"createdAt": "2024-01-01T00:00:00Z"}]}

ADMIN GET /api/users/$member
< 200 {"success": true, "data": {"id": 1, "fullName": "John Manager", "phone": "+919876543210",
"email": "john@example.com", "roleId": 2, "roleName": "MANAGER", "isActive": true,
"createdAt": "2024-01-01T00:00:00Z"}}

ADMIN POST /api/users
> {"fullName": "John Manager", "phone": "$new_phone", "email": "$new_email", "password": "SecurePassword123",
"roleId": 2, "centreId": "$centre"}
< 201 {"success": true, "data": {"id": 1, "fullName": "John Manager", "roleId": 2, "roleName": "=MANAGER"}}

ADMIN PUT /api/users/$member
> {"fullName": "John Updated", "email": "$new_email", "isActive": true}
< 200 {"success": true, "data": {"id": 1, "fullName": "=John Updated", "isActive": true}}

ADMIN DELETE /api/users/$member
< 200

MANAGER PATCH /api/users/$member/toggle-active
< 200 {"success": true, "data": {"isActive": false}}

ADMIN POST /api/users/managers
> {"fullName": "Jane Manager", "phone": "$new_phone", "email": "$new_email", "password": "SecurePassword123"}
< 201 {"success": true, "data": {"id": 1, "roleName": "=MANAGER"}}

ADMIN POST /api/users/centre-managers
> {"fullName": "Bob Centre Manager", "phone": "$new_phone", "email": "$new_email", "password": "SecurePassword123",
"centreId": "$centre"}
< 201 {"success": true, "data": {"id": 1, "roleName": "=CENTRE_MANAGER"}}

ADMIN POST /api/users/care-coordinators
> {"fullName": "Alice Coordinator", "phone": "$new_phone", "email": "$new_email", "password": "SecurePassword123",
"centreId": "$centre"}
< 201 {"success": true, "data": {"id": 1, "roleName": "=CARE_COORDINATOR"}}

MANAGER POST /api/users/front-desk
> {"fullName": "Charlie Front Desk", "phone": "$new_phone", "email": "$new_email", "password": "SecurePassword123",
"centreId": "$centre"}
< 201 {"success": true, "data": {"id": 1, "roleName": "=FRONT_DESK"}}
"""

CLINICIANS = """
nobody GET /api/clinicians?centreId=$centre&specialization=Clinical%20Psychologist
@ psychologist
< 200 {"success": true, "data": [{"id": 5, "userId": 10, "fullName": "Dr. John Doe",
"specialization": ["Clinical Psychologist", "Therapist"], "qualification": ["PhD Psychology"],
"yearsOfExperience": 10, "consultationFee": 1500, "languages": ["English", "Hindi", "Kannada"],
"profilePictureUrl": "https://example.com/profile.jpg", "isActive": true}]}

nobody GET /api/clinicians/$psychologist
< 200 {"success": true, "data": {"id": 5, "userId": 10, "fullName": "Dr. John Doe",
"specialization": ["Clinical Psychologist", "Therapist"], "qualification": ["PhD Psychology"],
"yearsOfExperience": 10, "consultationFee": 1500, "languages": ["English", "Hindi", "Kannada"],
"profilePictureUrl": "https://example.com/profile.jpg", "isActive": true}}

ADMIN POST /api/clinicians
> {"fullName": "Dr. Jane Smith", "phone": "$new_phone", "email": "$new_email", "password": "SecurePassword123",
"primaryCentreId": "$centre", "specialization": ["Clinical Psychologist"], "qualification": ["PhD Psychology"],
"yearsOfExperience": 8, "consultationFee": 1500, "languages": ["English", "Hindi"],
"profilePictureUrl": "https://example.com/jane.jpg", "defaultConsultationDurationMinutes": 60}
< 201 {"success": true, "message": "Clinician created successfully", "data": {"id": 6, "userId": 11,
"fullName": "Dr. Jane Smith"}}

ADMIN PUT /api/clinicians/$clinician
> {"specialization": ["Clinical Psychologist", "Child Psychologist"], "consultationFee": 1800, "yearsOfExperience": 11}
< 200 {"success": true, "data": {"id": 5, "specialization": ["Clinical Psychologist"], "consultationFee": 1800,
"yearsOfExperience": 11}}

ADMIN DELETE /api/clinicians/$clinician
< 200

ADMIN PATCH /api/clinicians/$clinician/toggle-active
< 200 {"success": true, "data": {"isActive": false}}

ADMIN PUT /api/clinicians/$clinician/availability
> {"availabilityRules": [{"dayOfWeek": "MONDAY", "startTime": "09:00:00", "endTime": "17:00:00", "isAvailable": true},
{"dayOfWeek": "TUESDAY", "startTime": "09:00:00", "endTime": "17:00:00", "isAvailable": true}]}
< 200

nobody GET /api/clinicians/$clinician/availability
< 200 {"success": true, "data": [{"dayOfWeek": "MONDAY", "startTime": "09:00:00", "endTime": "17:00:00",
"isAvailable": true}]}
"""

PATIENTS = """
FRONT_DESK GET /api/patients?search=Jane&phone=9876543210
@ jane
< 200 {"success": true, "data": [{"id": 10, "fullName": "Jane Smith", "phone": "+919876543210",
"email": "jane@example.com", "dateOfBirth": "1990-05-15", "gender": "FEMALE", "bloodGroup": "O+",
"createdAt": "2024-01-01T00:00:00Z"}]}

CLINICIAN GET /api/patients/$jane
< 200 {"success": true, "data": {"id": 10, "fullName": "Jane Smith", "phone": "+919876543210",
"email": "jane@example.com", "dateOfBirth": "1990-05-15", "gender": "FEMALE", "bloodGroup": "O+",
"emergencyContactName": "John Smith", "emergencyContactPhone": "+919876543211",
"medicalHistory": "No known allergies", "createdAt": "2024-01-01T00:00:00Z"}}

FRONT_DESK POST /api/patients
> {"fullName": "Jane Smith", "phone": "+919876543210", "email": "jane@example.com", "dateOfBirth": "1990-05-15",
"gender": "FEMALE", "bloodGroup": "O+", "emergencyContactName": "John Smith",
"emergencyContactPhone": "+919876543211"}
< 201 {"success": true, "data": {"id": 10, "fullName": "Jane Smith", "phone": "+919876543210"}}

FRONT_DESK PUT /api/patients/$jane
> {"email": "janeupdated@example.com", "bloodGroup": "A+"}
< 200 {"success": true, "data": {"id": 10, "email": "=janeupdated@example.com", "bloodGroup": "=A+"}}

CLINICIAN GET /api/patients/$patient/appointments
@ seen
< 200 {"success": true, "data": [{"id": 123, "clinicianName": "Dr. John Doe", "appointmentDate": "2024-03-15",
"appointmentTime": null, "status": "COMPLETED", "sessionType": "ONLINE"}]}

CLINICIAN POST /api/patients/$patient/notes
> {"note": "Patient shows improvement in anxiety symptoms", "appointmentId": "$appointment"}
< 201

CLINICIAN GET /api/centres?city=bengaluru
@ whole_centre
< 200 {"success": true, "data": [{"id": 1, "name": "Mibo Bangalore", "city": "Bangalore",
"address": "123 MG Road, Bangalore", "phone": "+918012345678", "email": "bangalore@mibo.com", "isActive": true}]}

PATIENT GET /api/centres/$centre
@ whole_centre
< 200 {"success": true, "data": {"id": 1, "name": "Mibo Bangalore", "city": "Bangalore",
"address": "123 MG Road, Bangalore", "phone": "+918012345678", "email": "bangalore@mibo.com", "isActive": true}}

MANAGER POST /api/centres
> {"name": "Mibo Mumbai", "city": "Mumbai", "address": "456 Marine Drive, Mumbai", "phone": "+912212345678",
"email": "mumbai@mibo.com"}
< 201 {"success": true, "data": {"id": 1, "name": "Mibo Mumbai", "city": "Mumbai"}}

CENTRE_MANAGER PUT /api/centres/$centre
> {"phone": "+918012345679", "email": "bangalore.updated@mibo.com"}
< 200 {"success": true, "data": {"id": 1, "phone": "+918012345679", "email": "bangalore.updated@mibo.com"}}

ADMIN DELETE /api/centres/$empty_centre
< 200

MANAGER PATCH /api/centres/$empty_centre/toggle-active
< 200 {"success": true, "data": {"isActive": false}}
"""

EXAMPLES = [one for text in (SIGNING_IN, APPOINTMENTS, STAFF, CLINICIANS, PATIENTS) for one in read("001", text)]
