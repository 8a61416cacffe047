"""Races of many hands in one queue, and what must hold after each of them."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from tests.races.morning import Event, Morning, codes, tokens

Race = Callable[[Morning, int], Awaitable[None]]
SKIPS = 2
"""Places that one who is skipped moves back."""


async def one_appointment(morning: Morning, turn: int) -> None:
    """Twenty check-ins of one appointment."""
    (appointment,) = await morning.book(await morning.clinician(), 1)
    answers = await morning.send(*[("POST", f"/appointments/{appointment}/check-in")] * 20)
    assert codes(answers) == {(200, None): 20}, "one arrival"
    seen = {(one.json()["data"]["id"], one.json()["data"]["tokenNumber"]) for one in answers}
    assert len(seen) == 1, "one arrival"
    assert [name for _, name, _ in await morning.told([seen.pop()[0]])] == ["visit.checked_in"], "one arrival"


async def thirty_appointments(morning: Morning, turn: int) -> None:
    """Thirty check-ins of thirty appointments."""
    appointments = await morning.book(await morning.clinician(), 30)
    answers = await morning.send(*(("POST", f"/appointments/{one}/check-in") for one in appointments))
    assert codes(answers) == {(200, None): 30}
    assert tokens(answers) == list(range(1, 31)), "numbers in a row"


async def walk_ins_and_check_ins(morning: Morning, turn: int) -> None:
    """Walk-ins and check-ins of three clinicians who share a department's numbers."""
    department = await morning.department()
    clinicians = [await morning.clinician(department_id=department) for _ in range(3)]
    booked = [one for clinician in clinicians for one in await morning.book(clinician, 6)]
    calls = [("POST", f"/appointments/{one}/check-in") for one in booked]
    calls += [morning.walk_in(clinicians[n % 3], patient) for n, patient in enumerate(morning.patients[20:40])]
    Random(turn).shuffle(calls)
    answers = await morning.send(*calls)
    assert all(one.is_success for one in answers), codes(answers)
    assert tokens(answers) == list(range(1, 39)), "numbers in a row"


async def rolled_back(morning: Morning, turn: int) -> None:
    """Forty walk-ins, of which each fifth repeats the key of the one before, so that its transaction is undone."""
    clinician = await morning.clinician()
    calls = [(n, f"{turn}-{clinician}-{n - (n % 5 == 4)}") for n in range(40)]

    async def walk_in(number: int, key: str) -> Any:
        _, path, body = morning.walk_in(clinician, morning.patients[number - (number % 5 == 4)])
        client = morning.clinic.clients[number % len(morning.clinic.clients)]
        headers = {**morning.desk.headers, "Idempotency-Key": key}
        return await client.post(f"/api/v1{path}", json=body, headers=headers)

    answers = await asyncio.gather(*(walk_in(*call) for call in calls))
    good = [one for one in answers if one.is_success]
    assert codes(answers).keys() <= {(201, None), (200, None)}, codes(answers)
    numbers = {one.json()["data"]["id"]: one.json()["data"]["tokenNumber"] for one in good}
    assert sorted(numbers.values()) == list(range(1, 33)), "numbers in a row"
    made = "SELECT count(*) FROM visits WHERE hospital_id = :hospital_id AND clinician_id = :id"
    assert await morning.count(made, id=clinician) == 32, "numbers in a row"


async def twice_at_the_door(morning: Morning, turn: int) -> None:
    """Ten walk-ins of one patient to one clinician."""
    clinician = await morning.clinician()
    answers = await morning.send(*[morning.walk_in(clinician, morning.patients[0])] * 10)
    assert codes(answers) == {(201, None): 1, (409, "ALREADY_IN_QUEUE"): 9}, "in line once"


async def next_for_all(morning: Morning, turn: int) -> None:
    """Twenty-six desks press `next` while twenty wait."""
    clinician = await morning.clinician()
    waiting = await morning.waiting(clinician, 20)
    answers = await morning.send(*[("POST", f"/queue/doctor/{clinician}/next")] * 26)
    called = [one.json()["data"]["id"] for one in answers if one.is_success]
    assert sorted(called) == sorted(waiting), "each called once"
    assert codes(answers) == {(200, None): 20, (409, "QUEUE_EMPTY"): 6}, "each called once"


async def complete_ten_times(morning: Morning, turn: int) -> None:
    """Ten desks finish the same visit, by every door there is."""
    clinician = await morning.clinician()
    (appointment,) = await morning.book(clinician, 1)
    booked = (await morning.done(("POST", f"/appointments/{appointment}/check-in")))[0]["id"]
    (walked_in,) = await morning.waiting(await morning.clinician(), 1)
    for visit, doors in ((booked, 4), (walked_in, 3)):
        await morning.done(("POST", f"/visits/{visit}/start"))
        of = (await morning.done(("GET", f"/visits/{visit}")))[0]["clinicianId"]
        ways: list[tuple[Any, ...]] = [
            ("POST", f"/visits/{visit}/complete"),
            ("PATCH", f"/visits/{visit}/status", {"status": "COMPLETED"}),
            ("POST", f"/queue/doctor/{of}/complete", {"visitId": visit}),
            ("PATCH", f"/appointments/{appointment}/complete"),
        ]
        answers = await morning.send(*(ways[n % doors] for n in range(10)))
        assert codes(answers) == {(200, None): 10}, "finished once"
        told = [one.json()["data"] for n, one in enumerate(answers) if n % doors != 3]
        assert all(one == told[0] for one in told), "finished once"
        written = "SELECT count(*) FROM visit_history WHERE hospital_id = :hospital_id AND visit_id = :id"
        assert await morning.count(written, id=visit) == 1, "finished once"


async def one_room(morning: Morning, turn: int) -> None:
    """Four patients of one clinician are begun at once."""
    clinician = await morning.clinician()
    visits = await morning.waiting(clinician, 4)
    answers = await morning.send(*(("POST", f"/visits/{one}/start") for one in visits))
    begun = (
        "SELECT count(*) FROM visits WHERE hospital_id = :hospital_id AND clinician_id = :id AND status = 'IN_PROGRESS'"
    )
    assert await morning.count(begun, id=clinician) == 1, "one in the room"
    assert codes(answers) == {(200, None): 1, (409, "CONSULTATION_RUNNING"): 3}, "one in the room"


async def arrive_or_cancel(morning: Morning, turn: int) -> None:
    """Ten appointments are cancelled and, at once or in the middle of it, checked in: they end cancelled."""
    appointments = await morning.book(await morning.clinician(), 10)
    dice = Random(turn)

    async def check_in(appointment: int) -> Any:
        await asyncio.sleep(dice.uniform(0, 0.1))
        return (await morning.send(("POST", f"/appointments/{appointment}/check-in")))[0]

    cancelled, *arrived = await asyncio.gather(
        morning.send(*[("DELETE", f"/appointments/{one}", {"reason": "Ill"}) for one in appointments]),
        *map(check_in, appointments),
    )
    ended = await morning.rows(
        "SELECT a.status, v.status FROM appointments a JOIN visits v ON v.appointment_id = a.id"
        f" WHERE a.hospital_id = :hospital_id AND a.id IN ({','.join(map(str, appointments))})"
    )
    assert Counter(tuple(one) for one in ended) == {("CANCELLED", "CANCELLED"): 10}, "cancelled is cancelled"
    assert codes(cancelled) == {(200, None): 10}, "cancelled is cancelled"
    assert codes(arrived).keys() <= {(200, None), (409, "INVALID_TRANSITION")}, "cancelled is cancelled"


async def move_about(morning: Morning, turn: int) -> None:
    """Skips and new places in one line: what came of it is what the events say, one after the other."""
    dice = Random(turn)
    clinician = await morning.clinician()
    visits = await morning.waiting(clinician, 8)
    calls: list[tuple[Any, ...]] = [
        ("PUT", "/queue/reorder", {"visitId": dice.choice(visits), "newPosition": dice.randint(1, 8)})
        for _ in range(18)
    ]
    calls += [("POST", f"/visits/{visit}/skip") for visit in dice.sample(visits, 6)]
    dice.shuffle(calls)
    answers = await morning.send(*calls)
    placed = await morning.rows(
        "SELECT queue_rank, queue_day, position, id FROM visits"
        " WHERE hospital_id = :hospital_id AND clinician_id = :id ORDER BY 1, 2, 3, 4",
        id=clinician,
    )
    assert len({tuple(one)[:3] for one in placed}) == 8, "one after the other"
    assert [one[3] for one in placed] == _replayed(visits, await morning.told(visits)), "one after the other"
    assert codes(answers) == {(200, None): 24}


def _unbroken(told: list[Event]) -> bool:
    """Whether each event of a visit begins at the state in which the one before it ended."""
    status: dict[int, str] = {}
    for visit, _, said in told:
        if said["before"].get("status", said["status"]) != status.get(visit, "EXPECTED"):
            return False
        status[visit] = said["status"]
    return True


def _replayed(line: list[int], told: list[Event]) -> list[int]:
    """The line as skips and new places make it, one after the other."""
    line = list(line)
    for visit, name, said in told:
        if name == "visit.reordered":
            index = said["new_position"] - 1
        elif name == "visit.status_changed" and said["status"] == "SKIPPED":
            index = line.index(visit) + SKIPS
        else:
            continue
        line.remove(visit)
        line.insert(index, visit)
    return line


async def give_away(morning: Morning, turn: int) -> None:
    """Patients are passed between three clinicians while others come in: no number twice, none left out."""
    dice = Random(turn)
    clinicians = [await morning.clinician() for _ in range(3)]
    visits = await morning.waiting(clinicians[0], 8)
    calls: list[tuple[Any, ...]] = [
        ("POST", f"/visits/{dice.choice(visits)}/reassign", {"doctorId": dice.choice(clinicians)}) for _ in range(20)
    ]
    calls += [morning.walk_in(dice.choice(clinicians), patient) for patient in morning.patients[20:30]]
    dice.shuffle(calls)
    answers = await morning.send(*calls)
    held = await morning.rows(
        "SELECT token_group, token_number, count(*) FROM visits WHERE hospital_id = :hospital_id"
        f" AND clinician_id IN ({','.join(map(str, clinicians))}) GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert held == [], "no number twice"
    assert codes(answers).keys() <= {(200, None), (201, None)}


async def give_away_or_begin(morning: Morning, turn: int) -> None:
    """A patient is begun by one clinician and given to another at once: he is one's or the other's, with that token."""
    mine = [await morning.clinician() for _ in range(5)]
    other = await morning.clinician()
    visits = [(await morning.waiting(one, 1))[0] for one in mine]
    calls: list[tuple[Any, ...]] = [("POST", f"/visits/{visit}/reassign", {"doctorId": other}) for visit in visits]
    calls += [("POST", f"/visits/{visit}/start") for visit in visits] * 2
    Random(turn).shuffle(calls)
    answers = await morning.send(*calls)
    wrong = await morning.count(
        "SELECT count(*) FROM visits WHERE hospital_id = :hospital_id"
        f" AND clinician_id IN ({','.join(map(str, [*mine, other]))}) AND token_group <> 'clinician:' || clinician_id",
    )
    assert wrong == 0, "one clinician"
    assert _unbroken(await morning.told(visits)), "one clinician"
    assert all(status in (200, 409) for status, _ in codes(answers))


async def next_while_moving(morning: Morning, turn: int) -> None:
    """Eight desks press `next` while others give places in the line: nobody is kept from his patient."""
    dice = Random(turn)
    clinician = await morning.clinician()
    visits = await morning.waiting(clinician, 12)
    calls: list[tuple[Any, ...]] = [("POST", f"/queue/doctor/{clinician}/next")] * 8
    calls += [
        ("PUT", "/queue/reorder", {"visitId": dice.choice(visits), "newPosition": dice.randint(1, 12)})
        for _ in range(16)
    ]
    dice.shuffle(calls)
    answers = await morning.send(*calls)
    called = [one for one, call in zip(answers, calls, strict=True) if call[0] == "POST"]
    assert codes(called) == {(200, None): 8}, "each called once"
    assert len({one.json()["data"]["id"] for one in called}) == 8, "each called once"
    assert codes(answers).keys() <= {(200, None), (409, "INVALID_TRANSITION")}, codes(answers)


RACES: dict[Race, tuple[int, str]] = {
    one_appointment: (20, "one arrival"),
    thirty_appointments: (5, "numbers in a row"),
    walk_ins_and_check_ins: (5, "numbers in a row"),
    rolled_back: (5, "numbers in a row"),
    twice_at_the_door: (20, "in line once"),
    next_for_all: (10, "each called once"),
    next_while_moving: (10, "each called once"),
    complete_ten_times: (10, "finished once"),
    one_room: (15, "one in the room"),
    arrive_or_cancel: (10, "cancelled is cancelled"),
    move_about: (10, "one after the other"),
    give_away: (6, "no number twice"),
    give_away_or_begin: (10, "one clinician"),
}
"""Race → how often it is run, and what it is about, in the words of the assertion that must fail without the guard."""


# -- what must hold after each of them ---------------------------------------------------------------------------------

WRONG = {
    "events of a visit stand in another order than they happened": """SELECT count(*) FROM events a JOIN events b
        ON a.subject_id = b.subject_id AND a.id < b.id AND a.position > b.position
        WHERE a.hospital_id = :hospital_id AND a.subject = 'visit' AND b.subject = 'visit'""",
    "an appointment has two visits": """SELECT count(*) FROM (SELECT 1 FROM visits WHERE hospital_id = :hospital_id
        AND appointment_id IS NOT NULL GROUP BY appointment_id HAVING count(*) > 1) x""",
    "a number is held twice": """SELECT count(*) FROM (SELECT 1 FROM visits WHERE hospital_id = :hospital_id
        AND token_number IS NOT NULL GROUP BY token_group, token_period_on, token_number HAVING count(*) > 1) x""",
    "two are in one room": """SELECT count(*) FROM (SELECT 1 FROM visits WHERE hospital_id = :hospital_id
        AND status = 'IN_PROGRESS' GROUP BY clinician_id HAVING count(*) > 1) x""",
    "a visit ended twice": """SELECT count(*) FROM (SELECT 1 FROM visit_history WHERE hospital_id = :hospital_id
        GROUP BY visit_id HAVING count(*) > 1) x""",
    "a finished visit has no history, or an unfinished one has": """SELECT count(*) FROM visits v
        LEFT JOIN visit_history h ON h.visit_id = v.id
        WHERE v.hospital_id = :hospital_id AND (v.status = 'COMPLETED') <> (h.id IS NOT NULL)""",
    "appointment and visit disagree": """SELECT count(*) FROM visits v JOIN appointments a ON a.id = v.appointment_id
        WHERE v.hospital_id = :hospital_id AND a.status <> CASE v.status
          WHEN 'EXPECTED' THEN 'PENDING' WHEN 'CANCELLED' THEN 'CANCELLED' WHEN 'NO_SHOW' THEN 'NO_SHOW'
          WHEN 'COMPLETED' THEN 'COMPLETED' ELSE 'CHECKED_IN' END""",
    "a place is taken twice": """SELECT count(*) FROM (SELECT 1 FROM visits WHERE hospital_id = :hospital_id
        AND status IN ('WAITING', 'SKIPPED') AND clinician_id IS NOT NULL
        GROUP BY clinician_id, queue_rank, queue_day, position HAVING count(*) > 1) x""",
    "an event is not in the audit": """SELECT count(*) FROM events e WHERE e.hospital_id = :hospital_id
        AND e.subject = 'visit' AND NOT EXISTS (SELECT 1 FROM audit_entries x WHERE x.action = e.name
          AND x.subject = 'visit' AND x.subject_id = e.subject_id)""",
}


async def judge(morning: Morning) -> None:
    """One visit per appointment, numbers without doubles and gaps, one in the room, one history, events in order."""
    found = {wrong: await morning.count(query) for wrong, query in WRONG.items()}
    assert found == dict.fromkeys(WRONG, 0)
    told = await morning.told()
    assert _unbroken(told)
    status = {visit: said["status"] for visit, _, said in told}
    kept: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for visit, _, said in told:
        kept[visit].append(said["before"])
    issued: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in await morning.rows(
        "SELECT id, status, token_group, token_period_on, token_number FROM visits"
        " WHERE hospital_id = :hospital_id AND token_number IS NOT NULL"
    ):
        assert row[1] == status[row[0]]
        token = {"token_group": row[2], "token_period_on": str(row[3]), "token_number": row[4]}
        for before in [{}, *reversed(kept[row[0]])]:  # back through what he held before
            token |= {name: before[name] for name in token if name in before}
            issued[token["token_group"], token["token_period_on"]].add(token["token_number"])
    counters = await morning.rows(
        "SELECT token_group, period_on, last_number FROM token_counters WHERE hospital_id = :hospital_id"
    )
    assert issued == {(group, str(period)): set(range(1, last + 1)) for group, period, last in counters}
