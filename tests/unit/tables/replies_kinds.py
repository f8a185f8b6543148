"""Kinds of replies that any server may send, each in several wordings, codes and languages."""

from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_reply import Stage
from unit.tables.reply import AUTH, BANNER, EHLO, HOUR, MAIL, PASSWORD, RCPT, STARTTLS, Row

Told = tuple[Stage, bytes]
TOO_OFTEN: Final = (
    "Too many invalid passwords", "Login rate exceeded: invalid password", "Zu viele Anmeldeversuche",
    "Zu viele falsche Passwörter", "Trop de mots de passe incorrects", "Demasiadas contraseñas incorrectas",
    "Troppe password errate", "Muitas senhas inválidas", "Слишком много неверных паролей",
    "Превышено число попыток ввода пароля", "Забагато невірних паролів", "Zbyt wiele błędnych haseł",
    "Te veel onjuiste wachtwoorden", "Çok fazla hatalı şifre", "Příliš mnoho chybných hesel",
    "För många felaktiga lösenord", "For mange mislykkede påloggingsforsøk", "Liian monta väärää salasanaa",
    "Túl sok hibás jelszó", "Prea multe încercări de autentificare", "Previše neispravnih lozinki",
    "Quá nhiều lần đăng nhập sai mật khẩu", "Terlalu banyak percobaan login", "Πάρα πολλές αποτυχημένες προσπάθειες",
    "密码错误次数过多", "密碼錯誤次數過多", "パスワードの誤りが多すぎます", "비밀번호 오류 횟수 초과",
)  # fmt: skip


def _kind(
    name: str, reason: Reason, *told: Told, finding: Finding | None = None, certain: bool = True
) -> tuple[Row, ...]:
    return tuple(
        Row(f"{name}, {n}", stage, PASSWORD, reply, reason, certain=certain, finding=finding)
        for n, (stage, reply) in enumerate(told)
    )


KINDS: Final = (
    *_kind(
        "client refused", Reason.ACCESS_BLOCKED,
        (BANNER, b"554-Service unavailable; Client host [203.0.113.17] blocked using\r\n554 Barracuda;"),
        (BANNER, b"550 Your host is not welcome here"),
        (BANNER, b"554 5.7.1 No connections allowed"),
        (BANNER, b"550 Temporarily blocked for too many failed logins"),
        (BANNER, b"521 mail.test does not accept mail"),
        (BANNER, b"421 4.7.1 Your IP 203.0.113.17 is listed in our blacklist"),
        (BANNER, "550 您的IP已被列入黑名單".encode("big5")), (MAIL, b"550 sender IP must resolve"),
        (BANNER, b"421 4.7.1 Intrusion prevention active for [203.0.113.17]"),
        (AUTH, "535 Bağlantınız güvenlik nedeniyle engellendi".encode()),
        (EHLO, b"554 5.7.1 Client host rejected: cannot find your hostname, [203.0.113.17]"),
        (AUTH, b"550 5.7.1 Your IP address has been banned"),
        (MAIL, b"550 5.7.606 Access denied, banned sending IP [203.0.113.17]"),
        (MAIL, b"550 5.7.25 The name of the client cannot be told"),
        (MAIL, "554 Ваш IP в черном списке".encode()),
        (MAIL, "554 IP地址在黑名单中".encode("gb18030")),
        (MAIL, "554 Adresse IP refusée, liste noire".encode("latin-1")),
        (RCPT, b"554 5.7.1 Service unavailable; Client host [203.0.113.17] blocked using zen.spamhaus.org"),
        finding=Finding.CLIENT_REFUSED, certain=False,
    ),
    *_kind(
        "greeting refused before the login", Reason.ACCESS_BLOCKED,
        (EHLO, b"501 Syntactically invalid EHLO argument(s)"),
        (EHLO, b"550 Bad HELO - Host impersonating"),
        (EHLO, b"504 5.5.2 <pod>: need fully-qualified name"),
        (BANNER, b"550 Invalid HELO name"),
        finding=Finding.GREETING_REFUSED, certain=False,
    ),
    *_kind(
        "greeting refused", Reason.ACCESS_BLOCKED,
        (MAIL, b"550 Access denied - Invalid HELO name (See RFC2821 4.1.3)"),
        (RCPT, b"550 HELO should be a FQDN or address literal (See RFC 2821 4.1.1.1)"),
        (MAIL, b"501 Invalid domain name in EHLO"),
        (RCPT, b"504 5.5.2 <pod>: Helo command rejected: need fully-qualified hostname"),
        finding=Finding.GREETING_REFUSED,
    ),
    *_kind(
        "greeting put off", Reason.PROVIDER_UNAVAILABLE,
        (EHLO, b"421 4.3.2 Closing"), (EHLO, b"450 4.3.2 Not now"),
        finding=Finding.GREETING_DEFERRED,
    ),
    *_kind(
        "address not admitted", Reason.ACCESS_BLOCKED,
        (AUTH, b"525 5.7.1 Unauthorized IP address"),
        (AUTH, b"535 5.7.1 IP address 203.0.113.17 is not authorized for this account"),
        (AUTH, b"550 Your IP is not whitelisted"),
        (AUTH, "550 IP-Adresse ist nicht zugelassen".encode()),
        (AUTH, "535 当前IP不在白名单".encode()),
        (AUTH, b"535 5.7.8 Geo-blocking: connections from your country are not allowed"),
        (AUTH, "535 Logowanie spoza Polski jest zablokowane".encode()),
        (AUTH, b"535 Anmeldung aus dem Ausland ist gesperrt"), (AUTH, "535 해외 로그인 차단".encode()),
        (AUTH, "535 国外登录已被禁止".encode()), (AUTH, "535 海外からのアクセスは拒否されました".encode()),
        (MAIL, b"550-5.7.0 Mail relay denied [203.0.113.17]. Invalid credentials for relay for\r\n"
               b"550 5.7.0 one of the domains in: acme.example (as obtained from HELO and MAIL FROM)."),
        (MAIL, b"550 5.7.64 TenantAttribution; see the manual"),
        finding=Finding.ADDRESS_NOT_ADMITTED,
    ),
    *_kind(
        "sending limit", Reason.SENDING_LIMIT_REACHED,
        (AUTH, b"535 You have reached your daily limit"),
        (MAIL, b"550 5.7.1 Hourly sending quota exceeded"),
        (MAIL, b"554 5.1.90 Too much for today"),
        (MAIL, b"452 4.5.3 Maximum of 100 emails per hour"),
        (MAIL, b"550 Domain acme.example has exceeded the max emails per hour (200/200) allowed"),
        (MAIL, "554 Das Tageslimit ist erreicht".encode()),
        (MAIL, "550 Превышен дневной лимит отправки".encode()),
        (MAIL, "550 今日发信数量超过上限".encode()),
        (MAIL, "550 Limite d'envoi quotidien dépassée".encode()),
        (MAIL, b"550 Credits exhausted"), (RCPT, b"550 5.4.5 Daily sending quota exceeded"), (MAIL, "550 已超過每日發送上限".encode()),
        (MAIL, b"554 5.7.1 You have exceeded your messaging limits"), (MAIL, "550 Napi küldési limit".encode()),
    ),
    *_kind(
        "too fast", Reason.RATE_LIMITED,
        (BANNER, b"554 Too many connections from 203.0.113.17"),
        (AUTH, b"421 4.7.0 Maximum number of connections from user+IP exceeded"),
        (MAIL, b"550 5.7.28 Slowly"), (AUTH, b"432 4.3.2 Wait"),
        (AUTH, "550 连接频率限制".encode()), (MAIL, b"452 4.1.0 Too many messages"),
        (MAIL, b"421 4.7.0 Not so"), (MAIL, b"421 4.7.0 Invalid credentials"),
        (AUTH, b"421 4.7.0 Try again later, closing connection."), (AUTH, b"421 4.7.0 Not so"),
        (AUTH, b"421 4.7.0 Temporary System Problem"), (AUTH, b"421 4.7.0 Too many errors, bad password"),
        (AUTH, b"454 4.7.0 Too many connections, bad password"),
        (AUTH, "421 4.7.0 Troppe connessioni".encode()), (AUTH, "421 4.7.0 接続が多すぎます".encode()),
    ),
    *(
        Row(f"too many logins, {n}", AUTH, PASSWORD, reply, Reason.RATE_LIMITED, HOUR)
        for n, reply in enumerate((
            b"450 4.7.1 Error: too many AUTH commands from 203.0.113.17",
            b"451 Too many authentication attempts",
            b"535 Too many failed attempts",
            "550 登录过于频繁".encode(),
            *(f"{code} 4.7.0 {text}".encode() for code in (421, 454) for text in TOO_OFTEN),
        ))
    ),
    *_kind(
        "account blocked", Reason.ACCESS_BLOCKED,
        (AUTH, b"525 5.7.13 Account_locked"), (AUTH, b"525 Disabled"),
        (AUTH, b"535 5.7.0 Your account has been suspended"),
        (AUTH, b"550 5.2.1 No more"), (AUTH, b"454 4.7.0 User account is locked"),
        (AUTH, "535 Konto gesperrt".encode()), (AUTH, "535 Аккаунт заблокирован".encode()),
        (AUTH, "550 帐号已被冻结".encode()), (AUTH, "535 La cuenta está bloqueada".encode()),
        (MAIL, b"550 5.1.8 Access denied, bad outbound sender"),
        (MAIL, b"550 Domain is suspended"),
        (AUTH, b"554 5.7.0 Your mailbox has been blocked for sending spam"),
        (AUTH, b"535 Authentication failed. Restricted user; see the manual"),
        (MAIL, b"550 5.7.705 No more from you"),
        (MAIL, b"550 5.7.0 Payment required"), (MAIL, "550 账户余额不足".encode()),
        (AUTH, b"502 5.7.0 Your SMTP account is not yet activated"), (AUTH, "535 帳號已被停用".encode()),
        (AUTH, "535 Fiók zárolva".encode()), (AUTH, b"535 Tili on lukittu"), (AUTH, "535 Kontot är spärrat".encode()),
        (AUTH, b"535 Kontoen er sperret"), (AUTH, "535 Обліковий запис заблоковано".encode()),
        (AUTH, "535 Tài khoản bị khóa".encode()), (AUTH, b"535 Akun diblokir"), (AUTH, b"535 Contul este suspendat"),
        finding=Finding.ACCOUNT_BLOCKED,
    ),
    *_kind(
        "password transition", Reason.ACCESS_BLOCKED,
        (AUTH, b"432 4.7.12 Please"), (AUTH, b"535 A password transition is needed"),
        (AUTH, b"535 5.7.12 Once more"),
        finding=Finding.PASSWORD_TRANSITION,
    ),
    *_kind(
        "password expired", Reason.ACCESS_BLOCKED,
        (AUTH, b"535 5.7.8 The password has expired"), (AUTH, "535 Hasło wygasło".encode()),
        (AUTH, b"550 You must change your password"), (AUTH, b"535 Ihr Passwort ist abgelaufen"),
        (AUTH, "454 Срок действия пароля истек".encode()), (AUTH, "535 密碼已過期".encode()),
        finding=Finding.PASSWORD_EXPIRED,
    ),
    *_kind(
        "OAuth wanted", Reason.SMTP_AUTH_DISABLED,
        (AUTH, b"535 5.7.1 Authentication failed: must use OAuth2"), (AUTH, b"550 OAuth is required"),
        (AUTH, b"550 5.7.1 Basic authentication is deprecated, use modern authentication"),
        finding=Finding.TOKENS_WANTED,
    ),
    *_kind(
        "app password wanted", Reason.APP_PASSWORD_REQUIRED,
        (AUTH, b"535 5.7.8 One-time code required"), (AUTH, b"535 Please enter OTP"),
        (AUTH, b"535 Passcode refused, generate a new client-specific passcode"),
        (AUTH, b"535 2FA is enabled, use a token"), (AUTH, "535 Musisz użyć hasła aplikacji".encode()),
        (AUTH, "535 Du måste använda ett applösenord".encode()), (AUTH, b"535 Bruk et app-passord"),
        (AUTH, "535 Käytä sovellussalasanaa".encode()), (AUTH, "535 Χρησιμοποιήστε κωδικό εφαρμογής".encode()),
        (AUTH, "535 Використайте пароль для програм".encode()), (AUTH, "535 Alkalmazásjelszó szükséges".encode()),
        (AUTH, "535 Folosiți o parolă de aplicație".encode()), (AUTH, "535 앱 비밀번호를 사용하세요".encode()),
    ),
    *_kind(
        "mailbox full", Reason.ACCESS_BLOCKED,
        (MAIL, b"552 Mailbox is full"), (MAIL, b"552 5.2.2 No room"),
        (AUTH, b"535 Authentication failed: your account is over quota"), (AUTH, b"535 5.2.2 Mailbox full"),
        finding=Finding.MAILBOX_FULL,
    ),
    *_kind(
        "SMTP is off", Reason.SMTP_AUTH_DISABLED,
        (AUTH, b"550 User has no permission"), (AUTH, b"535 POP3/SMTP service is not enabled"),
        (AUTH, b"503 AUTH command used when not advertised"), (AUTH, "535 未开启SMTP服务".encode()),
        (AUTH, b"535 SMTP access is disabled"), (AUTH, b"550 5.5.4 Unknown mechanism"), (AUTH, b"534 No"),
        (AUTH, b"535 5.7.8 Error: authentication failed: no mechanism available"),
        (AUTH, b"535 This user does not have access rights to this service"),
        (AUTH, b"535 5.7.0 Third-party access is disabled for this account"),
        (AUTH, b"535 5.7.1 SMTP access is blocked for free accounts, please upgrade"),
        (AUTH, b"535 5.7.8 Your plan does not include SMTP"), (AUTH, b"535 Ihr Tarif erlaubt keinen SMTP-Zugang"),
        (AUTH, "535 SMTP недоступен на вашем тарифе".encode()), (AUTH, "535 SMTP認証が無効です".encode()),
        (AUTH, "535 외부메일 SMTP 사용 안함으로 설정되어 있습니다".encode()),
        (AUTH, b"535 Bitte aktivieren Sie POP3/IMAP in den Einstellungen"), (AUTH, "535 请先开启SMTP服务".encode()),
    ),
    *_kind(
        "a login is wanted after one", Reason.SMTP_AUTH_DISABLED,
        (MAIL, b"550 SMTP AUTH is required"), (MAIL, b"530 5.7.0 Please"),
        (MAIL, b"503 5.5.4 Error: send AUTH command first"), (MAIL, "553 请先登录".encode()),
        (RCPT, b"550 Authentication required"),
        finding=Finding.LOGIN_FORGOTTEN,
    ),
    *_kind(
        "encryption wanted", Reason.TLS_MODE_MISMATCH,
        (AUTH, b"550 Encryption is required"), (AUTH, b"535 5.7.11 Not so"), (EHLO, b"523 5.7.10 Not so"),
    ),
    *_kind(
        "security check", Reason.ACCESS_BLOCKED,
        (AUTH, b"535 5.7.8 Error: Your message looks like spam. Use web or prove you are not a robot"),
        (AUTH, b"550 5.7.1 Access denied"), (AUTH, b"554 Go away"), (AUTH, b"534 5.7.14 Please"),
        (MAIL, b"550 5.4.6 Odd"), (AUTH, b"535 5.7.8 Please accept the EULA first"),
        (AUTH, b"535 5.7.0 Login denied. Sign in to your account to unlock"),
    ),
    *_kind(
        "sender refused", Reason.SENDER_NOT_ALLOWED,
        (MAIL, b"501 mail from address must be same as authorization user"),
        (MAIL, b"530 Sender rejected"), (MAIL, b"504 No"), (MAIL, b"525 Not yours"),
        (MAIL, b"517-Domain does not exist: acme.example.\r\n517 Invalid domain, see the manual"),
        (MAIL, b"556 5.1.10 No mail from there"), (MAIL, "553 发件人与登录用户不一致".encode()),
        (MAIL, "550 Absenderadresse nicht erlaubt".encode()),
        (RCPT, b"553 5.7.1 <boss@acme.test>: Sender address rejected: not owned by user jane@acme.test"),
        (RCPT, b"553 5.7.0 Unauthorized use of sender address"),
        (RCPT, b"550 Sender address does not belong to the authenticated user"),
        (RCPT, b"553 5.7.1 Not yours"), (RCPT, "550 Отправитель отклонен".encode()),
        (RCPT, b"550 5.7.60 Not so"), (RCPT, "550 寄件者地址與登入帳號不符".encode()),
        (RCPT, "550 Адреса відправника не дозволена".encode()), (RCPT, "550 Lähettäjä ei ole sallittu".encode()),
        (RCPT, "550 A feladó címe nem engedélyezett".encode()),
    ),
    *_kind(
        "sender refused for now", Reason.SENDER_NOT_ALLOWED,
        (MAIL, b"451 4.0.0 sender not allowed"),
        (RCPT, b"450 4.1.8 <jane@acme.test>: Sender address rejected: Domain not found"),
        certain=False,
    ),
    *_kind(
        "the server is in trouble", Reason.PROVIDER_UNAVAILABLE,
        (AUTH, b"454 4.7.0 Temporary authentication failure"), (AUTH, b"454 4.7.0 Password lookup failed: internal error"),
        (AUTH, b"454 Cannot authenticate at present"), (MAIL, b"451 Sender verification is unavailable"),
    ),
    *_kind(
        "the server is in trouble, by another code", Reason.PROVIDER_UNAVAILABLE,
        (BANNER, b"554 5.3.2 System not accepting network messages"), (AUTH, b"550 System busy"), (MAIL, b"554 5.3.0 Internal error"), certain=False,
    ),
    *_kind(
        "encryption asked again", Reason.TLS_MODE_MISMATCH,
        (MAIL, b"530 5.7.0 Must issue a STARTTLS command first"), (MAIL, b"530 Must issue a STARTTLS command first"),
        (RCPT, b"554 5.7.1 Encryption required for sender"), (MAIL, "550 Verschlüsselung erforderlich".encode()),
        finding=Finding.ENCRYPTION_ASKED_AGAIN,
    ),
    *_kind(
        "a client certificate wanted", Reason.TLS_HANDSHAKE_FAILED,
        (EHLO, b"421 4.7.1 mail.test Error: No client certificate presented"), (BANNER, b"421 4.7.1 mail.test Error: Client certificate not trusted"),
        (EHLO, b"421 4.7.1 No required SSL certificate"), (BANNER, b"421 4.7.1 SSL certificate error"),
        (AUTH, b"535 5.7.8 Client didn't present valid SSL certificate"), (MAIL, b"530 5.7.0 A valid client certificate is required"),
        (RCPT, b"554 5.7.1 Access denied: TLS certificate required"), (AUTH, "535 Client-Zertifikat erforderlich".encode()),
        (AUTH, "550 Certificat client manquant".encode()), (MAIL, "550 Se requiere certificado de cliente".encode()),
        (AUTH, "550 Требуется клиентский сертификат".encode()), (AUTH, "550 需要客户端证书".encode()), (AUTH, "550 クライアント証明書が必要です".encode()),
        finding=Finding.CLIENT_CERTIFICATE_WANTED,
    ),
    *_kind(
        "no certificate of the server's own", Reason.PROVIDER_UNAVAILABLE,
        (STARTTLS, b"454 4.7.0 TLS not available: no certificate configured"), (STARTTLS, b"454 4.3.3 TLS not available: missing certificate"),
    ),
    *_kind(
        "nonsense", Reason.UNKNOWN,
        (AUTH, b"500 Backend exploded"), (MAIL, b"501 5.5.2 What?"), (MAIL, b"555 What?"), (EHLO, b"502 What?"),
    ),
)  # fmt: skip
