// Sends one message by what is in the Secret of a Sender, as variables of the environment.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/smtp"
	"os"
)

func main() {
	host, from, to := os.Getenv("SMTP_HOST"), os.Getenv("SMTP_FROM"), os.Getenv("TO")
	var authorities *x509.CertPool // nil: those of the system
	if pem := os.Getenv("SMTP_CERTIFICATES"); pem != "" {
		authorities = x509.NewCertPool()
		authorities.AppendCertsFromPEM([]byte(pem))
	}
	client, err := smtp.Dial(host + ":" + os.Getenv("SMTP_PORT"))
	check(err)
	check(client.StartTLS(&tls.Config{ServerName: host, RootCAs: authorities}))
	check(client.Auth(smtp.PlainAuth("", os.Getenv("SMTP_USERNAME"), os.Getenv("SMTP_PASSWORD"), host)))
	check(client.Mail(from))
	check(client.Rcpt(to))
	message, err := client.Data()
	check(err)
	_, err = fmt.Fprintf(message, "From: %s\r\nTo: %s\r\nSubject: Your order\r\n\r\nIt is on its way.\r\n", from, to)
	check(err)
	check(message.Close())
	check(client.Quit())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
