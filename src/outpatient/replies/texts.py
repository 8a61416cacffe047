"""What those are told who answer a message, by SMS or by link: in English and Hindi, in few words."""

from outpatient.replies.rules import Outcome

ANSWERS: dict[str, dict[Outcome, str]] = {
    "en": {
        Outcome.CONFIRMED: "Thank you. Your appointment is confirmed. We look forward to seeing you.",
        Outcome.CANCELLED: "Your appointment is cancelled, as you asked. You are welcome to book again.",
        Outcome.NOT_FOUND: (
            "We found no such appointment of yours to come. Please check the number in our message, or call the clinic."
        ),
        Outcome.PAYMENT_REQUIRED: "This appointment is kept for you until it is paid. Please pay, and it is confirmed.",
        Outcome.TOO_LATE: "It is too late to cancel this appointment yourself. Please call the clinic.",
        Outcome.STOPPED: "You will get no more messages from us here. Reply START to get them again.",
        Outcome.STARTED: "You will get our messages here again. Reply STOP to end them.",
        Outcome.HELPED: (
            "Please reply CONFIRM or CANCEL and the number of your appointment, such as CONFIRM 12. "
            "STOP ends these messages. For anything else please call the clinic."
        ),
    },
    "hi": {
        Outcome.CONFIRMED: "धन्यवाद। आपकी अपॉइंटमेंट पक्की हो गई है। हम आपकी प्रतीक्षा करेंगे।",
        Outcome.CANCELLED: "आपके कहने पर आपकी अपॉइंटमेंट रद्द कर दी गई है। आप फिर से बुक कर सकते हैं।",
        Outcome.NOT_FOUND: (
            "हमें आपकी ऐसी कोई आने वाली अपॉइंटमेंट नहीं मिली। कृपया हमारे संदेश में दिया नंबर देखें या क्लिनिक को फ़ोन करें।"
        ),
        Outcome.PAYMENT_REQUIRED: "यह अपॉइंटमेंट भुगतान होने तक आपके लिए रखी गई है। कृपया भुगतान करें, तब यह पक्की हो जाएगी।",
        Outcome.TOO_LATE: "अब आप यह अपॉइंटमेंट स्वयं रद्द नहीं कर सकते। कृपया क्लिनिक को फ़ोन करें।",
        Outcome.STOPPED: "अब आपको यहाँ हमारे संदेश नहीं मिलेंगे। फिर से पाने के लिए START लिखें।",
        Outcome.STARTED: "अब आपको यहाँ हमारे संदेश फिर से मिलेंगे। बंद करने के लिए STOP लिखें।",
        Outcome.HELPED: (
            "कृपया CONFIRM या CANCEL और अपनी अपॉइंटमेंट का नंबर लिखें, जैसे CONFIRM 12। "
            "संदेश बंद करने के लिए STOP लिखें। और कुछ हो तो कृपया क्लिनिक को फ़ोन करें।"
        ),
    },
}
