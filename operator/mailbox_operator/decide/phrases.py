"""The wordings by which mail servers say the same thing: by kind, in many languages.

A phrase is a regular expression over a text as `wording` makes it plain: small letters without accents,
no enhanced codes, no hyphens. `~` stands for up to forty characters. Take the shortest phrase that
no other kind of reply contains, and the stem where a language inflects.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class Said(Enum):
    """What a reply says, whatever its code."""

    SENDING_LIMIT = auto()
    TOO_MANY_LOGINS = auto()
    TOO_FAST = auto()
    MAILBOX_FULL = auto()
    BLOCK_LIST = auto()
    ADDRESS_NOT_ADMITTED = auto()
    GREETING = auto()
    ACCOUNT_BLOCKED = auto()
    PROVE_HUMAN = auto()
    APP_PASSWORD = auto()
    TOKENS_WANTED = auto()
    SMTP_OFF = auto()
    CLIENT_CERTIFICATE = auto()
    TLS_FIRST = auto()
    MECHANISM = auto()
    PASSWORD_TRANSITION = auto()
    PASSWORD_EXPIRED = auto()
    CREDENTIALS = auto()
    LOGIN_FAILED = auto()
    LOGIN_FIRST = auto()
    STORE_CLOSED = auto()
    PASSING = auto()
    LATER = auto()
    SENDER = auto()
    RECIPIENT = auto()


PHRASES: Final[Mapping[Said, tuple[str, ...]]] = {
    Said.SENDING_LIMIT: (
        r"sending (limit|quota)", r"(daily|hourly|monthly)~(limit|quota|maximum|allowance)",
        r"(limit|quota|maximum)~per (day|hour|month)", r"(message|outgoing|recipient|relay) (quota|limit)",
        r"exceeded~(message|messaging|mail|email|recipient|outgoing|tenant)s?~(limit|quota)",
        r"(max|maximum) (emails|messages|mails|recipients) per", r"maximum (of )?\d+ (emails|messages|mails)",
        r"(maximum|out of|no|insufficient|not enough)~credit", r"credits? (\w+ ){0,2}(exhausted|used up|expired|depleted)", r"tenant~exceeded~threshold",
        r"too many (messages|mails|emails|recipients)~(day|hour|today|sent)",
        r"(versand|tages|sende)\w*(limit|kontingent)", r"(maximal|zulassig)\w*~(nachrichten|mails|empfanger)",
        r"limit\w*~(nachrichten|mails)~(erreicht|uberschritten)", r"(limite|quota)~(d.envoi|quotidien|journali)",
        r"(limite|cuota|cota)~(envio|diari|correos|mensajes|mensagens)", r"limite~(giornalier|di invio)",
        r"лимит~(отправ|писем|сообщен)", r"(дневн|суточн|превышен)\w*~лимит",
        r"limit~(wysyl|dzienn|wiadomosci)", r"(dzienn|przekroczon)\w*~limit", r"(dag|verzend)limiet",
        r"gunluk~(limit|kota)", r"denni~limit", r"(napi|kuldesi)~limit", r"(dagens|dagl?ig\w*|paivitt\w+|dnevn\w+) (\w+ )?(grans|limit|kvot|raja)", r"(发送|发信|发件|外发|邮件)~(超限|上限|限额|超过|超出)",
        r"(超过|超出|达到)~(发送|发信|每日|当日|今日|每天)", r"送信~(上限|制限|超)", r"발송~(한도|제한|초과)",
    ),
    Said.TOO_MANY_LOGINS: (
        r"too many~(login|logon|log in|sign in|auth)", r"too many (\w+ )?password", r"(login|auth|logon)\w*~frequen",
        r"too many (failed|bad|invalid|wrong|unsuccessful|incorrect|fail|tries)", r"(login|auth)\w* rate",
        (
            r"(zu viele|trop de|demasiad\w+|tropp[ie]|muitas|excesso|слишком много|превыш\w+|забагато|перевищ\w+|zbyt (wiele|duzo)|te veel"
            r"|cok fazla|prilis mnoho|for mang[ae]|liian mon\w+|tul sok|prea multe|qua nhieu|terlalu banyak|παρα πολλ\w+|previse)"
            r"~(login|logg|anmeld|pass[wo]|kennw|versuch|fehl|connexion|mots? de passe|tentativ|essai|echec|intento|contrasen|inicio|auten|senha"
            r"|парол|попыт|спроб|вход|автор|аутент|prob|logow|hasel|poging|aanmeld|wachtw|giris|deneme|sifre|pokus|prihlas|hesel|fors[ok]"
            r"|losen|kirjaut|salasan|yrity|bejelentk|jelsz|kiserlet|incercar|parol|dang nhap|mat khau|percobaan|sandi|προσπαθ|κωδικ|lozin)"
        ),
        r"登录~(频繁|过多|次数|频率)", r"(频繁|过多)~登录", r"(密码|口令|登录|登入|认证|验证|尝试|失败|错误)~次数~(过多|太多|超|上限)",
        r"(パスワード|ログイン|認証|試行)~(多すぎ|超え|超過|上限)", r"(로그인|비밀번호|암호|인증|시도)~(너무 많|초과)",
    ),
    Said.TOO_FAST: (
        r"rate ?limit", r"maximum sending rate", r"throttl", r"too many (request|command|error|attempt)",
        r"too many~(connection|session)", r"concurrent", r"(maximum|max)~(connection|session)",
        r"(connection|thread) (rate|limit|count)", r"slow down", r"too (fast|frequent)", r"mail flood", r"too many (message|mail|email|recipient)",
        r"zu viele~(verbindung|anfrage)", r"trop de~(connexions simult|requetes)", r"(слишком много|превыш\w+)~(соедин|подключ|запрос)",
        r"(demasiad\w+|tropp[ie]|muitas)~(cone[xc]|conness|solicit|peticion|richiest)", r"(zbyt wiele|te veel)~(polacz|zadan|verbinding|verzoek)",
        r"cok fazla~(baglanti|istek)", r"(prilis mnoho|for mang[ae])~(spoj|pripoj|pozadav|anslut|forbind|tilkobl|fores)", r"забагато~(єднан|підключ|запит)",
        r"(连接|请求|发送|发信|频率)~(频繁|过多|过快|超限|超过|限制)", r"同時接続", r"接続~(多すぎ|上限)", r"연결~(너무 많|초과)",
    ),
    Said.MAILBOX_FULL: (
        r"mailbox (is )?(full|over)", r"over (\w+ )?quota", r"quota (is |has been )?exceeded", r"(over|exceeded)~(storage|mailbox|disk)\w*~(quota|limit|space)?",
        r"(storage|mailbox|disk) (quota|limit|space)", r"postfach~voll", r"boite~pleine", r"buzon~lleno",
        r"casella~piena", r"ящик~переполнен", r"邮箱~(已满|满了|空间不足|容量)",
    ),
    Said.BLOCK_LIST: (
        r"(black|block|deny|ban) ?list", r"blocked (using|by|list)", r"(dns|r)bl\b", r"dnsbl", r"spamhaus",
        r"spamcop", r"barracuda", r"sorbs", r"uceprotect", r"client (host|address)~(reject|block|refus|denied)",
        r"(ip|host|address|network|server)\b~(is|are|has been|have been|was) (\w+ )?(block|bann|black|den[iy]|not welcome|reject|refus|listed|suspended)",
        r"(ip|connection)\w*( address)?~(blocked|banned|denied|rejected|refused|from (your|this) (ip|host|network))",
        r"(bann|block)ed (\w+ )?(ip\b|host|address)", r"reputation", r"fail2ban", r"intrusion prevention", r"baglanti\w*~engel", r"not welcome", r"is listed (in|on|at|by)", r"(ip|host) must (resolve|have)",
        r"traffic not accepted from", r"reverse (dns|lookup|name)", r"\bptr\b", r"rdns", r"cannot find your (reverse )?host",
        r"sperrliste", r"schwarze\w* liste", r"ip adresse~(gesperrt|blockiert|abgelehnt)", r"liste noire",
        r"(adresse )?ip\b~(bloque|refuse|interdit|bannie)", r"lista (negra|nera)", r"ip\b~bl?oque?ad|ip\b~bloccat",
        r"черн\w+ спис", r"\bip\b~(заблок|запрещ)", r"czarn\w+ list", r"zwarte lijst", r"kara liste",
        r"黑名单", r"ip~(被封|封禁|封锁|屏蔽|拦截|禁止|拒绝)", r"ブラックリスト", r"블랙리스트",
    ),
    Said.ADDRESS_NOT_ADMITTED: (
        r"(unauthori[sz]ed|untrusted|unknown|unrecogni[sz]ed|unregistered|disallowed) (\w+ )?(ip\b|host|network|location)",
        r"ip\b~(not|isn.?t|no)~(allow|authori[sz]|permit|regist|white|recogni[sz]|trusted|known)",
        r"(country|region|location)\w*~(not (allow|permit|authori)|is blocked|restrict|denied|forbidden)", r"geo ?(ip|block|fenc|restrict|locat)",
        r"(ausland|zagranic|spoza polski|zahranic|extranjero|l.etranger|estero|из за границы|другой страны)",
        r"(国外|境外|海外|해외)~(登录|登入|ip|访问|アクセス|ログイン|로그인|접속)", r"foreign (country|countries|ip)",
        r"ip\b~(white|allow) ?list", r"ip\b~restrict", r"(not|isn.?t)~(allowed|authori[sz]ed|permitted)~from~(ip\b|location|address|network|host|country)",
        r"(domain|ip) (or|and) (ip|domain)\w*~(isn.?t|not)~regist", r"(mail )?relay denied", r"invalid credentials for relay",
        r"unregistered domain", r"ip adresse~nicht~(zugelassen|erlaubt|frei|autoris|registr)", r"ip\b~non~autori",
        r"ip\b~no~(autori|permit|regist)", r"ip\b~nao~(autori|permit)", r"ip\b~не~(разреш|автор|зарегистр)",
        r"ip~(不在|未授权|未登记|未注册|白名单|不允许|无权)", r"异地", r"許可されていない~ip",
    ),
    Said.GREETING: (
        r"(helo|ehlo) (command|name|host|hostname|argument|domain|string|parameter|is|was|has|not|must|should|reject|invalid|denied|refused)",
        r"(invalid|bad|illegal|forged|wrong|fake|faked|incorrect|improper|unqualified|unacceptable|malformed|syntactically invalid|bogus) (name in )?(helo|ehlo)",
        r"(ungultig|falsch)\w* (helo|ehlo)", r"(helo|ehlo) (non? )?(invalid|valid|ungultig|неверн|некоррект)",
        r"(неверн|некоррект)\w* (helo|ehlo)", r"name in (helo|ehlo)", r"(helo|ehlo)~(无效|错误|非法)",
    ),
    Said.ACCOUNT_BLOCKED: (
        r"(account|user|mailbox|domain|login|customer)\w*~(disabled|locked|blocked|suspend|deactivat|closed|terminated|expired|frozen|inactive|bann|restricted|on hold|not (yet )?(been )?activ|abnormal)",
        r"(disabled|locked|blocked|suspended|inactive|deactivated|expired|frozen|banned|restricted)~(account|user|mailbox|domain)",
        r"account (lock|suspension)", r"payment (is )?(required|overdue)", r"insufficient (funds|balance)", r"余额不足", r"bad outbound sender", r"(spam|abuse)~(detected|account|suspen)", r"banned sender",
        r"(konto|postfach|benutzer|zugang|account)\w*~(gesperrt|deaktiviert|inaktiv|abgelaufen|blockiert)",
        r"(compte|boite|utilisateur)~(bloque|suspendu|desactiv|verrouill|ferme|expire)",
        r"(cuenta|buzon|usuario|conta)~(bloquead|suspen|desactivad|desativad|deshabilitad|inactiv|inativ|expirad|cerrad)",
        r"(account|casella|utente|utenza)~(bloccat|sospes|disabilitat|disattivat|scadut)",
        r"(аккаунт|учетн|ящик|пользовател|почт)\w*~(заблок|отключ|приостан|удал|заморож)",
        r"(konto|skrzynk|uzytkownik)\w*~(zablok|zawiesz|nieaktyw|wylacz|wygas)",
        r"(account|gebruiker|mailbox|postvak)~(geblokkeer|geschorst|uitgeschakel|gedeactiveer|vergrendel)",
        r"(hesab|hesap|kullanici)\w*~(kilit|engel|askiya|devre disi|kapat)", r"(ucet|schrank)\w*~(zablok|pozastav|zrus|deaktiv)",
        r"(帐号|账号|账户|帐户|用户|邮箱)~(冻结|锁定|封|禁用|停用|异常|过期|暂停|注销)", r"アカウント~(ロック|停止|無効|凍結)",
        r"계정~(잠|정지|차단|비활성)", r"(fiok|postafiok)\w*~(zarol|letilt|felfugg)", r"(tili|tilisi|postilaatikko)\w*~(lukit|suljet|estet)",
        r"(konto|brukar|anvandar)\w*~(sparra|sperre|suspender|stangt|deaktiver|inaktiver)", r"(обліков\w+|скриньк|акаунт)\w*~(заблок|призупин|вимкн)",
        r"tai khoan~(khoa|vo hieu|tam ngung)", r"akun~(diblokir|dinonaktif|ditangguh|terkunci)", r"(cont|contul|casuta)~(suspendat|blocat|dezactivat)",
        r"λογαριασμ\w+~(κλειδωμ|αποκλεισ|ανεστ|απενεργ)", r"(racun|nalog)~(blokiran|suspendiran|zakljucan)", r"الحساب~(محظور|معلق|مقفل)",
    ),
    Said.PROVE_HUMAN: (
        r"web ?browser", r"captcha", r"not a robot", r"(unusual|suspicious)~(activity|sign|login|sending)",
        r"verify (your|the) (identity|account|phone)", r"security (check|verification|challenge)", r"did not meet the criteria",
        r"robot", r"(human|identity|phone) verification", r"needs verification", r"(you are|you.re) (a )?human", r"verify~it.?s you", r"(log|sign) ?in~unlock",
        r"\beula\b", r"(accept|agree)~(terms|agreement|conditions)", r"(log ?in|sign ?in|login)~(web ?mail|web interface|through the web|via the web)", r"web ?mail~first",
        r"(bestatig|verifizier)\w*~identitat", r"ungewohnlich\w*~(aktivitat|anmeld)", r"activite~(inhabituelle|suspecte)",
        r"actividad~(inusual|sospechosa)", r"робот", r"капч", r"подозрительн", r"验证码", r"(安全|人机|滑块)验证", r"网页版?~(登录|验证)",
        r"ロボット", r"画像認証", r"로봇", r"캡차",
    ),
    Said.APP_PASSWORD: (
        r"app(lication)?( specific)? password", r"authori[sz]ation code", r"授权码", r"пароль\w* (для )?(внешн|прилож)",
        r"parol prilozh", r"anwendungsspezifisch", r"app ?pass[wo]", r"mot de passe (d.application|specifique)",
        r"contrasena de aplicacion", r"senha de app?", r"password (per|specifica)", r"hasl[oa] (do |dla )?aplikacj",
        r"app ?(losenord|adgangskode)", r"sovellus(kohtai\w* )?salasan", r"κωδικ\w+ (προσβασησ )?εφαρμογ", r"пароль для (програм|застосун)",
        r"alkalmazas ?jelszo", r"parola (de |pentru )aplicati", r"(lozinka|geslo) za aplikacij", r"mat khau ung dung", r"(sandi|password) aplikasi",
        r"client (authori[sz]ation|specific) password", r"(dedicated|device|bridge) password", r"mail key",
        r"password~(third party|external) (app|client|program)", r"smtp token", r"client specific pass", r"(otp|one time (code|pass\w*))~(required|needed|expected)", r"(enter|requires?|needs?) (\w+ )?(otp\b|one time)", r"(2fa|mfa|two (factor|step)\w*|2 step\w*|multi factor\w*)~(enabled|active|required|turned on|is on)", r"passwort~fur~(programme|anwendung|app)",
        r"passwort~externe\w* programm", r"e mail passwort~programm", r"app wachtwoord", r"wachtwoord voor~app", r"uygulama (sifre|parola)",
        r"heslo pro aplik", r"(专用|独立|客户端)密码", r"アプリ~パスワード", r"(애플리케이션|앱|프로그램용?) ?(비밀번호|암호)",
    ),
    Said.TOKENS_WANTED: (
        r"(must|use|using|require|requires|need|needs|only) (\w+ )?(x?oauth|modern auth)", r"x?oauth2? (is )?(required|needed|mandatory|only)",
        r"(modern auth\w*|oauth2?) (is )?(erforder|notig|requis|oblig|necess|requer|vereist|wymagan|требуется)",
        r"(password|basic|legacy|plain) auth\w* (is |has been |was )?(deprecated|no longer|retired|removed|not allowed any)",
    ),
    Said.SMTP_OFF: (
        r"smtpclientauthentication is disabled", r"security defaults policy", r"basic auth\w* is (disabled|not)",
        r"authentication not (enabled|available|allowed|advertised)", r"no permission", r"not advertised", r"not~access rights?(?!~password)", r"less secure app", r"only available (to|for|on|with) (paid|premium|paying)",
        r"(smtp|imap|pop3?)~(free|upgrade|your plan|paid|premium|tarif|тариф|недоступ|無効|無效|사용 ?안|비활성|사용하지)",
        r"(plan|tarif\w*|subscription|package|абонемент|тариф\w*)\b~(smtp|imap|pop3)\b", r"third party~(access|apps?|clients?)~(disabled|not|off|blocked|denied)",
        r"(smtp|pop3?|imap|service|submission|relay)~(not|isn.?t|un) ?(enabled|activated|open|allowed|available|active|subscribed)",
        r"(smtp|submission)( \w+)? (is |has been |was )?(disabled|switched off|turned off|deactivated|denied|closed)",
        r"(enable|activate|allow|turn on)~(smtp|pop3?|imap|external)", r"(user|account|you)~not~(allowed|permitted|authori[sz]ed) to~(smtp|log ?in|auth|use)",
        r"smtp~(nicht|deaktiv|freischalt)", r"(pop3?|imap|smtp)~(desactiv|non activ|pas activ|no activ|no esta|deshabilit|non abilit|disabilit|disattiv)",
        r"(aktivier|freischalt|activez|activer|activar|habilite|habilitar|attiv|abilit|activeer|wlacz|aktywuj|povol)\w*~(smtp|pop3|imap)",
        r"(включите|разрешите|увімкніть|开启|开通)~(smtp|pop3|imap)",
        r"доступ~(программ|протокол|отключ|запрещ)", r"(smtp|pop3?|imap|服务)~(未开启|未开通|没有开启|关闭|未启用)", r"(未开启|未开通)~(smtp|pop3?|imap|服务)",
    ),
    Said.CLIENT_CERTIFICATE: (
        r"client (\w+ )?cert", r"(no|without|missing|require\w*|needs?|present|provide|send|invalid|untrusted)( (a|an|any|the|your|required|valid|trusted))* (ssl |tls |peer |x.?509 )*cert",
        r"(ssl|tls|peer|x.?509) cert\w*~(required|needed|missing|not presented|error|expected)",
        r"(client ?zertifikat|zertifikat des client)", r"zertifikat~(erforder|fehlt|vorgelegt|verlangt)", r"certificat (de |du )?client",
        r"certificad\w* (de |do |del )?client", r"certificat\w+ (del )?client", r"(клиентск\w* сертификат|сертификат\w* клиент)",
        r"(certyfikat\w* klient|clientcertificaat|istemci sertifika|klientsk\w+ certifik)", r"(客户端?|用户)证书", r"クライアント ?証明書", r"클라이언트 ?인증서",
    ),
    Said.TLS_FIRST: (
        r"starttls", r"(must|need|require|use|only|without)~(tls|ssl|encryption|encrypted)\b", r"(tls|ssl|encryption|encrypted \w+) (is )?(required|needed|mandatory|first|only)",
        r"verschlusselung~erforder", r"chiffrement~(requis|obligatoire)", r"требуется~(tls|ssl|шифр)", r"需要~(加密|ssl|tls)",
    ),
    Said.MECHANISM: (
        r"mechanism( \S+)? (is |was )?(not (support|avail|allow|enabl|permit|recogn)|un(support|avail|know|recog)|invalid|disabled|too weak)",
        r"(unsupported|unknown|unrecogni[sz]ed|invalid|no such|no)( \w+)? (mechanism|auth\w* (type|method|scheme))",
        r"(method|scheme|auth\w* type)~(not|un)(supported|available|known| supported| available)",
    ),
    Said.PASSWORD_TRANSITION: (r"password transition",),
    Said.PASSWORD_EXPIRED: (
        r"password\w*( \S+)? (has |is |was )?(expired|too old)", r"expired password", r"(must|need to|have to|please) change (your )?password",
        r"(passwort|kennwort)\w*~abgelaufen", r"mot de passe~expire", r"contrasena~(expirad|caducad|vencid)", r"senha~(expir|vencid)",
        r"password~scadut", r"(срок~парол|парол\w*~(истек|устарел))", r"haslo~wygas", r"wachtwoord~verlopen", r"sifre\w*~(suresi|dolmus)",
        r"heslo~vyprsel", r"密码~(过期|已到期)", r"パスワード~期限", r"비밀번호~만료",
    ),
    Said.CREDENTIALS: (
        r"(invalid|incorrect|wrong|bad|unknown|unrecogni[sz]ed|mismatched)~(credential|password|passwd|user|login|account|auth\w* data)",
        r"(password|passwd|user ?name|user|login|credentials?)( \S+)?( and password| or password)?( (is|are|was|were))?( \w+)? (incorrect|wrong|invalid|mismatch|unknown|rejected|refused|denied|expired|too simple|bad|no match)",
        r"(password|username|credentials?|user)~(not|n.t) (accept|match|correct|valid|recogni[sz]|found|exist)", r"no such user",
        r"(benutzer|passwort|kennwort|zugangsdaten)\w*~(falsch|ungultig|nicht korrekt|inkorrekt|unbekannt|nicht gultig|stimm)",
        r"(falsch|ungultig|inkorrekt)\w*~(passwort|kennwort|benutzer|zugangsdaten)",
        r"(mot de passe|identifiant|utilisateur)\w*~(incorrect|invalide|errone|refuse|inconnu)", r"(mauvais|invalide) (mot de passe|identifiant)",
        r"(contrasena|usuario|credencial|clave)\w*~(incorrect|invalid|errone|no valid|no es valid|rechaz|desconoc)",
        r"(senha|usuario|credenciais)~(incorret|invalid|errad|recusad|desconhec)",
        r"(password|utente|credenziali)~(errat|non valid|non corret|rifiutat|sconosciut|scorrett)", r"credenziali~(errat|non)",
        r"(неверн|неправильн|некоррект|ошибочн)\w*~(парол|логин|имя|учетн|данны)", r"(парол|логин)\w*~(неверн|неправильн|не подход|не совпад)",
        r"(haslo|hasla|uzytkownik|login)\w*~(nieprawidl|niepoprawn|bledn|odrzucon)", r"(nieprawidl|niepoprawn|bledn)\w*~(haslo|hasla|login|uzytkownik|dane)",
        r"(wachtwoord|gebruiker)\w*~(onjuist|ongeldig|fout|verkeerd|geweigerd)", r"(onjuist|ongeldig|verkeerd)\w*~(wachtwoord|gebruiker)",
        r"(sifre|parola|kullanici)\w*~(hatali|yanlis|gecersiz)", r"(hatali|yanlis|gecersiz)~(sifre|parola|kullanici)",
        r"(heslo|jmeno)~(chybn|spatn|neplatn|nesprav)", r"(chybn|spatn|neplatn|nesprav)\w*~(heslo|jmeno|udaj)",
        r"(losenord|anvandar)\w*~(fel|ogiltig)", r"(fel|ogiltig\w*) (losenord|anvandar)",
        r"(forkert|feil|ugyldig)\w* (brugernavn|brukernavn|adgangskode|kodeord|passord)", r"(brugernavn|brukernavn|adgangskode|passord)\w*~(forkert|feil|ugyldig)",
        r"(salasana|kayttajatunnus)\w*~(vaar|virhe|kelpaa)", r"(vaara|virheellinen) (salasana|kayttaja)", r"(hibas|ervenytelen) (jelszo|felhasznalo)",
        r"(jelszo|felhasznalo)\w*~(hibas|ervenytelen|helytelen)", r"(parola|utilizator)\w*~(incorect|gresit|invalid)", r"(lozink|korisnic|sifr)\w*~(pogres|neispravn|nije ispravn)", r"(pogresn|neispravn)\w* (lozink|sifr)",
        r"(λαθοσ|μη εγκυρ\w*|εσφαλμεν\w*)~(κωδικ|ονομα|στοιχει)", r"(κωδικ|ονομα)\w*~(λαθοσ|λανθασμ|εσφαλμ)", r"(невірн|неправильн|хибн)\w*~(парол|логін|ім|облік)",
        r"(sai|khong dung)~(mat khau|tai khoan|ten dang nhap)", r"(mat khau|ten dang nhap)~(sai|khong dung|khong chinh)", r"(kata sandi|sandi|pengguna)~(salah|tidak valid|tidak cocok)",
        r"(كلمة (المرور|السر)|اسم المستخدم)~(غير صحيح|خاطئ|خطا)", r"(סיסמה|סיסמא|משתמש)~(שגוי|לא נכונ|אינ)", r"(รหัสผ่าน|ชื่อผู้ใช้)~(ไม่ถูกต้อง|ผิด)",
        r"(密码|口令|用户名|帐号|账号)~(错误|不正确|无效|有误|不匹配|不存在)", r"(错误|无效)的~(密码|用户|帐号|账号)",
        r"(パスワード|ユーザー)~(誤|間違|無効|違|正しく)", r"(비밀번호|암호|사용자)~(틀|잘못|일치하지|올바르지)",
    ),
    Said.LOGIN_FAILED: (
        r"auth\w*( \w+)?:? (has |was |is )?(fail|unsuccessful|reject|denied|refused|invalid|error|not accepted)",
        r"(log ?in|log ?on|sign ?in) (has |was |is )?(fail|denied|incorrect|invalid|refused|unsuccessful|reject|error)",
        r"(fail|unable|could not|couldn.t|cannot)\w* (to )?(auth|log ?in|verify)", r"incorrect authentication",
        r"(anmeldung|authentifizierung|authentisierung|login)\w*~(fehl|abgelehnt|nicht erfolg|ungultig|verweiger)",
        r"(authentification|identification|connexion)~(echou|refuse|incorrect|invalide|echec)", r"echec~(authentif|connexion|identif)",
        r"(autenticacion|autentificacion|autenticacao|login)~(fallid|fallo|falh|rechaz|recusad|incorret|incorrect)",
        r"(fallo|error|falha|erro)~(autenti|inicio de sesion|login|acceso)", r"autenticazione~(fallit|rifiutat|non riuscit|errat)",
        r"(ошибка|сбой)~(аутент|автор|вход)", r"(аутент|автор)\w*~(не удал|не выполн|не пройд|отклон)",
        r"(uwierzytelni|autoryzacj|logowani)\w*~(nie powi|nieuda|odrzucon|blad)", r"blad~(uwierzyteln|autoryzac|logowan)",
        r"(authenticatie|verificatie|aanmeld|inlog)\w*~(mislukt|fout|geweigerd)", r"kimlik~(basarisiz|dogrulanamad|hata)",
        r"(prihlas|overen|autentizac)\w*~(selhal|neuspes|chyb)", r"(inloggning|autentisering)\w*~(misslyck|fel)",
        r"(palogging|innlogging|godkendelse|autentisering|indlogning)\w*~(mislyk|fejl|feil)", r"(kirjautuminen|todennus)\w*~(epaonnist|virhe)",
        r"(hitelesites|bejelentkezes)\w*~(sikertelen|hiba)", r"sikertelen (hitelesites|bejelentkezes)", r"autentific\w+~(esuat|nereusit)", r"(помилка|збій)~(автент|автор|вход)",
        r"(автент|авториз)\w*~(не вдал|невдал)", r"(αποτυχια|απετυχε)~(ταυτοποι|συνδεσ|εισοδ)", r"(xac thuc|dang nhap)~(that bai|khong thanh cong)",
        r"(otentikasi|autentikasi|login)~(gagal)", r"فشل~(المصادقة|تسجيل الدخول|التحقق)", r"(אימות|התחברות)~נכשל", r"(autentifikacij|prijav)\w*~(neuspes|nije uspe)",
        r"(认证|验证|登录|登入|身份)~(失败|错误|不通过)", r"(認証|ログイン)~(失敗|エラー|できません)", r"(인증|로그인)~(실패|오류)",
    ),
    Said.LOGIN_FIRST: (
        r"auth\w* (is )?(required|needed|necessary|mandatory)", r"(must|need to|please|have to|should)( first)? (authenticate|auth|log ?in|log ?on|login|be authenticated)",
        r"(not|un) ?(authenticated|logged in)", r"(auth|authenticate|log ?in|authentication)( command)? first", r"requires? (smtp )?auth",
        r"(authentifizierung|anmeldung|authentisierung) (ist )?(erforder|notwend|notig)", r"authentification (requise|oblig|necess|est requise)",
        r"autentic\w+~(requerid|necesari|obligatori|richiest|necessari|obbligatori|requisit)", r"(требуется|необходим\w*)~(аутент|автор)",
        r"(wymagan\w*)~(uwierzyt|autoryz)", r"authenticatie (is )?(vereist|verplicht)",
        r"(需要|请先|必须|未|没有)~(认证|验证|登录|身份)", r"認証が?(必要|され)",
    ),
    Said.STORE_CLOSED: (r"mapiexceptionlogonfailed",),
    Said.PASSING: (
        # Postfix says "(reason unavailable)" of every wrong password that Dovecot refuses.
        r"temporar", r"busy", r"(?<!reason )unavailable", r"(internal|system|server|backend|service|database|ldap|lookup) (\w+ )?(error|failure|problem|failed)",
        r"overload", r"maintenance", r"time ?out|timed out", r"local (problem|error)", r"connection lost", r"generic failure",
        r"vorubergehend", r"wartung", r"temporaire", r"temporal", r"temporane", r"временн", r"tymczasow", r"tijdelijk",
        r"gecici", r"docasn", r"系统~(繁忙|忙|错误)", r"暂时", r"一時的", r"混雑", r"일시",
    ),
    Said.LATER: (
        r"later", r"at present", r"at this time", r"spater", r"plus tard", r"ulterieur", r"mas tarde", r"mais tarde", r"piu tardi",
        r"позже|позднее", r"pozniej", r"稍后|稍候", r"後ほど|しばらく", r"나중",
    ),
    Said.SENDER: (
        r"sender", r"mail ?from", r"from (address|header|domain|field)", r"\bfrom:", r"envelope from", r"return path", r"sendas",
        r"send (mail |email |message |messages )?(as|from|on behalf)", r"not owned by", r"(email )?address is not verified", r"originator",
        r"absender", r"expediteur", r"remitente", r"mittente", r"remetente", r"отправител", r"nadawc", r"afzender", r"gonder[ei]", r"odesilatel",
        r"avsandar", r"afsender", r"avsender", r"lahettaj", r"felado", r"expeditor", r"αποστολε", r"відправник", r"posiljatel", r"nguoi gui", r"pengirim", r"(发件|寄件|发信|发送)(人|者|地址)", r"(送信|差出)(者|人|元)", r"(발신|보낸|보내는) ?(사람|자|인)",
    ),
    Said.RECIPIENT: (
        r"recip", r"rcpt", r"user unknown|unknown user|no such (user|recipient|mailbox|address)", r"(mailbox|user|address) (not found|unavailable|does not exist)",
        r"empfanger", r"destinatai?r", r"получател", r"odbiorc", r"ontvanger", r"收件(人|者|地址)", r"受信者|宛先",
    ),
}  # fmt: skip
