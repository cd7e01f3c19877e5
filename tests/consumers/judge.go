// Go on many bundles in one process: what a program gets that loads them, calls, and is called.
//
//	go run judge.go
//
// What is read and answered: tests/consumers.rs. May not connect to anything but 127.0.0.1.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const patience = 20 * time.Second

func identity(folder, role string) (tls.Certificate, error) {
	return tls.LoadX509KeyPair(filepath.Join(folder, role+".pem"), filepath.Join(folder, role+"_key.pem"))
}

func roots(folder string) (*x509.CertPool, error) {
	octets, err := os.ReadFile(filepath.Join(folder, "root.pem"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	// Programs that read Qlik's certificates do not look at the answer: corectl, for one.
	pool.AppendCertsFromPEM(octets)
	return pool, nil
}

// The other end, which minds nothing: not even whether Go can read its own certificate.
func peer(folder, role string) (tls.Certificate, error) {
	octets, err := os.ReadFile(filepath.Join(folder, "peer", role+".pem"))
	if err != nil {
		return tls.Certificate{}, err
	}
	keyOctets, err := os.ReadFile(filepath.Join(folder, "peer", role+"_key.pem"))
	if err != nil {
		return tls.Certificate{}, err
	}
	var chain [][]byte
	for block, rest := pem.Decode(octets); block != nil; block, rest = pem.Decode(rest) {
		chain = append(chain, block.Bytes)
	}
	keyBlock, _ := pem.Decode(keyOctets)
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	return tls.Certificate{Certificate: chain, PrivateKey: key}, err
}

// What each end says.
func shakeHands(server, client *tls.Config) (error, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err, err
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			served <- err
			return
		}
		defer connection.Close()
		connection.SetDeadline(time.Now().Add(patience))
		stream := tls.Server(connection, server)
		err = stream.Handshake()
		if err == nil {
			stream.Write([]byte("welcome"))
		}
		served <- err
	}()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return err, err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(patience))
	stream := tls.Client(connection, client)
	called := stream.Handshake()
	if called == nil {
		stream.Read(make([]byte, 16))
	}
	return <-served, called
}

func load(folder, machine string) error {
	if _, err := identity(folder, "client"); err != nil {
		return err
	}
	_, err := roots(folder)
	return err
}

func call(folder, machine string) error {
	pool, err := roots(folder)
	if err != nil {
		return err
	}
	other, err := peer(folder, "server")
	if err != nil {
		return err
	}
	_, called := shakeHands(&tls.Config{Certificates: []tls.Certificate{other}}, &tls.Config{RootCAs: pool, ServerName: machine})
	return called
}

func serve(folder, machine string) error {
	pool, err := roots(folder)
	if err != nil {
		return err
	}
	other, err := peer(folder, "client")
	if err != nil {
		return err
	}
	sound, err := peer(folder, "sound")
	if err != nil {
		return err
	}
	server := &tls.Config{Certificates: []tls.Certificate{sound}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	always := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &other, nil }
	served, _ := shakeHands(server, &tls.Config{InsecureSkipVerify: true, GetClientCertificate: always})
	return served
}

func main() {
	steps := map[string]func(string, string) error{"load": load, "call": call, "serve": serve}
	cases, err := os.ReadFile(os.Getenv("QCERT_CASES"))
	if err != nil {
		panic(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(cases)), "\n") {
		fields := strings.Split(line, "\t")
		err := errors.New("not a case")
		if step := steps[fields[1]]; step != nil {
			err = step(fields[0], fields[2])
		}
		answer := "accepted"
		if err != nil {
			answer = "refused\t" + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Printf("%s\t%s\t%s\n", fields[0], fields[1], answer)
	}
}
