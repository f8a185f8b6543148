"""The providers that are kept by hand: what their help pages say of submission and app passwords.

Hosts and ports are public facts, compared in 2026 with the two large public tables of such settings
(Thunderbird's autoconfig and Nodemailer's well-known services). A domain stands here only if it is the
provider's own for certain, because a login there proves an address.
"""

import re
from typing import Final

from mailbox_operator.decide.servers.hosters import HOSTERS
from mailbox_operator.decide.servers.preset import Preset, UsernameFormat, by_starttls, by_tls

CODE: Final = "an authorization code, 授权码"
POP3: Final = "switch on POP3/SMTP in the mailbox's settings"
PROGRAMS: Final = "allow external programs (POP3 and IMAP) in the mailbox's settings"
SIXTEEN: Final = re.compile("[a-z]{16}")
FOURS: Final = re.compile("([a-z]{4} ?){3}[a-z]{4}")
HYPHENATED: Final = re.compile("([a-z]{4}-){3}[a-z]{4}")
TWO_STEPS: Final = "if two-step verification is on"


def _zoho(name: str, site: str, mail: tuple[str, ...], accounts: str) -> tuple[Preset, Preset]:
    """Make the two presets of one of Zoho's data centres: free mailboxes, and organisations."""
    url = f"https://accounts.{accounts}/home#security/app_password"
    wanted = "if two-factor or federated sign-in is on"
    free = Preset(f"Zoho{name}", by_tls(f"smtp.{site}"), mail, app_password_url=url,
                  app_password_if=wanted)  # fmt: skip
    paid = Preset(f"ZohoPro{name}", by_tls(f"smtppro.{site}"), (), (site,), app_password_url=url,
                  app_password_if=wanted)  # fmt: skip
    return free, paid


def _netease(name: str, domain: str) -> Preset:
    site = f"https://mail.{domain.removeprefix('vip.')}"
    return Preset(name, by_tls(f"smtp.{domain}"), (domain,), app_password_name=CODE,
                  app_password_url=site, remark=POP3)  # fmt: skip


def _ionos(name: str, site: str, *more: str) -> Preset:
    return Preset(name, by_tls(f"smtp.{site}"), (), (site, *more))


PRESETS: Final[tuple[Preset, ...]] = (
    Preset("Gmail", by_starttls("smtp.gmail.com"), ("gmail.com", "googlemail.com"),
           ("google.com", "googlemail.com"), aliases=("smtp.googlemail.com",),
           app_password_url="https://myaccount.google.com/apppasswords",
           app_password_form=FOURS),
    Preset("Microsoft365", by_starttls("smtp.office365.com"), (),
           ("protection.outlook.com", "mx.microsoft"), aliases=("outlook.office365.com",)),
    Preset("Microsoft365USGovernment", by_starttls("smtp.office365.us"), (),
           ("protection.office365.us",)),
    Preset("Microsoft365China", by_starttls("smtp.partner.outlook.cn"), (),
           ("protection.partner.outlook.cn",)),
    Preset("OutlookCom", by_starttls("smtp-mail.outlook.com"),
           ("outlook.com", "hotmail.com", "live.com", "msn.com"), ("olc.protection.outlook.com",),
           aliases=("smtp.live.com", "smtp.hotmail.com")),
    # AOL's mail runs on Yahoo's machines, with an exchanger and app passwords of its own.
    Preset("Yahoo", by_tls("smtp.mail.yahoo.com"), ("yahoo.com", "ymail.com", "rocketmail.com"),
           ("yahoodns.net", "mx-apac.mail.gm0.yahoodns.net"),
           app_password_url="https://login.yahoo.com/account/security", app_password_form=SIXTEEN),
    Preset("AOL", by_tls("smtp.aol.com"), ("aol.com", "aim.com"), ("gm0.yahoodns.net",),
           app_password_url="https://login.aol.com/account/security", app_password_form=SIXTEEN),
    Preset("ATT", by_tls("smtp.mail.att.net"), ("att.net", "sbcglobal.net", "bellsouth.net"),
           ("prodigy.net",), aliases=("outbound.att.net",), app_password_name="a secure mail key"),
    Preset("iCloud", by_starttls("smtp.mail.me.com"), ("icloud.com", "me.com", "mac.com"),
           ("mail.icloud.com",), aliases=("smtp.mail.icloud.com",),
           app_password_url="https://account.apple.com/account/manage",
           app_password_form=HYPHENATED),
    *_zoho("", "zoho.com", ("zoho.com", "zohomail.com"), "zoho.com"),
    *_zoho("EU", "zoho.eu", ("zoho.eu", "zohomail.eu"), "zoho.eu"),
    *_zoho("IN", "zoho.in", ("zoho.in", "zohomail.in"), "zoho.in"),
    *_zoho("AU", "zoho.com.au", ("zoho.com.au", "zohomail.com.au"), "zoho.com.au"),
    *_zoho("JP", "zoho.jp", ("zoho.jp", "zohomail.jp"), "zoho.jp"),
    *_zoho("CA", "zohocloud.ca", ("zohocloud.ca", "zohomailcloud.ca"), "zohocloud.ca"),
    *_zoho("SA", "zoho.sa", ("zoho.sa", "zohomail.sa"), "zoho.sa"),
    # No addresses of Zoho's own are known there.
    *_zoho("UK", "zoho.uk", (), "zoho.uk"),
    *_zoho("AE", "zoho.ae", (), "zoho.ae"),
    *_zoho("CN", "zoho.com.cn", ("zoho.com.cn", "zohomail.com.cn"), "zoho.com.cn"),
    Preset("Fastmail", by_tls("smtp.fastmail.com"), ("fastmail.com", "fastmail.fm"),
           ("messagingengine.com",), aliases=("mail.messagingengine.com",),
           app_password_url="https://app.fastmail.com/settings/security"),
    Preset("Proton", by_starttls("smtp.protonmail.ch"), ("proton.me", "protonmail.com", "pm.me"),
           ("mail.protonmail.ch", "mailsec.protonmail.ch"),
           app_password_name="an SMTP token, which addresses of your own domain can have",
           app_password_url="https://proton.me/support/smtp-submission"),
    Preset("GMX", by_tls("mail.gmx.net"), ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"), ("gmx.net",),
           aliases=("smtp.gmx.net", "smtp.gmx.de"), remark=PROGRAMS, app_password_if=TWO_STEPS,
           app_password_name="an application-specific password"),
    Preset("GMXCom", by_tls("mail.gmx.com"), ("gmx.com", "gmx.us", "gmx.co.uk"), ("gmx.com",),
           aliases=("smtp.gmx.com",), remark=PROGRAMS, app_password_if=TWO_STEPS,
           app_password_name="an application-specific password"),
    Preset("WebDe", by_tls("smtp.web.de"), ("web.de",), ("web.de",), UsernameFormat.LOCAL_PART,
           remark=PROGRAMS, app_password_if=TWO_STEPS,
           app_password_name="an application-specific password"),
    Preset("MailCom", by_tls("smtp.mail.com"), ("mail.com", "email.com"), ("mail.com",),
           remark=PROGRAMS, app_password_if=TWO_STEPS,
           app_password_name="an application-specific password"),
    Preset("TOnline", by_tls("securesmtp.t-online.de"), ("t-online.de", "magenta.de"),
           ("t-online.de",), aliases=("smtpmail.t-online.de",),
           app_password_name="the password for e-mail programs",
           app_password_url="https://account.idm.telekom.com"),
    Preset("MailRu", by_tls("smtp.mail.ru"),
           ("mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru", "vk.com"), ("mail.ru",),
           aliases=("smtp.vk.com", "smtp.bk.ru", "smtp.inbox.ru", "smtp.list.ru"),
           app_password_name="a password for external applications",
           app_password_url="https://account.mail.ru/user/2-step-auth/passwords"),
    Preset("Yandex", by_tls("smtp.yandex.com"), ("yandex.com", "yandex.ru", "ya.ru"),
           ("yandex.net", "mx.yandex.ru"),
           aliases=("smtp.yandex.ru", "smtp.ya.ru", "smtp.yandex.by", "smtp.yandex.kz",
                    "smtp.yandex.ua", "smtp.yandex.com.tr"),
           app_password_url="https://id.yandex.com/security/app-passwords", app_password_form=SIXTEEN),
    Preset("Rambler", by_tls("smtp.rambler.ru"), ("rambler.ru",), ("rambler.ru",), remark=PROGRAMS),
    Preset("QQ", by_tls("smtp.qq.com"), ("qq.com", "vip.qq.com", "foxmail.com"),
           ("mx1.qq.com", "mx2.qq.com", "mx3.qq.com"), aliases=("smtp.foxmail.com",),
           app_password_name=CODE, app_password_url="https://help.mail.qq.com/detail/108/1023",
           app_password_form=SIXTEEN,
           remark=POP3),
    Preset("TencentExmail", by_tls("smtp.exmail.qq.com"), (), ("mxbiz1.qq.com", "mxbiz2.qq.com"),
           aliases=("hwsmtp.exmail.qq.com",), remark=POP3, app_password_if="if secure login is on",
           app_password_name="a client password, 客户端专用密码"),
    _netease("NetEase163", "163.com"),
    _netease("NetEaseVIP163", "vip.163.com"),
    _netease("NetEase126", "126.com"),
    _netease("NetEaseVIP126", "vip.126.com"),
    _netease("NetEaseYeah", "yeah.net"),
    _netease("NetEase188", "188.com"),
    Preset("NetEaseEnterprise", by_tls("smtp.qiye.163.com"), (),
           ("qiye163mx01.mxmail.netease.com", "qiye163mx02.mxmail.netease.com"),
           aliases=("smtphz.qiye.163.com",), remark=POP3, app_password_name=CODE,
           app_password_if="if client authorization is on"),
    Preset("Sina", by_tls("smtp.sina.com"), ("sina.com",), aliases=("smtp.sina.com.cn",),
           remark=POP3, app_password_name=CODE),
    Preset("Sohu", by_tls("smtp.sohu.com"), ("sohu.com",), remark=POP3, app_password_name=CODE),
    Preset("ChinaMobile139", by_tls("smtp.139.com"), ("139.com",), remark=POP3,
           app_password_name=CODE),
    Preset("Aliyun", by_tls("smtp.aliyun.com"), ("aliyun.com",), remark=POP3),
    Preset("AliyunEnterprise", by_tls("smtp.qiye.aliyun.com"), (), ("mxhichina.com", "qiye.aliyun.com"),
           aliases=("smtp.mxhichina.com",), remark=POP3,
           app_password_if="if the administrator wants client security passwords",
           app_password_name="a client security password"),
    Preset("AlibabaMailSG", by_tls("smtp.sg.aliyun.com"), (), ("sg.aliyun.com",), remark=POP3,
           app_password_if="if the administrator wants client security passwords",
           app_password_name="a client security password"),
    Preset("Lark", by_tls("smtp.larksuite.com"), (), ("larksuite.com",),
           app_password_name="a dedicated password for mail clients, in Lark's mail settings"),
    Preset("Feishu", by_tls("smtp.feishu.cn"), (), ("feishu.cn",),
           app_password_name="a dedicated password for mail clients, in Feishu's mail settings"),
    Preset("Naver", by_tls("smtp.naver.com"), ("naver.com",), ("naver.com",), remark=POP3,
           app_password_if=TWO_STEPS, app_password_name="an application password"),
    Preset("NaverWorks", by_tls("smtp.worksmobile.com"), (), ("worksmobile.com",), remark=POP3,
           app_password_if=TWO_STEPS, app_password_name="an external app password"),
    Preset("Daum", by_tls("smtp.daum.net"), ("daum.net", "hanmail.net"), remark=POP3,
           app_password_if=TWO_STEPS),
    Preset("Kakao", by_tls("smtp.kakao.com"), ("kakao.com",), remark=POP3, app_password_if=TWO_STEPS),
    Preset("Seznam", by_tls("smtp.seznam.cz"), ("seznam.cz", "email.cz", "post.cz"), ("seznam.cz",),
           app_password_if=TWO_STEPS),
    _ionos("IONOS", "ionos.de", "kundenserver.de", "1und1.de"),
    _ionos("IONOSCom", "ionos.com", "1and1.com"),
    _ionos("IONOSUK", "ionos.co.uk", "1and1.co.uk"),
    _ionos("IONOSFR", "ionos.fr", "1and1.fr"),
    _ionos("IONOSES", "ionos.es", "1and1.es"),
    _ionos("IONOSIT", "ionos.it"),
    Preset("MailboxOrg", by_tls("smtp.mailbox.org"), ("mailbox.org",), ("mailbox.org",),
           app_password_if=TWO_STEPS),
    Preset("Runbox", by_tls("mail.runbox.com"), ("runbox.com",), ("runbox.com",),
           app_password_if=TWO_STEPS),
    *HOSTERS,
    Preset("SendGrid", by_starttls("smtp.sendgrid.net"), login="apikey"),
    Preset("Mailgun", by_starttls("smtp.mailgun.org"), aliases=("smtp.eu.mailgun.org",)),
    Preset("Brevo", by_starttls("smtp-relay.brevo.com"), aliases=("smtp-relay.sendinblue.com",)),
    Preset("Postmark", by_starttls("smtp.postmarkapp.com")),
    Preset("Resend", by_tls("smtp.resend.com"), login="resend"),
    Preset("Mandrill", by_starttls("smtp.mandrillapp.com")),
    Preset("SparkPost", by_starttls("smtp.sparkpostmail.com"), login="SMTP_Injection"),
    Preset("Mailjet", by_starttls("in-v3.mailjet.com")),
    Preset("ZeptoMail", by_starttls("smtp.zeptomail.com"), login="emailapikey"),
)  # fmt: skip
