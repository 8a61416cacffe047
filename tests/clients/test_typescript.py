"""A TypeScript program with types from our OpenAPI documents: it is checked against them, and then really runs."""

import asyncio
import json
import shutil
from pathlib import Path

import httpx2
import pytest

from tests.clients.node import HERE, PACKAGES
from tests.makers import new_phone
from tests.queue.conftest import TODAY

PROGRAM = HERE / "clinic_day.ts"
GENERATOR = "node_modules/openapi-typescript/bin/cli.js"
COMPILER = "node_modules/typescript/bin/tsc"
PASSWORD = "SecurePassword123"

MISTAKES = {
    'fullName: "Asha Rao"': ('fulName: "Asha Rao"', "'fulName' does not exist"),
    "day = { clinicianId: clinician.id": (
        "day = { clinicianId: clinician.fullName",
        "'string' is not assignable to type 'number'",
    ),
    'method: "CASH"': ('method: "SHELLS"', '"SHELLS"'),
    "booked.data.consultationFee": ("booked.data.fee", "'fee' does not exist"),
    "booked.data.appointmentTime": ("booked.data.appointmentTime.length", "possibly 'null'"),
    "found.meta?.total": ("found.meta.total", "possibly 'undefined'"),
    "/visits/{visit_id}/start": ("/visits/{visit_id}/begin", "/visits/{visit_id}/begin"),
    'booking_source: "phone"': ('booking_source: "fax"', '"fax"'),
    "next.doctor.id": ("next.doctor.user_id", "'user_id' does not exist"),
}
"""What stands in the program → what somebody may write by mistake, and what the compiler says to him."""


@pytest.fixture(scope="module")
async def bench(address, tmp_path_factory) -> Path:
    """A folder with the program and with the types that our documents make."""
    folder: Path = tmp_path_factory.mktemp("typescript")
    for file in (PROGRAM, HERE / "tsconfig.json", HERE / "package.json"):
        shutil.copy(file, folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    async with httpx2.AsyncClient(base_url=address) as client:
        (folder / "api.json").write_text((await client.get("/openapi.json")).text)
        (folder / "root.json").write_text((await client.get("/compat/openapi.json")).text)
    for code, said in await asyncio.gather(*(make_types(folder, name) for name in ("api", "root"))):
        assert code == 0, said
    return folder


async def make_types(folder: Path, name: str) -> tuple[int | None, str]:
    return await node(folder, GENERATOR, f"{name}.json", "--default-non-nullable=false", "-o", f"{name}.d.ts")


async def node(folder: Path, *command: str) -> tuple[int | None, str]:
    """A program in Node, with its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        "node", *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.fixture
async def given(address, as_admin, hospital):
    """A cardiologist and somebody at the desk, who sign in by name and password, and something to book."""

    async def hire(path, name, **more):
        phone = new_phone()
        person = {"phone": phone, "email": f"{name}{phone[1:]}@example.com", "username": f"{name}{phone[1:]}"}
        answer = await as_admin.post(path, {"fullName": f"Dr. {name.title()}", "password": PASSWORD, **person, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    desk = await hire("/users/front-desk", "desk", centreId=hospital.centre_id)
    profile = {"specialization": ["Cardiology"], "qualification": ["MD"], "languages": ["English"]}
    doctor = await hire(
        "/clinicians", "heart", primaryCentreId=hospital.centre_id, consultationFee=1500, yearsOfExperience=8, **profile
    )
    hours = {"availabilityRules": [{"dayOfWeek": "MONDAY", "startTime": "10:00", "endTime": "12:00"}]}
    assert (await as_admin.put(f"/clinicians/{doctor['id']}/availability", hours)).status_code == 200
    assert (await as_admin.post("/services", {"name": "ECG", "durationMinutes": 30, "price": 450})).status_code == 201
    people = {"desk": desk["username"], "doctor": doctor["username"], "password": PASSWORD}
    return {"address": address, "date": TODAY, "phone": new_phone(), **people}


async def test_a_clinic_day_by_generated_clients(bench, given):
    compiled, complaints = await node(bench, COMPILER)
    assert compiled == 0, complaints

    run = "import { clinicDay } from './clinic_day.js';"
    run += "console.log(JSON.stringify(await clinicDay(JSON.parse(process.argv[1]))))"
    code, said = await node(bench, "--input-type=module", "--eval", run, json.dumps(given))
    assert code == 0, said
    seen = json.loads(said)

    assert seen == {
        "roles": ["FRONT_DESK", "CLINICIAN"],
        "clinician": "Dr. Heart",
        "pages": 1,
        "free": 4,
        "booked": {"time": "10:00:00", "fee": 1500, "status": "PENDING"},
        "again": "SLOT_UNAVAILABLE",
        "token": "T1",
        "moves": ["WAITING", "CALLED", "IN_PROGRESS", "COMPLETED"],
        "paid": {"status": "PAID", "received": 1500},
        "invoice": {"number": "INV-000001", "due": 0, "by": ["CASH"]},
        "made": "pending",
        "list": ["Dr. Heart: completed", "Dr. Heart: pending"],
    }


async def test_what_is_wrong_does_not_compile(bench):
    """The counter-proof: types that say nothing would let everything pass."""
    program = PROGRAM.read_text()
    files = []
    for number, (right, (wrong, _)) in enumerate(MISTAKES.items()):
        assert program.count(right) == 1, right
        files.append(bench / f"mistake_{number}.ts")
        files[-1].write_text(program.replace(right, wrong))
    settings = json.loads((bench / "tsconfig.json").read_text())
    (bench / "mistakes.json").write_text(json.dumps({**settings, "files": [file.name for file in files]}))

    code, said = await node(bench, COMPILER, "--project", "mistakes.json", "--noEmit", "--pretty", "false")

    assert code != 0
    for file, (wrong, complaint) in zip(files, MISTAKES.values(), strict=True):
        about = said.partition(file.name)[2].partition("\nmistake_")[0]
        assert complaint in about, f"{wrong}: {about or 'nobody complains'}"
