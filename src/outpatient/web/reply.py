"""`/r/{token}`: the one-tap link in a reminder. A look changes nothing, since phones look at links by themselves."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from outpatient.access.tokens import InvalidToken
from outpatient.core.terms import AppointmentStatus as Status
from outpatient.notifications.links import moment_of, read_reply_link
from outpatient.notifications.texts import LANGUAGES, language_of
from outpatient.replies.actions import answer_by_link
from outpatient.replies.queries import find_invitation
from outpatient.replies.rules import Command
from outpatient.replies.texts import ANSWERS
from outpatient.scheduling.rules import local_day
from outpatient.web.link import LinkPage
from outpatient.web.page import HERE, NOWHERE, page

PREFIX = "/r/"
COMMANDS = {"confirm": Command.CONFIRM, "cancel": Command.CANCEL}

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your appointment",
        "ask": "Are you coming?",
        "confirmed": "Your appointment is confirmed.",
        "yes": "Yes, I am coming",
        "no": "No, cancel my appointment",
        "CANCELLED": "This appointment is cancelled.",
        "CHECKED_IN": "You have arrived. There is nothing left to answer.",
        "COMPLETED": "This appointment is over.",
        "NO_SHOW": "This appointment is over.",
        "moved": "This appointment has been moved, so this link is old. Please use the one in our newest message.",
        "over": "This appointment has begun, so it can no longer be answered here. Please call the clinic.",
        "clinician": "Clinician",
        "date": "Date",
        "time": "Time",
        "where": "Where",
    },
    "hi": {
        "title": "आपकी अपॉइंटमेंट",
        "ask": "क्या आप आ रहे हैं?",
        "confirmed": "आपकी अपॉइंटमेंट पक्की है।",
        "yes": "हाँ, मैं आऊँगा / आऊँगी",
        "no": "नहीं, मेरी अपॉइंटमेंट रद्द करें",
        "CANCELLED": "यह अपॉइंटमेंट रद्द हो चुकी है।",
        "CHECKED_IN": "आप पहुँच चुके हैं। अब कुछ बताने की ज़रूरत नहीं है।",
        "COMPLETED": "यह अपॉइंटमेंट पूरी हो चुकी है।",
        "NO_SHOW": "यह अपॉइंटमेंट बीत चुकी है।",
        "moved": "इस अपॉइंटमेंट का समय बदल गया है, इसलिए यह लिंक अब मान्य नहीं है। कृपया हमारे नए संदेश का लिंक खोलें।",
        "over": "इस अपॉइंटमेंट का समय हो चुका है, इसलिए यहाँ उत्तर नहीं दिया जा सकता। कृपया क्लिनिक को फ़ोन करें।",
        "clinician": "डॉक्टर",
        "date": "तारीख",
        "time": "समय",
        "where": "स्थान",
    },
}


class ReplyPages(LinkPage):
    """Shows a reminder's appointment with two buttons, and does what they say."""

    prefix = PREFIX
    largest_form = 1_000

    async def answer(self, token: str, form: dict[str, str] | None) -> Response:
        appointment_id, moment = read_reply_link(self._secret, token)
        async with self._database.reading() as tx:
            invitation = await find_invitation(tx, appointment_id)
        if invitation is None or not invitation["is_active"]:
            raise InvalidToken
        language = language_of(invitation["language"], invitation["house_language"])
        if why := _why_stale(invitation, moment, self._database.clock.now()):
            return _show(invitation, language, WORDS[language][why], status=410)
        if form is None:
            return _ask(invitation, language)
        command = COMMANDS.get(form.get("answer", ""))
        if command is None:
            return _ask(invitation, language, status=400)
        async with self._database.transaction() as tx:
            when = {"starts_at": invitation["starts_at"], "service_on": invitation["service_on"]}
            outcome = await answer_by_link(tx, appointment_id=appointment_id, command=command, **when)
        return _show(invitation, language, ANSWERS[language][outcome])


def _why_stale(invitation: Mapping[str, Any], moment: str, now: datetime) -> str | None:
    """Why a link is no longer good, if so; that an appointment is cancelled may always be known."""
    if invitation["status"] is Status.CANCELLED:
        return None
    starts_at, service_on = invitation["starts_at"], invitation["service_on"]
    if moment_of(starts_at, service_on) != moment:
        return "moved"
    today = local_day(now, ZoneInfo(invitation["time_zone"]))
    return "over" if (starts_at <= now if starts_at else service_on < today) else None


def _ask(invitation: Mapping[str, Any], language: str, status: int = 200) -> Response:
    """The appointment, and what may still be said to it."""
    words, state = WORDS[language], invitation["status"]
    if state not in {Status.PENDING, Status.CONFIRMED}:
        return _show(invitation, language, words[state.value], status=status)
    yes = f'<button class="yes" name="answer" value="confirm">{words["yes"]}</button>'
    no = f'<button name="answer" value="cancel">{words["no"]}</button>'
    form = f'<form method="post">{"" if state is Status.CONFIRMED else yes}{no}</form>'
    ask = words["confirmed" if state is Status.CONFIRMED else "ask"]
    return _show(invitation, language, ask, form, status=status)


def _show(invitation: Mapping[str, Any], language: str, says: str, form: str = "", *, status: int = 200) -> Response:
    words, starts_at = WORDS[language], invitation["starts_at"]
    local = starts_at and starts_at.astimezone(ZoneInfo(invitation["time_zone"]))
    place = ", ".join(part for part in (invitation["centre_name"], invitation["address"], invitation["city"]) if part)
    facts = {
        words["clinician"]: invitation["clinician_name"],
        words["date"]: LANGUAGES[language].day(invitation["service_on"]),
        words["time"]: local and f"{local:%H:%M} ({invitation['time_zone']})",
        words["where"]: place,
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts.items() if fact)
    body = f'<h1>{escape(invitation["hospital_name"])}</h1><p class="ask">{says}</p><dl>{rows}</dl>{form}'
    return page(words["title"], body, status, language=language, form_action=HERE if form else NOWHERE)
