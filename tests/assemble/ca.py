"""A CA that does as it is told, also what no CA should: made with the package `cryptography`.

    ca.py root FOLDER NAME                      a root: FOLDER/NAME.pem and FOLDER/NAME.key
    ca.py intermediate FOLDER NAME ISSUER       a CA below ISSUER, another NAME of the same folder
    ca.py sign FOLDER ISSUER CSR OUT [WISH...]  a certificate for a request; OUT ends in .pem, .cer (DER) or .p7b

WISHes: `eku=server,client`, `without=san`, `without=marker`, `subject=NAME`, `days=FROM,TO`, `key=ec` or `key=rsa`
(a key of its own). In a .p7b all CAs of the folder come along. May not touch anything outside of what it is told.
"""

import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
MARKER = x509.ObjectIdentifier("1.3.6.1.5.5.7.13.3")


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def load(folder, issuer):
    certificate = x509.load_pem_x509_certificate((folder / f"{issuer}.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / f"{issuer}.key").read_bytes(), None)
    return certificate, key


def authority(folder, title, issuer=None):
    key = rsa.generate_private_key(65537, 2048)
    above, signer = load(folder, issuer) if issuer else (None, key)
    made = (
        x509.CertificateBuilder()
        .subject_name(name(title))
        .issuer_name(above.subject if above else name(title))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(days=30))
        .not_valid_after(NOW + datetime.timedelta(days=3000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if above:
        made = made.add_extension(authority_key_id(above), critical=False)
    (folder / f"{title}.pem").write_bytes(made.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{title}.key").write_bytes(plain)


def authority_key_id(above):
    identifier = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def sign(folder, issuer, request, out, wishes):
    request = x509.load_pem_x509_csr(pathlib.Path(request).read_bytes())
    assert request.is_signature_valid
    above, signer = load(folder, issuer)
    public = request.public_key()
    if wishes.get("key") == "ec":
        public = ec.generate_private_key(ec.SECP256R1()).public_key()
    elif wishes.get("key") == "rsa":
        public = rsa.generate_private_key(65537, 2048).public_key()
    begin, end = (int(days) for days in wishes.get("days", "-1,800").split(","))
    subject = name(wishes["subject"]) if "subject" in wishes else request.subject
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + datetime.timedelta(days=begin))
        .not_valid_after(NOW + datetime.timedelta(days=end))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(authority_key_id(above), critical=False)
    )
    for extension in request.extensions:
        left_out = {"san": x509.SubjectAlternativeName.oid, "marker": MARKER}
        if extension.oid not in [left_out[word] for word in wishes.get("without", "").split(",") if word]:
            made = made.add_extension(extension.value, extension.critical)
    if "eku" in wishes:
        words = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
        made = made.add_extension(x509.ExtendedKeyUsage([words[word] for word in wishes["eku"].split(",")]), False)
        made = made.add_extension(x509.KeyUsage(True, False, True, False, False, False, False, False, False), True)
    certificate = made.sign(signer, hashes.SHA256())
    out = pathlib.Path(out)
    if out.suffix == ".p7b":
        above = [x509.load_pem_x509_certificate(path.read_bytes()) for path in sorted(folder.glob("*.pem"))]
        out.write_bytes(pkcs7.serialize_certificates([certificate, *above], Encoding.DER))
    else:
        out.write_bytes(certificate.public_bytes(Encoding.DER if out.suffix == ".cer" else Encoding.PEM))


def main():
    what, folder, *rest = sys.argv[1:]
    folder = pathlib.Path(folder)
    if what == "sign":
        issuer, request, out, *wishes = rest
        sign(folder, issuer, request, out, dict(wish.split("=", 1) for wish in wishes))
    else:
        authority(folder, *rest)


main()
