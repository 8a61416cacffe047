"""How changes of a clinician's time can be refused."""

from outpatient.core.errors import Conflict


class HoursOverlap(Conflict):
    code, message = "HOURS_OVERLAP", "The clinician works at another centre at this time"


class SlotOverlaps(Conflict):
    code, message = "SLOT_OVERLAPS", "The clinician has another open slot at this time"


class SlotBooked(Conflict):
    code, message = "SLOT_BOOKED", "Somebody has booked this slot. Cancel or move the appointment first."


class TimeOffOverlaps(Conflict):
    code, message = "TIME_OFF_OVERLAPS", "The clinician is off at this time already"


class PatientsPresent(Conflict):
    code, message = "PATIENTS_PRESENT", "Patients of this time are already here. See them or cancel their visits first."


class TimeTaken(Conflict):
    code, message = "TIME_TAKEN", "Something else took this time just now. Please try again."
