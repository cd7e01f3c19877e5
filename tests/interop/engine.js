// A stand-in for Qlik's engine: mutual TLS, a WebSocket, and the few JSON-RPC messages of opening a session.
//
//     node engine.js FOLDER        (prints the port it took; ends when its standard input closes)
//
// It lets in only whom Qlik's would: a client certificate of its own root, named QlikClient, and a user in a header.
// Run by enigma.rs. May not listen on anything but 127.0.0.1.

'use strict';

const fs = require('fs');
const https = require('https');
const path = require('path');
const { WebSocketServer } = require('ws');

const folder = process.argv[2];
const read = (name) => fs.readFileSync(path.join(folder, name));

const listener = https.createServer({
  ca: read('root.pem'),
  cert: read('server.pem'),
  key: read('server_key.pem'),
  requestCert: true,
  rejectUnauthorized: true,
});

function mayEnter({ req }) {
  const certificate = req.socket.getPeerCertificate();
  return req.socket.authorized
    && certificate.subject.CN === 'QlikClient'
    && req.headers['x-qlik-user'] === 'UserDirectory=INTERNAL; UserId=sa_repository'
    && req.url === '/app/engineData';
}

const server = new WebSocketServer({ server: listener, verifyClient: mayEnter });

server.on('connection', (socket) => {
  const send = (message) => socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  send({ method: 'OnConnected', params: { qSessionState: 'SESSION_CREATED' } });
  socket.on('message', (data) => {
    const { id, method, handle } = JSON.parse(data);
    if (method === 'EngineVersion' && handle === -1) {
      send({ id, result: { qVersion: { qComponentVersion: '12.20.0' } } });
    } else {
      send({ id, error: { code: -32601, parameter: '', message: `no such method: ${method} of ${handle}` } });
    }
  });
});

listener.listen(0, '127.0.0.1', () => console.log(listener.address().port));
process.stdin.resume().on('end', () => process.exit());
