"""The wordings by which mail servers say the same thing: by kind, in many languages.

A phrase is a regular expression over a text as `wording` makes it plain: small letters without accents,
no enhanced codes, no hyphens. `~` stands for up to forty characters. Take the shortest phrase that
no other kind of reply contains, and the stem where a language inflects.
"""

from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.login_phrases import PHRASES_OF_LOGINS
from mailbox_operator.decide.failure.said import Said

PHRASES: Final[Mapping[Said, tuple[str, ...]]] = {
    Said.SENDING_LIMIT: (
        r"sending (limit|quota)", r"(daily|hourly|monthly)~(limit|quota|maximum|allowance)",
        r"(limit|quota|maximum)~per (day|hour|month)", r"(message|outgoing|recipient|relay) (quota|limit)",
        r"exceeded~(message|messaging|mail|email|recipient|outgoing|tenant)s?~(limit|quota)",
        r"(max|maximum) (emails|messages|mails|recipients) per", r"maximum (of )?\d+ (emails|messages|mails)",
        r"(maximum|out of|no|insufficient|not enough)~credit", r"credits? (\w+ ){0,2}(exhausted|used up|expired|depleted)", r"tenant~exceeded~threshold",
        r"too many (messages|mails|emails|recipients)~(day|hour|today|sent)", r"submissionquotaexceeded",
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
    **PHRASES_OF_LOGINS,
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
    Said.SEND_AS_DENIED: (r"(mapiexception)?sendas ?denied",),
    Said.STORE_FULL: (r"storedrv.submission.exception:(quotaexceeded|shutoffquota)",),
    Said.MESSAGE_SIZE: (
        r"(message|mail|e ?mail|attachment|data|content|file|header)s? (size|length)", r"size (limit|exceed|of)", r"(maximum|max|fixed) size", r"too (large|big|long)",
        r"(nachrichten|mail|datei)?grosse", r"zu gross", r"trop (grand|gros|volumineux|long)", r"taille", r"(demasiado|muito|troppo) (grande|larg|long)",
        r"tamano|tamanho|dimension", r"слишком (больш|длин)", r"размер", r"za duz|rozmiar", r"te groot", r"(大小|容量|サイズ)", r"(过|太)(大|长)", r"크기|너무 (크|큽)",
    ),
}  # fmt: skip
