// A provider of the bench: takes mail over STARTTLS after a login by AUTH PLAIN, and forgets it.
//
// It prints its port as JSON, then what it has seen for each line it reads. After the line "forget" the
// latencies begin again.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const longest = 64 << 10

// seen is what came in; latencies are in milliseconds.
type seen struct {
	Messages    int     `json:"messages"`
	Logins      int     `json:"logins"`
	Connections int     `json:"connections"`
	Open        int     `json:"open"`
	MostOpen    int     `json:"most_open"`
	P50         float64 `json:"p50"`
	P99         float64 `json:"p99"`
	LastAt      int64   `json:"last_at"`
	took        []float64
	mutex       sync.Mutex
}

func (s *seen) connected(change int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.Open += change
	s.Connections += max(change, 0)
	s.MostOpen = max(s.MostOpen, s.Open)
}

func (s *seen) loggedIn() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.Logins++
}

func (s *seen) arrived(began int64) {
	now := time.Now().UnixNano()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.Messages++
	s.LastAt = now
	if began > 0 {
		s.took = append(s.took, float64(now-began)/1e6)
	}
}

func (s *seen) forget() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.took = nil
}

func (s *seen) report() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	slices.Sort(s.took)
	s.P50, s.P99 = quantile(s.took, 0.5), quantile(s.took, 0.99)
	told, err := json.Marshal(s)
	if err != nil {
		log.Fatal(err)
	}
	return string(told)
}

func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(share*float64(len(sorted)-1))]
}

// session is one connection of a relay.
type session struct {
	connection net.Conn
	reader     *bufio.Reader
	writer     *bufio.Writer
	config     *tls.Config
	password   string
	seen       *seen
	isSecure   bool
	isLoggedIn bool
}

func (s *session) attach(connection net.Conn) {
	s.connection = connection
	s.reader, s.writer = bufio.NewReaderSize(connection, longest), bufio.NewWriterSize(connection, 4<<10)
}

func (s *session) say(lines ...string) {
	for _, line := range lines {
		s.writer.WriteString(line + "\r\n")
	}
	if s.reader.Buffered() == 0 { // what is sent in one piece is answered in one piece
		s.writer.Flush()
	}
}

func (s *session) serve() {
	defer func() { s.connection.Close() }()
	s.say("220 sink.test ESMTP")
	for {
		line, err := s.reader.ReadSlice('\n')
		if err != nil || !s.obey(strings.TrimRight(string(line), "\r\n")) {
			s.writer.Flush()
			return
		}
	}
}

// obey answers one command, and says whether the session goes on.
func (s *session) obey(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		offered := "250 STARTTLS"
		if s.isSecure {
			offered = "250 AUTH PLAIN"
		}
		s.say("250-sink.test", "250-PIPELINING", "250-8BITMIME", "250-SIZE 67108864", offered)
	case "STARTTLS":
		s.say("220 go on")
		s.attach(tls.Server(s.connection, s.config))
		s.isSecure = true
	case "AUTH":
		s.isLoggedIn = s.isSecure && s.judges(rest)
		if !s.isLoggedIn {
			s.say("535 5.7.8 wrong login")
			return false
		}
		s.seen.loggedIn()
		s.say("235 2.7.0 logged in")
	case "MAIL", "RCPT":
		if !s.isLoggedIn {
			s.say("530 5.7.0 log in first")
			return false
		}
		s.say("250 2.1.0 taken")
	case "DATA":
		s.say("354 go on")
		began, err := s.message()
		if err != nil {
			return false
		}
		s.seen.arrived(began)
		s.say("250 2.0.0 taken")
	case "RSET", "NOOP":
		s.say("250 2.0.0 done")
	case "QUIT":
		s.say("221 2.0.0 goodbye")
		return false
	default:
		s.say("500 5.5.1 unknown")
	}
	return true
}

func (s *session) judges(given string) bool {
	mechanism, encoded, _ := strings.Cut(given, " ")
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	parts := strings.Split(string(decoded), "\x00")
	return err == nil && strings.EqualFold(mechanism, "PLAIN") && len(parts) == 3 && parts[2] == s.password
}

// message reads to the end of a message, and returns when it was begun by the load.
func (s *session) message() (int64, error) {
	var began int64
	s.writer.Flush()
	for {
		line, err := s.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if bytes.Equal(line, []byte(".\r\n")) {
			return began, nil
		}
		if after, found := bytes.CutPrefix(line, []byte("X-Began: ")); found && began == 0 {
			began, _ = strconv.ParseInt(string(bytes.TrimSpace(after)), 10, 64)
		}
	}
}

func main() {
	certificate := flag.String("certificate", "", "PEM file with the certificate and its key")
	password := flag.String("password", "", "of every login")
	flag.Parse()
	pair, err := tls.LoadX509KeyPair(*certificate, *certificate)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	all := &seen{}
	go listen(listener, &tls.Config{Certificates: []tls.Certificate{pair}}, *password, all)
	fmt.Printf("{\"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		if asked.Text() == "forget" {
			all.forget()
		}
		fmt.Println(all.report())
	}
}

func listen(listener net.Listener, config *tls.Config, password string, all *seen) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			all.connected(1)
			defer all.connected(-1)
			taken := &session{config: config, password: password, seen: all}
			taken.attach(connection)
			taken.serve()
		}()
	}
}
