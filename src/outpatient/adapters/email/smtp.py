"""E-mail by any SMTP server, in a thread with the standard library's client."""

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from outpatient.adapters.email import rfc5322
from outpatient.adapters.email.port import Email
from outpatient.adapters.vendor import ANSWER
from outpatient.core.errors import AdapterFailure

STARTTLS, TLS, PLAIN = "smtp", "smtps", "smtp+plain"
PORTS = {STARTTLS: 587, TLS: 465, PLAIN: 25}


@dataclass(frozen=True, slots=True)
class Server:
    """Where an SMTP server is and how we speak to it: what SMTP_URL says."""

    way: str
    host: str
    port: int
    user: str = ""
    password: str = ""

    @classmethod
    def at(cls, url: str) -> "Server":
        """`smtp://` begins plain and must turn to TLS, `smtps://` is TLS, `smtp+plain://` is for a relay beside us."""
        parts = urlsplit(url)
        return cls(
            parts.scheme,
            parts.hostname or "",
            parts.port or PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


class SmtpEmails:
    """Hands e-mails to a server, one connection each.

    A server cannot be asked what it has taken, so a doubtful e-mail is sent again. It has the same Message-ID and all
    but the same bytes, by which a mailbox can tell the repeat.
    """

    def __init__(
        self, url: str, *, sender: str, trusted: ssl.SSLContext | None = None, patience: float = ANSWER
    ) -> None:
        self._server = Server.at(url)
        self._sender = sender
        self._trusted = trusted or ssl.create_default_context()
        self._patience = patience

    async def send(self, *, email: Email, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Hands the e-mail over; answers its Message-ID."""
        content = rfc5322.build(email, sender=self._sender, at=at)
        await asyncio.to_thread(self._deliver, email.to, content)
        return rfc5322.message_id(email, self._sender)

    def _deliver(self, to: str, content: bytes) -> None:
        try:
            with self._connection() as smtp:
                self._introduce(smtp)
                smtp.sendmail(self._sender, [to], content)
        except (smtplib.SMTPException, OSError) as problem:
            raise _failure(problem) from problem
        except UnicodeEncodeError as problem:
            raise AdapterFailure("This e-mail cannot be sent: its address is not ASCII", permanent=True) from problem

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        server, we = self._server, self._sender.rpartition("@")[2]  # the default asks the name service who we are
        if server.way == TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, we, timeout=self._patience, context=self._trusted
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, we, timeout=self._patience)
        try:
            yield smtp
        finally:
            with suppress(smtplib.SMTPException, OSError):  # how the parting goes says nothing about the e-mail
                smtp.quit()
            smtp.close()

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._server.way == STARTTLS:
            smtp.starttls(context=self._trusted)  # raises where the server offers none
            smtp.ehlo_or_helo_if_needed()
        if self._server.user:
            smtp.login(self._server.user, self._server.password)

    async def close(self) -> None:
        """Nothing is held open."""


def _failure(problem: Exception) -> AdapterFailure:
    """5xx is final, everything else may pass. The server's own words stay out: they quote the address."""
    code = _code_of(problem)
    if code is None:
        return AdapterFailure(f"The SMTP server did not take the e-mail ({type(problem).__name__})")
    return AdapterFailure(f"The SMTP server refused with {code}", permanent=code >= 500)


def _code_of(problem: Exception) -> int | None:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return max(code for code, _ in problem.recipients.values())
    return problem.smtp_code if isinstance(problem, smtplib.SMTPResponseException) else None
