"""Who may do what: one vocabulary, one table. Where a row says less than a whole hospital (own centre, own
appointments), the scope is `visible_to(actor)` inside the query. Sources: seed 001's endpoint list; DESIGN §2.
"""

from enum import StrEnum

from outpatient.core.terms import Role

ANYONE = frozenset(
    {
        Role.ADMIN,
        Role.MANAGER,
        Role.CLINICIAN,
        Role.CENTRE_MANAGER,
        Role.CARE_COORDINATOR,
        Role.FRONT_DESK,
        Role.PATIENT,
    }
)
STAFF = ANYONE - {Role.PATIENT}
OWNER = frozenset({Role.ADMIN})
MANAGERS = frozenset({Role.ADMIN, Role.MANAGER})
CENTRE_LEADS = MANAGERS | {Role.CENTRE_MANAGER}
COORDINATORS = CENTRE_LEADS | {Role.CARE_COORDINATOR}
RECEPTION = COORDINATORS | {Role.FRONT_DESK}
DOCTORS = frozenset({Role.ADMIN, Role.CLINICIAN})


class Permission(StrEnum):
    """What can be permitted, as `resource:action`."""

    ACCOUNT_OWN = "account:own"
    ANALYTICS_READ = "analytics:read"
    APPOINTMENTS_BOOK = "appointments:book"
    APPOINTMENTS_CANCEL = "appointments:cancel"
    APPOINTMENTS_CANCEL_OWN = "appointments:cancel-own"
    APPOINTMENTS_COMPLETE = "appointments:complete"
    APPOINTMENTS_LIST = "appointments:list"
    APPOINTMENTS_OWN_DAY = "appointments:own-day"
    APPOINTMENTS_READ = "appointments:read"
    APPOINTMENTS_RESCHEDULE = "appointments:reschedule"
    APPOINTMENTS_RESPOND = "appointments:respond"
    APPOINTMENTS_SET_FEE = "appointments:set-fee"
    APPOINTMENTS_STATISTICS = "appointments:statistics"
    APPOINTMENTS_UPDATE = "appointments:update"
    AUDIT_READ = "audit:read"
    BOOKING_FRONT_DESK = "booking:front-desk"
    BOOKING_OWN = "booking:own"
    CATALOGUE_MANAGE = "catalogue:manage"
    CATALOGUE_READ = "catalogue:read"
    CENTRES_CREATE = "centres:create"
    CENTRES_DELETE = "centres:delete"
    CENTRES_READ = "centres:read"
    CENTRES_TOGGLE = "centres:toggle"
    CENTRES_UPDATE = "centres:update"
    CLINICIANS_MANAGE = "clinicians:manage"
    CLINICIANS_OWN = "clinicians:own"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    CONSULTATIONS_RUN = "consultations:run"
    DEPARTMENTS_MANAGE = "departments:manage"
    DEPARTMENTS_READ = "departments:read"
    DEPARTMENTS_READ_CONFIG = "departments:read-config"
    DESK_READ = "desk:read"
    DESK_WRITE = "desk:write"
    FEEDBACK_GIVE = "feedback:give"
    FEEDBACK_READ = "feedback:read"
    HOSPITALS_CREATE = "hospitals:create"
    HOSPITALS_READ = "hospitals:read"
    HOSPITALS_READ_CONFIG = "hospitals:read-config"
    HOSPITALS_UPDATE = "hospitals:update"
    INVOICES_READ = "invoices:read"
    INVOICES_SEND = "invoices:send"
    MEDICAL_READ = "medical:read"
    MEDICAL_WRITE = "medical:write"
    PATIENTS_ERASE = "patients:erase"
    PATIENTS_EXPORT = "patients:export"
    NOTIFICATIONS_CONFIRM = "notifications:confirm"
    NOTIFICATIONS_LIST = "notifications:list"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_REMIND = "notifications:remind"
    PATIENTS_LIST = "patients:list"
    PATIENTS_OWN = "patients:own"
    PATIENTS_READ = "patients:read"
    PATIENTS_WRITE = "patients:write"
    PAYMENTS_DISCOUNT = "payments:discount"
    PAYMENTS_LINK = "payments:link"
    PAYMENTS_LIST = "payments:list"
    PAYMENTS_PAY = "payments:pay"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_REFUND = "payments:refund"
    PAYMENTS_TAKE = "payments:take"
    QUEUE_ARRANGE = "queue:arrange"
    QUEUE_READ = "queue:read"
    QUEUE_RUN = "queue:run"
    SCHEDULE_MANAGE = "schedule:manage"
    SCHEDULE_READ = "schedule:read"
    SLOTS_READ = "slots:read"
    STAFF_CREATE_FRONT_DESK = "staff:create-front-desk"
    STAFF_MANAGE = "staff:manage"
    STAFF_TOGGLE = "staff:toggle"
    STREAMS_OWN = "streams:own"
    STREAMS_STAFF = "streams:staff"
    VIDEO_GENERATE = "video:generate"
    VIDEO_LIST = "video:list"
    VIDEO_MANAGE = "video:manage"
    VIDEO_READ = "video:read"
    VISITS_ADMIT = "visits:admit"
    VISITS_READ = "visits:read"


P = Permission

ROLES: dict[Permission, frozenset[Role]] = {
    P.ACCOUNT_OWN: ANYONE | {Role.SUPERADMIN},
    P.ANALYTICS_READ: CENTRE_LEADS,
    P.APPOINTMENTS_BOOK: RECEPTION | {Role.PATIENT},
    P.APPOINTMENTS_CANCEL: RECEPTION,
    P.APPOINTMENTS_CANCEL_OWN: DOCTORS | {Role.PATIENT},
    P.APPOINTMENTS_COMPLETE: DOCTORS,
    P.APPOINTMENTS_LIST: ANYONE,
    P.APPOINTMENTS_OWN_DAY: frozenset({Role.CLINICIAN}),
    P.APPOINTMENTS_READ: ANYONE,
    P.APPOINTMENTS_RESCHEDULE: RECEPTION | {Role.PATIENT},
    P.APPOINTMENTS_RESPOND: ANYONE,
    P.APPOINTMENTS_SET_FEE: CENTRE_LEADS,
    P.APPOINTMENTS_STATISTICS: DOCTORS,
    P.APPOINTMENTS_UPDATE: COORDINATORS,
    P.AUDIT_READ: OWNER,
    P.BOOKING_FRONT_DESK: MANAGERS | {Role.FRONT_DESK},
    P.BOOKING_OWN: frozenset({Role.PATIENT}),
    P.CATALOGUE_MANAGE: MANAGERS,
    P.CATALOGUE_READ: ANYONE,
    P.CENTRES_CREATE: MANAGERS,
    P.CENTRES_DELETE: OWNER,
    P.CENTRES_READ: ANYONE,
    P.CENTRES_TOGGLE: MANAGERS,
    P.CENTRES_UPDATE: CENTRE_LEADS,
    P.CLINICIANS_MANAGE: CENTRE_LEADS,
    P.CLINICIANS_OWN: DOCTORS,
    P.CONSENTS_READ: ANYONE,
    P.CONSENTS_WRITE: RECEPTION | {Role.PATIENT},
    P.CONSULTATIONS_RUN: DOCTORS,
    P.DEPARTMENTS_MANAGE: CENTRE_LEADS,
    P.DEPARTMENTS_READ: ANYONE,
    P.DEPARTMENTS_READ_CONFIG: STAFF,
    P.DESK_READ: STAFF,
    P.DESK_WRITE: RECEPTION,
    P.FEEDBACK_GIVE: frozenset({Role.PATIENT}),
    P.FEEDBACK_READ: CENTRE_LEADS | {Role.CLINICIAN},
    P.HOSPITALS_CREATE: frozenset({Role.SUPERADMIN}),
    P.HOSPITALS_READ: ANYONE | {Role.SUPERADMIN},
    P.HOSPITALS_READ_CONFIG: STAFF | {Role.SUPERADMIN},
    P.HOSPITALS_UPDATE: OWNER | {Role.SUPERADMIN},
    P.INVOICES_READ: ANYONE,
    P.INVOICES_SEND: RECEPTION,
    P.MEDICAL_READ: COORDINATORS | {Role.CLINICIAN},
    P.MEDICAL_WRITE: DOCTORS,
    P.PATIENTS_ERASE: OWNER,
    P.PATIENTS_EXPORT: MANAGERS,
    P.NOTIFICATIONS_CONFIRM: RECEPTION,
    P.NOTIFICATIONS_LIST: MANAGERS,
    P.NOTIFICATIONS_READ: CENTRE_LEADS,
    P.NOTIFICATIONS_REMIND: MANAGERS,
    P.PATIENTS_LIST: RECEPTION,
    P.PATIENTS_OWN: frozenset({Role.PATIENT}),
    P.PATIENTS_READ: STAFF,
    P.PATIENTS_WRITE: RECEPTION,
    P.PAYMENTS_DISCOUNT: RECEPTION,
    P.PAYMENTS_LINK: MANAGERS | {Role.CARE_COORDINATOR, Role.FRONT_DESK},
    P.PAYMENTS_LIST: STAFF,
    P.PAYMENTS_PAY: ANYONE,
    P.PAYMENTS_READ: ANYONE,
    P.PAYMENTS_REFUND: RECEPTION,
    P.PAYMENTS_TAKE: RECEPTION,
    P.QUEUE_ARRANGE: RECEPTION,
    P.QUEUE_READ: STAFF,
    P.QUEUE_RUN: RECEPTION | {Role.CLINICIAN},
    P.SCHEDULE_MANAGE: CENTRE_LEADS | {Role.CLINICIAN},
    P.SCHEDULE_READ: STAFF,
    P.SLOTS_READ: ANYONE,
    P.STAFF_CREATE_FRONT_DESK: MANAGERS,
    P.STAFF_MANAGE: OWNER,
    P.STAFF_TOGGLE: MANAGERS,
    P.STREAMS_OWN: ANYONE,
    P.STREAMS_STAFF: STAFF,
    P.VIDEO_GENERATE: RECEPTION,
    P.VIDEO_LIST: MANAGERS,
    P.VIDEO_MANAGE: CENTRE_LEADS,
    P.VIDEO_READ: ANYONE,
    P.VISITS_ADMIT: RECEPTION,
    P.VISITS_READ: ANYONE,
}
"""Permission → the roles that have it."""

CENTRE_BOUND = frozenset({Role.CENTRE_MANAGER, Role.CARE_COORDINATOR, Role.FRONT_DESK})
"""Roles that see only the centres they work at, and none if they are tied to none."""

RANK = {
    Role.SUPERADMIN: 5,
    Role.ADMIN: 4,
    Role.MANAGER: 3,
    Role.CENTRE_MANAGER: 2,
    Role.CARE_COORDINATOR: 1,
    Role.CLINICIAN: 1,
    Role.FRONT_DESK: 1,
    Role.PATIENT: 0,
}
"""Nobody acts on a person whose rank is his own or above (DESIGN §2.10); ADMIN alone acts on fellow ADMINs."""
