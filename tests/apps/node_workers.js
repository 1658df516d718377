// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A Node program of several loops, each with counters of its own (see node_works.js).
//
//     node_workers.js threads|cluster WORK...
//
// There is a worker for each WORK, a thread or a process, which does it between `start` and
// `stop` and serves HTTP: threads at a port each, processes all at one. Says `ready
// {ports}`; answers `started` and `stopped` by the counters of each worker and of itself,
// keyed by thread id.
'use strict';

const cluster = require('cluster');
const fs = require('fs');
const http = require('http');
const readline = require('readline');
const threads = require('worker_threads');
const { spin, answer } = require('./node_works.js');

const ownThread = () => fs.readlinkSync('/proc/thread-self').split('/').pop();

const tell = (line, work) => ({ [ownThread()]: answer(line, work) });

function serve(say) {
  const server = http.createServer((request, response) => {
    if (request.url === '/work') spin(1);
    response.end('hello\n');
  });
  server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
}

function work(name, inbox, say) {
  inbox.on('message', (line) => say({ loop: tell(line, name) }));
  serve(say);
}

const kinds = {
  threads(name) {
    const worker = new threads.Worker(__filename, { workerData: name });
    return { say: (line) => worker.postMessage(line), inbox: worker };
  },
  cluster(name) {
    const worker = cluster.fork({ WORK: name });
    return { say: (line) => worker.send(line), inbox: worker };
  },
};

// One message of each worker.
function hear(workers) {
  return Promise.all(workers.map(({ inbox }) => new Promise((got) => inbox.once('message', got))));
}

async function lead(kind, works) {
  const say = (word, value) => process.stdout.write(`${word} ${JSON.stringify(value)}\n`);
  const workers = works.map(kinds[kind]);
  const end = () => {
    workers.forEach(({ inbox }) => (inbox.kill ? inbox.kill() : inbox.terminate()));
    process.exit(0);
  };

  say('ready', { ports: (await hear(workers)).map(({ port }) => port) });
  const lines = readline.createInterface({ input: process.stdin }).on('close', end);
  lines.on('line', async (line) => {
    // its own span is the longer one: the workers' answers lie in it
    const first = line === 'start' ? tell(line, 'idle') : {};
    const heard = hear(workers);
    workers.forEach((worker) => worker.say(line));
    const loops = (await heard).map(({ loop }) => loop);
    const last = line === 'stop' ? tell(line) : {};
    say(line === 'start' ? 'started' : 'stopped', Object.assign(first, ...loops, last));
  });
}

if (!threads.isMainThread) {
  work(threads.workerData, threads.parentPort, (value) => threads.parentPort.postMessage(value));
} else if (cluster.isWorker) {
  work(process.env.WORK, process, (value) => process.send(value));
} else {
  const [kind, ...works] = process.argv.slice(2);
  lead(kind, works);
}
