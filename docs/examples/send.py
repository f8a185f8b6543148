"""Send one message by what is in the Secret of a Sender, as variables of the environment."""

import os
import smtplib
import ssl
from email.message import EmailMessage

message = EmailMessage()
message["From"] = os.environ["SMTP_FROM"]
message["To"] = os.environ["TO"]
message["Subject"] = "Your order"
message.set_content("It is on its way.")
trust = ssl.create_default_context(cadata=os.environ.get("SMTP_CERTIFICATES"))
with smtplib.SMTP(os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])) as gateway:
    gateway.starttls(context=trust)
    gateway.login(os.environ["SMTP_USERNAME"], os.environ["SMTP_PASSWORD"])
    gateway.send_message(message)
