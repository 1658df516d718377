// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A Node program that does one kind of work and tells its own counters.
//
// The work is the first argument, see node_works.js; `worker:` before it does it in a
// worker thread. Says `ready {port}`, where it serves HTTP; takes `start` and `stop` on
// stdin, between which it works, and answers `started {counters}` and `stopped {counters}`.
'use strict';

const http = require('http');
const readline = require('readline');
const { Worker, isMainThread, parentPort } = require('worker_threads');
const { spin, answer } = require('./node_works.js');

function command(line, work, say) {
  say(line === 'start' ? 'started' : 'stopped', answer(line, work));
}

// The same, within a worker thread: its loop and counters are its own.
function serveWorker() {
  parentPort.on('message', ({ line, name }) =>
    command(line, name, (...answer) => parentPort.postMessage(answer))
  );
}

function serve(name) {
  const say = (word, value) => process.stdout.write(`${word} ${JSON.stringify(value)}\n`);
  const [, inWorker] = name.split('worker:');
  let handle = (line) => command(line, name, say);

  if (inWorker) {
    const worker = new Worker(__filename);
    worker.on('message', (answer) => say(...answer));
    handle = (line) => worker.postMessage({ line, name: inWorker });
  }
  readline
    .createInterface({ input: process.stdin })
    .on('line', handle)
    .on('close', () => process.exit(0));
  const server = http.createServer((request, response) => {
    if (request.url === '/work') spin(1);
    response.end('hello\n');
  });
  server.listen(0, '127.0.0.1', () => say('ready', { port: server.address().port }));
}

if (isMainThread) serve(process.argv[2] || 'idle');
else serveWorker();
