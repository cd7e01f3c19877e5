#!/bin/sh
# The same job as `qcert export`, by openssl alone and by way of certificate requests, as most how-tos have it.
# Started in an empty folder; argument: the machine's name.
set -eu
umask 077
machine=$1
days=3650

openssl req -x509 -newkey rsa:2048 -noenc -sha256 -days $days -subj "/CN=$machine-CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout root_key.pem -out root.pem
openssl x509 -in root.pem -outform DER -out root.cer

# role, common name, extended key usage, alternative name if any
leaf() {
    {
        echo "basicConstraints=critical,CA:FALSE"
        echo "keyUsage=critical,digitalSignature,keyEncipherment"
        echo "extendedKeyUsage=$3"
        if [ -n "$4" ]; then echo "subjectAltName=$4"; fi
    } > "$1.ext"
    openssl req -new -newkey rsa:2048 -noenc -sha256 -subj "/CN=$2" -keyout "$1_key.pem" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA root.pem -CAkey root_key.pem -sha256 -days $days -extfile "$1.ext" -out "$1.pem"
    openssl pkcs12 -export -in "$1.pem" -inkey "$1_key.pem" -name "$2" -passout pass: -out "$1.pfx"
}

leaf server "$machine" serverAuth "DNS:$machine"
leaf client QlikClient clientAuth ""
