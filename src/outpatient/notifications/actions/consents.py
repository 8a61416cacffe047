"""What patients say about being written to; rows are only added."""

from collections.abc import Mapping

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.terms import Purpose
from outpatient.models import Consent
from outpatient.notifications.events import ConsentChanged
from outpatient.notifications.queries import list_consents
from outpatient.patients.queries import get_patient

DESK, PATIENT = "DESK", "PATIENT"


async def set_consents(tx: Tx, *, actor: Actor, patient_id: int, wishes: Mapping[Purpose, bool]) -> None:
    """Note what the patient agrees to, by himself or at the desk (NotFound); what he said before is not noted again."""
    patient = await get_patient(tx, actor, patient_id, lock=True)
    known = await list_consents(tx, patient.id)
    for purpose, is_given in wishes.items():
        if known[purpose]["is_given"] is is_given and known[purpose]["at"] is not None:
            continue
        await tx.add(
            Consent(
                hospital_id=patient.hospital_id,
                patient_id=patient.id,
                purpose=purpose,
                is_given=is_given,
                source=PATIENT if actor.is_patient else DESK,
                actor_id=actor.user_id,
                at=tx.now,
            )
        )
        event = ConsentChanged(
            hospital_id=patient.hospital_id, subject_id=patient.id, purpose=purpose, is_given=is_given
        )
        await tx.record(event, by=actor)
