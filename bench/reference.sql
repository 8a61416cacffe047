-- A fixed, lean booking: guard, appointment, visit, payment and event, and nothing else. The app's own statement must
-- reach 0.6 of it.
\set clinician random(1, :clinicians)
\set patient random(1, :patients)
\set slot random(0, 1000000)
WITH appointment AS (
    INSERT INTO lean_appointments (clinician_id, patient_id, starts_at, ends_at, status, fee_minor, created_at)
    VALUES (:clinician, :patient, TIMESTAMPTZ '2040-01-01' + :slot * INTERVAL '30 minutes',
            TIMESTAMPTZ '2040-01-01' + (:slot + 1) * INTERVAL '30 minutes', 'PENDING', 150000, now())
    ON CONFLICT ON CONSTRAINT lean_no_overlap DO NOTHING
    RETURNING id, clinician_id, starts_at
), visit AS (
    INSERT INTO lean_visits (appointment_id, clinician_id, service_on, status)
    SELECT id, clinician_id, starts_at::date, 'EXPECTED' FROM appointment
    RETURNING id
), payment AS (
    INSERT INTO lean_payments (visit_id, amount_minor, status) SELECT id, 150000, 'PENDING' FROM visit RETURNING id
), event AS (
    INSERT INTO lean_outbox (name, payload, at)
    SELECT 'appointment.created', '{"clinician_id": 1, "patient_id": 1, "starts_at": null}'::jsonb, now() FROM appointment
)
SELECT id FROM appointment;
