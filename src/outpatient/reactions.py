"""THE table: what happened → what happens inside its transaction → what happens after it."""

from outpatient.account import events as account
from outpatient.appointments import events as appointments
from outpatient.appointments import handlers as on_appointments
from outpatient.auth import events as auth
from outpatient.auth import handlers as sessions
from outpatient.catalogue import events as catalogue
from outpatient.centres import events as centres
from outpatient.clinicians import events as clinicians
from outpatient.clinicians import handlers as profiles
from outpatient.core.outbox import React, ReactionTable
from outpatient.departments import events as departments
from outpatient.hospitals import events as hospitals
from outpatient.notifications import handlers as notify
from outpatient.patients import events as patients
from outpatient.scheduling import events as time
from outpatient.scheduling import handlers as scheduling
from outpatient.staff import events as staff

REACTIONS = ReactionTable(
    {
        account.AccountUpdated: React(),
        account.PhotoChanged: React(),
        appointments.AppointmentBooked: React(after=(notify.send_booking,)),
        appointments.AppointmentConfirmed: React(after=(notify.send_confirmation,)),
        appointments.AppointmentRescheduled: React(after=(notify.send_new_time,)),
        appointments.AppointmentCancelled: React(after=(notify.send_cancellation,)),
        appointments.AppointmentExpired: React(after=(notify.send_expiry,)),
        appointments.AppointmentCompleted: React(),
        appointments.AppointmentMissed: React(),
        appointments.AppointmentUpdated: React(),
        auth.OtpRequested: React(after=(notify.send_otp,)),
        auth.SignedIn: React(),
        auth.SessionRevoked: React(),
        catalogue.ServiceCreated: React(inside=(scheduling.outdate_hospital,)),
        catalogue.ServiceUpdated: React(inside=(scheduling.outdate_hospital,)),
        catalogue.ServiceDeactivated: React(inside=(scheduling.outdate_hospital,)),
        centres.CentreCreated: React(inside=(scheduling.outdate_hospital,)),
        centres.CentreUpdated: React(inside=(scheduling.outdate_hospital,)),
        centres.CentreToggled: React(inside=(scheduling.outdate_hospital,)),
        centres.CentreDeleted: React(inside=(scheduling.outdate_hospital,)),
        clinicians.ClinicianCreated: React(inside=(scheduling.outdate_clinician,)),
        clinicians.ClinicianUpdated: React(inside=(scheduling.outdate_clinician,)),
        clinicians.ClinicianToggled: React(inside=(scheduling.outdate_clinician,)),
        clinicians.ClinicianDeleted: React(inside=(scheduling.outdate_clinician,)),
        departments.DepartmentCreated: React(),
        departments.DepartmentUpdated: React(inside=(scheduling.outdate_hospital,)),
        departments.DepartmentConfigured: React(inside=(scheduling.outdate_hospital,)),
        departments.DepartmentDeactivated: React(inside=(scheduling.outdate_hospital,)),
        hospitals.HospitalCreated: React(),
        hospitals.HospitalUpdated: React(inside=(scheduling.outdate_hospital,)),
        hospitals.HospitalConfigured: React(inside=(scheduling.outdate_hospital,)),
        patients.PatientRegistered: React(),
        patients.PatientUpdated: React(),
        patients.PatientNoteAdded: React(),
        staff.StaffCreated: React(),
        staff.StaffUpdated: React(inside=(sessions.end_sessions_of,)),
        staff.StaffToggled: React(inside=(profiles.switch_profile_of, sessions.end_sessions_of)),
        staff.StaffDeleted: React(inside=(profiles.close_profile_of, sessions.end_sessions_of)),
        time.AvailabilityReplaced: React(inside=(scheduling.outdate_clinician,)),
        time.OnDutySet: React(),
        time.OpenSlotAdded: React(inside=(scheduling.outdate_clinician,)),
        time.OpenSlotRemoved: React(inside=(scheduling.outdate_clinician,)),
        time.TimeOffRemoved: React(inside=(scheduling.outdate_clinician,)),
        time.TimeOffTaken: React(inside=(scheduling.outdate_clinician, on_appointments.cancel_affected)),
    }
)
