"""`outpatient rebuild-figures`."""


def test_it_counts_everything_and_says_so(bare_terminal):
    bare_terminal.run("migrate")

    said = bare_terminal.run("rebuild-figures")

    assert said.code == 0, said.all
    assert "counted anew" in said.out


def test_without_tables_it_says_what_to_do(bare_terminal):
    said = bare_terminal.run("rebuild-figures")

    assert said.code == 1
    assert "outpatient migrate" in said.err
