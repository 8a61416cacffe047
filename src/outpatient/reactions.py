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
from outpatient.feedback import events as feedback
from outpatient.hospitals import events as hospitals
from outpatient.invoices import events as invoices
from outpatient.notifications import events as messages
from outpatient.notifications import handlers as notify
from outpatient.patients import events as patients
from outpatient.payments import events as payments
from outpatient.payments import handlers as money
from outpatient.privacy import events as privacy
from outpatient.queue import events as queue
from outpatient.queue import handlers as on_queue
from outpatient.scheduling import events as time
from outpatient.scheduling import handlers as scheduling
from outpatient.staff import events as staff
from outpatient.video import events as video
from outpatient.video import handlers as on_video

REACTIONS = ReactionTable(
    {
        account.AccountUpdated: React(),
        account.PhotoChanged: React(),
        appointments.AppointmentBooked: React(after=(notify.send_booking,)),
        appointments.AppointmentConfirmed: React(after=(on_video.make_meeting, notify.send_confirmation)),
        appointments.AppointmentRescheduled: React(after=(on_video.move_meeting, notify.send_new_time)),
        appointments.AppointmentCancelled: React(
            inside=(on_queue.close_visit, on_video.close_link), after=(notify.send_cancellation,)
        ),
        appointments.AppointmentExpired: React(
            inside=(on_queue.close_visit, on_video.close_link), after=(notify.send_expiry,)
        ),
        appointments.AppointmentCompleted: React(inside=(on_queue.finish_visit,)),
        appointments.AppointmentMissed: React(
            inside=(on_queue.miss_visit,), after=(notify.send_no_show, notify.send_no_show_to_clinician)
        ),
        appointments.AppointmentNoShowProposed: React(after=(notify.send_no_show_proposal,)),
        appointments.AppointmentReminderDue: React(after=(notify.send_reminder,)),
        appointments.AppointmentReopened: React(after=(on_video.make_meeting,)),
        appointments.AppointmentUpdated: React(inside=(on_video.follow_session_type,), after=(on_video.make_meeting,)),
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
        feedback.FeedbackGiven: React(),
        hospitals.HospitalCreated: React(),
        hospitals.HospitalUpdated: React(inside=(scheduling.outdate_hospital,)),
        hospitals.HospitalConfigured: React(inside=(scheduling.outdate_hospital,)),
        messages.NotificationRequested: React(after=(notify.send_requested,)),
        messages.NotificationRetried: React(after=(notify.send_again,)),
        messages.NotificationFailed: React(after=(notify.send_otherwise,)),
        messages.ConsentChanged: React(),
        invoices.InvoiceIssued: React(),
        invoices.InvoiceSendingRequested: React(after=(notify.send_invoice,)),
        patients.PatientRegistered: React(),
        patients.PatientUpdated: React(),
        patients.PatientNoteAdded: React(),
        patients.PatientDeleted: React(),
        privacy.PatientErased: React(),
        payments.PaymentReceived: React(
            inside=(on_appointments.take_up_payment,), after=(notify.send_payment_received,)
        ),
        payments.PaymentFailed: React(),
        payments.PaymentDiscounted: React(inside=(on_appointments.take_up_payment,)),
        payments.PaymentLinkCreated: React(after=(notify.send_payment_link,)),
        payments.RefundRequested: React(after=(money.ask_provider,)),
        payments.RefundProcessed: React(after=(notify.send_refund,)),
        payments.RefundFailed: React(),
        queue.VisitCheckedIn: React(),
        queue.WalkInAdded: React(),
        queue.VisitStatusChanged: React(),
        queue.VisitReordered: React(),
        queue.VisitDelayed: React(),
        queue.VisitPrioritised: React(),
        queue.VisitReassigned: React(),
        queue.VisitTurnNear: React(after=(notify.send_turn_near,)),
        queue.VisitFeedbackDue: React(after=(notify.send_feedback_request,)),
        queue.VisitUndone: React(),
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
        video.MeetLinkCreated: React(after=(notify.send_meet_link,)),
        video.MeetLinkChanged: React(after=(on_video.end_meeting, notify.send_meet_link)),
        video.MeetLinkRemoved: React(after=(on_video.end_meeting, on_video.make_meeting)),
        video.MeetingAbandoned: React(after=(on_video.end_meeting,)),
    }
)
