"""How work on departments can be refused."""

from outpatient.centres.errors import CentreInUse


class DepartmentInUse(CentreInUse):
    """The same of one waiting room."""

    code, where = "DEPARTMENT_IN_USE", "in this department"
