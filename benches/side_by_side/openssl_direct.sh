#!/bin/sh
# The same job as `qcert export`, by openssl alone and the shorter way: `req -x509 -CA` (OpenSSL 3) needs no requests.
# Started in an empty folder; argument: the machine's name.
set -eu
umask 077
machine=$1
days=3650

openssl req -x509 -newkey rsa:2048 -noenc -sha256 -days $days -subj "/CN=$machine-CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout root_key.pem -out root.pem
openssl x509 -in root.pem -outform DER -out root.cer

# role, common name, then further options
leaf() {
    role=$1 name=$2
    shift 2
    openssl req -x509 -newkey rsa:2048 -noenc -sha256 -days $days -subj "/CN=$name" -CA root.pem -CAkey root_key.pem \
        -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature,keyEncipherment "$@" \
        -keyout "${role}_key.pem" -out "$role.pem"
    openssl pkcs12 -export -in "$role.pem" -inkey "${role}_key.pem" -name "$name" -passout pass: -out "$role.pfx"
}

leaf server "$machine" -addext extendedKeyUsage=serverAuth -addext "subjectAltName=DNS:$machine"
leaf client QlikClient -addext extendedKeyUsage=clientAuth
