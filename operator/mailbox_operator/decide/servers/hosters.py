"""The providers of mailboxes in their customers' domains: kept by hand, told by MX records.

Hosts, ports and exchangers are public facts of their help pages, as of 2026.
"""

from typing import Final

from mailbox_operator.decide.servers.preset import Preset, by_tls


def _workmail(region: str) -> Preset:
    """Make the preset of Amazon WorkMail in a region; it speaks TLS at port 465 alone.

    Amazon SES receives at the same exchangers; a domain with SES alone has no mailbox there.
    """
    return Preset(f"WorkMail-{region}", by_tls(f"smtp.mail.{region}.awsapps.com"), (),
                  (f"inbound-smtp.{region}.amazonaws.com",))  # fmt: skip


HOSTERS: Final[tuple[Preset, ...]] = (
    Preset("OVH", by_tls("ssl0.ovh.net"), (), ("mail.ovh.net",), aliases=("smtp.mail.ovh.net",)),
    Preset("OVHCanada", by_tls("smtp.mail.ovh.ca"), (), ("mail.ovh.ca",)),
    Preset("Gandi", by_tls("mail.gandi.net"), (), ("mail.gandi.net",)),
    Preset("Strato", by_tls("smtp.strato.de"), (), ("rzone.de",)),
    Preset("Rackspace", by_tls("secure.emailsrvr.com"), (), ("emailsrvr.com",)),
    Preset("GoDaddy", by_tls("smtpout.secureserver.net"), (), ("secureserver.net",)),
    Preset("Hostinger", by_tls("smtp.hostinger.com"), (), ("hostinger.com",)),
    Preset("Titan", by_tls("smtp.titan.email"), (), ("titan.email",)),
    Preset("PrivateEmail", by_tls("mail.privateemail.com"), (), ("privateemail.com",)),
    Preset("Migadu", by_tls("smtp.migadu.com"), (), ("migadu.com",)),
    Preset("Infomaniak", by_tls("mail.infomaniak.com"), (), ("infomaniak.ch",)),
    *map(_workmail, ("us-east-1", "us-west-2", "eu-west-1")),
    Preset("DreamHost", by_tls("smtp.dreamhost.com"), (), ("dreamhost.com",)),
    Preset("Hover", by_tls("mail.hover.com"), (), ("hover.com.cust.hostedemail.com",)),
    Preset("Purelymail", by_tls("smtp.purelymail.com"), (), ("purelymail.com",),
           app_password_if="if two-factor sign-in is on"),
    Preset("ForwardEmail", by_tls("smtp.forwardemail.net"), (), ("forwardemail.net",),
           app_password_name="a password that is generated for the alias"),
    Preset("Soverin", by_tls("smtp.soverin.net"), (), ("soverin.net",)),
    Preset("Loopia", by_tls("mailcluster.loopia.se"), (), ("loopia.se",)),
    Preset("Hostpoint", by_tls("asmtp.mail.hostpoint.ch"), (), ("mail.hostpoint.ch",)),
    Preset("Beget", by_tls("smtp.beget.com"), (), ("beget.com",)),
    Preset("Timeweb", by_tls("smtp.timeweb.ru"), (), ("timeweb.ru",)),
)  # fmt: skip
