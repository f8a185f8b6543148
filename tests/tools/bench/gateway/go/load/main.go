// The applications of the bench: connections with STARTTLS and AUTH PLAIN that send message after message.
//
// The first line it reads is a plan. It connects, logs in and sends a first message in each connection,
// and says {"ready": true}. For each number it reads then it sends so many messages, and reports.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/smtp"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	atOnce     = 20 // handshakes
	serverName = "localhost"
)

type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
	From     string `json:"from"`
}

type plan struct {
	Port         int     `json:"port"`
	Certificates string  `json:"certificates"`
	Size         int     `json:"size"`
	Connections  int     `json:"connections"`
	Logins       []login `json:"logins"`
}

// report says what became of messages; latencies are in milliseconds, from MAIL to the last reply.
type report struct {
	Sent    int            `json:"sent"`
	Errors  map[string]int `json:"errors"`
	BeganAt int64          `json:"began_at"`
	P50     float64        `json:"p50"`
	P99     float64        `json:"p99"`
	took    []float64
	mutex   sync.Mutex
}

func (r *report) note(began time.Time, err error) {
	took := float64(time.Since(began)) / 1e6
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err != nil {
		r.Errors[err.Error()]++
		return
	}
	r.Sent++
	r.took = append(r.took, took)
}

// application is one connection.
type application struct {
	client *smtp.Client
	login  login
	to     string
	body   []byte
}

func connected(wanted plan, known *tls.Config, who login, to string, body []byte) (*application, error) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted.Port))
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	client, err := smtp.NewClient(connection, serverName)
	if err != nil {
		return nil, err
	}
	if err = client.StartTLS(known); err != nil {
		return nil, err
	}
	if err = client.Auth(smtp.PlainAuth("", who.Username, who.Password, serverName)); err != nil {
		return nil, err
	}
	return &application{client, who, to, body}, nil
}

func (a *application) send() error {
	head := fmt.Sprintf("X-Began: %d\r\nFrom: %s\r\nTo: %s\r\nSubject: load\r\nMessage-ID: <%d@load.example>\r\n"+
		"Date: Fri, 27 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n",
		time.Now().UnixNano(), a.login.From, a.to, time.Now().UnixNano())
	if err := a.client.Mail(a.login.From); err != nil {
		return err
	}
	if err := a.client.Rcpt(a.to); err != nil {
		return err
	}
	content, err := a.client.Data()
	if err != nil {
		return err
	}
	if _, err = content.Write(append([]byte(head), a.body...)); err != nil {
		return err
	}
	return content.Close()
}

func text(size int) []byte {
	var made bytes.Buffer
	for made.Len() < size {
		made.WriteString(strings.Repeat("x", 74) + "\r\n")
	}
	return made.Bytes()
}

// everybody connects, and sends one message each.
func everybody(wanted plan) []*application {
	known := x509.NewCertPool()
	if !known.AppendCertsFromPEM([]byte(wanted.Certificates)) {
		log.Fatal("the plan has no certificates")
	}
	config := &tls.Config{RootCAs: known, ServerName: serverName}
	body, all := text(wanted.Size), make([]*application, wanted.Connections)
	room := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for number := range all {
		group.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			to := fmt.Sprintf("joe-%d@other.example", number)
			made, err := connected(wanted, config, wanted.Logins[number%len(wanted.Logins)], to, body)
			if err == nil {
				err = made.send()
			}
			if err != nil {
				log.Fatalf("connection %d: %v", number, err)
			}
			all[number] = made
		})
	}
	group.Wait()
	return all
}

func sent(all []*application, messages int) *report {
	told := &report{Errors: map[string]int{}, BeganAt: time.Now().UnixNano()}
	var next atomic.Int64
	var group sync.WaitGroup
	for _, each := range all {
		group.Go(func() {
			for next.Add(1) <= int64(messages) {
				began := time.Now()
				err := each.send()
				told.note(began, err)
				if err != nil && each.client.Reset() != nil {
					return
				}
			}
		})
	}
	group.Wait()
	slices.Sort(told.took)
	told.P50, told.P99 = quantile(told.took, 0.5), quantile(told.took, 0.99)
	return told
}

func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(share*float64(len(sorted)-1))]
}

func main() {
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	if err != nil {
		log.Fatal(err)
	}
	var wanted plan
	if err := json.Unmarshal(line, &wanted); err != nil {
		log.Fatal(err)
	}
	all := everybody(wanted)
	fmt.Println(`{"ready": true}`)
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			break
		}
		messages, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			log.Fatal(err)
		}
		told, err := json.Marshal(sent(all, messages))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(told))
	}
	for _, each := range all {
		each.client.Quit()
	}
}
