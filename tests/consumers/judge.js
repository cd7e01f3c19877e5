// Node on many bundles in one process: what a program gets that loads them, calls, and is called.
//
//     node judge.js
//
// What is read and answered: tests/consumers.rs. May not connect to anything but 127.0.0.1.

'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const tls = require('tls');

const read = (folder, name) => fs.readFileSync(path.join(folder, name));
const identity = (folder, role, passphrase) => ({
  cert: read(folder, `${role}.pem`), key: read(folder, `${role}_key.pem`), passphrase: passphrase || undefined,
});

// The other end, which minds nothing.
const peer = (folder, role) => ({
  ...identity(path.join(folder, 'peer'), role), ciphers: 'ALL:@SECLEVEL=0', rejectUnauthorized: false,
});

// Resolves to what each end says.
function shakeHands(server, client, machine) {
  return new Promise((resolve, reject) => {
    const said = {};
    let open = 2;
    const done = () => { open -= 1; if (open === 0) { listener.close(); resolve(said); } };
    const listener = tls.createServer(server);
    listener.on('tlsClientError', (error) => { said.server ??= error; done(); });
    listener.on('secureConnection', (stream) => {
      said.authorized = stream.authorized;
      said.reason = stream.authorizationError;
      stream.on('error', () => {});
      stream.on('close', done);
      stream.end('welcome');
    });
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      // `servername` may not be an address; the check of the name takes `host`.
      const named = net.isIP(machine) ? {} : { servername: machine };
      const connection = net.connect(listener.address().port, '127.0.0.1');
      const stream = tls.connect({ ...client, ...named, host: machine, socket: connection });
      stream.on('data', () => {});
      stream.on('error', (error) => { said.client ??= error; });
      stream.on('close', done);
    });
  });
}

const steps = {
  load: (folder, machine, password) => {
    tls.createSecureContext({ ca: read(folder, 'root.pem'), ...identity(folder, 'client', password) });
  },
  pfx: (folder, machine, password) => {
    tls.createSecureContext({ pfx: read(folder, 'client.pfx'), passphrase: password || undefined });
  },
  call: async (folder, machine) => {
    const said = await shakeHands(peer(folder, 'server'), { ca: read(folder, 'root.pem') }, machine);
    if (said.client) throw said.client;
  },
  serve: async (folder, machine) => {
    // Otherwise it only says that the other end hung up, having hung up itself.
    const server = {
      ca: read(folder, 'root.pem'),
      ...identity(path.join(folder, 'peer'), 'sound'),
      requestCert: true,
      rejectUnauthorized: false,
    };
    const said = await shakeHands(server, peer(folder, 'client'), machine);
    if (said.server) throw said.server;
    if (!said.authorized) throw Object.assign(new Error('client'), { code: said.reason });
  },
};

async function main() {
  const cases = fs.readFileSync(process.env.QCERT_CASES, 'utf8').split('\n').filter(Boolean).map((line) => line.split('\t'));
  for (const [folder, step, machine, password] of cases) {
    let answer = 'accepted';
    try {
      await steps[step](folder, machine, password);
    } catch (error) {
      answer = `refused\t${error.message.trim()} (${error.code})`.replace(/\n/g, ' ');
    }
    console.log(`${folder}\t${step}\t${answer}`);
  }
}

main();
