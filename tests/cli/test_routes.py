"""`outpatient routes`."""


def test_every_endpoint_is_listed_with_its_function_and_permission(bare_terminal):
    said = bare_terminal.run("routes")

    assert said.code == 0
    line = next(line for line in said.out.splitlines() if line.split()[:2] == ["POST", "/api/v1/appointments"])
    assert line.split()[2:] == ["appointments.routes.book:book_appointment", "appointments:book"]
    line = next(line for line in said.out.splitlines() if line.split()[:2] == ["POST", "/auth/register"])
    assert line.split()[2:] == ["compat.booking.routes:register_account", "public"]
