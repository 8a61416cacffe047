"""What must hold of a store, whatever was done to it: the fuzzer and the clinic day end with these."""

INVARIANTS = {
    "live appointments of a clinician who sees one patient at a time overlap": """
        SELECT count(*) FROM appointments a JOIN appointments b
          ON a.hospital_id = b.hospital_id AND a.clinician_id = b.clinician_id AND a.id < b.id
         AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
        JOIN clinicians c ON c.hospital_id = a.hospital_id AND c.id = a.clinician_id
        WHERE c.capacity = 1 AND a.status IN ('PENDING', 'CONFIRMED', 'CHECKED_IN')
          AND b.status IN ('PENDING', 'CONFIRMED', 'CHECKED_IN')""",
    "an appointment has not exactly one visit": """
        SELECT count(*) FROM appointments a WHERE
          (SELECT count(*) FROM visits v WHERE v.hospital_id = a.hospital_id AND v.appointment_id = a.id) <> 1""",
    "an appointment has not exactly one payment": """
        SELECT count(*) FROM appointments a WHERE
          (SELECT count(*) FROM payments p WHERE p.hospital_id = a.hospital_id AND p.appointment_id = a.id) <> 1""",
    "a finished visit has no history, or an unfinished one has": """
        SELECT count(*) FROM visits v LEFT JOIN visit_history h ON h.visit_id = v.id
        WHERE (v.status = 'COMPLETED') <> (h.id IS NOT NULL)""",
    "an appointment shows another address than it has, or has one though it is cancelled": """
        SELECT count(*) FROM appointments a
        LEFT JOIN video_links l ON l.hospital_id = a.hospital_id AND l.appointment_id = a.id
        WHERE COALESCE(a.meet_link, '') <> COALESCE(l.url, '') OR (a.status = 'CANCELLED' AND l.id IS NOT NULL)""",
    "the ledger of a payment is not even, or not what its sums say": """
        SELECT count(*) FROM payments p WHERE
          (SELECT COALESCE(sum(amount_minor), 0) FROM ledger_entries l WHERE l.payment_id = p.id) <> 0
          OR (SELECT COALESCE(sum(amount_minor), 0) FROM ledger_entries l
              WHERE l.payment_id = p.id AND l.account IN ('DESK', 'GATEWAY')) <> p.paid_minor - p.refunded_minor""",
    "an event is not in the audit": """
        SELECT count(*) FROM events e WHERE NOT EXISTS (
          SELECT 1 FROM audit_entries x WHERE x.action = e.name AND x.subject = e.subject
             AND x.subject_id = e.subject_id AND x.at = e.at)""",
    "an appointment's people or places are another hospital's": """
        SELECT count(*) FROM appointments a
        JOIN patients p ON p.id = a.patient_id JOIN clinicians c ON c.id = a.clinician_id
        JOIN centres k ON k.id = a.centre_id
        WHERE p.hospital_id <> a.hospital_id OR c.hospital_id <> a.hospital_id OR k.hospital_id <> a.hospital_id""",
}
"""What is wrong → how many rows are."""
