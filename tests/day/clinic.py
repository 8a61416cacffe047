"""A clinic that lives a day: people do things at random, sensible or not, and each answer must be what paper says."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import httpx2

from outpatient.app import Outpatient
from outpatient.core.clock import SetClock
from outpatient.core.terms import NoShowMode
from outpatient.models import Department
from tests.day.books import FULL_REFUND, HOLD, LIVE, SLOT, Account, Booking, Books
from tests.makers import Make, Persona
from tests.payments.paying import checkout, ordered
from tests.queue.paper import MOVES, OK, PRESENT, ZONE, Codes, Paper, Slip

SKIPS = 2
PRICE = 1500
LAST = time(23, 30)
"""The start of a day's last slot."""
ALL_WEEK = tuple((weekday, 0, 1440) for weekday in range(7))
REFUSED = {"refused"}
"""On paper it must not succeed, whatever the code."""

COMMANDS = (
    *("call", "start", "start", "complete", "complete", "skip", "hold", "recall", "cancel", "no-show"),
    *("delay", "priority", "reorder", "undo"),
)
Deed = Callable[[], Awaitable[None]]


class Clinic:
    """Two clinicians of a department and one who works alone; a desk, an owner, patients with phones."""

    def __init__(self, program: Outpatient, http: httpx2.AsyncClient, clock: SetClock, seed: int) -> None:
        self.program, self.http, self.clock, self.dice = program, http, clock, Random(seed)
        self.make = Make(program, http)
        self.books = Books()
        self.log: list[str] = []
        self.tally: Counter[str] = Counter()

    async def open(self) -> None:
        """A new hospital at nine in the morning."""
        self.hospital = await self.make.hospital(
            skip_positions=SKIPS,
            early_arrival_minutes=1440,
            max_unpaid_holds=100,
            no_show_mode=NoShowMode.MARK,
            full_refund_notice_minutes=FULL_REFUND // timedelta(minutes=1),
            late_refund_percent=50,
        )
        self.desk = await self.make.staff(self.hospital, "ADMIN")
        async with self.program.database.transaction() as tx:
            row = Department(
                hospital_id=self.hospital.id,
                centre_id=self.hospital.centre_id,
                name="Cardiology",
                token_prefix="D",
                created_at=tx.now,
            )
            department = (await tx.add(row)).id
        made = [
            await self.make.clinician(self.hospital, hours=ALL_WEEK, is_on_duty=True, department_id=of)
            for of in (department, department, None)
        ]
        first, second, alone = (one.clinician_id for one in made)
        self.clinicians = {first: department, second: department, alone: None}
        self.paper = Paper(dict(self.clinicians), SKIPS)
        self.patients = [await self.make.patient(self.hospital, f"Patient {number}") for number in range(6)]
        self.deeds: list[Deed] = (
            [self.book_at_desk] * 4 + [self.book_token] * 2 + [self.book_online] * 3 + [self.pay_online] * 3
            + [self.list_slots] * 2 + [self.take_money] * 4 + [self.ask_less] + [self.give_back] * 2
            + [self.cancel] * 2 + [self.cancel_own] * 2
            + [self.check_in] * 8 + [self.walk_in] * 3 + [self.call_next] * 6 + [self.command] * 18
            + [self.pass_time] * 8 + [self.run_worker] * 3
        )  # fmt: skip

    async def act(self) -> None:
        """One deed of somebody, then all that it may have touched is compared."""
        if self.books.lapsed(self.now):  # a worker is never far; what holds are in between has tests of its own
            await self.run_worker()
        await self.dice.choice(self.deeds)()
        await self.compare()

    # -- how deeds are done and compared -----------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def send(
        self, name: str, by: Persona, method: str, path: str, body: Any = None, *, codes: Codes, root: bool = False
    ) -> Any:
        """What was answered to a deed that succeeds on paper; None for one that is refused there."""
        if root:
            answer = await self.http.request(method, path, json=body, headers=by.headers)
        else:
            answer = await by.call(method, path, json=body)
        code = "" if answer.is_success else answer.json()["error"]["code"]
        said = f"{self.now:%H:%M:%S} {name}: {method} {path} {body or ''} → {answer.status_code} {code}"
        self.log.append(said)
        self.tally[f"{name} {code or 'done'}"] += 1
        assert answer.status_code < 500, f"{said} {answer.text}"
        if not codes:
            assert answer.is_success, f"{said} {answer.text}; on paper it succeeds"
            return answer.json() if root else answer.json()["data"]
        assert code and (codes == REFUSED or code in codes), f"{said} {answer.text}; on paper {codes}"
        return None

    async def compare(self) -> None:
        """A queue, a visit with its appointment, and its account are what they are on paper."""
        await self.compare_queue(self.dice.choice(list(self.clinicians)))
        if self.paper.slips:
            await self.compare_visit(self.dice.choice(list(self.paper.slips)))
        self.clock.advance(seconds=1)

    async def compare_queue(self, clinician: int) -> None:
        told = (await self.desk.get(f"/queue/doctor/{clinician}")).json()["data"]
        shown = [(visit["id"], visit["status"], visit["position"]) for visit in told["queue"]]
        line = self.paper.of_clinician(clinician, self.now)
        assert shown == line, f"{shown} is not {line}"

    async def compare_visit(self, visit: int) -> None:
        slip, account = self.paper.slips[visit], self.books.accounts[visit]
        told = (await self.desk.get(f"/visits/{visit}")).json()["data"]
        seen = (told["status"], told["clinicianId"], told["priority"])
        assert seen == (slip.status, slip.clinician, slip.priority), f"{seen} is not {slip}"
        if slip.is_booked:
            appointment = (await self.desk.get(f"/appointments/{told['appointmentId']}")).json()["data"]
            assert appointment["status"] == slip.appointment, f"{slip}: {appointment}"
        payment = (await self.desk.get("/payments", params={"patientId": slip.patient, "limit": 100})).json()["data"]
        (mine,) = [one for one in payment if one["visitId"] == visit]
        sums = (mine["status"], mine["amountPaid"], mine["amountRefunded"], mine["discount"], mine["amountDue"])
        owed = (account.status, account.paid, account.refunded, account.discount, account.due)
        assert sums == owed, f"{sums} is not {owed}: {slip} {account}"

    def visit(self, wanted: Callable[[Slip], bool] = lambda _: True) -> int | None:
        """One of the visits, mostly of those who are there."""
        some = [one for one in self.paper.slips.values() if wanted(one)]
        there = [one for one in some if one.status in PRESENT]
        pool = there if there and self.dice.random() < 0.7 else some
        return self.dice.choice(pool).id if pool else None

    # -- booking -----------------------------------------------------------------------------------------------------

    def some_time(self) -> tuple[int, datetime]:
        """A clinician and a time of today: mostly soon, sometimes over."""
        midnight = self.now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        at = self.now.astimezone(ZONE) + self.dice.randint(-1, 10) * SLOT
        start = midnight + (at - midnight) // SLOT * SLOT
        return self.dice.choice(list(self.clinicians)), start

    def is_free(self, clinician: int, start: datetime) -> bool:
        status = {one.id: one.appointment or "" for one in self.paper.slips.values()}
        return self.books.is_free(clinician, start, status, self.now)

    async def note_booked(self, made: int, patient: int, clinician: int, start: datetime, **more: Any) -> None:
        """A time is somebody's; a hold that had it and lapsed is over."""
        for stale in self.books.lapsed(self.now):
            if (stale.clinician, stale.start) == (clinician, start):
                self.lapse(stale)
        await self.note(made, patient, clinician, start.date(), start, **more)

    async def note(
        self, made: int, patient: int, clinician: int, day: date, start: datetime | None, **more: Any
    ) -> None:
        visit = (await self.desk.get(f"/appointments/{made}")).json()["data"]["visitId"]
        self.paper.book(visit, patient, clinician, day, start)
        self.books.bookings[visit] = Booking(made, visit, clinician, day, start, **more)
        self.books.accounts[visit] = Account(PRICE)

    async def book_token(self) -> None:
        """A number for today, without a time, while there is a time left to be seen at."""
        clinician, patient = self.dice.choice(list(self.clinicians)), await self.make.record(self.hospital)
        day = self.paper.today(self.now)
        wish = {"patientId": patient, "clinicianId": clinician, "appointmentDate": str(day), "bookingType": "TOKEN"}
        codes = OK if self.now.astimezone(ZONE).time() <= LAST else {"VALIDATION_ERROR"}
        data = await self.send("book token", self.desk, "POST", "/appointments", wish, codes=codes)
        if data:
            await self.note(data["id"], patient, clinician, day, None)

    async def book_at_desk(self) -> None:
        (clinician, start), patient = self.some_time(), await self.make.record(self.hospital)
        codes = OK if self.is_free(clinician, start) else {"SLOT_UNAVAILABLE", "VALIDATION_ERROR"}
        wish = {
            "patientId": patient,
            "clinicianId": clinician,
            "appointmentDate": f"{start:%Y-%m-%d}",
            "appointmentTime": f"{start:%H:%M}",
        }
        data = await self.send("book", self.desk, "POST", "/appointments", wish, codes=codes)
        if data:
            await self.note_booked(data["id"], patient, clinician, start)

    async def book_online(self) -> None:
        (clinician, start), who = self.some_time(), self.dice.choice(self.patients)
        codes = OK if self.is_free(clinician, start) else {"SLOT_UNAVAILABLE", "VALIDATION_ERROR"}
        wish = {
            "clinicianId": clinician,
            "appointmentDate": f"{start:%Y-%m-%d}",
            "appointmentTime": f"{start:%H:%M}",
        }
        data = await self.send("book online", who, "POST", "/booking/create", wish, codes=codes)
        if data:
            until = self.now + HOLD
            await self.note_booked(
                data["appointmentId"], who.patient_id, clinician, start, hold_until=until, online=True
            )

    async def pay_online(self) -> None:
        held = [one for one in self.books.bookings.values() if one.hold_until and one.hold_until > self.now]
        held = [one for one in held if self.books.accounts[one.visit].due]
        if held:
            one = self.dice.choice(held)
            account, slip = self.books.accounts[one.visit], self.paper.slips[one.visit]
            order_id = await ordered(self.desk, one.id)
            paid = await self.program.adapters.payments.pay(order_id, "upi")  # on the gateway's own page
            assert paid.checkout is not None
            body = checkout(self.program, one.id, order_id, paid.checkout.payment_id)
            await self.send("pay online", self.desk, "POST", "/payments/verify", body, codes=OK)
            account.receive(account.due)
            one.hold_until, slip.appointment = None, "CONFIRMED"

    async def list_slots(self) -> None:
        """What is shown is bookable, and what is bookable is shown (at the root, where the desk looks)."""
        clinician, day = self.dice.choice(list(self.clinicians)), self.now.astimezone(ZONE)
        where = f"clinic_id={self.hospital.centre_id}&doctor_id={clinician}&date={day:%Y-%m-%d}"
        told = await self.send("slots", self.desk, "GET", f"/appointments/available-slots?{where}", codes=OK, root=True)
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        times = [midnight + number * SLOT for number in range(48)]
        shown = [datetime.fromisoformat(one["start_time"]) for one in told["available_slots"]]
        free = [one for one in times if self.is_free(clinician, one)]
        assert shown == free, f"shown and taken: {set(shown) - set(free)}, free and not shown: {set(free) - set(shown)}"

    async def cancel(self) -> None:
        visit = self.visit(lambda one: one.is_booked)
        if visit is None:
            return
        slip, booking = self.paper.slips[visit], self.books.bookings[visit]
        was = slip.status
        codes, root = self.paper.end(visit, "CANCELLED", self.now), self.dice.random() < 0.5
        await self.send("cancel", self.desk, "DELETE", f"/appointments/{booking.id}", codes=codes, root=root)
        self.note_ended(visit, was)

    async def cancel_own(self) -> None:
        """A patient changes his mind, with or without having paid."""
        own = {one.patient_id: one for one in self.patients}
        visit = self.visit(lambda one: one.is_booked and one.patient in own)
        if visit is None:
            return
        slip, booking = self.paper.slips[visit], self.books.bookings[visit]
        was, share = slip.status, booking.share_given_back(self.now)
        can_be = was != "CANCELLED" and "CANCELLED" in MOVES[was]
        is_late = can_be and booking.is_too_late_to_cancel(self.now)
        codes = {"TOO_LATE"} if is_late else self.paper.end(visit, "CANCELLED", self.now)
        await self.send("cancel own", own[slip.patient], "PATCH", f"/appointments/{booking.id}/cancel", codes=codes)
        self.note_ended(visit, was, share)

    def note_ended(self, visit: int, was: str, share: float = 1) -> None:
        """A visit that was cancelled just now costs nothing any more; so much of what was paid goes back."""
        if self.paper.slips[visit].status == "CANCELLED" != was:
            self.books.accounts[visit].close("CANCELLED", share)
            if visit in self.books.bookings:
                self.books.bookings[visit].hold_until = None

    # -- money -------------------------------------------------------------------------------------------------------

    async def take_money(self) -> None:
        await self.money("take money", "/receipts", "receive", method=self.dice.choice(["CASH", "UPI", "visa"]))

    async def ask_less(self) -> None:
        await self.money("ask less", "/discounts", "ask_less", reason="Staff family")

    async def give_back(self) -> None:
        await self.money("give back", "/refunds", "give_back", reason="Charged twice")

    async def money(self, name: str, path: str, what: str, **more: Any) -> None:
        visit = self.visit()
        if visit is None:
            return
        account = self.books.accounts[visit]
        amount = self.dice.choice([100, 400, PRICE, account.due, account.kept, account.due + 100, account.kept + 100])
        codes = OK if getattr(account, what)(amount) else REFUSED
        await self.send(name, self.desk, "POST", path, {"visitId": visit, "amount": amount, **more}, codes=codes)
        booking = self.books.bookings.get(visit)
        if codes is OK and booking is not None:
            self.note_paid(booking, account)

    def note_paid(self, booking: Booking, account: Account) -> None:
        """A hold whose money has come stands."""
        if booking.hold_until is not None and account.status == "PAID":
            booking.hold_until, self.paper.slips[booking.visit].appointment = None, "CONFIRMED"
        elif account.status == "PAID" and self.paper.slips[booking.visit].appointment == "PENDING":
            self.paper.slips[booking.visit].appointment = "CONFIRMED"

    # -- the queue ---------------------------------------------------------------------------------------------------

    async def check_in(self) -> None:
        visit = self.visit(lambda one: one.is_booked and one.status in {"EXPECTED", "NO_SHOW", "WAITING"})
        if visit is None:
            return
        booking = self.books.bookings[visit]
        is_late = booking.hold_until is not None and booking.hold_until <= self.now
        codes = {"HOLD_EXPIRED"} if is_late else self.paper.check_in(visit, self.now)
        if not codes:
            booking.hold_until = None
        root = self.dice.random() < 0.3
        path, body = f"/appointments/{booking.id}/check-in", None
        if root:
            path, body = "/queue/checkin", {"appointment_id": booking.id}
        await self.send("check in", self.desk, "POST", path, body, codes=codes, root=root)

    async def walk_in(self) -> None:
        clinician, patient = self.dice.choice(list(self.clinicians)), await self.make.record(self.hospital)
        priority = self.dice.choice(["NORMAL", "NORMAL", "URGENT"])
        body = {"doctorId": clinician, "patientId": patient, "priority": priority}
        data = await self.send("walk in", self.desk, "POST", "/visits", body, codes=OK)
        self.paper.walk_in(data["id"], patient, clinician, self.clinicians[clinician], priority, self.now)
        self.books.accounts[data["id"]] = Account(PRICE)

    async def call_next(self) -> None:
        clinician = self.dice.choice(list(self.clinicians))
        due = self.paper.next(clinician, self.now)
        path = f"/queue/doctor/{clinician}/next"
        data = await self.send("next", self.desk, "POST", path, codes=OK if due else {"QUEUE_EMPTY"})
        assert due is None or data["id"] == due

    async def command(self) -> None:
        """Something that is done with a visit, whether it can be or not."""
        what = self.dice.choice(COMMANDS)
        visit = self.visit()
        if visit is None:
            return
        was, now, method, path, body = self.paper.slips[visit], self.now, "POST", f"/visits/{visit}/{what}", None
        status = was.status
        match what:
            case "complete" | "cancel" | "no-show":
                to = {"complete": "COMPLETED", "cancel": "CANCELLED", "no-show": "NO_SHOW"}[what]
                codes = self.paper.end(visit, to, now)
            case "delay":
                codes, body = self.paper.delay(visit, 3, now), {"minutes": 3}
            case "priority":
                codes, body = self.paper.prioritise(visit, "VIP", now), {"priority": "VIP", "reason": "Chest pain"}
            case "reorder":
                place = self.dice.randint(1, 5)
                codes = self.paper.reorder(visit, place, now)
                method, path, body = "PUT", "/queue/reorder", {"visitId": visit, "newPosition": place}
            case "undo" if status not in PRESENT or (isinstance(was.undo, tuple) and was.undo[1].status not in PRESENT):
                return  # gives times and money back, which has tests of its own
            case _:
                codes = getattr(self.paper, what)(visit, now)
        await self.send(what, self.desk, method, path, body, codes=codes)
        self.note_ended(visit, status)

    # -- time --------------------------------------------------------------------------------------------------------

    async def pass_time(self) -> None:
        self.clock.advance(seconds=self.dice.choice([20, 60, 180, 400, 900, 1200]))

    async def run_worker(self) -> None:
        """The clock's own deeds: holds that lapse, patients who did not come."""
        await self.program.worker.run_once()
        self.log.append(f"{self.now:%H:%M:%S} worker")
        for booking in self.books.lapsed(self.now):
            self.lapse(booking)
        for booking in self.books.awaited_in_vain(self.now):
            slip = self.paper.slips[booking.visit]
            if slip.status == "EXPECTED" and slip.appointment in {"PENDING", "CONFIRMED"}:
                slip.status = slip.appointment = "NO_SHOW"
                slip.undo = None

    def lapse(self, booking: Booking) -> None:
        """A hold ends: nobody paid in time."""
        slip, booking.hold_until = self.paper.slips[booking.visit], None
        if slip.status == "EXPECTED" and slip.appointment in LIVE:
            slip.status = slip.appointment = "CANCELLED"
            slip.undo = None
            self.books.accounts[booking.visit].close("EXPIRED")

    async def night(self) -> None:
        """Midnight passes; nothing has to happen for it."""
        self.clock.advance(seconds=int(timedelta(hours=15).total_seconds()))
        self.log.append(f"{self.now:%H:%M:%S} a night has passed")
