"""What a refusal asks for, in many wordings: an app password, or a proof of a person."""

import pytest

from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import LoginKind, Reply, Stage, fault_of_reply

APP_PASSWORD = (
    (
        "535 Login Fail. Please enter your authorization code to login. More information in"
        " http://service.mail.qq.com/"
    ),
    "535 Error: 请使用授权码登录",
    "535 Error: authentication failed, please use client authorization password",
    "535 5.7.8 请使用客户端专用密码登录",
    "535 请使用独立密码登录",
    "535 5.7.8 Please use a dedicated password for third-party clients",
    "535 5.7.0 NEOBHODIM parol prilozheniya / Application password is REQUIRED",
    (
        "535 5.7.8 Error: authentication failed: This user does not have access rights to this"
        " service; use app password"
    ),
    "534-5.7.9 Application-specific password required. Learn more at https://support.google.com",
    "535 5.7.8 Необходим пароль приложения",
    "535 Требуется пароль для внешнего приложения",
    "535 5.7.1 Username and app-specific password required",
    "535 please use an SMTP token instead of your account password",
    "535 Authentication failed. SMTP token required",
    "535 5.7.8 Device password required",
    "535 Bitte verwenden Sie ein anwendungsspezifisches Passwort",
    "535 Bitte E-Mail-Passwort für E-Mail-Programme verwenden",
    "535 Passwort für externe Programme erforderlich",
    "535 Il faut un mot de passe d'application",
    "535 Debe usar una contraseña de aplicación",
    "535 Use uma senha de aplicativo",
    "535 È necessaria una password per le app",
    "535 password specifica per le applicazioni",
    "535 Wymagane hasło do aplikacji",
    "535 App-wachtwoord vereist",
    "535 Uygulama şifresi gerekli",
    "535 Použijte heslo pro aplikace",
    "535 애플리케이션 비밀번호를 사용하세요",
    "535 앱 비밀번호가 필요합니다",
    "535 アプリパスワードを使用してください",
    "535 アプリ用パスワードが必要です",
    "535 2-step verification is enabled; use an app password",
    "535 secure mail key required",
    "535 Two-factor authentication is on: generate an application password",
    "535 Please use the password generated for external applications",
    "535 Bridge password required",
)
PERSON = (
    (
        "535 5.7.8 Error: authentication failed: Your message looks like spam. You need to use"
        " web for sending or prove you are not a robot using the following link http://ya.cc/1"
    ),
    "535 5.7.8 Error: authentication failed: Please accept EULA first and enter captcha",
    "535 CAPTCHA required, sign in through the web interface",
    "534-5.7.14 Please log in via your web browser and then try again.",
    "535 please sign in to webmail first",
    "535 Login through the web interface required",
    "535 We detected unusual activity. Verify it's you",
    "535 Suspicious login prevented",
    "535 Подтвердите, что вы не робот",
    "535 введите капчу",
    "535 Bitte bestätigen Sie, dass Sie kein Roboter sind",
    "535 confirmez que vous n'êtes pas un robot",
    "535 Confirme que usted no es un robot",
    "535 请输入验证码",
    "535 请先登录网页版完成安全验证",
    "535 ロボットではないことを確認",
    "535 画像認証が必要です",
    "535 로봇이 아님을 확인",
    "535 Human verification required",
    "535 identity verification required, log in at https://mail.example.com",
    "535 Account needs verification: confirm your phone number",
    "535 confirm you are human",
    "535 Potwierdź, że nie jesteś robotem",
)
NEITHER = (
    "535 5.7.8 Error: authentication failed: Invalid user or password!",
    (
        "535 5.7.8 Username and Password not accepted. For more information, go to"
        " https://support.google.com/mail/?p=BadCredentials"
    ),
    (
        "535 Login fail. Account is abnormal, service is not open, password is incorrect, login"
        " frequency limited, or system is busy."
    ),
    "535 Error: authentication failed",
    "550 User has no permission",
    "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
    "535 Incorrect authentication data",
    "535 5.7.3 Authentication unsuccessful",
    "535 5.7.0 authentication rejected: your password is too simple",
    "535 用户名或密码错误",
    "535 Authentication failed: wrong password for mailbox",
)


def reason_of(text: str) -> Reason:
    """Read what follows AUTH."""
    code, _, told = text.replace("-", " ", 1).partition(" ")
    return fault_of_reply(Reply(int(code), told, Stage.AUTH, LoginKind.PASSWORD)).reason


@pytest.mark.parametrize("text", APP_PASSWORD)
def test_an_app_password_by_any_name_is_asked_for(text: str) -> None:
    assert reason_of(text) is Reason.APP_PASSWORD_REQUIRED


@pytest.mark.parametrize("text", PERSON)
def test_a_proof_of_a_person_is_no_password_of_another_kind(text: str) -> None:
    assert reason_of(text) is Reason.ACCESS_BLOCKED


@pytest.mark.parametrize("text", NEITHER)
def test_an_ordinary_refusal_asks_for_neither(text: str) -> None:
    assert reason_of(text) not in (Reason.APP_PASSWORD_REQUIRED, Reason.ACCESS_BLOCKED)
