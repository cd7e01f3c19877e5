// A Node program that asks a server on 127.0.0.1 for its start page, over mutual TLS.
//
//     node visit.js ROOT MACHINE VERSION PORT [PFX | CERTIFICATE KEY]        (the password in JUDGE_PASSWORD)
//
// Prints the answer. Run by visitors.rs. May not connect to anything but 127.0.0.1.

'use strict';

const fs = require('fs');
const https = require('https');
const net = require('net');

const [root, machine, version, port, ...identity] = process.argv.slice(2);
const files = identity.map((file) => fs.readFileSync(file));
const [first, second] = files;
const named = net.isIP(machine) ? {} : { servername: machine };
const mine = second ? { cert: first, key: second } : { pfx: first };

const request = https.get({
  host: '127.0.0.1',
  port,
  agent: false,
  ca: fs.readFileSync(root),
  minVersion: `TLSv${version}`,
  maxVersion: `TLSv${version}`,
  ...named,
  ...(first ? { ...mine, passphrase: process.env.JUDGE_PASSWORD } : {}),
}, (response) => {
  console.log(`HTTP ${response.statusCode}`);
  response.pipe(process.stdout);
});
request.setTimeout(30000, () => request.destroy(new Error('the server did not answer')));
request.on('error', (error) => {
  console.error(error.code, error.message);
  process.exit(1);
});
