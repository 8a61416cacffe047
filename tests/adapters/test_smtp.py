"""SMTP: TLS, logins and how servers fail, beside the contract of every e-mail adapter."""

import ipaddress
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outpatient.adapters.email.port import Email
from outpatient.adapters.email.smtp import Server, SmtpEmails
from outpatient.core.errors import AdapterFailure
from tests.adapters.vendors.accounts import CLINIC
from tests.adapters.vendors.smtp import LOGIN, PASSWORD, USER, MailServer
from tests.stand_ins import listening

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 16, 3, 30, tzinfo=UTC)
LETTER = Email("asha@example.com", "Your visit", "Hello\n.\n..\nline that hides nothing\n", key="7:asha")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> dict[str, ssl.SSLContext]:
    """A server's certificate for 127.0.0.1 that only `trusts` knows."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shows.load_cert_chain(file)
    return {"shows": shows, "trusts": ssl.create_default_context(cafile=str(file))}


@asynccontextmanager
async def mailing(server: MailServer, scheme: str, **given):
    async with listening(server.answer, scheme) as url:
        yield SmtpEmails(url, sender=CLINIC, **given)


async def test_smtp_turns_to_tls_before_it_says_anything(certificate):
    server = MailServer(certificate["shows"], asks_login=True)
    async with mailing(server, f"smtp://{LOGIN}@", trusted=certificate["trusts"]) as emails:
        await emails.send(email=LETTER, at=AT)
    assert server.verbs()[:3] == ["EHLO", "STARTTLS", "EHLO"]
    assert server.said[0].endswith(" outpatient.example")
    assert [taken[:2] for taken in server.taken] == [(CLINIC, LETTER.to)]


async def test_smtps_is_tls_from_the_first_byte(certificate):
    server = MailServer(certificate["shows"], at_once=True, asks_login=True)
    async with mailing(server, f"smtps://{LOGIN}@", trusted=certificate["trusts"]) as emails:
        await emails.send(email=LETTER, at=AT)
    assert len(server.taken) == 1


async def test_where_no_tls_is_offered_nothing_is_said(certificate):
    server = MailServer(asks_login=True)
    async with mailing(server, f"smtp://{LOGIN}@", trusted=certificate["trusts"]) as emails:
        with pytest.raises(AdapterFailure) as failure:
            await emails.send(email=LETTER, at=AT)
    assert not failure.value.permanent
    assert server.verbs() == ["EHLO", "QUIT"]


@pytest.mark.parametrize(("scheme", "at_once"), [("smtp://", False), ("smtps://", True)])
async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate, scheme, at_once):
    server = MailServer(certificate["shows"], at_once=at_once)
    async with mailing(server, scheme) as emails:
        with pytest.raises(AdapterFailure, match="SSLCertVerificationError") as failure:
            await emails.send(email=LETTER, at=AT)
    assert not failure.value.permanent
    assert server.taken == []


async def test_a_wrong_login_is_final_and_not_shown():
    server = MailServer(asks_login=True)
    async with mailing(server, "smtp+plain://clinic:wrong-secret@") as emails:
        with pytest.raises(AdapterFailure, match="535") as failure:
            await emails.send(email=LETTER, at=AT)
    assert failure.value.permanent
    assert "wrong-secret" not in str(failure.value)


async def test_a_repeat_has_the_same_message_id_so_that_a_mailbox_can_tell_it():
    server = MailServer()
    async with mailing(server, "smtp+plain://") as emails:
        first = await emails.send(email=LETTER, at=AT)
        assert await emails.send(email=LETTER, at=AT, doubtful_since=AT) == first
        await emails.send(email=replace(LETTER, key="other"), at=AT)
    (_, _, one), (_, _, two), _ = server.taken
    assert one == two and f"Message-ID: {first}".encode() in one
    assert len(server.mailbox()) == 2


async def test_lines_that_are_only_a_dot_arrive():
    server = MailServer()
    async with mailing(server, "smtp+plain://") as emails:
        await emails.send(email=LETTER, at=AT)
    assert server.taken[0][2].endswith(b"\r\n\r\nHello\r\n.\r\n..\r\nline that hides nothing\r\n")


async def test_a_server_that_parts_badly_has_still_taken_the_email():
    server = MailServer(fault="parts badly")
    async with mailing(server, "smtp+plain://") as emails:
        assert await emails.send(email=LETTER, at=AT)


async def test_a_server_that_goes_mute_is_not_waited_for():
    server = MailServer(fault="mute")
    async with mailing(server, "smtp+plain://", patience=0.2) as emails:
        with pytest.raises(AdapterFailure) as failure:
            await emails.send(email=LETTER, at=AT)
    assert not failure.value.permanent


async def test_nobody_at_home_may_pass():
    with pytest.raises(AdapterFailure, match="ConnectionRefusedError") as failure:
        await SmtpEmails("smtp+plain://127.0.0.1:1/", sender=CLINIC).send(email=LETTER, at=AT)
    assert not failure.value.permanent


async def test_an_address_beyond_ascii_is_refused_for_good():
    server = MailServer()
    async with mailing(server, "smtp+plain://") as emails:
        with pytest.raises(AdapterFailure) as failure:
            await emails.send(email=replace(LETTER, to="आशा@example.com"), at=AT)
    assert failure.value.permanent
    assert server.taken == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("smtp", "mail.example", 587)),
        ("smtps://mail.example", Server("smtps", "mail.example", 465)),
        ("smtp+plain://localhost", Server("smtp+plain", "localhost", 25)),
        (f"smtp://{LOGIN}@mail.example:2525/", Server("smtp", "mail.example", 2525, USER, PASSWORD)),
    ],
)
def test_what_an_address_says(url, server):
    assert Server.at(url) == server
