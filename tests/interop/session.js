// enigma.js as its own example for certificates uses it: opens a session and asks the engine for its version.
//
//     node session.js ROOT PORT [CERTIFICATE KEY]
//
// Run by enigma.rs. May not connect to anything but localhost.

'use strict';

const enigma = require('enigma.js');
const fs = require('fs');
const WebSocket = require('ws');
const schema = require('enigma.js/schemas/12.20.0.json');

const [root, port, certificate, key] = process.argv.slice(2);
const identity = certificate ? { cert: fs.readFileSync(certificate), key: fs.readFileSync(key) } : {};

const session = enigma.create({
  schema,
  url: `wss://localhost:${port}/app/engineData`,
  createSocket: (url) => new WebSocket(url, {
    ca: [fs.readFileSync(root)],
    ...identity,
    headers: { 'X-Qlik-User': 'UserDirectory=INTERNAL; UserId=sa_repository' },
    handshakeTimeout: 30000,
  }),
});

async function main() {
  const global = await session.open();
  const version = await global.engineVersion();
  console.log('engine version', version.qComponentVersion);
  await session.close();
}

main().catch((error) => {
  const cause = error.original && error.original.error;
  console.error(error.message, cause ? `${cause.code} ${cause.message}` : '');
  process.exit(1);
});
