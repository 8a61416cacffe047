"""Signing in and out: seed 001 `/auth` and `/patient-auth`, seed 004 `/auth/patient` and `/auth/doctor`."""

from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.auth import actions, queries
from outpatient.auth.actions import OTP_LIFE, Opened, SignIn
from outpatient.auth.schemas import (
    EmailPasswordLogin,
    OtpSent,
    OwnProfile,
    PatientOtpRequest,
    PatientSession,
    PatientSignUp,
    PhoneOtpLogin,
    PhonePasswordLogin,
    RefreshRequest,
    SignedInPatient,
    SignedInUser,
    StaffOtpRequest,
    TokenPair,
    UsernamePasswordLogin,
    UserSession,
)
from outpatient.core.budgets import forgive
from outpatient.core.terms import Role
from outpatient.http.dependencies import (
    Parts,
    Public,
    PublicHospital,
    Reading,
    Writing,
    allow,
    find_caller,
    header_hospital,
    parts_of,
)
from outpatient.http.limits import client_address, spend_try
from outpatient.http.schema import Done, Envelope, answer
from outpatient.settings import span

router = APIRouter(tags=["Sign-in"])

OTP_SECONDS = int(OTP_LIFE.total_seconds())


def door_of(parts: Parts) -> SignIn:
    settings = parts.settings
    return SignIn(parts.database, parts.tokens, settings.secret_key, span(settings.jwt_refresh_expires_in))


def address_of(request: Request) -> str:
    return client_address(request.scope, parts_of(request).settings.proxies)


async def _allow_otp(request: Request, phone: str) -> None:
    settings = parts_of(request).settings
    await spend_try(request, f"otp-address:{address_of(request)}", settings.rate_limit_otp_address)
    await spend_try(request, f"otp:{phone}", settings.rate_limit_otp)


async def try_password(request: Request, account: str) -> str:
    """Count one password try of this account from this address; answers the key to forgive."""
    key = f"password:{account}:{address_of(request)}"
    await spend_try(request, key, parts_of(request).settings.rate_limit_auth)
    return key


@router.post("/auth/send-otp", dependencies=[Public])
async def request_staff_otp(request: Request, body: StaffOtpRequest) -> Envelope[OtpSent]:
    await _allow_otp(request, body.phone)
    async with parts_of(request).database.transaction() as tx:
        await actions.request_staff_otp(tx, phone=body.phone)
    return answer(OtpSent(phone=body.phone, expires_in=OTP_SECONDS), "OTP sent successfully")


@router.post("/auth/login/phone-otp", dependencies=[Public])
async def sign_in_by_otp(request: Request, body: PhoneOtpLogin) -> Envelope[UserSession]:
    opened = await actions.sign_in_staff_by_otp(
        door_of(parts_of(request)), phone=body.phone, otp=body.otp, address=address_of(request)
    )
    return answer(_user_session(opened), "Login successful")


@router.post("/auth/login/phone-password", dependencies=[Public])
async def sign_in_by_phone(request: Request, body: PhonePasswordLogin) -> Envelope[UserSession]:
    return await _sign_in(request, body.phone, body.password, phone=body.phone)


@router.post("/auth/login/username-password", dependencies=[Public])
async def sign_in_by_username(request: Request, body: UsernamePasswordLogin) -> Envelope[UserSession]:
    return await _sign_in(request, body.username.lower(), body.password, username=body.username.lower())


@router.post("/auth/doctor/login", dependencies=[Public])
async def sign_in_clinician(request: Request, body: EmailPasswordLogin) -> Envelope[UserSession]:
    return await _sign_in(request, body.email, body.password, role=Role.CLINICIAN, email=body.email)


async def _sign_in(
    request: Request, account: str, password: str, role: Role | None = None, **by: str
) -> Envelope[UserSession]:
    parts = parts_of(request)
    tries = await try_password(request, account)
    opened = await actions.sign_in_staff_by_password(door_of(parts), password=password, role=role, **by)
    await forgive(parts.database, tries)
    return answer(_user_session(opened), "Login successful")


@router.post("/auth/patient/signup", dependencies=[Public], status_code=201)
async def sign_up_patient(request: Request, body: PatientSignUp, hospital_id: PublicHospital) -> Envelope[UserSession]:
    await try_password(request, f"signup:{body.phone}")
    opened = await actions.sign_up_patient(door_of(parts_of(request)), hospital_id=hospital_id, **body.model_dump())
    return answer(_user_session(opened), "Account created successfully")


@router.post("/auth/patient/login", dependencies=[Public])
async def sign_in_patient(request: Request, body: EmailPasswordLogin) -> Envelope[UserSession]:
    parts = parts_of(request)
    tries = await try_password(request, body.email)
    opened = await actions.sign_in_patient_by_password(
        door_of(parts), email=body.email, password=body.password, hospital_id=header_hospital(request)
    )
    await forgive(parts.database, tries)
    return answer(_user_session(opened), "Login successful")


@router.post("/auth/refresh", dependencies=[Public])
@router.post("/patient-auth/refresh-token", dependencies=[Public])
async def refresh_session(request: Request, body: RefreshRequest) -> Envelope[TokenPair]:
    tokens = await actions.refresh_session(door_of(parts_of(request)), refresh_token=body.refresh_token)
    return answer(TokenPair(access_token=tokens.access, refresh_token=tokens.refresh))


@router.post("/auth/logout")
async def sign_out(body: RefreshRequest, actor: Annotated[Actor, allow(P.ACCOUNT_OWN)], tx: Writing) -> Done:
    await actions.sign_out(tx, refresh_token=body.refresh_token, by=actor)
    return Done(message="Logged out successfully")


@router.get("/auth/me")
async def get_signed_in_user(actor: Annotated[Actor, allow(P.ACCOUNT_OWN)], tx: Reading) -> Envelope[SignedInUser]:
    who = await queries.describe_user(
        tx, actor.user_id, actor.role, hospital_id=actor.hospital_id or None, clinician_id=actor.clinician_id
    )
    own = actor.patient_ids[0] if actor.patient_ids else None
    return answer(SignedInUser(**who, patient_id=own))


@router.post("/patient-auth/send-otp", dependencies=[Public])
async def request_patient_otp(
    request: Request, body: PatientOtpRequest, hospital_id: PublicHospital
) -> Envelope[OtpSent]:
    await _allow_otp(request, body.phone)
    async with parts_of(request).database.transaction() as tx:
        await actions.request_patient_otp(tx, hospital_id=hospital_id, phone=body.phone, full_name=body.full_name)
    return answer(OtpSent(phone=body.phone, expires_in=OTP_SECONDS), "OTP sent successfully via WhatsApp")


@router.post("/patient-auth/verify-otp", dependencies=[Public])
async def verify_patient_otp(request: Request, body: PhoneOtpLogin) -> Envelope[PatientSession]:
    caller = await find_caller(request)
    opened = await actions.sign_in_patient_by_otp(
        door_of(parts_of(request)),
        phone=body.phone,
        otp=body.otp,
        address=address_of(request),
        hospital_id=header_hospital(request),
        signed_in_as=caller.user_id if caller else None,
    )
    session = PatientSession(
        patient=SignedInPatient(**opened.who),
        access_token=opened.tokens.access,
        refresh_token=opened.tokens.refresh,
    )
    return answer(session, "Login successful")


@router.post("/patient-auth/logout", dependencies=[Public])
async def sign_out_patient(body: RefreshRequest, tx: Writing) -> Done:
    await actions.sign_out(tx, refresh_token=body.refresh_token, by=None)
    return Done(message="Logged out successfully")


@router.get("/patient-auth/me")
async def get_signed_in_patient(actor: Annotated[Actor, allow(P.PATIENTS_OWN)], tx: Reading) -> Envelope[OwnProfile]:
    return answer(OwnProfile.model_validate(await queries.get_own_patient(tx, actor)))


def _user_session(opened: Opened) -> UserSession:
    return UserSession(
        user=SignedInUser(**opened.who), access_token=opened.tokens.access, refresh_token=opened.tokens.refresh
    )
