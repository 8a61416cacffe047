"""Somebody's phone, and Twilio between him and us."""

import itertools
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

import httpx2

from outpatient.adapters.messages.twilio_signature import HEADER, sign
from outpatient.app import Outpatient

PATH = "/api/v1/twilio/webhook"
OUR_NUMBER = "+15005550006"
_sids = itertools.count(1)


@dataclass
class Phone:
    """A phone that texts us; `sends` answers the words that come back."""

    outpatient: Outpatient
    http: httpx2.AsyncClient
    number: str

    async def sends(self, body: str, **given) -> str:
        answer = await self.posts(body, **given)
        assert answer.status_code == 200, answer.text
        return words(answer)

    async def posts(
        self, body: str, *, sid: str | None = None, signature: str | None = None, **form
    ) -> httpx2.Response:
        """Any call of the webhook; `signature` instead of the right one."""
        settings = self.outpatient.settings
        sent = {"MessageSid": sid or new_sid(), "From": self.number, "To": OUR_NUMBER, "Body": body, **form}
        right = sign(settings.sms_secret, settings.base_url + PATH, sent)
        return await post(self.http, sent, right if signature is None else signature)


def new_sid() -> str:
    return f"SM{next(_sids):032x}"


async def post(http: httpx2.AsyncClient, form: dict[str, str], signature: str | None, path: str = PATH):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if signature is not None:
        headers[HEADER] = signature
    return await http.post(path, content=urlencode(form), headers=headers)


def words(answer: httpx2.Response) -> str:
    """What TwiML says."""
    assert answer.headers["content-type"].startswith("text/xml")
    said = re.fullmatch(
        r'<\?xml version="1.0" encoding="UTF-8"\?><Response><Message>(.*)</Message></Response>', answer.text, re.DOTALL
    )
    assert said, answer.text
    return unescape(said[1])
