"""Python's own `ssl` module as a service: shows a certificate, asks for one, and says welcome.

    service.py CHAIN KEY ROOT MIN MAX ASK       (prints the port it took; ends when its standard input closes)
    service.py plain                            Python's own web server, without TLS

MIN and MAX are 1.2 or 1.3, ASK is demand, wish or nothing. Run by servers.rs. May not listen on anything but 127.0.0.1,
nor wait longer than its sockets' deadline.
"""

import http.server
import os
import socket
import ssl
import sys
import threading

SECONDS = 30
ASKS = {"demand": ssl.CERT_REQUIRED, "wish": ssl.CERT_OPTIONAL, "nothing": ssl.CERT_NONE}


def welcome(connection, settings):
    connection.settimeout(SECONDS)
    try:
        with settings.wrap_socket(connection, server_side=True) as stream:
            request = b""
            while b"\r\n\r\n" not in request:
                more = stream.recv(4096)
                if not more:
                    return
                request += more
            body = ("welcome " + str(stream.getpeercert())).encode()
            stream.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            stream.unwrap()
    except OSError as reason:
        print(reason, file=sys.stderr)


def serve(chain, key, root, least, most, ask):
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.minimum_version = getattr(ssl.TLSVersion, "TLSv" + least.replace(".", "_"))
    settings.maximum_version = getattr(ssl.TLSVersion, "TLSv" + most.replace(".", "_"))
    settings.load_cert_chain(chain, key)
    settings.load_verify_locations(root)
    settings.verify_mode = ASKS[ask]
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=welcome, args=(connection, settings), daemon=True).start()


def plain():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    print(server.server_port, flush=True)
    server.serve_forever()


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
if sys.argv[1] == "plain":
    plain()
else:
    serve(*sys.argv[1:])
