"""Python's own `ssl` module in real mutual TLS, under the strict rules that are its default from 3.13 on.

    handshake.py both FOLDER MACHINE VERSION STRICTNESS                  server and client, in this one process
    handshake.py visit ROOT MACHINE VERSION PORT [CERTIFICATE KEY]       client of a server on 127.0.0.1

VERSION is 1.2 or 1.3, STRICTNESS strict or lenient, the password is in JUDGE_PASSWORD. Run by python.rs and visitors.rs.
May not connect to anything but 127.0.0.1, nor wait longer than its socket's deadline.
"""

import os
import pathlib
import socket
import ssl
import sys
import threading

SECONDS = 30
PASSWORD = os.environ["JUDGE_PASSWORD"]


def context(protocol, root, version, strict):
    made = ssl.SSLContext(protocol)
    made.minimum_version = made.maximum_version = getattr(ssl.TLSVersion, "TLSv" + version.replace(".", "_"))
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(root)
    if strict:
        made.verify_flags |= ssl.VERIFY_X509_STRICT
    else:
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return made


def serve_once(listener, settings, seen):
    connection, _ = listener.accept()
    connection.settimeout(SECONDS)
    try:
        with settings.wrap_socket(connection, server_side=True) as stream:
            seen.append(stream.getpeercert()["subject"])
            stream.sendall(b"welcome")
    except OSError as reason:
        seen.append(reason)


def both(folder, machine, version, strictness):
    folder = pathlib.Path(folder)
    root, strict = folder / "root.pem", strictness == "strict"
    server = context(ssl.PROTOCOL_TLS_SERVER, root, version, strict)
    server.load_cert_chain(folder / "server.pem", folder / "server_key.pem", PASSWORD)
    client = context(ssl.PROTOCOL_TLS_CLIENT, root, version, strict)
    client.load_cert_chain(folder / "client.pem", folder / "client_key.pem", PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        seen = []
        thread = threading.Thread(target=serve_once, args=(listener, server, seen), daemon=True)
        thread.start()
        with socket.create_connection(listener.getsockname(), SECONDS) as connection:
            with client.wrap_socket(connection, server_hostname=machine) as stream:
                greeting = stream.recv(16)
                print(stream.version(), greeting.decode())
        thread.join(SECONDS)
    assert greeting == b"welcome", greeting
    assert seen == [((("commonName", "QlikClient"),),)], seen


def visit(root, machine, version, port, *identity):
    client = context(ssl.PROTOCOL_TLS_CLIENT, root, version, True)
    if identity:
        client.load_cert_chain(*identity, PASSWORD)
    with socket.create_connection(("127.0.0.1", int(port)), SECONDS) as connection:
        with client.wrap_socket(connection, server_hostname=machine) as stream:
            stream.sendall(f"GET / HTTP/1.0\r\nHost: {machine}\r\n\r\n".encode())
            while chunk := stream.recv(4096):
                sys.stdout.write(chunk.decode())


{"both": both, "visit": visit}[sys.argv[1]](*sys.argv[2:])
