"""An SMTP server (RFC 5321) with STARTTLS (RFC 3207), AUTH PLAIN (RFC 4954) and one mailbox for everybody."""

import asyncio
import base64
import re
import ssl
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import Literal
from urllib.parse import quote

USER, PASSWORD = "clinic@relay", "smtp/password@that-nobody:may-see"
LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"

SmtpFault = Literal["down", "slow down", "broken", "never", "silent", "mute", "parts badly"]
REFUSALS: dict[SmtpFault, str] = {"slow down": "450", "broken": "421", "never": "550"}


@dataclass
class MailServer:
    """Takes e-mails: plain, with STARTTLS (`certificate`) or TLS from the first byte (`at_once`).

    `fault` refuses every recipient and quotes him, or: *down* (hangs up at once), *silent* (takes the e-mail and hangs
    up before it says so), *mute* (takes it and says nothing more), *parts badly* (refuses QUIT).
    """

    certificate: ssl.SSLContext | None = None
    at_once: bool = False
    asks_login: bool = False
    fault: SmtpFault | None = None
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)  # sender, recipient, content
    said: list[str] = field(default_factory=list)  # every command, for a look at what went in the clear

    def fail(self, fault: SmtpFault | None) -> None:
        self.fault = fault

    def verbs(self) -> list[str]:
        return [command.split(" ", maxsplit=1)[0].upper() for command in self.said]

    def mailbox(self) -> list[bytes]:
        """One e-mail per Message-ID, as a mailbox shows them that tells repeats."""
        by_id = {BytesHeaderParser().parsebytes(content)["Message-ID"]: content for _, _, content in self.taken}
        return list(by_id.values())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Dialogue(self, reader, writer).run()


class Dialogue:
    """One client's connection."""

    def __init__(self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.is_secret, self.knows_him = False, not server.asks_login
        self.sender = self.recipient = ""

    async def run(self) -> None:
        if self.server.fault == "down":
            return
        if self.server.at_once:
            await self._turn_to_tls()
        self._say("220 mail.test ESMTP")
        while line := await self.reader.readline():
            command = line.decode().rstrip("\r\n")
            self.server.said.append(command)
            if await self._obey(command):
                return

    async def _obey(self, command: str) -> bool:
        """Whether that was all."""
        match command.split(" ", maxsplit=1)[0].upper():
            case "EHLO":
                self._say(*self._offers())
            case "STARTTLS" if self.server.certificate and not self.is_secret:
                self._say("220 go ahead")
                await self._turn_to_tls()
            case "AUTH":
                self.knows_him = base64.b64decode(command.split(" ")[2]) == f"\0{USER}\0{PASSWORD}".encode()
                self._say("235 welcome" if self.knows_him else "535 5.7.8 who are you")
            case "MAIL":
                self.sender = re.findall("<(.*)>", command)[0]
                self._say("250 ok" if self.knows_him else "530 5.7.0 Authentication required")
            case "RCPT":
                self.recipient = re.findall("<(.*)>", command)[0]
                code = REFUSALS.get(self.server.fault or "silent", "250")
                self._say(f"{code} {self.recipient}")
            case "DATA":
                return await self._take()
            case "QUIT":
                self._say("451 not yet" if self.server.fault == "parts badly" else "221 bye")
                return True
            case "RSET":
                self._say("250 ok")
            case _:
                self._say("502 what?")
        return False

    async def _take(self) -> bool:
        self._say("354 go on")
        content = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3]
        self.server.taken.append((self.sender, self.recipient, re.sub(rb"(?m)^\.\.", b".", content)))
        if self.server.fault == "mute":
            await asyncio.Event().wait()
        if self.server.fault != "silent":
            self._say("250 taken")
        return self.server.fault == "silent"

    def _offers(self) -> list[str]:
        offers = ["mail.test", "8BITMIME"]
        if self.server.certificate and not self.is_secret:
            offers.append("STARTTLS")
        if self.server.asks_login:
            offers.append("AUTH PLAIN")
        return [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]

    async def _turn_to_tls(self) -> None:
        assert self.server.certificate is not None
        await self.writer.start_tls(self.server.certificate)
        self.is_secret = True

    def _say(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
