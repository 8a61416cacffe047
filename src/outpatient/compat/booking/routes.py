"""Seed 003, word for word: doctors offer slots, patients book them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from outpatient.access.actor import Actor
from outpatient.access.passwords import hash_password
from outpatient.access.permissions import Permission as P
from outpatient.appointments import actions as appointments
from outpatient.appointments import queries
from outpatient.auth import actions as auth
from outpatient.auth.queries import get_user
from outpatient.auth.routes import address_of, door_of, try_password
from outpatient.clinicians import actions as clinicians
from outpatient.clinicians import queries as profiles
from outpatient.compat.booking.schemas import (
    AppointmentRow,
    Appointments,
    Doctor,
    DoctorDashboard,
    Doctors,
    Login,
    Me,
    NewSlot,
    PatientDashboard,
    Profile,
    ProfileChanges,
    Registered,
    Registration,
    SavedProfile,
    SavedSlot,
    Slot,
    Slots,
    Token,
)
from outpatient.compat.schema import Said
from outpatient.core.budgets import forgive
from outpatient.core.errors import Invalid
from outpatient.core.paging import MAX_LIMIT, Page
from outpatient.http.dependencies import (
    App,
    Paged,
    Public,
    PublicHospital,
    Reading,
    Writing,
    allow,
    header_hospital,
    parts_of,
)
from outpatient.http.document import Responses
from outpatient.http.limits import spend_try
from outpatient.http.schema import BareError, PathId
from outpatient.scheduling.actions import When, add_open_slot

router = APIRouter()

AsDoctor = Annotated[Actor, allow(P.CLINICIANS_OWN)]
AsPatient = Annotated[Actor, allow(P.BOOKING_OWN)]

OF_DOCTORS: Responses = {404: {"model": BareError, "description": "The caller sees no patients"}}
"""An ADMIN may call what doctors call, and has it only if he is one."""


def asked_rows(
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = MAX_LIMIT
) -> Page:
    """The document knows no pages here, so that the first is as long as may be."""
    return Page(page, limit)


Rows = Annotated[Page, Depends(asked_rows)]


@router.post("/auth/register", status_code=201, dependencies=[Public], tags=["Authentication"])
async def register_account(request: Request, body: Registration, hospital_id: PublicHospital, app: App) -> Said:
    if body.role is Registered.DOCTOR:
        await _check_invitation(request, body.invitation_code)
    password_hash = await hash_password(body.password)  # slow: before the lock
    async with app.database.transaction() as tx:
        await auth.register_account(
            tx,
            hospital_id=hospital_id,
            role=body.role.role,
            full_name=body.name,
            email=body.email,
            password_hash=password_hash,
        )
    return Said(message="User registered successfully")


async def _check_invitation(request: Request, given: str | None) -> None:
    """Count a try before the code is looked at; a right one clears the wrong ones before it."""
    settings = parts_of(request).settings
    if settings.invitation_code and not given:
        raise Invalid.field("invitation_code", "This field is required for doctors")
    tries = f"invitation:{address_of(request)}"
    await spend_try(request, tries, settings.rate_limit_invitation)
    auth.check_invitation(settings.invitation_code, given or "")
    await forgive(parts_of(request).database, tries)


@router.post("/auth/login", dependencies=[Public], tags=["Authentication"])
async def sign_in(request: Request, body: Login, app: App) -> Token:
    tries = await try_password(request, body.email)
    opened = await auth.sign_in_by_password(
        door_of(app), email=body.email, password=body.password, hospital_id=header_hospital(request)
    )
    await forgive(app.database, tries)
    return Token(access_token=opened.tokens.access, refresh_token=opened.tokens.refresh)


@router.get("/auth/me", tags=["Authentication"])
async def get_signed_in_user(actor: Annotated[Actor, allow(P.ACCOUNT_OWN)], tx: Reading) -> Me:
    user = await get_user(tx, actor.user_id)
    return Me(id=user.id, name=user.full_name, email=user.email, role=actor.role.word)


@router.get("/doctor/dashboard", responses=OF_DOCTORS, tags=["Doctor"])
async def get_doctor_dashboard(actor: AsDoctor, tx: Reading) -> DoctorDashboard:
    found = await queries.get_clinician_dashboard(tx, actor)
    rows = [AppointmentRow.of(row) for row in found.pop("appointments")]
    return DoctorDashboard(name=actor.full_name, appointments=rows, **found)


@router.get("/doctor/profile", responses=OF_DOCTORS, tags=["Doctor"])
async def get_own_profile(actor: AsDoctor, tx: Reading) -> Profile:
    row = await profiles.get_described(tx, actor.hospital_id, actor.clinician_id or 0)
    return Profile.of(row, email=row["email"])


@router.post("/doctor/profile", tags=["Doctor"])
async def update_own_profile(body: ProfileChanges, actor: AsDoctor, tx: Writing) -> SavedProfile:
    await clinicians.update_own_profile(tx, actor=actor, profile=body.columns())
    row = await profiles.get_described(tx, actor.hospital_id, actor.clinician_id or 0)
    return SavedProfile.of(row, email=row["email"], message="Profile updated successfully")


@router.delete("/doctor/account", responses=OF_DOCTORS, tags=["Doctor"])
async def close_practice(actor: AsDoctor, tx: Writing) -> Said:
    await appointments.close_practice(tx, actor=actor)
    return Said(message="Account deleted successfully")


@router.post("/doctor/availability", status_code=201, tags=["Doctor"])
async def add_slot(body: NewSlot, actor: AsDoctor, tx: Writing) -> SavedSlot:
    when = When(on=body.date, start_minute=body.start_time, end_minute=body.end_time)
    made = await add_open_slot(tx, actor=actor, clinician_id=actor.clinician_id or 0, centre_id=None, when=when)
    return SavedSlot(message="Availability slot created successfully", slot_id=made.id)


@router.get("/patient/dashboard", tags=["Patient"])
async def get_patient_dashboard(actor: AsPatient, tx: Reading) -> PatientDashboard:
    found = await queries.get_patient_dashboard(tx, actor)
    rows = [AppointmentRow.of(row) for row in found.pop("appointments")]
    return PatientDashboard(name=actor.full_name, appointments=rows, **found)


@router.get("/patient/doctors", tags=["Patient"])
async def list_doctors(actor: AsPatient, tx: Reading, page: Paged) -> Doctors:
    rows, total = await profiles.list_described(tx, actor.hospital_id, page)
    total_pages = page.meta(total)["totalPages"]
    return Doctors(data=[Doctor.of(row) for row in rows], page=page.page, total_pages=total_pages, total=total)


@router.get("/patient/doctors/{doctor_id:int}/availability", tags=["Patient"])
async def list_free_slots(doctor_id: PathId, actor: AsPatient, tx: Reading) -> Slots:
    return Slots(data=[Slot.of(opening) for opening in await queries.list_openings(tx, actor, doctor_id)])


@router.get("/appointments/my", tags=["Appointments"])
async def list_appointments_of_patient(actor: AsPatient, tx: Reading, page: Rows) -> Appointments:
    return Appointments.of(*await queries.list_described(tx, actor, page, newest_first=True), page)


@router.get("/appointments/doctor", tags=["Appointments"])
async def list_appointments_of_doctor(actor: AsDoctor, tx: Reading, page: Rows) -> Appointments:
    profile = await profiles.get_own_profile(tx, actor)
    found = await queries.list_described(tx, actor, page, clinician_id=profile.id, newest_first=True)
    return Appointments.of(*found, page)


@router.post("/appointments/{appointment_id:int}/cancel", tags=["Appointments"])
async def cancel_appointment(
    appointment_id: PathId, actor: Annotated[Actor, allow(P.APPOINTMENTS_CANCEL_OWN)], tx: Writing
) -> Said:
    await appointments.cancel_appointment(
        tx, actor=actor, appointment_id=appointment_id, reason=None, is_repeatable=False
    )
    return Said(message="Appointment cancelled successfully")
