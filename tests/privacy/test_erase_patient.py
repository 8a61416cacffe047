"""A patient is forgotten: `POST /patients/{id}/erase`."""

import asyncio

import pytest
from sqlalchemy import Enum, String, func, select, text, update

from outpatient.appointments.statements import BOOK
from outpatient.models import Appointment, AuditEntry, Base, Notification, OptOut, Patient, Payment, StoredEvent
from outpatient.privacy.queries import get_person, rows_of
from tests.account.test_change_photo import picture
from tests.appointments.wishes import booked, wish
from tests.signing import everything_stored

pytestmark = pytest.mark.anyio

KEPT = {
    "appointments": {"booking_type"},
    "audit_entries": {"action", "subject"},
    "consents": {"source"},
    "deliveries": {"reaction"},
    "events": {"name", "subject"},
    "inbound_messages": {"provider_id", "recipient", "command", "outcome"},
    "invoices": {"label"},
    "ledger_entries": {"reference"},
    "notifications": {"notification_type", "language"},
    "payment_links": {"provider", "provider_link_id", "url", "currency"},
    "payment_orders": {"provider", "provider_order_id", "currency"},
    "payments": {"currency", "method", "transaction_id"},
    "receipts": {"provider", "reference", "currency"},
    "refunds": {"currency", "provider_refund_id"},
    "visits": {"token_group", "token_label"},
    "visit_history": {"token_label"},
}
"""Text that stays, because the program or a provider writes it and it says nothing of a person; see PERSONAL."""


async def erase(who, known, **more):
    return await who.post(
        f"/patients/{known.patient_id}/erase", {"reason": "Asked for it", "confirm": known.name} | more
    )


async def fill_every_text(outpatient, known, hospital) -> int:
    """Write a canary into every text column of every row about the person that is not known to be harmless."""
    filled = 0
    async with outpatient.database.transaction() as tx:
        person = await get_person(tx, hospital.id, known.patient_id)
        for name, (table, which) in rows_of(person).items():
            columns = [
                column
                for column in Base.metadata.tables[name].columns
                if isinstance(column.type, String)
                and not isinstance(column.type, Enum)
                and column.name not in KEPT.get(name, ())
                and not column.primary_key
                and column.name not in {"phone", "email", "recipient", "sender", "address", "key"}  # found by these
            ]
            if not columns or name in {"audit_entries", "ledger_entries"}:
                continue
            values = {column.name: f"Canary-{name[:4]}-{column.name}"[: column.type.length] for column in columns}
            if name == "patients":
                values |= {"full_name": known.name, "name_key": "canary rao"}
            await tx.execute(update(table).where(which).values(**values).execution_options(synchronize_session=False))
            filled += len(columns)
    return filled


@pytest.fixture
async def earlier(outpatient, http) -> set[str]:
    """What earlier tests left, who have canaries of their own."""
    return set((await everything_stored(outpatient)).splitlines())


async def test_nothing_leads_back_to_a_person_who_was_erased(earlier, as_admin, known, hospital, outpatient):
    before = [known.persona.phone, known.persona.email, "Canary", "canary"]
    assert await fill_every_text(outpatient, known, hospital) > 25
    stored = await everything_stored(outpatient)
    assert all(value in stored for value in before)

    answer = await erase(as_admin, known)

    assert answer.status_code == 200, answer.text
    left = [line for line in (await everything_stored(outpatient)).splitlines() if line not in earlier]
    assert [line for line in left if any(value in line for value in (*before, "+919800000001"))] == []


async def test_the_answer_is_what_is_left_and_a_repeat_answers_the_same(as_admin, known, audited, newest, hospital):
    first = await erase(as_admin, known)
    after = await newest()
    again = await erase(as_admin, known, confirm="whatever")

    assert first.json()["data"] == {
        "id": known.patient_id,
        "fullName": f"Erased patient #{known.patient_id}",
        "erasedAt": "2026-03-02T03:30:00Z",
    }
    assert again.status_code == 200
    assert again.json() == first.json()
    assert await audited(hospital.id, after) == []


async def test_money_times_and_the_audit_stay(as_admin, known, outpatient, visits_of, audited, hospital):
    looks = await audited(hospital.id)
    [visit] = [one for one in await visits_of(known.patient_id) if one.id == known.visit_id]

    await erase(as_admin, known)

    async with outpatient.database.reading() as tx:
        payment = await tx.session.get_one(Payment, known.payment_id)
        appointment = await tx.session.get_one(Appointment, known.appointment_id)
    assert (payment.paid_minor, payment.refunded_minor, payment.patient_id) == (150_000, 50_000, known.patient_id)
    assert (appointment.status, appointment.notes, appointment.cancel_reason) == ("CANCELLED", None, None)
    [kept] = [one for one in await visits_of(known.patient_id) if one.id == known.visit_id]
    assert (kept.completed_at, kept.token_label) == (visit.completed_at, visit.token_label)
    assert (kept.notes, kept.hold_reason) == (None, None)
    assert (await audited(hospital.id))[: len(looks)] == looks


async def test_it_is_said_without_a_word_about_the_person(as_admin, known, outpatient):
    await erase(as_admin, known, reason=f"CANARY RAO, {known.persona.phone}, asked for it")

    async with outpatient.database.reading() as tx:
        his = (StoredEvent.subject == "patient", StoredEvent.subject_id == known.patient_id)
        events = await tx.all(select(StoredEvent).where(*his).order_by(StoredEvent.id))
    assert events[-1].name == "patient.erased"
    assert events[-1].payload == {"reason": "erased, erased, asked for it"}


async def test_the_order_of_events_stays(as_admin, known, outpatient):
    async def positions() -> list:
        async with outpatient.database.reading() as tx:
            return [
                tuple(row)
                for row in await tx.execute(
                    select(StoredEvent.id, StoredEvent.position, StoredEvent.name)
                    .where(StoredEvent.subject == "visit", StoredEvent.subject_id == known.visit_id)
                    .order_by(StoredEvent.id)
                )
            ]

    before = await positions()
    await erase(as_admin, known)

    assert await positions() == before and len(before) >= 5


async def test_what_waits_to_be_sent_is_not_sent(as_admin, known, outpatient):
    await erase(as_admin, known)

    async with outpatient.database.reading() as tx:
        states = await tx.all(select(Notification.status).where(Notification.recipient == "erased"))
    assert "PENDING" not in states and "SUPPRESSED" in states


async def test_his_account_is_closed_and_his_photo_removed(as_admin, known, user_of, outpatient):
    photo = await known.persona.call("POST", "/users/me/photo", files={"file": ("me.png", picture(), "image/png")})
    name = photo.json()["data"]["photoUrl"].rpartition("/")[2]
    assert (outpatient.settings.upload_dir / name).exists()

    await erase(as_admin, known)

    user = await user_of(known.persona.user_id)
    assert (user.full_name, user.is_active, user.phone) == (f"Erased user #{user.id}", False, None)
    assert (await known.persona.get("/users/me")).status_code == 401
    renewed = await known.persona.post("/auth/refresh", {"refreshToken": known.persona.refresh_token})
    assert renewed.status_code == 401
    assert not (outpatient.settings.upload_dir / name).exists()


async def test_a_photo_outlives_an_erasing_that_is_refused(as_admin, known, outpatient):
    photo = await known.persona.call("POST", "/users/me/photo", files={"file": ("me.png", picture(), "image/png")})
    name = photo.json()["data"]["photoUrl"].rpartition("/")[2]

    assert (await erase(as_admin, known, confirm="Somebody Else")).status_code == 400

    assert (outpatient.settings.upload_dir / name).exists()


async def test_a_guardian_with_a_record_of_his_own_only_loses_this_one(as_admin, known, guardian, user_of):
    both = {"patientId": known.patient_id}
    assert (await guardian.get("/patient/profile", params=both)).status_code == 200

    await erase(as_admin, known)

    assert (await guardian.get("/patient/profile", params=both)).status_code == 404
    assert (await guardian.get("/patient/profile")).status_code == 200
    user = await user_of(guardian.user_id)
    assert (user.full_name, user.phone) == ("Guardian Rao", guardian.phone)


async def test_a_patient_who_works_here_stays_a_colleague(make, as_admin, known, hospital, user_of, outpatient):
    from outpatient.core.terms import Role
    from outpatient.models import Membership

    async with outpatient.database.transaction() as tx:
        tx.session.add(
            Membership(hospital_id=hospital.id, user_id=known.persona.user_id, role=Role.FRONT_DESK, created_at=tx.now)
        )

    await erase(as_admin, known)

    user = await user_of(known.persona.user_id)
    assert (user.full_name, user.is_active) == ("Canary Rao", True)


async def test_a_phone_that_a_family_shares_stays_theirs(as_admin, known, make, hospital, outpatient):
    await make.record(hospital, "Mira Rao", known.persona.phone)

    assert (await erase(as_admin, known)).status_code == 200

    async with outpatient.database.reading() as tx:
        kept = select(func.count()).select_from(OptOut).where(OptOut.address == known.persona.phone)
        assert await tx.one_or_none(kept) == 1
        names = await tx.all(select(Patient.full_name).where(Patient.phone == known.persona.phone))
    assert names == ["Mira Rao"]


async def test_he_is_found_nowhere_any_more(as_admin, known):
    await erase(as_admin, known)

    assert (await as_admin.get(f"/patients/{known.patient_id}")).status_code == 404
    assert (await as_admin.get(f"/patients/{known.patient_id}/export")).status_code == 404
    assert (await as_admin.get("/patients", params={"search": "canary"})).json()["data"] == []
    listed = (await as_admin.get("/appointments", params={"patientId": known.patient_id})).json()["data"]
    assert {row["patientName"] for row in listed} == {f"Erased patient #{known.patient_id}"}


async def test_two_erased_records_do_not_stand_in_each_others_way(as_admin, make, hospital):
    for _ in range(2):
        record = await make.record(hospital, "Same Name")
        body = {"reason": "Twice here", "confirm": "same  NAME"}
        assert (await as_admin.post(f"/patients/{record}/erase", body)).status_code == 200


async def test_not_while_an_appointment_lies_ahead(as_admin, as_clinician, known):
    ahead = await booked(known.persona, as_clinician, "14:00:00")

    refused = await erase(as_admin, known)

    assert refused.status_code == 409
    error = refused.json()["error"]
    assert error["code"] == "PATIENT_IN_USE"
    assert error["details"]["appointments"] == [ahead["id"]]
    assert (await as_admin.get(f"/patients/{known.patient_id}")).json()["data"]["fullName"] == known.name


async def test_not_while_he_is_in_the_house_or_owes(as_admin, as_front_desk, as_clinician, known):
    walk_in = {"patientId": known.patient_id, "clinicianId": as_clinician.clinician_id}
    visit_id = (await as_front_desk.post("/visits", walk_in)).json()["data"]["id"]

    refused = await erase(as_admin, known)
    assert refused.status_code == 409
    assert set(refused.json()["error"]["details"]) == {"visits", "payments"}
    assert refused.json()["error"]["details"]["visits"] == [visit_id]

    for step in ("start", "complete"):
        await as_clinician.post(f"/visits/{visit_id}/{step}")
    refused = await erase(as_admin, known)
    assert set(refused.json()["error"]["details"]) == {"payments"}


async def test_not_while_money_is_on_its_way_back(as_admin, known, outpatient):
    from outpatient.core.terms import RefundStatus
    from outpatient.models import Refund

    async with outpatient.database.transaction() as tx:
        promised = update(Refund).where(Refund.payment_id == known.payment_id).values(status=RefundStatus.PENDING)
        await tx.execute(promised)

    refused = await erase(as_admin, known)

    assert set(refused.json()["error"]["details"]) == {"refunds"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "Asked for it"}, "confirm"),
        ({"confirm": "Canary Rao"}, "reason"),
        ({"reason": "", "confirm": "Canary Rao"}, "reason"),
        ({"reason": "Asked for it", "confirm": "Canary"}, "confirm"),
    ],
)
async def test_a_slip_of_the_finger_erases_nobody(as_admin, known, body, field):
    refused = await as_admin.post(f"/patients/{known.patient_id}/erase", body)

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]
    assert (await as_admin.get(f"/patients/{known.patient_id}")).json()["data"]["fullName"] == "Canary Rao"


async def test_another_hospitals_patient_is_not_there(as_stranger, known):
    assert (await erase(as_stranger, known)).status_code == 404


async def test_only_the_owner_erases(make, hospital):
    async def call(who):
        record = await make.record(hospital, "Ravi Kumar")
        return await who.post(f"/patients/{record}/erase", {"reason": "Asked for it", "confirm": "Ravi Kumar"})

    assert await make.who_may(hospital, call) == {"ADMIN"}


async def book_while_erasing(as_admin, as_front_desk, as_clinician, known, outpatient) -> int:
    """The status of a booking that came while the patient was being erased: he was still there when it began."""
    from outpatient.access.actor import Actor
    from outpatient.core.terms import Role, SessionKind
    from outpatient.privacy.actions import erase_patient

    owner = Actor(
        user_id=as_admin.user_id,
        hospital_id=as_admin.hospital_id,
        role=Role.ADMIN,
        session_id=0,
        kind=SessionKind.STAFF,
    )
    body = wish(as_clinician, "15:00:00", patientId=known.patient_id)
    async with outpatient.database.transaction() as tx:
        await erase_patient(
            tx,
            outpatient.adapters.photos,
            actor=owner,
            patient_id=known.patient_id,
            reason="Asked for it",
            confirm=known.name,
        )
        await tx.session.flush()
        booking = asyncio.create_task(as_front_desk.post("/appointments", body))
        while outpatient.database.store.dialect == "postgresql" and not await _somebody_waits(outpatient):
            await asyncio.sleep(0.01)
    return (await booking).status_code


async def _somebody_waits(outpatient) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with outpatient.database.reading() as tx:
        return bool((await tx.execute(text(waiting))).scalar_one())


async def test_nobody_is_booked_while_he_is_erased(as_admin, as_front_desk, as_clinician, known, outpatient):
    assert await book_while_erasing(as_admin, as_front_desk, as_clinician, known, outpatient) == 404


async def test_without_the_lock_somebody_would_be(as_admin, as_front_desk, as_clinician, known, outpatient):
    if outpatient.database.store.dialect != "postgresql":
        pytest.skip("SQLite has one writer, and no lock to take away: --store postgresql")
    guarded = BOOK.postgresql, BOOK.numbered
    assert "FOR KEY SHARE" in BOOK.postgresql and "FOR KEY SHARE" in BOOK.numbered
    for name, value in zip(("postgresql", "numbered"), guarded, strict=True):
        object.__setattr__(BOOK, name, value.replace("FOR KEY SHARE", ""))
    try:
        assert await book_while_erasing(as_admin, as_front_desk, as_clinician, known, outpatient) == 201
    finally:
        for name, value in zip(("postgresql", "numbered"), guarded, strict=True):
            object.__setattr__(BOOK, name, value)


async def test_the_audit_says_who_erased_whom(as_admin, known, outpatient):
    await erase(as_admin, known)

    async with outpatient.database.reading() as tx:
        entry = await tx.one_or_none(
            select(AuditEntry).where(AuditEntry.action == "patient.erased", AuditEntry.subject_id == known.patient_id)
        )
    assert (entry.actor_id, entry.subject) == (as_admin.user_id, "patient")
