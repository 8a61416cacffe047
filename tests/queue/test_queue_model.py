"""Random commands through HTTP, and after each the queue must be what it is on paper (tests/queue/paper.py).

`MODEL_EXAMPLES=1000 pytest tests/queue/test_queue_model.py` goes further and `MODEL_SEED=7` another way; with
`MODEL_SHRINK=1` a failure shows the shortest list of commands that leads to it (which takes minutes to find).
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from outpatient.app import create_app
from outpatient.core.clock import SetClock
from outpatient.models import Department, TokenCounter, Visit, VisitRecord
from outpatient.settings import Settings
from tests.conftest import NOW
from tests.makers import Make
from tests.queue.paper import OK, PRESENT, Codes, Paper

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "24"))
STEPS = 60
SEED = int(os.environ.get("MODEL_SEED", "0"))
SHRINK = bool(os.environ.get("MODEL_SHRINK"))
SKIPS = 2

COMMANDS = [
    name
    for name, weight in {
        "book": 3,
        "check in": 5,
        "cancel appointment": 1,
        "walk in": 4,
        "walk in to the department": 4,
        "next": 8,
        "skip the current": 2,
        "complete the current": 3,
        "on duty": 2,
        "wait": 3,
        "night": 1,
        "call": 2,
        "start": 6,
        "skip": 3,
        "hold": 3,
        "recall": 4,
        "complete": 3,
        "cancel": 1,
        "no-show": 2,
        "delay": 3,
        "priority": 4,
        "reorder": 6,
        "reassign": 5,
        "undo": 6,
    }.items()
    for _ in range(weight)
]
any_number = st.integers(0, 10**6)
any_clinician = st.sampled_from(["first", "second", "alone"])
any_priority = st.sampled_from(["NORMAL", "URGENT", "VIP"])


class Clinic:
    """A hospital for one list of commands: two clinicians of a department and one who belongs to none."""

    def __init__(self, program: Any, http: httpx2.AsyncClient, clock: SetClock) -> None:
        self.program, self.clock = program, clock
        self.make = Make(program, http)

    async def open(self) -> None:
        self.clock.set(NOW)
        self.hospital = await self.make.hospital(skip_positions=SKIPS)
        self.desk = await self.make.staff(self.hospital, "ADMIN")
        async with self.program.database.transaction() as tx:
            row = Department(
                hospital_id=self.hospital.id,
                centre_id=self.hospital.centre_id,
                name="Cardiology",
                token_prefix="D",
                created_at=tx.now,
            )
            self.department = (await tx.add(row)).id
        week = tuple((weekday, 0, 1440) for weekday in range(7))
        self.clinicians = {
            name: (
                await self.make.clinician(self.hospital, hours=week, is_on_duty=True, department_id=department)
            ).clinician_id
            for name, department in (("first", self.department), ("second", self.department), ("alone", None))
        }

    async def patient(self) -> int:
        return await self.make.record(self.hospital)

    async def visit_of(self, appointment: int) -> int:
        async with self.program.database.reading() as tx:
            return int(await tx.one_or_none(select(Visit.id).where(Visit.appointment_id == appointment)))

    async def rows(self) -> tuple[dict[int, Visit], dict[tuple[str, Any], int], Counter[int]]:
        """Visits, counters and how often each visit is in the history."""
        mine = self.hospital.id
        async with self.program.database.reading() as tx:
            visits = await tx.all(select(Visit).where(Visit.hospital_id == mine))
            counters = await tx.all(select(TokenCounter).where(TokenCounter.hospital_id == mine))
            records = await tx.all(select(VisitRecord.visit_id).where(VisitRecord.hospital_id == mine))
        return (
            {visit.id: visit for visit in visits},
            {(one.token_group, one.period_on): one.last_number for one in counters},
            Counter(records),
        )


@pytest.fixture(scope="module")
def clinic(new_database: Any, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The clinic, and `run` to do something in it: hypothesis is synchronous, the program is not."""
    own = {
        "database_url": new_database("model"),
        "outbox_dir": tmp_path_factory.mktemp("model"),
        "jwt_expires_in": "30d",
    }
    with start_blocking_portal() as portal:
        clock = SetClock(NOW)
        program = create_app(Settings(_env_file=None, **{**settings.model_dump(), **own}), clock, with_worker=False)
        transport = httpx2.ASGITransport(app=program, client=("203.0.113.7", 40000))
        with portal.wrap_async_context_manager(
            httpx2.AsyncClient(transport=transport, base_url="http://clinic.test")
        ) as http:
            yield SimpleNamespace(clinic=Clinic(program, http, clock), run=portal.call)
            portal.call(program.database.close)


class QueueMachine(RuleBasedStateMachine):
    """One list of commands."""

    fixture: Any
    tally: Counter[str]

    @initialize()
    def open(self) -> None:
        self.clinic: Clinic = self.fixture.clinic
        self.run = self.fixture.run
        self.run(self.clinic.open)
        of = self.clinic.clinicians
        self.paper = Paper(dict.fromkeys(of.values(), self.clinic.department) | {of["alone"]: None}, SKIPS)
        self.patients: list[int] = []
        self.appointments: dict[int, int] = {}
        for who in ("first", "second", "alone", "first"):
            self.walk_in(self.clinic.clinicians[who], None, self.patient(1), "NORMAL")

    # -- how commands are given and compared -------------------------------------------------------------------------

    @property
    def now(self) -> Any:
        return self.clinic.clock.now()

    def send(self, name: str, method: str, path: str, body: Any = None, *, codes: Codes) -> Any:
        """Send a command; it must be refused with one of `codes`, or succeed if there are none."""
        answer = self.run(partial(self.clinic.desk.call, method, path, json=body))
        code = "" if answer.is_success else answer.json()["error"]["code"]
        self.tally[f"{name} {code or 'done'}"] += 1
        assert answer.status_code < 500
        if codes:
            assert code in codes, f"{name}: {answer.status_code} {answer.text}, on paper {codes}"
            return None
        assert answer.is_success, f"{name}: {answer.text}, on paper it succeeds"
        return answer.json()["data"]

    def after(self, data: Any = None) -> None:
        """The queues, and the visit that was answered, must be what they are on paper."""
        if data is not None and "status" in data and data["id"] in self.paper.slips:
            slip = self.paper.slips[data["id"]]
            assert (data["status"], data["priority"]) == (slip.status, slip.priority)
            assert (data["clinicianId"], data["departmentId"]) == (slip.clinician, slip.department)
            assert data["tokenLabel"] == self.label(slip)
        for clinician in self.clinic.clinicians.values():
            told = self.run(partial(self.clinic.desk.get, f"/queue/doctor/{clinician}")).json()["data"]
            assert told["serviceDay"] == self.paper.today(self.now).isoformat()
            assert self.seen(told) == self.paper.of_clinician(clinician, self.now)
            for visit in told["queue"]:
                slip = self.paper.slips[visit["id"]]
                assert visit["isCarryover"] is (slip.day < self.paper.today(self.now))
                assert visit["tokenLabel"] == self.label(slip)
        self.clinic.clock.advance(seconds=1)

    def seen(self, told: Any) -> list[tuple[int, str, int | None]]:
        return [(visit["id"], visit["status"], visit["position"]) for visit in told["queue"]]

    def label(self, slip: Any) -> str | None:
        if slip.token is None:
            return None
        return f"{'D' if slip.token[0].startswith('D') else 'T'}{slip.token[2]}"

    def pick(self, number: int) -> int:
        """A visit; mostly one of those who are there."""
        there = [one.id for one in self.paper.slips.values() if one.status in PRESENT]
        some = there if there and number % 5 else sorted(self.paper.slips)
        return some[number // 5 % len(some)]

    def patient(self, number: int) -> int:
        """Mostly somebody new; sometimes somebody who was here before."""
        if self.patients and number % 5 == 0:
            return self.patients[number % len(self.patients)]
        self.patients.append(self.run(self.clinic.patient))
        return self.patients[-1]

    # -- the commands ------------------------------------------------------------------------------------------------

    @rule(what=st.sampled_from(COMMANDS), number=any_number, who=any_clinician, priority=any_priority)
    def command(self, what: str, number: int, who: str, priority: str) -> None:
        """One rule for all of them, so that each comes as often as it should."""
        clinician = self.clinic.clinicians[who]
        match what:
            case "book":
                self.book(clinician, days=number % 7 == 0)
            case "check in" | "cancel appointment":
                if self.appointments:
                    self.by_appointment(what, sorted(self.appointments)[number % len(self.appointments)])
            case "walk in":
                self.walk_in(clinician, None, self.patient(number), priority)
            case "walk in to the department":
                self.walk_in(None, self.clinic.department, self.patient(number), priority)
            case "next":
                self.next(clinician)
            case "skip the current" | "complete the current":
                self.settle_the_current(what.partition(" ")[0], clinician)
            case "on duty":
                self.set_on_duty(clinician, is_on_duty=number % 2 == 0)
            case "wait":
                self.tally["wait"] += 1
                self.clinic.clock.advance(seconds=(5, 30, 90, 240, 301, 900)[number % 6])
                self.after()
            case "night":
                self.tally["night"] += 1
                self.clinic.clock.advance(hours=(6, 18, 24)[number % 3])
                self.after()
            case _ if self.paper.slips:
                self.change(what, self.pick(number), clinician, number, priority)

    def book(self, clinician: int, *, days: int) -> None:
        patient, day = self.patient(1), self.paper.today(self.now) + timedelta(days=days)
        wish = {
            "clinicianId": clinician,
            "patientId": patient,
            "appointmentDate": day.isoformat(),
            "bookingType": "TOKEN",
        }
        made = self.send("book", "POST", "/appointments", wish, codes=OK)
        visit = self.run(self.clinic.visit_of, made["id"])
        self.appointments[visit] = made["id"]
        self.paper.book(visit, patient, clinician, day)
        self.after()

    def by_appointment(self, what: str, visit: int) -> None:
        path = f"/appointments/{self.appointments[visit]}"
        if what == "check in":
            codes = self.paper.check_in(visit, self.now)
            self.after(self.send(what, "POST", f"{path}/check-in", codes=codes))
        else:
            codes = self.paper.end(visit, "CANCELLED", self.now)
            self.send(what, "DELETE", path, {"reason": "Ill"}, codes=codes)
            self.after()

    def walk_in(self, clinician: int | None, department: int | None, patient: int, priority: str) -> None:
        is_here = self.paper.is_here(patient, clinician=clinician, department=department)
        name = "walk in" if clinician else "walk in to the department"
        where = {"doctorId": clinician} if clinician else {"departmentId": department}
        body = {**where, "patientId": patient, "priority": priority}
        data = self.send(name, "POST", "/visits", body, codes={"ALREADY_IN_QUEUE"} if is_here else OK)
        if data:
            if clinician is None:
                assert data["clinicianId"] in (self.paper.candidates(self.clinic.department) or {None})
            else:
                department = self.paper.departments[clinician]
            self.paper.walk_in(data["id"], patient, data["clinicianId"], department, priority, self.now)
        self.after(data)

    def set_on_duty(self, clinician: int, *, is_on_duty: bool) -> None:
        path = f"/clinicians/{clinician}/on-duty"
        self.send("on duty", "PUT", path, {"isOnDuty": is_on_duty}, codes=OK)
        (self.paper.on_duty.add if is_on_duty else self.paper.on_duty.discard)(clinician)

    def next(self, clinician: int) -> None:
        due = self.paper.next(clinician, self.now)
        path = f"/queue/doctor/{clinician}/next"
        data = self.send("next", "POST", path, codes=OK if due else {"QUEUE_EMPTY"})
        assert due is None or data["id"] == due
        self.after(data)

    def settle_the_current(self, what: str, clinician: int) -> None:
        visit = self.paper.current(clinician, "CALLED" if what == "skip" else "IN_PROGRESS")
        codes = {"NO_CURRENT_VISIT"}
        if visit is not None:
            codes = self.paper.skip(visit, self.now) if what == "skip" else self.paper.end(visit, "COMPLETED", self.now)
        self.after(self.send(f"{what} the current", "POST", f"/queue/doctor/{clinician}/{what}", codes=codes))

    def change(self, what: str, visit: int, clinician: int, number: int, priority: str) -> None:
        method, path, body, now = "POST", f"/visits/{visit}/{what}", None, self.now
        match what:
            case "complete" | "cancel" | "no-show":
                to = {"complete": "COMPLETED", "cancel": "CANCELLED", "no-show": "NO_SHOW"}[what]
                codes = self.paper.end(visit, to, now)
            case "delay":
                minutes = (1, 3, 10, 600)[number % 4]
                codes, body = self.paper.delay(visit, minutes, now), {"minutes": minutes}
            case "priority":
                codes = self.paper.prioritise(visit, priority, now)
                body = {"priority": priority, "reason": "Chest pain"}
            case "reorder":
                place = 1 + number % 6
                codes = self.paper.reorder(visit, place, now)
                method, path, body = "PUT", "/queue/reorder", {"visitId": visit, "newPosition": place}
            case "reassign":
                codes, body = self.paper.reassign(visit, clinician, now), {"doctorId": clinician}
            case _:
                codes = getattr(self.paper, what)(visit, now)
        self.after(self.send(what, method, path, body, codes=codes))

    # -- at the end of the day ---------------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "paper"):
            return
        visits, counters, records = self.run(self.clinic.rows)
        assert visits.keys() == self.paper.slips.keys()
        for visit_id, visit in visits.items():
            slip = self.paper.slips[visit_id]
            assert (visit.status, visit.priority, visit.clinician_id) == (slip.status, slip.priority, slip.clinician)
            assert visit.checked_in_at == slip.arrived_at
            assert records[visit_id] == (slip.status == "COMPLETED") == self.paper.finished.get(visit_id, 0)
        assert sorted(counters.values()) == sorted(number for number in self.paper.numbers.values() if number)
        queue = self.run(partial(self.clinic.desk.get, f"/queue/department/{self.clinic.department}")).json()["data"]
        assert self.seen(queue) == self.paper.of_department(self.clinic.department, self.now)
        for clinician in self.clinic.clinicians.values():
            in_room = [one for one in visits.values() if (one.clinician_id, one.status) == (clinician, "IN_PROGRESS")]
            assert len(in_room) <= 1


def test_the_queue_is_what_it_is_on_paper(clinic):
    tally: Counter[str] = Counter()
    machine = type("Machine", (QueueMachine,), {"fixture": clinic, "tally": tally})
    run = seed(SEED)(machine)
    try:
        run_state_machine_as_test(
            run,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                phases=[Phase.generate, Phase.shrink] if SHRINK else [Phase.generate],
                print_blob=False,
            ),
        )
    finally:
        print(f"MODEL_SEED={SEED}: {sum(tally.values())} commands")
        print("\n".join(f"{count:6} {what}" for what, count in sorted(tally.items())))
    done = {what.removesuffix(" done") for what in tally if what.endswith(" done")}
    assert len(done) >= 20 or EXAMPLES < 20, done
