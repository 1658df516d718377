// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A Node program that does one kind of work and tells its own counters.
//
// The work is the first argument, see `works` below. Says `ready {port}`, where
// it serves HTTP; takes `start` and `stop` on stdin, between which it works, and
// answers `started {counters}` and `stopped {counters}`:
//   idle_ms, active_ms   performance.eventLoopUtilization(), since the loop began
//   loop_count, events   uvMetricsInfo, null where Node has none (before 20.18)
//   waits, waited_ms     of the work `blocking`: how often, and how long, on a lock
'use strict';

const fs = require('fs');
const http = require('http');
const readline = require('readline');
const { performance } = require('perf_hooks');
const { Worker, isMainThread, parentPort } = require('worker_threads');

let working = false;
let waits = 0;
let waitedMs = 0;

function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

// On a lock that nobody ever releases.
function wait(ms) {
  const begun = performance.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  waits += 1;
  waitedMs += performance.now() - begun;
}

function again(schedule) {
  return () => {
    if (!working) return;
    schedule();
  };
}

const works = {
  idle() {},

  // callbacks of some length, now and then
  timers: again(() => {
    spin(3);
    setTimeout(works.timers, 7);
  }),

  // many timers, next to no work
  ticks: again(() => setTimeout(works.ticks, 1)),

  // work cut into slices: the loop polls between them with timeout 0
  slices: again(() => {
    spin(1);
    setImmediate(works.slices);
  }),

  // the shortest iterations that Node can make
  immediates: again(() => setImmediate(works.immediates)),

  // the thread pool's results, as events
  files: again(() => {
    fs.readFile(__filename, () => {
      spin(0.2);
      works.files();
    });
  }),

  // system calls that hold the loop
  blocking: again(() => {
    fs.readFileSync(__filename);
    wait(5);
    setTimeout(works.blocking, 10);
  }),
};

function counters() {
  const { idle, active } = performance.eventLoopUtilization();
  const metrics = performance.nodeTiming.uvMetricsInfo;

  return {
    idle_ms: idle,
    active_ms: active,
    loop_count: metrics ? metrics.loopCount : null,
    events: metrics ? metrics.events : null,
    waits,
    waited_ms: waitedMs,
  };
}

function command(line, work, say) {
  working = line === 'start';
  if (working) work();
  say(working ? 'started' : 'stopped', counters());
}

// The same, within a worker thread: its loop and counters are its own.
function serveWorker() {
  parentPort.on('message', ({ line, name }) =>
    command(line, works[name], (...answer) => parentPort.postMessage(answer))
  );
}

function serve(name) {
  const say = (word, value) => process.stdout.write(`${word} ${JSON.stringify(value)}\n`);
  const [, inWorker] = name.split('worker:');
  let handle = (line) => command(line, works[name], say);

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
