"""Python's `ssl` on many bundles in one process: what a program gets that loads them, calls, and is called.

    judge.py lenient|strict        lenient: the defaults up to 3.12; strict: those of 3.13 and later

What is read and answered: tests/consumers.rs. May not connect to anything but 127.0.0.1.
"""

import contextlib
import os
import pathlib
import socket
import ssl
import sys
import threading

SECONDS = 20
STRICT = sys.argv[1] == "strict"


def judged(made):
    """The flags of `create_default_context`, whichever Python runs this."""
    flags = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    made.verify_flags = made.verify_flags | flags if STRICT else made.verify_flags & ~flags
    return made


def identity(made, folder, role, password):
    made.load_cert_chain(folder / f"{role}.pem", folder / f"{role}_key.pem", (lambda: password) if password else None)


def peer(protocol, folder, role):
    """The other end, which minds nothing."""
    made = ssl.SSLContext(protocol)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(folder / f"{role}.pem", folder / f"{role}_key.pem")
    return made


def shake_hands(server, client, name):
    """What each end says; None where it is content."""
    said = {"server": None, "client": None}

    def serve(listener):
        try:
            connection, _ = listener.accept()
            connection.settimeout(SECONDS)
            with connection, server.wrap_socket(connection, server_side=True) as stream:
                stream.sendall(b"welcome")
        except OSError as reason:
            said["server"] = reason

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), SECONDS) as connection:
                with client.wrap_socket(connection, server_hostname=name) as stream:
                    stream.recv(16)
        except OSError as reason:
            said["client"] = reason
        thread.join(SECONDS)
    return said


def load(folder, machine, password):
    made = judged(ssl.create_default_context(cafile=folder / "root.pem"))
    identity(made, folder, "client", password)


def call(folder, machine, password):
    client = judged(ssl.create_default_context(cafile=folder / "root.pem"))
    said = shake_hands(peer(ssl.PROTOCOL_TLS_SERVER, folder / "peer", "server"), client, machine)
    if said["client"]:
        raise said["client"]


def serve(folder, machine, password):
    server = judged(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "root.pem"))
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_cert_chain(folder / "peer" / "sound.pem", folder / "peer" / "sound_key.pem")
    said = shake_hands(server, peer(ssl.PROTOCOL_TLS_CLIENT, folder / "peer", "client"), machine)
    if said["server"]:
        raise said["server"]


def main():
    cases = [line.split("\t") for line in pathlib.Path(os.environ["QCERT_CASES"]).read_text().splitlines()]
    # No terminal to ask for a passphrase, as in a service.
    with contextlib.suppress(OSError):
        os.setsid()
    steps = {"load": load, "call": call, "serve": serve}
    for folder, step, machine, password in cases:
        try:
            steps[step](pathlib.Path(folder), machine, password)
            answer = "accepted"
        except Exception as reason:
            answer = "refused\t" + f"{type(reason).__name__}: {reason}".replace("\n", " ").replace("\t", " ")
        print(f"{folder}\t{step}\t{answer}", flush=True)


main()
