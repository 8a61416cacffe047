"""`outpatient migrate`."""

from outpatient.core.migrations import newest_migration


def test_a_new_database_is_brought_to_the_newest_schema_and_the_way_is_told(bare_terminal):
    said = bare_terminal.run("migrate")

    assert said.code == 0, said.all
    assert f"schema none → {newest_migration()}" in said.out


def test_migrating_again_changes_nothing(bare_terminal):
    bare_terminal.run("migrate")

    said = bare_terminal.run("migrate")

    assert said.code == 0
    assert "up to date" in said.out


def test_a_database_that_is_away_is_said_in_a_sentence_without_its_password(bare_terminal):
    said = bare_terminal.run("migrate", DATABASE_URL="postgresql://nobody:canary-password@127.0.0.1:1/nothing")

    assert said.code == 1
    assert "cannot be reached" in said.err
    assert "canary-password" not in said.all


def test_an_unknown_kind_of_database_is_refused(bare_terminal):
    said = bare_terminal.run("migrate", DATABASE_URL="mysql://localhost/clinic")

    assert said.code == 1
    assert "DATABASE_URL" in said.err
