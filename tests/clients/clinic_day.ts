// A patient's day at the desk, by clients whose types are generated from our two OpenAPI documents:
//
//   npx openapi-typescript http://127.0.0.1:8000/openapi.json --default-non-nullable=false -o api.d.ts
//   npx openapi-typescript http://127.0.0.1:8000/compat/openapi.json --default-non-nullable=false -o root.d.ts

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";
import type { paths as RootPaths } from "./root.js";

type Visit = components["schemas"]["VisitOut"];
type Invoice = components["schemas"]["InvoiceOut"];
type Refusal = { error: { code: string; message: string } };

/** What a good answer holds; a refusal is thrown by its code. */
async function good<Body>(call: Promise<{ data?: Body; error?: Refusal }>): Promise<Body> {
  const { data, error } = await call;
  if (data === undefined) throw new Error(`${error?.error.code}: ${error?.error.message}`);
  return data;
}

/** Both surfaces, for somebody who is signed in. */
async function signIn(address: string, username: string, password: string) {
  const stranger = createClient<paths>({ baseUrl: `${address}/api/v1` });
  const session = await good(stranger.POST("/auth/login/username-password", { body: { username, password } }));
  const headers = { Authorization: `Bearer ${session.data.accessToken}` };
  return {
    role: session.data.user.roleName,
    api: createClient<paths>({ baseUrl: `${address}/api/v1`, headers }),
    root: createClient<RootPaths>({ baseUrl: address, headers }),
  };
}

type Given = { address: string; date: string; phone: string; desk: string; doctor: string; password: string };

export async function clinicDay({ address, date, phone, ...given }: Given) {
  const desk = await signIn(address, given.desk, given.password);
  const doctor = await signIn(address, given.doctor, given.password);

  // The desk finds a clinician and books his first free time for somebody who calls.
  const found = await good(desk.api.GET("/clinicians", { params: { query: { specialization: "Cardiology" } } }));
  const [clinician] = found.data;
  if (clinician === undefined) throw new Error("Nobody is here for hearts");
  const day = { clinicianId: clinician.id, date };
  const slots = await good(desk.api.GET("/booking/available-slots", { params: { query: day } }));
  const free = slots.data.availableSlots.filter((slot) => slot.available);
  const patient = await good(desk.api.POST("/patients", { body: { fullName: "Asha Rao", phone } }));
  const wish = {
    patientId: patient.data.id,
    clinicianId: clinician.id,
    appointmentDate: date,
    appointmentTime: free[0]?.time ?? null,
  };
  const booked = await good(desk.api.POST("/appointments", { body: wish }));
  const again = await desk.api.POST("/appointments", { body: wish });

  // The patient comes and is seen.
  const arrived = await good(
    desk.api.POST("/appointments/{appointment_id}/check-in", { params: { path: { appointment_id: booked.data.id } } }),
  );
  const visit = { params: { path: { visit_id: arrived.data.id } } };
  const called = await good(doctor.api.POST("/visits/{visit_id}/call", visit));
  const begun = await good(doctor.api.POST("/visits/{visit_id}/start", visit));
  const done = await good(doctor.api.POST("/visits/{visit_id}/complete", visit));
  const moves: Visit["status"][] = [arrived, called, begun, done].map(({ data }) => data.status);

  // He pays at the desk.
  const receipt = { appointmentId: booked.data.id, method: "CASH", reference: "slip 17" } as const;
  const paid = await good(desk.api.POST("/receipts", { body: receipt }));
  const invoice: Invoice = (await good(desk.api.GET("/invoices/{visit_id}", visit))).data;

  // The desk's older program does the same at the root, in the words of seed 000.
  const services = await good(desk.api.GET("/services"));
  const next = await good(
    desk.root.GET("/appointments/available-slots", {
      params: { query: { clinic_id: booked.data.centreId, doctor_id: clinician.id, date } },
    }),
  );
  const made = await good(
    desk.root.POST("/appointments", {
      body: {
        clinic_id: booked.data.centreId,
        doctor_id: next.doctor.id,
        patient_id: patient.data.id,
        service_id: services.data[0]!.id,
        start_time: next.available_slots[0]!.start_time,
        booking_source: "phone",
      },
    }),
  );
  const list = await good(desk.root.GET("/appointments", { params: { query: { date } } }));

  return {
    roles: [desk.role, doctor.role],
    clinician: clinician.fullName,
    free: free.length,
    booked: { time: booked.data.appointmentTime, fee: booked.data.consultationFee, status: booked.data.status },
    again: again.error?.error.code,
    token: arrived.data.tokenLabel,
    moves,
    paid: { status: paid.data.status, received: paid.data.receipt.amount },
    invoice: { number: invoice.invoiceNumber, due: invoice.due, by: invoice.receipts.map(({ method }) => method) },
    pages: found.meta?.total,
    made: "appointment" in made ? made.appointment.status : made.message,
    list: list.appointments.map(({ status, doctor: { name } }) => `${name}: ${status}`),
  };
}
