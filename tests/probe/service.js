// Node as a service: shows a certificate, asks for one, and answers as it is told.
//
//     node service.js SETTINGS          (JSON; prints the port it took; ends when its standard input closes)
//
// SETTINGS: chain, key, root (files), min and max (TLSv1.2 …), ask (demand, wish or nothing), and `as`, which is one of
// the names below; with `as: answer` also status, headers and body. Run by servers.rs. May not listen on anything but
// 127.0.0.1.

'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');
const tls = require('tls');

const settings = JSON.parse(process.argv[2]);

const ABOUT = JSON.stringify({
  buildVersion: '34.16.0.0',
  buildDate: '9/20/2013 10:09:00 AM',
  databaseProvider: 'Devart.Data.PostgreSql',
  nodeType: 1,
  sharedPersistence: true,
  requiresBootstrap: false,
  singleNodeOnly: false,
  schemaPath: 'About',
});

function welcome(request, response) {
  // Without a subject where none was shown, and none at all where the connection is gone.
  const { subject } = request.socket.getPeerCertificate() || {};
  const name = subject ? subject.CN : 'nobody';
  response.end(`welcome ${name}, ${request.socket.authorized}\n`);
}

// The Repository Service's manners: two equal keys of sixteen characters, a user, and its own paths.
function qrs(request, response) {
  const url = new URL(request.url, 'https://localhost');
  const key = url.searchParams.get('xrfkey');
  if (!key || key.length !== 16 || request.headers['x-qlik-xrfkey'] !== key) {
    response.writeHead(400, { 'Content-Type': 'text/plain' });
    response.end('XSRF prevention check failed. Possible XSRF discovered.');
  } else if (!/^UserDirectory=.+; ?UserId=.+/.test(request.headers['x-qlik-user'] || '')) {
    response.writeHead(403, { 'Content-Type': 'text/plain' });
    response.end('Forbidden');
  } else if (request.method !== 'GET' || url.pathname !== '/qrs/about') {
    response.writeHead(404, { 'Content-Type': 'text/plain' });
    response.end('Not found');
  } else {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(ABOUT);
  }
}

function answer(request, response) {
  response.writeHead(settings.status, settings.headers || {});
  response.end(settings.body || '');
}

// What Windows' HTTP service does where it was not told to ask at once (TLS 1.2): the request first, then all anew.
// Node's own web server would begin again, too.
function askAgain() {
  const known = new WeakSet();
  // Or the second handshake would resume the first, without a certificate.
  const secureOptions = crypto.constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION;
  return tls.createServer({ ...credentials(), secureOptions }, (socket) => {
    if (known.has(socket)) {
      return;
    }
    known.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.renegotiate({ requestCert: true, rejectUnauthorized: true }, (error) => {
        if (!error && socket.authorized) {
          socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\n\r\nwelcome\n');
        }
      });
    });
  });
}

function credentials() {
  return {
    cert: fs.readFileSync(settings.chain),
    key: fs.readFileSync(settings.key),
    ca: fs.readFileSync(settings.root),
    minVersion: settings.min,
    maxVersion: settings.max,
    requestCert: settings.ask !== 'nothing',
    rejectUnauthorized: settings.ask === 'demand',
  };
}

function secure(listener) {
  return https.createServer(credentials(), listener);
}

// Squid's answer to what is no request, and to every request: log on first.
function forwardProxy() {
  const head = (status, more) => `HTTP/1.1 ${status}\r\nServer: squid/5.7\r\nVia: 1.1 proxy.example.com (squid/5.7)\r\n`
    + `${more}Content-Length: 0\r\nConnection: close\r\n\r\n`;
  const server = http.createServer();
  const refuse = (socket) => socket.end(head('407 Proxy Authentication Required', 'Proxy-Authenticate: NTLM\r\n'));
  server.on('request', (request) => refuse(request.socket));
  server.on('connect', (request, socket) => refuse(socket));
  server.on('clientError', (error, socket) => refuse(socket));
  return server;
}

// One step further: the far end of a load balancer that sees nobody behind it.
function unavailable() {
  return net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.0 503 Service Unavailable\r\nConnection: close\r\n\r\n'));
  });
}

const server = {
  welcome: () => secure(welcome),
  qrs: () => secure(qrs),
  answer: () => secure(answer),
  askAgain,
  plain: () => http.createServer((request, response) => response.end('welcome\n')),
  forwardProxy,
  unavailable,
}[settings.as]();

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());
