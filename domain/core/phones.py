"""Mobile numbers of the mainland, Hong Kong, Macao and Taiwan, in E.164 and in no other spelling."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
# What each region's plan keeps for mobile numbers, by country code, over the national number.
_MOBILE_PLANS = {
    86: re.compile(r"1[3-9][0-9]{9}"),
    852: re.compile(r"[4-9][0-9]{7}"),
    853: re.compile(r"6[0-9]{7}"),
    886: re.compile(r"9[0-9]{8}"),
}


def is_mobile(text: str) -> bool:
    """
    A number that the library knows as a mobile one; or one that it does not know yet, of a length that can be, within
    its region's plan for mobile numbers. Blocks are given out from year to year: who gets a number of a new one must not
    wait for the library's next release.
    """
    if not _E164.fullmatch(text):
        return False
    try:
        number = phonenumbers.parse(text)
    except NumberParseException:
        return False
    plan = _MOBILE_PLANS.get(number.country_code or 0)
    if plan is None or phonenumbers.format_number(number, PhoneNumberFormat.E164) != text:
        return False
    kind = phonenumbers.number_type(number)
    if kind != PhoneNumberType.UNKNOWN:
        return kind == PhoneNumberType.MOBILE
    return (
        phonenumbers.is_possible_number_for_type(number, PhoneNumberType.MOBILE)
        and plan.fullmatch(str(number.national_number)) is not None
    )
