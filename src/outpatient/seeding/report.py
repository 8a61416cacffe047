"""What the seeding leaves to read: a report, and the sign-ins."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from outpatient.seeding.people import MadeUpClinician, SignIn


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made. `clinicians` are (id, sign-in, profile) in order, `states` the appointments by clinician."""

    at: datetime
    hospital_id: int
    clinicians: Sequence[tuple[int, SignIn, MadeUpClinician]]
    roles: Sequence[SignIn]
    states: dict[int, Counter[str]]
    patients: int
    past: int
    conflicts: int
    seconds: float

    @property
    def appointments(self) -> int:
        return sum(sum(states.values()) for states in self.states.values())

    @property
    def summary(self) -> str:
        return (
            f"{len(self.clinicians)} clinicians, {self.patients} patients and {self.appointments} appointments "
            f"in {self.seconds:.1f} s."
        )

    @property
    def credentials(self) -> list[dict[str, str]]:
        """One sign-in per role."""
        return [
            {
                "role": one.role.value,
                "email": one.email,
                "username": one.username,
                "phone": one.phone,
                "password": one.password,
                "name": one.full_name,
            }
            for one in self.roles
        ]

    def report(self) -> dict[str, Any]:
        by_status: Counter[str] = sum(self.states.values(), Counter())
        return {
            "generatedAt": self.at.isoformat().replace("+00:00", "Z"),
            "seconds": round(self.seconds, 1),
            "hospitalId": self.hospital_id,
            "clinicians": len(self.clinicians),
            "patients": self.patients,
            "appointments": {
                "total": self.appointments,
                "past": self.past,
                "future": self.appointments - self.past,
                "conflicts": self.conflicts,
                "byStatus": dict(sorted(by_status.items())),
            },
            "perClinician": [
                {
                    "clinicianId": clinician_id,
                    "email": one.email,
                    "name": one.full_name,
                    "specialization": profile.specialization,
                    "total": sum(self.states[clinician_id].values()),
                    "byStatus": dict(sorted(self.states[clinician_id].items())),
                }
                for clinician_id, one, profile in self.clinicians
            ],
        }


def write_files(seeded: Seeded, folder: Path) -> None:
    """Write report.json, credentials_doctors.json and credentials.json."""
    folder.mkdir(parents=True, exist_ok=True)
    doctors = [
        {
            "email": one.email,
            "password": one.password,
            "specialization": profile.specialization,
            "name": one.full_name,
            "username": one.username,
            "phone": one.phone,
            "clinicianId": clinician_id,
        }
        for clinician_id, one, profile in seeded.clinicians
    ]
    _write(folder / "report.json", seeded.report())
    _write(folder / "credentials_doctors.json", doctors)
    _write(folder / "credentials.json", seeded.credentials)


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
