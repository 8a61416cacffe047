-- The same booking as ten statements in one transaction: how it is usually written. The Express peer sends these.
\set clinician random(1, :clinicians)
\set patient random(1, :patients)
\set slot random(0, 1000000)
BEGIN;
SELECT id FROM clinicians WHERE hospital_id = 1 AND id = :clinician AND is_active FOR SHARE;
SELECT id FROM patients WHERE hospital_id = 1 AND id = :patient AND deleted_at IS NULL;
SELECT weekday, start_minute, end_minute FROM availability_rules WHERE hospital_id = 1 AND clinician_id = :clinician;
INSERT INTO appointments (hospital_id, patient_id, clinician_id, centre_id, booking_type, service_on, starts_at, ends_at, session_type, status, booking_source, fee_minor, created_by, created_at, updated_at) VALUES (1, :patient, :clinician, 1, 'TIME_SLOT', (TIMESTAMPTZ '2060-01-01' + :slot * INTERVAL '30 minutes')::date, TIMESTAMPTZ '2060-01-01' + :slot * INTERVAL '30 minutes', TIMESTAMPTZ '2060-01-01' + (:slot + 1) * INTERVAL '30 minutes', 'IN_PERSON', 'PENDING', 'FRONT_DESK', 150000, 1, now(), now()) RETURNING id AS appointment \gset
INSERT INTO occupancy (hospital_id, clinician_id, lane, starts_at, ends_at, appointment_id) VALUES (1, :clinician, 0, TIMESTAMPTZ '2060-01-01' + :slot * INTERVAL '30 minutes', TIMESTAMPTZ '2060-01-01' + (:slot + 1) * INTERVAL '30 minutes', :appointment) ON CONFLICT ON CONSTRAINT no_overlap DO NOTHING;
INSERT INTO visits (hospital_id, appointment_id, patient_id, clinician_id, centre_id, service_on, status, created_at) VALUES (1, :appointment, :patient, :clinician, 1, (TIMESTAMPTZ '2060-01-01' + :slot * INTERVAL '30 minutes')::date, 'EXPECTED', now()) RETURNING id AS visit \gset
INSERT INTO payments (hospital_id, appointment_id, visit_id, patient_id, amount_minor, paid_minor, refunded_minor, currency, status, created_at) VALUES (1, :appointment, :visit, :patient, 150000, 0, 0, 'INR', 'PENDING', now());
INSERT INTO events (hospital_id, name, subject, subject_id, actor_id, payload, at) VALUES (1, 'appointment.created', 'appointment', :appointment, 1, '{}', now());
INSERT INTO audit_entries (hospital_id, actor_id, action, subject, subject_id, at) VALUES (1, 1, 'appointment.created', 'appointment', :appointment, now());
COMMIT;
