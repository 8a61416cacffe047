"use strict";
// A booking service as it is usually written with Express and pg: named prepared statements, a pool of 16, ten
// statements in one transaction. It verifies the same token, checks the same body and answers the same envelope.

const crypto = require("node:crypto");
const express = require("express");
const { Pool } = require("pg");

const [port, databaseUrl, secret] = process.argv.slice(2);
const pool = new Pool({ connectionString: databaseUrl, max: 16 });
const app = express();
app.disable("x-powered-by");
app.use(express.json());

function actorOf(header) {
  const [head, body, signature] = (header || "").replace(/^Bearer /, "").split(".");
  if (!signature) return null;
  const expected = crypto.createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) return null;
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  return claims.exp * 1000 > Date.now() ? { userId: Number(claims.sub), hospitalId: claims.hid } : null;
}

const refuse = (response, status, code, message) =>
  response.status(status).json({ success: false, error: { code, message, details: {} } });

const named = (name, text) => (client, values) => client.query({ name, text, values });
const clinicianRow = named("clinician", "SELECT id FROM clinicians WHERE hospital_id = $1 AND id = $2 AND is_active FOR SHARE");
const patientRow = named("patient", "SELECT id FROM patients WHERE hospital_id = $1 AND id = $2 AND deleted_at IS NULL");
const ruleRows = named("rules", "SELECT weekday, start_minute, end_minute FROM availability_rules WHERE hospital_id = $1 AND clinician_id = $2");
const addAppointment = named("appointment", `INSERT INTO appointments (hospital_id, patient_id, clinician_id, centre_id, booking_type, service_on, starts_at, ends_at,
  session_type, status, booking_source, fee_minor, notes, created_by, created_at, updated_at)
  VALUES ($1, $2, $3, $4, 'TIME_SLOT', $5, $6, $7, $8, 'PENDING', 'FRONT_DESK', $9, $10, $11, now(), now()) RETURNING id`);
const addOccupancy = named("occupancy", `INSERT INTO occupancy (hospital_id, clinician_id, lane, starts_at, ends_at, appointment_id)
  VALUES ($1, $2, 0, $3, $4, $5) ON CONFLICT ON CONSTRAINT no_overlap DO NOTHING RETURNING id`);
const addVisit = named("visit", `INSERT INTO visits (hospital_id, appointment_id, patient_id, clinician_id, centre_id, service_on, status, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, 'EXPECTED', now()) RETURNING id`);
const addPayment = named("payment", `INSERT INTO payments (hospital_id, appointment_id, visit_id, patient_id, amount_minor, paid_minor, refunded_minor, currency, status, created_at)
  VALUES ($1, $2, $3, $4, $5, 0, 0, 'INR', 'PENDING', now())`);
const addEvent = named("event", `INSERT INTO events (hospital_id, name, subject, subject_id, actor_id, payload, at)
  VALUES ($1, 'appointment.created', 'appointment', $2, $3, $4, now())`);
const addAudit = named("audit", `INSERT INTO audit_entries (hospital_id, actor_id, action, subject, subject_id, at)
  VALUES ($1, $2, 'appointment.created', 'appointment', $3, now())`);

const HALF_HOUR = 30 * 60 * 1000;
const ZONE = 330 * 60 * 1000; // Kolkata has one offset all year

function isOffered(rules, start) {
  const local = new Date(start.getTime() + ZONE);
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  const weekday = (local.getUTCDay() + 6) % 7;
  return rules.some((r) => Number(r.weekday) === weekday && minute >= r.start_minute && minute + 30 <= r.end_minute && (minute - r.start_minute) % 30 === 0);
}

app.post("/api/v1/appointments", async (request, response) => {
  const actor = actorOf(request.headers.authorization);
  if (!actor) return refuse(response, 401, "UNAUTHORIZED", "Authentication required");
  const { patientId, clinicianId, centreId, start: text, sessionType, consultationFee, notes } = request.body || {};
  const start = new Date(text);
  if (!Number.isInteger(patientId) || !Number.isInteger(clinicianId) || !Number.isInteger(centreId) || Number.isNaN(start.getTime()))
    return refuse(response, 400, "VALIDATION_ERROR", "Validation failed");
  const end = new Date(start.getTime() + HALF_HOUR);
  const day = new Date(start.getTime() + ZONE).toISOString().slice(0, 10);
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const clinician = await clinicianRow(client, [actor.hospitalId, clinicianId]);
    const patient = await patientRow(client, [actor.hospitalId, patientId]);
    const rules = await ruleRows(client, [actor.hospitalId, clinicianId]);
    if (!clinician.rows.length || !patient.rows.length || !isOffered(rules.rows, start)) {
      await client.query("ROLLBACK");
      return refuse(response, 404, "NOT_FOUND", "Not found");
    }
    const made = await addAppointment(client, [actor.hospitalId, patientId, clinicianId, centreId, day, start, end, sessionType, consultationFee * 100, notes, actor.userId]);
    const id = made.rows[0].id;
    const taken = await addOccupancy(client, [actor.hospitalId, clinicianId, start, end, id]);
    if (!taken.rows.length) {
      await client.query("ROLLBACK");
      return refuse(response, 409, "SLOT_UNAVAILABLE", "Time slot not available");
    }
    const visit = await addVisit(client, [actor.hospitalId, id, patientId, clinicianId, centreId, day]);
    await addPayment(client, [actor.hospitalId, id, visit.rows[0].id, patientId, consultationFee * 100]);
    await addEvent(client, [actor.hospitalId, id, actor.userId, JSON.stringify({ patient_id: patientId, clinician_id: clinicianId, starts_at: start })]);
    await addAudit(client, [actor.hospitalId, actor.userId, id]);
    await client.query("COMMIT");
    response.status(201).json({
      success: true,
      message: "Appointment created successfully",
      data: { id: Number(id), patientId, clinicianId, centreId, start: start.toISOString(), end: end.toISOString(), status: "PENDING", consultationFee },
    });
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    refuse(response, 500, "INTERNAL_ERROR", "Something went wrong");
  } finally {
    client.release();
  }
});

app.listen(Number(port), "127.0.0.1");
