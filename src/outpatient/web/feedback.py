"""`/f/{token}`: the link in the question how a visit was. A look changes nothing; five buttons rate the visit."""

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Any

from starlette.responses import Response

from outpatient.access.tokens import InvalidToken
from outpatient.core.errors import Problem
from outpatient.core.terms import VisitStatus
from outpatient.feedback.actions import give_feedback
from outpatient.feedback.queries import find_rated
from outpatient.notifications.links import read_feedback_link
from outpatient.notifications.texts import LANGUAGES, language_of
from outpatient.replies.queries import as_patient
from outpatient.web.link import LinkPage
from outpatient.web.page import HERE, NOWHERE, page

PREFIX = "/f/"
GOOD_FOR = timedelta(days=30)  # from the end of the visit
LONGEST_COMMENT = 2000
STARS = {str(number): number for number in range(1, 6)}

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your visit",
        "ask": "How was your visit?",
        "comment": "Anything you would like to tell us (optional)",
        "thanks": "Thank you for telling us.",
        "over": "This visit can no longer be rated here.",
    },
    "hi": {
        "title": "आपकी विज़िट",
        "ask": "आपकी विज़िट कैसी रही?",
        "comment": "कुछ और बताना चाहें तो (ज़रूरी नहीं)",
        "thanks": "बताने के लिए धन्यवाद।",
        "over": "अब यहाँ इस विज़िट के बारे में नहीं बताया जा सकता।",
    },
}


class FeedbackPages(LinkPage):
    """Asks how a visit was, and keeps what is answered as its patient's feedback."""

    prefix = PREFIX
    largest_form = 32 * 1024

    async def answer(self, token: str, form: dict[str, str] | None) -> Response:
        visit_id = read_feedback_link(self._secret, token)
        async with self._database.reading() as tx:
            rated = await find_rated(tx, visit_id)
        if rated is None:
            raise InvalidToken
        ended_at = rated["completed_at"]
        if rated["status"] is not VisitStatus.COMPLETED or ended_at <= self._database.clock.now() - GOOD_FOR:
            return _show(rated, "over", status=410)
        if form is None:
            return _ask(rated)
        rating, comment = STARS.get(form.get("rating", "")), form.get("comment", "").replace("\x00", "").strip()
        if rating is None:
            return _ask(rated, status=400)
        try:
            async with self._database.transaction() as tx:
                patient = await as_patient(tx, rated["hospital_id"], rated["patient_id"], rated["full_name"])
                said_before = rated["comment"]
                await give_feedback(
                    tx,
                    actor=patient,
                    visit_id=visit_id,
                    appointment_id=None,
                    rating=rating,
                    comment=comment[:LONGEST_COMMENT] or said_before,
                )
        except Problem:  # rated too long ago, or its end was taken back a moment ago
            return _show(rated, "over", status=410)
        return _show(rated, "thanks")


def _ask(rated: Mapping[str, Any], status: int = 200) -> Response:
    """Five buttons, and room for a word."""
    words = WORDS[_language(rated)]
    buttons = "".join(f'<button name="rating" value="{value}">{value} ★</button>' for value in STARS)
    comment = (
        f'<label>{words["comment"]}<textarea name="comment" rows="3" maxlength="{LONGEST_COMMENT}"></textarea></label>'
    )
    return _show(rated, "ask", f'<form method="post">{comment}<div class="stars">{buttons}</div></form>', status=status)


def _show(rated: Mapping[str, Any], says: str, form: str = "", *, status: int = 200) -> Response:
    language = _language(rated)
    words = WORDS[language]
    about = ", ".join(part for part in (rated["clinician_name"], rated["centre_name"]) if part)
    body = (
        f'<h1>{escape(rated["hospital_name"])}</h1><p class="ask">{words[says]}</p>'
        f"<p>{escape(about)}, {LANGUAGES[language].day(rated['service_on'])}</p>{form}"
    )
    return page(words["title"], body, status, language=language, form_action=HERE if form else NOWHERE)


def _language(rated: Mapping[str, Any]) -> str:
    return language_of(rated["language"], rated["house_language"])
