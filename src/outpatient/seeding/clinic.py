"""The made-up clinic: its places, its staff and their hours, all made by the same actions that people use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.access.passwords import hash_password
from outpatient.app import Outpatient
from outpatient.auth.actions import SignIn as Door
from outpatient.auth.actions import sign_up_patient
from outpatient.catalogue.actions import create_service
from outpatient.centres.actions import create_centre
from outpatient.clinicians.actions import create_clinician
from outpatient.core.database import Tx
from outpatient.core.terms import Role
from outpatient.departments.actions import create_department
from outpatient.models import User
from outpatient.opening import FirstPerson, acting, open_first_hospital
from outpatient.scheduling.actions import replace_availability
from outpatient.scheduling.rules import Hours
from outpatient.seeding.people import CENTRES, CLINICIANS, HOSPITAL, SERVICES, ZONE, MadeUpClinician, Names, SignIn
from outpatient.settings import span
from outpatient.staff.actions import Person, create_staff

STAFF = {
    Role.MANAGER: "manager",
    Role.CENTRE_MANAGER: "centre.manager",
    Role.CARE_COORDINATOR: "care.coordinator",
    Role.FRONT_DESK: "front.desk",
}
"""One of each, at the first centre where the role is tied to one."""


@dataclass(frozen=True, slots=True)
class SeenBy:
    """A clinician as appointments need him: who he is, who books for him, and what can be booked."""

    actor: Actor
    clinician_id: int
    centre_id: int
    desk: Actor
    follow_up_id: int


@dataclass(frozen=True, slots=True)
class Clinic:
    """The clinic before its first patient."""

    admin: Actor
    clinicians: Sequence[SeenBy]
    profiles: Sequence[tuple[int, SignIn, MadeUpClinician]]
    roles: Sequence[SignIn]
    patient_id: int


async def open_clinic(program: Outpatient, names: Names) -> Clinic:
    """Make the hospital with its places and people; the last of them is a patient who signs up himself."""
    owner = names.sign_in(Role.ADMIN, "admin")
    async with program.database.transaction() as tx:
        person = FirstPerson(owner.full_name, owner.phone, owner.email, owner.password, owner.username)
        user, hospital = await open_first_hospital(tx, person, name=HOSPITAL, time_zone=ZONE)
    admin = acting(user, Role.ADMIN, hospital_id=hospital.id)
    async with program.database.transaction() as tx:
        places = await _open_places(tx, admin)
        follow_ups = await _offer_services(tx, admin, places)
    first = places[CENTRES[0].departments[0]][0]
    second = places[CENTRES[1].departments[0]][0]
    roles, desks = [owner], {}
    for role, username in STAFF.items():
        one = names.sign_in(role, username)
        roles.append(one)
        actor = await _hire(program, admin, one, first)
        if role is Role.FRONT_DESK:
            desks[first] = actor
    desks[second] = await _hire(program, admin, names.sign_in(Role.FRONT_DESK, "front.desk2"), second)
    clinicians, profiles = [], []
    for number, profile in enumerate(CLINICIANS, 1):
        one = names.sign_in(Role.CLINICIAN, f"doctor{number}")
        centre_id, department_id = places[profile.department]
        actor = await _take_on(program, admin, one, profile, places[profile.department], room=f"Room {number}")
        assert actor.clinician_id is not None
        seen_by = SeenBy(actor, actor.clinician_id, centre_id, desks[centre_id], follow_ups[department_id])
        clinicians.append(seen_by)
        profiles.append((actor.clinician_id, one, profile))
    patient = names.sign_in(Role.PATIENT, "patient")
    patient_id = await _sign_up(program, admin.hospital_id, patient)
    return Clinic(admin, clinicians, profiles, [*roles, profiles[0][1], patient], patient_id)


async def _open_places(tx: Tx, admin: Actor) -> dict[str, tuple[int, int]]:
    """Centres and departments; answers department → (centre's id, its own)."""
    places = {}
    for number, one in enumerate(CENTRES, 1):
        centre = await create_centre(
            tx,
            actor=admin,
            time_zone=ZONE,
            name=one.name,
            city=one.city,
            address=one.address,
            phone=f"+91900009900{number}",
            email=f"centre{number}@clinic.com",
        )
        for name in one.departments:
            department = await create_department(tx, actor=admin, centre_id=centre.id, name=name)
            places[name] = (centre.id, department.id)
    return places


async def _offer_services(tx: Tx, admin: Actor, places: dict[str, tuple[int, int]]) -> dict[int, int]:
    """Each department's services; answers department → its follow-up."""
    follow_ups = {}
    for _, department_id in places.values():
        for name, minutes, price in SERVICES:
            service = await create_service(
                tx, actor=admin, department_id=department_id, name=name, duration_minutes=minutes, price_minor=price
            )
            follow_ups[department_id] = service.id
    return follow_ups


async def _person(one: SignIn) -> Person:
    return Person(
        full_name=one.full_name,
        phone=one.phone,
        email=one.email,
        username=one.username,
        password_hash=await hash_password(one.password),
    )


async def _hire(program: Outpatient, admin: Actor, one: SignIn, centre_id: int) -> Actor:
    person = await _person(one)
    centre_ids = () if one.role is Role.MANAGER else (centre_id,)
    async with program.database.transaction() as tx:
        member = await create_staff(tx, actor=admin, role=one.role, person=person, centre_ids=centre_ids)
    return replace(admin, user_id=member.user_id, role=one.role, full_name=one.full_name, centre_ids=centre_ids or None)


async def _take_on(
    program: Outpatient, admin: Actor, one: SignIn, profile: MadeUpClinician, place: tuple[int, int], *, room: str
) -> Actor:
    centre_id, department_id = place
    person = await _person(one)
    async with program.database.transaction() as tx:
        columns = {
            "primary_centre_id": centre_id,
            "department_id": department_id,
            "designation": "Consultant",
            "specialization": [profile.specialization],
            "qualification": list(profile.qualification),
            "languages": list(profile.languages),
            "years_of_experience": profile.years,
            "room": room,
            "bio": f"{profile.years} years in {profile.specialization.lower()}.",
            "consultation_fee_minor": profile.fee_minor,
            "default_duration_minutes": 30,
        }
        clinician = await create_clinician(tx, actor=admin, person=person, profile=columns)
        hours = [Hours(weekday, start, end) for weekday in profile.weekdays for start, end in profile.hours]
        await replace_availability(tx, actor=admin, clinician_id=clinician.id, centre_id=None, hours=hours)
    return replace(
        admin, user_id=clinician.user_id, role=Role.CLINICIAN, full_name=one.full_name, clinician_id=clinician.id
    )


async def _sign_up(program: Outpatient, hospital_id: int, one: SignIn) -> int:
    """Let a patient sign up, and prove his phone as a code would; answers his record."""
    settings = program.settings
    door = Door(program.database, program.tokens, settings.secret_key, span(settings.jwt_refresh_expires_in))
    opened = await sign_up_patient(
        door,
        hospital_id=hospital_id,
        name=one.full_name,
        email=one.email,
        phone=one.phone,
        password=one.password,
        age=34,
        gender=None,
    )
    async with program.database.transaction() as tx:
        proven = {"username": one.username, "phone_proven_at": tx.now}
        await tx.execute(update(User).where(User.phone == one.phone).values(**proven))
    patient_id: int = opened.who["patient_id"]
    return patient_id
