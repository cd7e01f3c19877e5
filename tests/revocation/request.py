"""A certificate signing request as Python's cryptography makes it: request.py FILE"""

import ipaddress
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
subject = x509.Name([
    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
    x509.NameAttribute(NameOID.COMMON_NAME, "q3.test"),
])
names = [x509.DNSName("q3.test"), x509.IPAddress(ipaddress.ip_address("10.0.0.3")), x509.RFC822Name("a@b.test")]
request = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(subject)
    .add_extension(x509.SubjectAlternativeName(names), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(key, hashes.SHA256())
)
with open(sys.argv[1], "wb") as file:
    file.write(request.public_bytes(serialization.Encoding.PEM))
