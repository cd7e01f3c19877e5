"""Opens a backup of qcert without qcert, in two ways, and looks into it.

Usage: open.py BACKUP PASSPHRASE FOLDER [AGE]. Reads the age format by its description (https://age-encryption.org/v1)
over the `cryptography` package; with AGE, the age program is asked as well and has to say the same. The archive is read
by Python's tarfile, the ledger by its sqlite3. Prints one JSON value.
"""

import base64
import hashlib
import hmac
import io
import json
import os
import pty
import sqlite3
import sys
import tarfile

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt


def decode(text):
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def derive(key, salt, info):
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def by_description(sealed, passphrase):
    version, stanza, body, mac = sealed.split(b"\n", 4)[:4]
    assert version == b"age-encryption.org/v1", version
    _, kind, salt, work = stanza.split(b" ")
    assert kind == b"scrypt"
    salt = b"age-encryption.org/v1/scrypt" + decode(salt)
    wrap = Scrypt(salt=salt, length=32, n=2 ** int(work), r=8, p=1).derive(passphrase)
    file_key = ChaCha20Poly1305(wrap).decrypt(bytes(12), decode(body), None)
    head = b"\n".join([version, stanza, body, b"---"])
    expected = hmac.new(derive(file_key, b"", b"header"), head, hashlib.sha256).digest()
    assert hmac.compare_digest(expected, decode(mac[4:]))
    payload = sealed[len(head) + 1 + 43 + 1 :]
    key = ChaCha20Poly1305(derive(file_key, payload[:16], b"payload"))
    pieces, rest = [], payload[16:]
    while rest:
        piece, rest = rest[: 65536 + 16], rest[65536 + 16 :]
        nonce = len(pieces).to_bytes(11, "big") + bytes([0 if rest else 1])
        pieces.append(key.decrypt(nonce, piece, None))
    return b"".join(pieces)


def by_age(age, path, passphrase, out):
    """age asks on a terminal only, so it gets one."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(age, [age, "--decrypt", "--output", out, path])
    os.read(terminal, 1024)
    os.write(terminal, passphrase + b"\n")
    try:
        while os.read(terminal, 1024):
            pass
    except OSError:
        pass
    assert os.waitpid(child, 0)[1] == 0, "age does not open it"
    with open(out, "rb") as file:
        return file.read()


def main():
    path, passphrase, folder = sys.argv[1], sys.argv[2].encode(), sys.argv[3]
    with open(path, "rb") as file:
        plain = by_description(file.read(), passphrase)
    asked = len(sys.argv) > 4
    if asked:
        assert by_age(sys.argv[4], path, passphrase, os.path.join(folder, "plain.tar")) == plain
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        members = archive.getmembers()
        assert all(member.isreg() and member.mode == 0o600 for member in members)
        files = {member.name: archive.extractfile(member).read() for member in members}
    manifest = json.loads(files["manifest.json"])
    for told in manifest["files"]:
        data = files[told["name"]]
        assert (len(data), hashlib.sha256(data).hexdigest()) == (told["size"], told["sha256"])
    ledger = os.path.join(folder, "ledger.sqlite")
    for name, data in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    database = sqlite3.connect(ledger)
    sound = database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    machines = [row[0] for row in database.execute("SELECT machine FROM certificate ORDER BY id")]
    answer = {"names": [member.name for member in members], "sound": sound, "machines": machines, "age": asked}
    print(json.dumps(answer))


main()
