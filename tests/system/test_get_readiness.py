"""Whether calls should come here: `GET /ready`."""

import pytest
from sqlalchemy import text

from outpatient.core.migrations import newest_migration
from tests.system.programs import AWAY, client_of, program_on, without_database

pytestmark = pytest.mark.anyio


@pytest.fixture
def own_database(new_database) -> str:
    return new_database("ready")


async def test_a_migrated_database_that_answers_makes_us_ready(http):
    answer = await http.get("/api/v1/ready")

    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "status": "ready",
        "database": "connected",
        "migration": newest_migration(),
        "newestMigration": newest_migration(),
        "redis": "unused",
        "rabbitmq": "unused",
        "providers": {"payments": "local", "email": "local", "sms": "local", "whatsapp": "local", "video": "local"},
    }


async def test_calls_may_come_while_redis_and_rabbitmq_are_away(database_url, clock, folders):
    async with client_of(program_on(database_url, clock, folders, **AWAY)) as http:
        answer = await http.get("/api/v1/ready")

    assert answer.status_code == 200
    ready = answer.json()["data"]
    assert (ready["status"], ready["redis"], ready["rabbitmq"]) == ("ready", "disconnected", "disconnected")


async def test_an_older_schema_makes_us_unready(own_database, clock, folders):
    program = program_on(own_database, clock, folders)
    async with program.database.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    async with client_of(program) as http:
        answer = await http.get("/api/v1/ready")

    assert answer.status_code == 503
    assert answer.json()["data"]["status"] == "unready"
    assert answer.json()["data"]["migration"] == "0000"


async def test_an_empty_database_makes_us_unready(clock, folders, tmp_path):
    async with client_of(program_on(f"sqlite:///{tmp_path}/empty.db", clock, folders)) as http:
        answer = await http.get("/api/v1/ready")

    assert answer.status_code == 503
    assert answer.json()["data"]["migration"] is None
    assert answer.json()["data"]["database"] == "connected"


async def test_without_its_database_the_program_is_unready(clock, folders):
    async with client_of(without_database(clock, folders)) as http:
        answer = await http.get("/api/v1/ready")

    assert answer.status_code == 503
    assert answer.json()["data"]["database"] == "disconnected"


async def test_a_program_that_is_about_to_stop_takes_no_new_calls(own_database, clock, folders):
    program = program_on(own_database, clock, folders)
    program.stopping.set()

    async with client_of(program) as http:
        answer = await http.get("/api/v1/ready")

    assert answer.status_code == 503
    assert answer.json()["data"]["status"] == "stopping"
