"""THE table: what happened → what happens inside its transaction → what happens after it."""

from outpatient.appointments import events as appointments
from outpatient.auth import events as auth
from outpatient.core.outbox import React, ReactionTable
from outpatient.notifications import handlers as notify
from outpatient.patients import events as patients

REACTIONS = ReactionTable(
    {
        appointments.AppointmentBooked: React(),
        appointments.AppointmentConfirmed: React(),
        appointments.AppointmentRescheduled: React(),
        appointments.AppointmentCancelled: React(),
        appointments.AppointmentExpired: React(),
        appointments.AppointmentCompleted: React(),
        appointments.AppointmentMissed: React(),
        appointments.AppointmentUpdated: React(),
        auth.OtpRequested: React(after=(notify.send_otp,)),
        auth.SignedIn: React(),
        auth.SessionRevoked: React(),
        patients.PatientRegistered: React(),
        patients.PatientUpdated: React(),
        patients.PatientNoteAdded: React(),
    }
)
