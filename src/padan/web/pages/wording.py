"""What the pages say about a fault, by its code; the sentence names the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from padan.app.errors import Invalid
from padan.domain.claim import ClaimField
from padan.domain.session import ErrorCode
from padan.web.pages.languages import N_, PageLanguage

_MISSING: Mapping[str, str] = MappingProxyType(
    {
        ClaimField.NIK: N_("Enter your NIK, the 16 digits on your identity card."),
        ClaimField.FULL_NAME: N_("Enter your full name as on your identity card."),
        ClaimField.DATE_OF_BIRTH: N_("Enter your date of birth: day, month and year."),
        "consent": N_("Tick the box if you agree; without your consent nothing can be checked."),
    }
)

_FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "name_blank": N_("Enter your full name as on your identity card."),
        "name_too_long": N_("This name is longer than 120 characters. Enter it as on your identity card."),
        "name_unprintable": N_("This name holds characters that cannot be seen. Type it again."),
        "name_unusual": N_(
            "This name holds a sign that no name on an identity card has, such as < or an emoji. Remove it."
        ),
        "name_without_letter": N_("This name holds no letter. Enter it as on your identity card."),
        "date_incomplete": N_("The date of birth is not complete. Enter day, month and year."),
        "day_unreadable": N_("The day must be a number from 1 to 31."),
        "month_unreadable": N_("The month must be a number from 1 to 12, or its name."),
        "year_unreadable": N_("The year must have four digits, such as 1945."),
        "date_nonexistent": N_("This date does not exist. Check day, month and year."),
        "date_malformed": N_("This date cannot be read. Enter day, month and year."),
        "date_in_future": N_("This date is still to come. Enter your date of birth."),
        "date_too_early": N_("This date is too long ago. Check the year."),
        "not_offered": N_("This choice is not offered here. Choose one of those shown."),
    }
)

_ENDINGS: Mapping[ErrorCode | None, tuple[str, str]] = MappingProxyType(
    {
        ErrorCode.CANCELED: (
            N_("Cancelled"),
            N_("The check was cancelled. You can go back and begin again."),
        ),
        ErrorCode.USER_TIMED_OUT: (N_("The time is over"), N_("The time for this check is over.")),
        ErrorCode.USER_ABANDONED: (N_("The time is over"), N_("The time for this check is over.")),
        ErrorCode.EXPIRED: (
            N_("The register did not answer"),
            N_("The population register did not answer in time. This is not your fault. Try again later."),
        ),
        ErrorCode.SECURITY_VALIDATION_FAILED: (
            N_("Too many tries"),
            N_("There were too many tries that could not be taken, so this check has ended."),
        ),
    }
)
FINISHED = (N_("Finished"), N_("The check is finished."))
"""A check that ran, whatever it found: what it found is said by the verdict, where the profile shows that."""

_OTHER_ENDING = (
    N_("The check did not work"),
    N_("The check could not be carried out. This is not your fault. You can go back and try again."),
)

# Providers name themselves in English; here their names are marked for translation.
PROVIDER_TEXTS = (N_("Indonesia NIK"), N_("National identity number (NIK)"))

CHECK_AND_TRY_AGAIN = N_("Check what was given against your identity card, then go back and try again.")

FORM_TOO_LARGE = N_(
    "What was sent was too large, so it was not read to its end. Check each field and send it again."
)

TOO_MANY_TRIES = N_(
    "This NIK was tried with too many different details today. Try again tomorrow, or ask the organisation "
    "that sent you here for another way."
)


def say_faults(invalid: Invalid, language: PageLanguage) -> dict[str, list[str]]:
    """The sentences for each field's faults, in the order of the form."""
    return {
        name: _say(name, texts, invalid.codes.get(name, ()), language)
        for name, texts in invalid.errors.items()
    }


def say_ending(code: ErrorCode | None, language: PageLanguage) -> tuple[str, str]:
    """The heading and the sentence for a session that ended; without a code, or refused, its check ran."""
    ran = code in {None, ErrorCode.ASSURANCE_LEVEL_NOT_MET}
    heading, sentence = FINISHED if ran else _ENDINGS.get(code, _OTHER_ENDING)
    return language(heading), language(sentence)


def _say(name: str, texts: Sequence[str], codes: Sequence[str], language: PageLanguage) -> list[str]:
    if list(codes) == ["missing"] and name in _MISSING:
        return [language(_MISSING[name])]
    if codes and all(code in _FAULTS for code in codes):
        return [language(_FAULTS[code]) for code in codes]
    # The NIK explains itself, in whole sentences.
    return list(texts)
