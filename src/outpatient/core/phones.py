"""Phone numbers: people write them in many ways, we keep one (E.164, `+919876543210`)."""

NOT_A_PHONE = "This is not a phone number we can reach. Write it with its area or country code."


def to_e164(text: str, region: str = "IN") -> str:
    """The E.164 form of a number as people write it; `region` says which country one without `+` is in.

    Numbers that could exist are accepted, also from ranges that nobody has been given yet (+1 555 …), because
    numbering plans grow faster than the library that knows them. Raises ValueError with a sentence for the person.
    """
    import phonenumbers  # 0.06 s and a few MB, which `outpatient routes` and most tests never need

    if any(char.isalpha() for char in text):  # the library would dial letters: CALL becomes 2255
        raise ValueError(NOT_A_PHONE)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise ValueError(NOT_A_PHONE) from None
    # Asked for a personal line: India's 13-digit service numbers would let a mobile with a digit too many through.
    personal = phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    length = phonenumbers.is_possible_number_for_type_with_reason(number, personal)
    if number.extension or length != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError(NOT_A_PHONE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
