// Sends one message with Go's own client: address, CA file, user name, password, sender, recipient.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"log"
	"net/smtp"
	"os"
)

func main() {
	address, username, password := os.Args[1], os.Args[3], os.Args[4]
	authority, err := os.ReadFile(os.Args[2])
	check(err)
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(authority)
	client, err := smtp.Dial(address)
	check(err)
	check(client.StartTLS(&tls.Config{ServerName: "127.0.0.1", RootCAs: trust}))
	check(client.Auth(smtp.PlainAuth("", username, password, "127.0.0.1")))
	check(client.Mail(os.Args[5]))
	check(client.Rcpt(os.Args[6]))
	writer, err := client.Data()
	check(err)
	_, err = writer.Write([]byte("Subject: hi\n\nhello\n.\n.dot\n"))
	check(err)
	check(writer.Close())
	check(client.Quit())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
