// Sends a message to each of the recipients by what is in the Secret of a Sender, as variables of the environment: nodemailer.
import nodemailer from 'nodemailer'

const { SMTP_HOST, SMTP_PORT, SMTP_USERNAME, SMTP_PASSWORD, SMTP_FROM, SMTP_CERTIFICATES, TO } = process.env
const gateway = nodemailer.createTransport({
  pool: true,
  maxConnections: 2,
  host: SMTP_HOST,
  port: Number(SMTP_PORT),
  requireTLS: true,
  tls: { ca: SMTP_CERTIFICATES || undefined }, // undefined: those of Node.js
  auth: { user: SMTP_USERNAME, pass: SMTP_PASSWORD }
})
const message = { from: SMTP_FROM, subject: 'Your order', text: 'It is on its way.\n' }
try {
  await Promise.all(TO.split(',').map((to) => gateway.sendMail({ ...message, to })))
} finally {
  gateway.close()
}
