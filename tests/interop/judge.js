// Node: every certificate, key and PFX of a bundle, then real mutual TLS between a server and a client made of them.
//
//     node judge.js FOLDER MACHINE        (the password in JUDGE_PASSWORD)
//
// Ends with 0 when everything is accepted, and prints the reason when not. Run by node.rs.
// May not connect to anything but 127.0.0.1.

'use strict';

const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const net = require('net');
const path = require('path');
const tls = require('tls');

const [folder, machine] = process.argv.slice(2);
const passphrase = process.env.JUDGE_PASSWORD;
const read = (name) => fs.readFileSync(path.join(folder, name));
const ca = read('root.pem');

// The two ways in which Node programs name their certificate.
const identities = {
  pem: (role) => ({ cert: read(`${role}.pem`), key: read(`${role}_key.pem`), passphrase }),
  pfx: (role) => ({ pfx: read(`${role}.pfx`), passphrase }),
};

function openFiles() {
  const root = new crypto.X509Certificate(ca);
  assert.strictEqual(root.fingerprint256, new crypto.X509Certificate(read('root.cer')).fingerprint256);
  for (const role of ['server', 'client']) {
    const certificate = new crypto.X509Certificate(read(`${role}.pem`));
    const key = crypto.createPrivateKey({ key: read(`${role}_key.pem`), passphrase });
    assert(certificate.checkPrivateKey(key), `${role}_key.pem is not the key of ${role}.pem`);
    assert(certificate.verify(root.publicKey), `${role}.pem is not signed by root.pem`);
    assert(certificate.checkIssued(root), `${role}.pem does not name root.pem as its issuer`);
    tls.createSecureContext(identities.pfx(role));
  }
}

// One connection; resolves to what each side saw of the other.
function shakeHands(server, client, version, mutual = true) {
  const versions = { minVersion: version, maxVersion: version };
  return new Promise((resolve, reject) => {
    const listener = tls.createServer({ ...server, ...versions, ca, requestCert: mutual });
    // The client's reason comes first: the server may only see that the connection is gone.
    const fail = (error) => { listener.close(); setImmediate(reject, error); };
    listener.on('tlsClientError', () => listener.close());
    listener.on('secureConnection', (stream) => stream.end(mutual ? stream.getPeerCertificate().subject.CN : 'anybody'));
    listener.listen(0, '127.0.0.1', () => {
      const named = net.isIP(machine) ? {} : { servername: machine };
      const { port } = listener.address();
      const stream = tls.connect({ ...client, ...versions, ...named, ca, host: '127.0.0.1', port });
      let seen = '';
      // Asked while the connection lives: Node 20 crashes when a closed one is asked.
      stream.on('secureConnect', () => { seen = `${stream.getProtocol()} `; });
      stream.on('data', (chunk) => { seen += chunk; });
      stream.on('error', fail);
      stream.on('close', () => { listener.close(); resolve(seen); });
    });
  });
}

async function main() {
  openFiles();
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    // Alone first: a Node server that refuses the client at the same time would hide what the client has to say.
    assert.strictEqual(await shakeHands(identities.pem('server'), {}, version, false), `${version} anybody`);
    for (const [form, identity] of Object.entries(identities)) {
      const seen = await shakeHands(identity('server'), identity('client'), version);
      assert.strictEqual(seen, `${version} QlikClient`, form);
    }
    await assert.rejects(shakeHands(identities.pem('server'), {}, version), `${version}: no client certificate`);
  }
  console.log('judged');
}

main().catch((error) => {
  console.error(error.code, error.message);
  process.exit(1);
});
