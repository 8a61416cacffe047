"""The examples of seed 001 from payments on: money, video, analytics, messages and the patient's own pages."""

from tests.contract.reading import read

PAYMENTS = """
PATIENT POST /api/payments/create-order
> {"appointmentId": "$appointment", "amount": 1500}
< 200 {"success": true, "data": {"orderId": "order_xyz123", "amount": 1500, "currency": "INR",
"razorpayKeyId": "rzp_test_xxxxx"}}

PATIENT POST /api/payments/verify
> {"razorpayOrderId": "$order_id", "razorpayPaymentId": "$payment_id", "razorpaySignature": "$signature",
"appointmentId": "$ordered"}
< 200 {"success": true, "message": "Payment verified successfully", "data": {"paymentId": "pay_abc456",
"status": "=PAID"}}

gateway POST /api/payments/webhook
> {"event": "payment.captured", "payload": {"payment": {"entity": {"id": "$payment_id", "order_id": "$order_id",
"status": "captured"}}}}
< 200

ADMIN GET /api/payments/$paid_online
< 200 {"success": true, "data": {"appointmentId": 123, "amount": 1500, "status": "PAID", "paymentMethod": "UPI",
"transactionId": "pay_abc456", "paidAt": "2024-03-15T10:30:00Z"}}

PATIENT GET /api/payments/history
@ paid_online
< 200 {"success": true, "data": [{"appointmentId": 123, "clinicianName": "Dr. John Doe", "amount": 1500,
"status": "PAID", "paidAt": "2024-03-15T10:30:00Z"}]}

FRONT_DESK POST /api/payments/create-link
> {"appointmentId": "$appointment", "amount": 1500, "customerName": "Jane Smith", "customerPhone": "+919876543210",
"customerEmail": "jane@example.com"}
< 200 {"success": true, "message": "Payment link created and sent via WhatsApp", "data": {
"paymentLinkId": "plink_xyz789", "shortUrl": "https://rzp.io/i/abc123", "expiresAt": "2024-03-16T10:00:00Z"}}

ADMIN GET /api/payments/verify/$link
< 200 {"success": true, "data": {"paymentLinkId": "plink_xyz789", "status": "paid", "amountPaid": 1500}}
"""

VIDEO = """
FRONT_DESK POST /api/video/generate-meet-link
> {"appointmentId": "$online", "summary": "Consultation with Dr. John Doe", "startTime": "$online_start",
"endTime": "$online_end"}
< 200 {"success": true, "data": {"meetLink": "https://meet.google.com/abc-defg-hij", "eventId": "event_123"}}

PATIENT GET /api/video/appointment/$linked/meet-link
< 200 {"success": true, "data": {"meetLink": "https://meet.google.com/abc-defg-hij"}}

MANAGER PUT /api/video/appointment/$linked/meet-link
> {"meetLink": "https://meet.google.com/new-link-xyz"}
< 200 {"success": true, "data": {"meetLink": "=https://meet.google.com/new-link-xyz"}}

MANAGER DELETE /api/video/appointment/$linked/meet-link
< 200

MANAGER GET /api/video/links?startDate=$day&endDate=$next_day&provider=jitsi
@ linked
< 200 {"success": true, "data": [{"appointmentId": 123, "meetLink": "https://meet.google.com/abc-defg-hij",
"provider": "google_meet", "createdAt": "2024-03-15T09:00:00Z"}]}
"""

ANALYTICS = """
MANAGER GET /api/analytics/dashboard?centreId=$centre
@ paid_online counted
< 200 {"success": true, "data": {"totalPatients": 1250, "totalDoctors": 25, "totalFollowUps": 150,
"totalRevenue": 1875000, "appointmentsToday": 45, "appointmentsThisWeek": 280, "appointmentsThisMonth": 1100}}

MANAGER GET /api/analytics/top-doctors?limit=10&centreId=$centre
@ rated counted
< 200 {"success": true, "data": [{"clinicianId": 5, "clinicianName": "Dr. John Doe", "totalAppointments": 150,
"totalRevenue": 225000, "averageRating": 4.8}]}

MANAGER GET /api/analytics/revenue?period=month&centreId=$centre
@ paid_online counted
< 200 {"success": true, "data": {"period": "month", "totalRevenue": 1875000, "revenueByDate": [
{"date": "2024-03-01", "revenue": 45000}]}}

CENTRE_MANAGER GET /api/analytics/leads-by-source?centreId=$centre
@ appointment counted
< 200 {"success": true, "data": [{"source": "Website", "count": 450, "percentage": 45}]}
"""

MESSAGES = """
FRONT_DESK POST /api/notifications/appointment-confirmation
> {"appointmentId": "$confirmed"}
< 200 {"success": true, "message": "Appointment confirmation sent successfully"}

MANAGER POST /api/notifications/appointment-reminder
> {"appointmentId": "$confirmed"}
< 200 {"success": true, "message": "Appointment reminder sent successfully"}

MANAGER GET /api/notifications/history?patientId=$patient&notificationType=APPOINTMENT_CONFIRMATION&status=SENT
@ all_sent
< 200 {"success": true, "data": [{"id": 1, "patientId": 10, "appointmentId": 123,
"notificationType": "APPOINTMENT_CONFIRMATION", "status": "SENT", "sentAt": "2024-03-15T10:00:00Z"}]}

MANAGER GET /api/notifications/stats?startDate=2026-03-01&endDate=2026-03-31
@ all_sent
< 200 {"success": true, "data": {"totalSent": 1500, "totalFailed": 25, "successRate": 98.3, "byType": {
"APPOINTMENT_CONFIRMATION": 800, "APPOINTMENT_REMINDER": 600, "PAYMENT_LINK": 100}}}

CENTRE_MANAGER GET /api/notifications/$message
< 200 {"success": true, "data": {"id": 1, "patientId": 10, "appointmentId": 123,
"notificationType": "APPOINTMENT_CONFIRMATION", "status": "SENT"}}
"""

PORTAL = """
PATIENT GET /api/patient/dashboard
@ paid_online
< 200 {"success": true, "data": {"upcomingAppointments": [{"id": 123, "clinicianName": "Dr. John Doe",
"appointmentDate": "2024-03-15", "appointmentTime": "10:00:00", "sessionType": "ONLINE"}],
"recentPayments": [{"appointmentId": 122, "amount": 1500, "status": "PAID", "paidAt": "2024-03-10T10:30:00Z"}],
"totalAppointments": 15, "totalSpent": 22500}}

PATIENT GET /api/patient/appointments
@ linked
< 200 {"success": true, "data": [{"id": 123, "clinicianName": "Dr. John Doe", "centreName": "Mibo Bangalore",
"appointmentDate": "2024-03-15", "appointmentTime": "10:00:00", "sessionType": "ONLINE", "status": "CONFIRMED",
"paymentStatus": "PAID", "meetLink": "https://meet.google.com/abc-defg-hij"}]}

PATIENT GET /api/patient/payments
@ paid_online
< 200 {"success": true, "data": [{"appointmentId": 123, "clinicianName": "Dr. John Doe", "amount": 1500,
"status": "PAID", "paymentMethod": "UPI", "paidAt": "2024-03-15T10:30:00Z"}]}

PATIENT GET /api/patient/profile
@ whole_profile
< 200 {"success": true, "data": {"id": 10, "fullName": "Jane Smith", "phone": "+919876543210",
"email": "jane@example.com", "dateOfBirth": "1990-05-15", "gender": "FEMALE", "bloodGroup": "O+",
"emergencyContactName": "John Smith", "emergencyContactPhone": "+919876543211"}}

PATIENT PUT /api/patient/profile
> {"fullName": "Jane Smith Updated", "email": "$new_email", "dateOfBirth": "1990-05-15",
"gender": "FEMALE", "bloodGroup": "A+", "emergencyContactName": "John Smith",
"emergencyContactPhone": "+919876543211"}
< 200 {"success": true, "message": "Profile updated successfully"}

PATIENT POST /api/patient/appointments/$appointment/cancel
> {"reason": "Unable to attend due to personal reasons"}
< 200 {"success": true, "message": "Appointment cancellation requested"}

nobody GET /api/health
< 200 {"success": true, "data": {"status": "healthy", "timestamp": "2024-03-15T10:00:00Z", "uptime": 3600,
"database": "connected"}}
"""

REFUSALS = """
nobody POST /api/patient-auth/send-otp
> {}
< 400 {"success": false, "error": {"code": "VALIDATION_ERROR", "message": "Validation failed",
"details": {"phone": "Phone number is required"}}}

nobody GET /api/appointments
< 401 {"success": false, "error": {"code": "UNAUTHORIZED", "message": "Authentication required"}}

PATIENT GET /api/users
< 403 {"success": false, "error": {"code": "FORBIDDEN", "message": "You don't have permission"}}

ADMIN GET /api/appointments/999999999
< 404 {"success": false, "error": {"code": "NOT_FOUND", "message": "Appointment not found"}}
"""

EXAMPLES = [one for text in (PAYMENTS, VIDEO, ANALYTICS, MESSAGES, PORTAL) for one in read("001", text)]
REFUSED = read("001", REFUSALS)
