"""How work on staff can be refused."""

from outpatient.core.errors import Conflict, DuplicateEntry


class AlreadyStaff(DuplicateEntry):
    message = "This person already works in this hospital"

    def __init__(self) -> None:
        super().__init__(details={"phone": self.message})


class LastAdmin(Conflict):
    code, message = "LAST_ADMIN", "This is the last active ADMIN of the hospital; name another one first"


class PhoneUnproven(Conflict):
    code = "PHONE_UNPROVEN"
    message = "Somebody signed up with this phone and has not proven that it is his. He must sign in by a code once."


class SharedAccount(Conflict):
    code = "SHARED_ACCOUNT"
    message = "This person is known to another hospital too; he alone can change his name, phone, e-mail and password"
