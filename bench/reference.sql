-- A fixed, lean booking: what any system must at least write. The app's own statement must reach 0.6 of it, so that a
-- fat statement cannot flatter the ratio to itself.
\set clinician random(1, :clinicians)
\set patient random(1, :patients)
\set slot random(0, 1000000)
WITH taken AS (
    INSERT INTO occupancy (hospital_id, clinician_id, lane, starts_at, ends_at, appointment_id)
    SELECT 1, :clinician, 0, TIMESTAMPTZ '2050-01-01' + :slot * INTERVAL '30 minutes',
           TIMESTAMPTZ '2050-01-01' + (:slot + 1) * INTERVAL '30 minutes', nextval('appointments_id_seq')
    ON CONFLICT ON CONSTRAINT no_overlap DO NOTHING
    RETURNING appointment_id AS id, starts_at, ends_at
), appointment AS (
    INSERT INTO appointments (
        id, hospital_id, patient_id, clinician_id, centre_id, booking_type, service_on, starts_at, ends_at, session_type,
        status, booking_source, fee_minor, created_at, updated_at
    )
    SELECT id, 1, :patient, :clinician, 1, 'TIME_SLOT', starts_at::date, starts_at, ends_at, 'IN_PERSON', 'PENDING',
           'FRONT_DESK', 150000, now(), now()
    FROM taken
    RETURNING id
)
SELECT id FROM appointment;
