"""Messages in Hindi, as a polite clinic in India writes; names stay as they are written.

A link stands last and without a full stop, which phones would take for a part of it.
"""

from datetime import date, datetime

from outpatient.core.terms import CancelledBy, SessionType
from outpatient.notifications.kinds import Kind
from outpatient.notifications.texts.facts import Facts, Language

WEEKDAYS = ("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार")
MONTHS = (
    "जनवरी",
    "फ़रवरी",
    "मार्च",
    "अप्रैल",
    "मई",
    "जून",
    "जुलाई",
    "अगस्त",
    "सितंबर",
    "अक्टूबर",
    "नवंबर",
    "दिसंबर",
)


def booked(facts: Facts) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {_with(facts)}आपका अपॉइंटमेंट {when(facts)}, {where(facts)}, बुक हो गया है।{_join(facts)}"
    )


def confirmed(facts: Facts) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {_with(facts)}{when(facts)}, {where(facts)}, "
        f"आपका अपॉइंटमेंट पक्का हो गया है।{_join(facts)}"
    )


def rescheduled(facts: Facts) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {_with(facts)}आपके अपॉइंटमेंट का समय बदल गया है। "
        f"अब यह {when(facts)}, {where(facts)}, होगा।{_join(facts)}"
    )


def cancelled(facts: Facts, *, by: CancelledBy) -> str:
    """Says truthfully who cancelled."""
    how = {
        CancelledBy.PATIENT: "आपके अनुरोध पर रद्द कर दिया गया है।",
        CancelledBy.STAFF: "क्लिनिक की ओर से रद्द किया गया है। हमें खेद है। कृपया नए समय के लिए हमसे संपर्क करें।",
        CancelledBy.SYSTEM: "अपने आप रद्द हो गया है। इसे आपने रद्द नहीं किया। कृपया नए समय के लिए हमसे संपर्क करें।",
    }
    return f"नमस्ते {facts.patient} जी, {_with(facts)}{when(facts)} का आपका अपॉइंटमेंट {how[by]}"


def expired(facts: Facts) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {_with(facts)}{when(facts)} की आपकी बुकिंग का भुगतान समय पर नहीं हुआ, "
        "इसलिए वह समय अब आपके लिए सुरक्षित नहीं है। आप फिर से बुकिंग कर सकते हैं।"
    )


def meet_link(facts: Facts, *, is_another: bool = False) -> str:
    """`is_another`: the address that was told before is not the right one any more."""
    now = "लिंक बदल गया है। कृपया पुराने लिंक का उपयोग न करें।" if is_another else "लिंक तैयार है।"
    return f"नमस्ते {facts.patient} जी, {_with(facts)}{when(facts)} के आपके ऑनलाइन अपॉइंटमेंट का {now}{_join(facts)}"


def reminder(facts: Facts, *, link: str, appointment_id: int) -> str:
    """Asks for an answer: by SMS, or with one tap."""
    return (
        f"नमस्ते {facts.patient} जी, कृपया याद रखें: {_with(facts)}आपका अपॉइंटमेंट {when(facts)}, {where(facts)}, है।"
        f"{_join(facts)}\n"
        f"कृपया जवाब में CONFIRM {appointment_id} या CANCEL {appointment_id} लिखें, या यह लिंक खोलें: {link}"
    )


def no_show(facts: Facts) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {_with(facts)}{when(facts)} के अपॉइंटमेंट पर आप नहीं आ सके। "
        "यदि आप क्लिनिक पहुँच गए हैं, तो कृपया रिसेप्शन पर बताएँ। अन्यथा आप नया समय बुक कर सकते हैं।"
    )


def no_show_to_clinician(facts: Facts) -> str:
    return f"{facts.patient} {when(facts)}, {where(facts)}, अपॉइंटमेंट पर नहीं आए।"


def no_show_proposed(facts: Facts) -> str:
    return (
        f"{facts.patient} {_with(facts)}{when(facts)} के अपॉइंटमेंट पर अभी तक नहीं पहुँचे हैं। "
        "कृपया उनका चेक-इन करें, या अपॉइंटमेंट को 'नहीं आए' के रूप में दर्ज करें।"
    )


def turn_near(facts: Facts, *, ahead: int, token_label: str, room: str | None) -> str:
    """`ahead` others are seen before."""
    place = "अगली बारी आपकी है" if ahead == 0 else f"आपसे पहले {ahead} मरीज़ {'है' if ahead == 1 else 'हैं'}"
    come = f"कृपया {room} के पास आ जाएँ।" if room else "कृपया परामर्श कक्ष के पास प्रतीक्षा करें।"
    of = f"{facts.clinician} के लिए " if facts.clinician else ""
    return f"नमस्ते {facts.patient} जी, {of}आपका टोकन {token_label}: {place}। {come}"


def payment_link(facts: Facts, *, amount: str, until: datetime, link: str) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {_with(facts)}{when(facts)} के अपॉइंटमेंट के लिए कृपया {amount} का भुगतान करें। "
        f"यह लिंक {moment(until)} तक मान्य है: {link}"
    )


def payment_received(facts: Facts, *, amount: str, reference: str, due: str | None) -> str:
    """`due` is what remains to be paid, None for nothing."""
    left = f"{due} का भुगतान अभी बाकी है।" if due else "अब कोई राशि बाकी नहीं है।"
    return (
        f"नमस्ते {facts.patient} जी, {day(facts.service_on)} को {facts.centre} में आपकी विज़िट के लिए "
        f"हमें {amount} प्राप्त हुए (रसीद {reference})। {left} धन्यवाद।"
    )


def refund(facts: Facts, *, amount: str) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {day(facts.service_on)} को {facts.centre} में आपकी विज़िट के {amount} "
        "उसी माध्यम से लौटा दिए गए हैं जिससे आपने भुगतान किया था। राशि दिखने में बैंक को कुछ दिन लग सकते हैं।"
    )


def invoice(facts: Facts, *, label: str, amount: str, link: str) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {day(facts.service_on)} को {facts.centre} में आपकी विज़िट का "
        f"बिल {label} ({amount}) यहाँ देखें: {link}"
    )


def feedback_request(facts: Facts, *, link: str) -> str:
    return (
        f"नमस्ते {facts.patient} जी, {day(facts.service_on)} को {facts.centre} में आने के लिए धन्यवाद। "
        f"आपका अनुभव कैसा रहा? कृपया हमें बताएँ: {link}"
    )


def otp(*, code: str, minutes: int) -> str:
    return f"{code} आपका साइन-इन कोड है। यह {minutes} मिनट तक मान्य है। इसे किसी को न बताएँ।"


def day(on: date) -> str:
    """`मंगलवार, 3 मार्च 2026`."""
    return f"{WEEKDAYS[on.weekday()]}, {on.day} {MONTHS[on.month - 1]} {on.year}"


def clock(at: datetime) -> str:
    """`सुबह 10:00 बजे`: Hindi names the part of the day."""
    part = "सुबह" if 4 <= at.hour < 12 else "दोपहर" if 12 <= at.hour < 16 else "शाम" if 16 <= at.hour < 20 else "रात"
    return f"{part} {at.hour % 12 or 12}:{at.minute:02} बजे"


def moment(at: datetime) -> str:
    return f"{day(at)}, {clock(at)}"


def when(facts: Facts) -> str:
    """A day and a time; a token has a day only."""
    if facts.starts_at is None:
        return f"{day(facts.service_on)} (टोकन से, पहुँचने के क्रम में)"
    return f"{day(facts.service_on)}, {clock(facts.starts_at)}"


def where(facts: Facts) -> str:
    if facts.session_type is SessionType.PHONE:
        return "फ़ोन पर"
    return "ऑनलाइन" if facts.session_type is SessionType.ONLINE else f"{facts.centre} में"


def _with(facts: Facts) -> str:
    return f"{facts.clinician} के साथ " if facts.clinician else ""


def _join(facts: Facts) -> str:
    return f" यहाँ जुड़ें: {facts.link}" if facts.link else ""


LANGUAGE = Language(
    texts={
        Kind.BOOKED: booked,
        Kind.CONFIRMED: confirmed,
        Kind.RESCHEDULED: rescheduled,
        Kind.CANCELLED: cancelled,
        Kind.EXPIRED: expired,
        Kind.MEET_LINK: meet_link,
        Kind.REMINDER: reminder,
        Kind.NO_SHOW: no_show,
        Kind.NO_SHOW_TO_CLINICIAN: no_show_to_clinician,
        Kind.NO_SHOW_PROPOSED: no_show_proposed,
        Kind.TURN_NEAR: turn_near,
        Kind.PAYMENT_LINK: payment_link,
        Kind.PAYMENT_RECEIVED: payment_received,
        Kind.REFUND: refund,
        Kind.INVOICE: invoice,
        Kind.FEEDBACK_REQUEST: feedback_request,
        Kind.OTP: otp,
    },
    subjects={
        Kind.BOOKED: "आपका अपॉइंटमेंट बुक हो गया है",
        Kind.CONFIRMED: "आपका अपॉइंटमेंट पक्का हो गया है",
        Kind.RESCHEDULED: "आपके अपॉइंटमेंट का समय बदल गया है",
        Kind.CANCELLED: "आपका अपॉइंटमेंट रद्द हो गया है",
        Kind.EXPIRED: "आपकी बुकिंग का भुगतान समय पर नहीं हुआ",
        Kind.MEET_LINK: "आपके ऑनलाइन अपॉइंटमेंट का लिंक",
        Kind.REMINDER: "आपके अपॉइंटमेंट की याद",
        Kind.NO_SHOW: "आप अपॉइंटमेंट पर नहीं आ सके",
        Kind.NO_SHOW_TO_CLINICIAN: "एक मरीज़ नहीं आए",
        Kind.NO_SHOW_PROPOSED: "एक मरीज़ अभी तक नहीं पहुँचे",
        Kind.TURN_NEAR: "आपकी बारी आने वाली है",
        Kind.PAYMENT_LINK: "आपका भुगतान लिंक",
        Kind.PAYMENT_RECEIVED: "आपका भुगतान प्राप्त हुआ",
        Kind.REFUND: "आपकी राशि लौटा दी गई है",
        Kind.INVOICE: "आपका बिल",
        Kind.FEEDBACK_REQUEST: "आपकी विज़िट कैसी रही?",
        Kind.OTP: "आपका साइन-इन कोड",
    },
    when=when,
    where=where,
    day=day,
    moment=moment,
)
