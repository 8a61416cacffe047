"""Staff on the wire (seed 001 Staff Management)."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from outpatient.core.terms import Role
from outpatient.http.schema import Changes, Email, Id, NewPassword, Phone, Schema, Text, UtcInstant, shown


def _given_role(number: int) -> int:
    role = Role.from_number(number) if 0 < number < len(Role) else Role.PATIENT
    if role is Role.CLINICIAN:
        raise ValueError("A clinician is made by POST /clinicians")
    if role is Role.PATIENT:
        raise ValueError("Must be 1 (ADMIN), 2 (MANAGER), 4 (CENTRE_MANAGER), 5 (CARE_COORDINATOR) or 6 (FRONT_DESK)")
    return number


RoleId = Annotated[int, AfterValidator(_given_role)]
"""The number of a role that one can be given as a member of staff."""
Username = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=3, max_length=64, pattern=r"^[\w.@+-]+$")
]


class NewMember(Schema):
    """Somebody new in a role that the path says."""

    model_config = shown({"fullName": "Ravi Kumar", "phone": "+919876543210", "centreId": 1})

    full_name: Text
    phone: Phone
    email: Email | None = None
    username: Username | None = None
    password: NewPassword | None = None
    centre_id: Id | None = None
    centre_ids: Annotated[list[Id], Field(max_length=100)] = []

    @property
    def centres(self) -> list[int]:
        return [*([] if self.centre_id is None else [self.centre_id]), *self.centre_ids]


class NewStaff(NewMember):
    """`POST /users`."""

    model_config = shown({"fullName": "Ravi Kumar", "phone": "+919876543210", "roleId": 6, "centreId": 1})

    role_id: RoleId


class StaffChanges(Changes):
    """`PUT /users/{id}`: keys that are absent stay as they are."""

    model_config = shown({"fullName": "Ravi Kumar", "centreId": 1})

    may_be_null: ClassVar[frozenset[str]] = frozenset({"email"})

    full_name: Text | None = None
    phone: Phone | None = None
    email: Email | None = None
    username: Username | None = None
    password: NewPassword | None = None
    role_id: RoleId | None = None
    centre_id: Id | None = None
    centre_ids: Annotated[list[Id], Field(max_length=100)] | None = None
    is_active: bool | None = None

    @property
    def person(self) -> dict[str, Any]:
        """What changes of the account itself, the password aside."""
        return self.model_dump(exclude_unset=True, include={"full_name", "phone", "email", "username"})

    @property
    def centres(self) -> list[int] | None:
        return self.centre_ids if self.centre_id is None else [self.centre_id]


class StaffOut(Schema):
    """A member of staff. `isActive`: he can work here now; `createdAt`: since when he does."""

    id: int
    full_name: str
    phone: str | None
    email: str | None
    username: str | None
    role_id: int
    role_name: Role
    centre_id: int | None
    centre_ids: list[int]
    is_active: bool
    created_at: UtcInstant


class OwnMembership(Schema):
    """A hospital that the caller may act in."""

    hospital_id: int
    hospital_name: str
    role: Role
