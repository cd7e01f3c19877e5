// Node's TLS server with the list, and both clients: node judge.js FOLDER
// May not connect to anything but 127.0.0.1, nor wait longer than its deadline.
'use strict';
const fs = require('fs');
const path = require('path');
const tls = require('tls');

const file = (...parts) => fs.readFileSync(path.join(process.argv[2], ...parts));
setTimeout(() => { console.log('deadline'); process.exit(2); }, 30000).unref();

const server = tls.createServer({
  cert: file('localhost', 'server.pem'), key: file('localhost', 'server_key.pem'), ca: file('home', 'root.pem'),
  crl: file('root_crl.pem'), requestCert: true, rejectUnauthorized: false,
}, (socket) => socket.end(socket.authorized ? 'welcome' : String(socket.authorizationError)));

const visit = (name) => new Promise((done) => {
  const client = { cert: file(name, 'client.pem'), key: file(name, 'client_key.pem') };
  const socket = tls.connect({ host: '127.0.0.1', port: server.address().port, ca: file('home', 'root.pem'),
    servername: 'localhost', ...client });
  let said = '';
  socket.on('data', (data) => { said += data; });
  socket.on('error', (error) => { said += error.message; });
  socket.on('close', () => { console.log(`${name}: ${said}`); done(); });
});

server.listen(0, '127.0.0.1', async () => {
  await visit('live');
  await visit('revoked');
  server.close();
});
