"""Who works in the made-up clinic, where, and when. Every phone number is from +91 90000 0…: possible, and nobody's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from faker import Faker

from outpatient.core.terms import Gender, Role

ZONE = "Asia/Kolkata"
HOSPITAL = "Sunrise Clinics (demo)"
FIVE_DAYS, SIX_DAYS, EVERY_DAY = tuple(range(5)), tuple(range(6)), tuple(range(7))  # from Monday on

MORNING = ((540, 780),)
AFTERNOON = ((840, 1140),)
FULL_DAY = ((540, 780), (840, 1080))
"""Hours as (start, end) in minutes from local midnight."""


@dataclass(frozen=True, slots=True)
class MadeUpCentre:
    name: str
    city: str
    address: str
    departments: tuple[str, ...]


CENTRES = (
    MadeUpCentre(
        "Sunrise Indiranagar", "Bengaluru", "12, 100 Feet Road", ("Heart and Nerves", "Mothers and Children", "General")
    ),
    MadeUpCentre("Sunrise Bandra", "Mumbai", "7, Hill Road", ("Skin, Eyes and Ears", "Bones and Joints", "Mind")),
)

SERVICES = (("Consultation", 30, None), ("Follow-up", 15, 40_000))
"""What every department offers: name, minutes, price in paise (None: the clinician's own fee)."""


@dataclass(frozen=True, slots=True)
class MadeUpClinician:
    """A clinician: his department decides his centre; `weekdays` are 0 for Monday."""

    specialization: str
    qualification: tuple[str, ...]
    department: str
    hours: tuple[tuple[int, int], ...]
    weekdays: tuple[int, ...]
    fee_minor: int
    years: int
    languages: tuple[str, ...]


(HEART, CHILDREN, GENERAL), (SENSES, BONES, MIND) = (centre.departments for centre in CENTRES)

CLINICIANS = (
    MadeUpClinician("Cardiology", ("MD", "DM"), HEART, FULL_DAY, SIX_DAYS, 150_000, 22, ("English", "Kannada")),
    MadeUpClinician("Dermatology", ("MD",), SENSES, MORNING, SIX_DAYS, 90_000, 9, ("English", "Hindi")),
    MadeUpClinician("Paediatrics", ("MD",), CHILDREN, FULL_DAY, SIX_DAYS, 80_000, 14, ("English", "Tamil")),
    MadeUpClinician("Orthopaedics", ("MS",), BONES, AFTERNOON, FIVE_DAYS, 120_000, 17, ("English", "Marathi")),
    MadeUpClinician("Neurology", ("MD", "DM"), HEART, MORNING, FIVE_DAYS, 160_000, 19, ("English",)),
    MadeUpClinician("Psychiatry", ("MD", "DPM"), MIND, AFTERNOON, SIX_DAYS, 140_000, 12, ("English", "Hindi")),
    MadeUpClinician("Gynaecology", ("MS", "DGO"), CHILDREN, MORNING, SIX_DAYS, 110_000, 16, ("English", "Hindi")),
    MadeUpClinician("Ear, Nose and Throat", ("MS",), SENSES, AFTERNOON, SIX_DAYS, 90_000, 8, ("English", "Marathi")),
    MadeUpClinician("Ophthalmology", ("MS",), SENSES, FULL_DAY, FIVE_DAYS, 85_000, 11, ("English", "Hindi")),
    MadeUpClinician(
        "General Medicine", ("MBBS", "MD"), GENERAL, FULL_DAY, EVERY_DAY, 60_000, 25, ("English", "Kannada")
    ),
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody whom one can sign in as."""

    role: Role
    full_name: str
    username: str
    phone: str
    password: str = field(repr=False)

    @property
    def email(self) -> str:
        return f"{self.username}@clinic.com"


@dataclass(frozen=True, slots=True)
class MadeUpPatient:
    full_name: str
    phone: str
    email: str
    gender: Gender
    age: int
    address: str


class Names:
    """Makes people up, the same ones in every run."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._faker = Faker("en_IN")
        self._faker.seed_instance(dice.randrange(2**32))
        self._used: set[str] = set()
        self._phones = _phones()

    def _name(self, gender: Gender) -> str:
        while True:
            name = self._faker.name_male() if gender is Gender.MALE else self._faker.name_female()
            if name not in self._used:
                self._used.add(name)
                return name

    def sign_in(self, role: Role, username: str) -> SignIn:
        """`doctor1` signs in with `Doctor1Pass`, `admin` with `Admin1Pass`."""
        stem = username.title().replace(".", "")
        password = f"{stem if stem[-1].isdigit() else stem + '1'}Pass"
        name = self._name(self._dice.choice((Gender.MALE, Gender.FEMALE)))
        return SignIn(role, f"Dr. {name}" if role is Role.CLINICIAN else name, username, next(self._phones), password)

    def patient(self) -> MadeUpPatient:
        gender = self._dice.choice((Gender.MALE, Gender.FEMALE))
        name = self._name(gender)
        return MadeUpPatient(
            full_name=name,
            phone=next(self._phones),
            email=f"{name.lower().replace(' ', '.')}@patients.example",
            gender=gender,
            age=self._dice.randint(1, 88),
            address=self._faker.address().replace("\n", ", "),
        )


def _phones() -> Iterator[str]:
    return (f"+9190000{number:05d}" for number in range(1, 100_000))
