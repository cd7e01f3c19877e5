"""Python's `ssl` server with the list, and both clients: judge.py FOLDER

May not connect to anything but 127.0.0.1, nor wait longer than its socket's deadline.
"""

import pathlib
import socket
import ssl
import sys
import threading

SECONDS = 30
FOLDER = pathlib.Path(sys.argv[1])

server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(FOLDER / "localhost" / "server.pem", FOLDER / "localhost" / "server_key.pem")
server.load_verify_locations(FOLDER / "home" / "root.pem")
server.load_verify_locations(FOLDER / "root_crl.pem")
server.verify_mode = ssl.CERT_REQUIRED
server.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT


def serve_once(listener, seen):
    connection, _ = listener.accept()
    connection.settimeout(SECONDS)
    try:
        with server.wrap_socket(connection, server_side=True) as stream:
            stream.sendall(b"welcome")
            seen.append("welcome")
    except OSError as reason:
        seen.append(str(reason))


def visit(name):
    client = ssl.create_default_context(cafile=FOLDER / "home" / "root.pem")
    client.load_cert_chain(FOLDER / name / "client.pem", FOLDER / name / "client_key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        seen = []
        thread = threading.Thread(target=serve_once, args=(listener, seen), daemon=True)
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), SECONDS) as connection:
                with client.wrap_socket(connection, server_hostname="localhost") as stream:
                    stream.recv(16)
        except OSError:
            pass
        thread.join(SECONDS)
        print(f"{name}: {seen}")


visit("live")
visit("revoked")
