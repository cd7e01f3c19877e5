"""The verifier of the Python package `cryptography`, a second opinion on chains and PFX. Run by python.rs.

    judge.py FOLDER MACHINE PROFILE       (the password in JUDGE_PASSWORD)

Ends with 0 when everything is as it should be for that profile. May not open a socket: handshake.py does.
"""

import ipaddress
import os
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs12
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

WEB_AUTHORITY = ExtensionPolicy.webpki_defaults_ca()
WEB_LEAF = ExtensionPolicy.webpki_defaults_ee()
# Qlik's own root says that it is an authority, but not what its key may do.
QLIK_AUTHORITY = WEB_AUTHORITY.may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, None)
# Qlik's client certificate carries no alternative names: its name is a constant, and it is nobody's address.
QLIK_CLIENT = WEB_LEAF.may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)


def verify(folder, machine, authority):
    """Raises VerificationError where one of the two chains is refused."""
    root, server, client = (load(folder / f"{role}.pem") for role in ("root", "server", "client"))
    builder = PolicyBuilder().store(Store([root]))
    strict = builder.extension_policies(ca_policy=authority, ee_policy=WEB_LEAF)
    chain = strict.build_server_verifier(general_name(machine)).verify(server, [])
    assert chain == [server, root], chain
    lenient = builder.extension_policies(ca_policy=authority, ee_policy=QLIK_CLIENT)
    assert lenient.build_client_verifier().verify(client, []).chain == [client, root]


def refused(folder, machine, authority):
    try:
        verify(folder, machine, authority)
    except VerificationError as reason:
        print("refused as expected:", reason)
    else:
        sys.exit("the chain was accepted and should not have been")


def general_name(machine):
    try:
        return x509.IPAddress(ipaddress.ip_address(machine))
    except ValueError:
        return x509.DNSName(machine)


def load(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def public_bytes(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def open_files(folder, machine, password):
    assert load(folder / "root.pem") == x509.load_der_x509_certificate((folder / "root.cer").read_bytes())
    for role, friendly_name in (("server", machine), ("client", "QlikClient")):
        certificate = load(folder / f"{role}.pem")
        key = load_pem_private_key((folder / f"{role}_key.pem").read_bytes(), password or None)
        assert public_bytes(key.public_key()) == public_bytes(certificate.public_key()), role
        container = pkcs12.load_pkcs12((folder / f"{role}.pfx").read_bytes(), password)
        assert container.cert.certificate == certificate, role
        assert container.cert.friendly_name == friendly_name.encode(), container.cert.friendly_name
        assert public_bytes(container.key.public_key()) == public_bytes(certificate.public_key()), role
        assert container.additional_certs == [], role


def main():
    folder, machine, profile = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    open_files(folder, machine, os.environ["JUDGE_PASSWORD"].encode())
    if profile == "compatible":
        verify(folder, machine, WEB_AUTHORITY)
        refused(folder, "192.0.2.1", WEB_AUTHORITY)
        refused(folder, "elsewhere.example.com", WEB_AUTHORITY)
    elif profile == "qlik":
        refused(folder, machine, WEB_AUTHORITY)
        verify(folder, machine, QLIK_AUTHORITY)
    else:
        refused(folder, machine, QLIK_AUTHORITY)
    print("judged")


main()
