// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A Node loop that stalls by plan, measured from inside. The plan is the only
// argument, as JSON: { monitor, stall_ms, gaps_ms }: after each gap, which is
// taken from the list in turn, it spins for stall_ms; without gaps it idles.
//
// Says `ready {"port"}`, takes `start` and `stop` on stdin, answers
// `started {}` and `stopped {monitor, stalls_ns, probes_ns, span_ns}`. Each
// datagram to the port holds the CLOCK_MONOTONIC time that it was sent at.
'use strict';

const dgram = require('dgram');
const readline = require('readline');
const { monitorEventLoopDelay } = require('perf_hooks');

const REST_MS = 100; // in which what has been sent is read

const plan = JSON.parse(process.argv[2]);
const stalls = [];
const probes = [];
const delays = plan.monitor ? monitorEventLoopDelay({ resolution: 10 }) : null;
let started = 0n;
let turn = 0;
let stopping = false;

function say(word, value) {
  process.stdout.write(`${word} ${JSON.stringify(value)}\n`);
}

function stall() {
  const begun = process.hrtime.bigint();
  const end = begun + BigInt(Math.round(plan.stall_ms * 1e6));
  let now = begun;
  while (now < end) now = process.hrtime.bigint();
  stalls.push(Number(now - begun));
  plan_next();
}

function plan_next() {
  if (stopping || !plan.gaps_ms.length) return;
  const gap = plan.gaps_ms[turn++ % plan.gaps_ms.length];
  if (gap) setTimeout(stall, gap);
  else setImmediate(stall);
}

function start() {
  stalls.length = probes.length = 0;
  started = process.hrtime.bigint();
  if (delays) delays.enable();
  plan_next();
  say('started', {});
}

function monitored() {
  if (!delays) return null;
  const ms = (ns) => ns / 1e6;
  return {
    p50: ms(delays.percentile(50)),
    p95: ms(delays.percentile(95)),
    p99: ms(delays.percentile(99)),
    max: ms(delays.max),
    samples: delays.count,
  };
}

function stop() {
  stopping = true;
  if (delays) delays.disable();
  setTimeout(tell, REST_MS);
}

function tell() {
  say('stopped', {
    monitor: monitored(),
    stalls_ns: stalls,
    probes_ns: probes,
    span_ns: Number(process.hrtime.bigint() - started),
  });
}

const socket = dgram.createSocket('udp4');
socket.on('message', (message) => {
  probes.push(Number(process.hrtime.bigint() - message.readBigUInt64LE()));
});
socket.bind(0, '127.0.0.1', () => say('ready', { port: socket.address().port }));

const commands = { start, stop };
readline.createInterface({ input: process.stdin }).on('line', (line) => commands[line]());
