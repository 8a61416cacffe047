-- Lean tables of their own, so that neither the app's statement nor its schema can flatter the ratio by growing.
CREATE TABLE lean_appointments (
    id bigserial PRIMARY KEY, clinician_id bigint NOT NULL, patient_id bigint NOT NULL, starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL, status text NOT NULL, fee_minor bigint NOT NULL, created_at timestamptz NOT NULL,
    CONSTRAINT lean_no_overlap EXCLUDE USING gist (clinician_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
);
CREATE INDEX ON lean_appointments (patient_id, starts_at);
CREATE TABLE lean_visits (
    id bigserial PRIMARY KEY, appointment_id bigint NOT NULL UNIQUE REFERENCES lean_appointments (id),
    clinician_id bigint NOT NULL, service_on date NOT NULL, status text NOT NULL
);
CREATE INDEX ON lean_visits (clinician_id, service_on);
CREATE TABLE lean_payments (
    id bigserial PRIMARY KEY, visit_id bigint NOT NULL UNIQUE REFERENCES lean_visits (id), amount_minor bigint NOT NULL,
    status text NOT NULL
);
CREATE TABLE lean_outbox (
    id bigserial PRIMARY KEY, name text NOT NULL, payload jsonb NOT NULL, at timestamptz NOT NULL, position bigint UNIQUE
);
