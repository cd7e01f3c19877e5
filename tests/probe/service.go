// Go as a service, as Qlik's License Service is: shows a certificate, asks for one, and says welcome.
//
//	service CHAIN KEY ROOT MIN MAX ASK       (prints the port it took; ends when its standard input closes)
//
// MIN and MAX are 1.2 or 1.3, ASK is demand, wish or nothing. Run by servers.rs. May not listen on anything but 127.0.0.1.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
var asks = map[string]tls.ClientAuthType{
	"demand":  tls.RequireAndVerifyClientCert,
	"wish":    tls.VerifyClientCertIfGiven,
	"nothing": tls.NoClientCert,
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	identity, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	fail(err)
	root, err := os.ReadFile(os.Args[3])
	fail(err)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(root)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	server := http.Server{
		Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			fmt.Fprintln(response, "welcome", len(request.TLS.PeerCertificates))
		}),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{identity},
			ClientCAs:    trusted,
			ClientAuth:   asks[os.Args[6]],
			MinVersion:   versions[os.Args[4]],
			MaxVersion:   versions[os.Args[5]],
		},
	}
	fail(server.ServeTLS(listener, "", ""))
}
