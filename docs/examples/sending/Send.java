// Sends one message by what is in the Secret of a Sender, as variables of the environment: Jakarta Mail.
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

public class Send {
    public static void main(String[] arguments) throws Exception {
        var given = System.getenv();
        var settings = new Properties();
        settings.put("mail.smtp.host", given.get("SMTP_HOST"));
        settings.put("mail.smtp.port", given.get("SMTP_PORT"));
        settings.put("mail.smtp.auth", "true");
        settings.put("mail.smtp.starttls.required", "true");
        settings.put("mail.smtp.ssl.checkserveridentity", "true");
        var pem = given.getOrDefault("SMTP_CERTIFICATES", "");
        if (!pem.isEmpty()) {
            settings.put("mail.smtp.ssl.socketFactory", trusting(pem));
        }
        var message = new MimeMessage(Session.getInstance(settings));
        message.setFrom(given.get("SMTP_FROM"));
        message.setRecipients(Message.RecipientType.TO, given.get("TO"));
        message.setSubject("Your order");
        message.setText("It is on its way.\n");
        Transport.send(message, given.get("SMTP_USERNAME"), given.get("SMTP_PASSWORD"));
    }

    private static SSLSocketFactory trusting(String pem) throws Exception {
        var authorities = KeyStore.getInstance(KeyStore.getDefaultType());
        authorities.load(null);
        var read = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem.getBytes()));
        for (var authority : read) {
            authorities.setCertificateEntry("authority " + authorities.size(), authority);
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
