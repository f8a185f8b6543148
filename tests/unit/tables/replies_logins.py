"""Refused logins: in other codes than 535, in other languages, and what they mean by what was offered."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_reply import LoginKind
from unit.tables.reply import APP_TOKEN, AUTH, MAIL, PASSWORD, TOKEN, Row

MEANINGS: Final = (
    (PASSWORD, False, Reason.INVALID_CREDENTIALS),
    (PASSWORD, True, Reason.APP_PASSWORD_REQUIRED),
    (TOKEN, False, Reason.GRANT_REVOKED),
    (APP_TOKEN, False, Reason.DELEGATION_NOT_GRANTED),
)


def _refused(
    replies: Sequence[bytes],
    *,
    certain: bool = True,
    retry_after: timedelta | None = None,
    logins: Sequence[tuple[LoginKind, bool, Reason]] = MEANINGS,
) -> Iterator[Row]:
    for reply in replies:
        for login, app, reason in logins:
            name = f"{reply.decode(errors='replace')}, {login.name}{', app' if app else ''}"
            yield Row(name, AUTH, login, reply, reason, retry_after, app, certain)  # fmt: skip


SURE: Final = (
    b"535 5.7.8 Error: authentication failed: (reason unavailable)",
    b"535 Incorrect authentication data",
    b"535 5.7.0 authentication rejected: your password is too simple",
    b"550 5.7.8 No",
    b"550 Invalid login or password",
    b"501 5.7.0 Authentication failed",
    b"530 5.7.0 No",
    b"535 5.7.8 Error: authentication failed: invalid credentials (mechanism PLAIN)",
    b"535 Login fail. Account is abnormal, service is not open, password is incorrect, login frequency"
    b" limited, or system is busy. More information at https://help.example",
)
BY_LANGUAGE: Final = (
    "550 Benutzername oder Passwort falsch", "550 Ungültige Zugangsdaten", "550 Anmeldung fehlgeschlagen",
    "550 Mot de passe incorrect", "550 Échec de l'authentification", "550 Contraseña incorrecta",
    "550 Fallo de autenticación", "550 Senha inválida", "550 Falha na autenticação", "550 Credenziali errate",
    "550 Autenticazione fallita", "550 Неверный логин или пароль", "550 Ошибка аутентификации",
    "550 Nieprawidłowe hasło", "550 Ongeldig wachtwoord", "550 Şifre hatalı", "550 Chybné heslo",
    "550 Fel lösenord", "550 用户名或密码错误", "550 认证失败", "550 パスワードが間違っています", "550 認証に失敗しました",
    "550 비밀번호가 틀렸습니다", "550 密碼錯誤", "550 帳號或密碼不正確", "550 驗證失敗", "550 Forkert adgangskode",
    "550 Feil brukernavn eller passord", "550 Godkendelse mislykkedes", "550 Käyttäjätunnus tai salasana väärin",
    "550 Kirjautuminen epäonnistui", "550 Hibás jelszó", "550 Sikertelen hitelesítés", "550 Parolă incorectă",
    "550 Autentificarea a eșuat", "550 Pogrešna lozinka", "550 Lozinka nije ispravna", "550 Λάθος κωδικός πρόσβασης",
    "550 Αποτυχία ταυτοποίησης", "550 Невірний пароль", "550 Помилка автентифікації", "550 Sai mật khẩu",
    "550 Đăng nhập thất bại", "550 Kata sandi salah", "550 Otentikasi gagal", "550 كلمة المرور غير صحيحة",
    "550 فشل تسجيل الدخول", "550 סיסמה שגויה", "550 รหัสผ่านไม่ถูกต้อง",
)  # fmt: skip
FOR_NOW: Final = (b"454 4.7.0 auth: invalid credentials", b"451 Wrong username or password",
                  b"454 4.7.0 Authentication failed", "454 密码错误".encode(),
                  b"421 4.7.0 Invalid credentials", b"421 4.7.0 Authentication failed, closing connection",
                  b"450 4.7.0 Incorrect username or password", "421 4.7.0 Passwort falsch".encode(),
                  "421 4.7.0 Неверный пароль".encode(), "421 4.7.0 密碼錯誤".encode("big5"))  # fmt: skip
IN_TROUBLE: Final = (b"535 Error: authentication failed, system busy",
                     b"535 Authentication temporarily unavailable")  # fmt: skip
ONCE_MORE: Final = timedelta(minutes=1)

LOGINS: Final = (
    *_refused(SURE),
    *_refused([text.encode() for text in BY_LANGUAGE], logins=MEANINGS[:1]),
    *_refused([text.encode("latin-1") for text in BY_LANGUAGE[1:2]], logins=MEANINGS[:1]),
    *_refused(FOR_NOW, certain=False),
    *_refused(IN_TROUBLE, certain=False, retry_after=ONCE_MORE),
    *_refused([b"534 No"], logins=MEANINGS[2:]),
    Row("void token", MAIL, TOKEN, b"550 Authentication required", Reason.GRANT_REVOKED),
    Row("void app token", MAIL, APP_TOKEN, b"550 Authentication required", Reason.DELEGATION_NOT_GRANTED),
    Row("void token, by code", MAIL, TOKEN, b"530 5.7.1 No", Reason.GRANT_REVOKED),
    Row("void app token, by code", MAIL, APP_TOKEN, b"530 5.7.1 No", Reason.DELEGATION_NOT_GRANTED),
)  # fmt: skip
