"""What the AADSTS numbers of Microsoft Entra mean, by kind.

Microsoft asks to act upon `error` and `suberror` and to take the numbers as hints only: they decide
where they tell more, and an unknown number of a known family counts as its family.

Source:
    Microsoft Entra authentication and authorization error codes (identity platform reference).
"""

from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason


@dataclass(frozen=True, slots=True)
class EntraKind:
    """Numbers that mean the same to the person who must act.

    Attributes:
        families: Numbers that begin with these digits, and with so many digits in all, belong here
            where no kind names them.
    """

    reason: Reason
    numbers: tuple[int, ...]
    finding: Finding | None = None
    families: tuple[str, ...] = ()


ENTRA_KINDS: Final = (
    EntraKind(Reason.CONSENT_INCOMPLETE, (65001, 65004)),
    EntraKind(Reason.ADMIN_CONSENT_REQUIRED, (90093, 90094, 90095)),
    EntraKind(Reason.ADMIN_CONSENT_REQUIRED, (50105, 501051), Finding.NOT_ASSIGNED),
    EntraKind(Reason.ADMIN_CONSENT_REQUIRED, (65002, 650051, 650052, 650056, 7000229, 1000031),
         Finding.APP_NOT_INSTALLED),
    EntraKind(Reason.GRANT_REVOKED,
         (50058, 50085, 50089, 50126, 50132, 50133, 50140, 50143, 50173, 51000, 70000, 70008, 70043,
          700082)),
    EntraKind(Reason.GRANT_REVOKED, (50072, 50074, 50076, 50078, 50079, 50158, 50203, 500121),
         Finding.SECOND_FACTOR_ASKED),
    EntraKind(Reason.GRANT_REVOKED, (700084,), Finding.SINGLE_PAGE_GRANT),
    EntraKind(Reason.ACCESS_BLOCKED, (50034, 51004), Finding.ACCOUNT_UNKNOWN),
    EntraKind(Reason.ACCESS_BLOCKED, (50057,), Finding.ACCOUNT_DISABLED),
    EntraKind(Reason.ACCESS_BLOCKED, (50053,), Finding.ACCOUNT_LOCKED),
    EntraKind(Reason.ACCESS_BLOCKED, (50055, 50056, 50142, 50144), Finding.PASSWORD_EXPIRED),
    EntraKind(Reason.ACCESS_BLOCKED, (50005, 50131, 53000, 53001, 53002, 53003, 530032, 530035, 530084),
         Finding.POLICY_FORBIDS, ("530??", "530???")),
    EntraKind(Reason.ACCESS_BLOCKED, (80012,)),
    EntraKind(Reason.ACCESS_BLOCKED, (50097, 50129, 50155, 50187, 135011, 240001, 700003),
         Finding.DEVICE_REFUSED, ("1350??", "24000?")),
    EntraKind(Reason.ACCESS_BLOCKED, (500021, 500022, 500212, 500213), Finding.ORGANISATION_FORBIDS,
         ("50021?",)),
    EntraKind(Reason.IDENTITY_MISMATCH, (16000, 16003, 50020, 500208, 90072), Finding.FOREIGN_ACCOUNT),
    EntraKind(Reason.OAUTH_APP_INVALID, (70001, 700011, 700016, 90112, 900381), Finding.APP_UNKNOWN),
    EntraKind(Reason.OAUTH_APP_INVALID, (7000112,), Finding.APP_DISABLED),
    EntraKind(Reason.OAUTH_APP_INVALID,
         (70002, 700021, 700023, 700027, 700030, 7000212, 7000215, 7000216, 7000218),
         Finding.SECRET_WRONG, ("70002??",)),
    EntraKind(Reason.OAUTH_APP_INVALID, (7000222,), Finding.SECRET_EXPIRED),
    EntraKind(Reason.OAUTH_APP_INVALID, (9002326, 9002327), Finding.SINGLE_PAGE_APP),
    EntraKind(Reason.OAUTH_APP_INVALID, (50011, 500111, 500112, 500113, 90012, 900971),
         Finding.REDIRECT_WRONG),
    EntraKind(Reason.OAUTH_APP_INVALID, (50049, 50128, 90002, 900021, 900023, 900382),
         Finding.TENANT_UNKNOWN, ("90002?",)),
    EntraKind(Reason.OAUTH_APP_INVALID, (50059, 50194, 90019, 90038, 90130, 9001023, 700005),
         Finding.TENANT_NEEDED),
    EntraKind(Reason.OAUTH_APP_INVALID,
         (28002, 28003, 50001, 500011, 500014, 65005, 650053, 650057, 70011, 700022),
         Finding.RESOURCE_UNKNOWN, ("50001?",)),
    EntraKind(Reason.OAUTH_APP_INVALID, (7000113, 7000114, 240002), Finding.TOKEN_OF_ANOTHER_APP),
    EntraKind(Reason.OAUTH_APP_INVALID, (70003, 70007, 700025)),
    EntraKind(Reason.UNKNOWN, (500133, 700024), Finding.CLOCKS_DIFFER),
    EntraKind(Reason.RATE_LIMITED, (50196, 90055)),
    EntraKind(Reason.PROVIDER_UNAVAILABLE,
         (40008, 40010, 50033, 70012, 80001, 80002, 80005, 80007, 80010, 80013, 90006, 90024, 90033,
          90036), None, ("8000?", "8001?")),
)  # fmt: skip

NUMBERS: Final = {number: kind for kind in ENTRA_KINDS for number in kind.numbers}


def kind_of(number: int) -> EntraKind | None:
    """Find what a number means: by itself, else by its family; None if it is in neither."""
    return NUMBERS.get(number) or next(
        (kind for kind in ENTRA_KINDS if _is_of(str(number), kind)), None
    )


def _is_of(digits: str, kind: EntraKind) -> bool:
    return any(
        len(digits) == len(family) and digits.startswith(family.rstrip("?"))
        for family in kind.families
    )
