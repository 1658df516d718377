// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Kinds of work for a Node program that is watched, and its own counters:
//   idle_ms, active_ms   performance.eventLoopUtilization(), since the loop began
//   loop_count, events   uvMetricsInfo, null where Node has none (before 20.18)
//   waits, waited_ms     of `blocking` and `commands`: how often, and how long, it was held
'use strict';

const fs = require('fs');
const childProcess = require('child_process');
const { performance } = require('perf_hooks');

let working = false;
let waits = 0;
let waitedMs = 0;

function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function held(hold) {
  const begun = performance.now();
  hold();
  waits += 1;
  waitedMs += performance.now() - begun;
}

// On a lock that nobody ever releases.
function wait(ms) {
  held(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms));
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

  // children that hold the loop, which runs another one meanwhile, in the same thread
  commands: again(() => {
    held(() => childProcess.spawnSync('sleep', ['0.03']));
    held(() => childProcess.execSync('sleep 0.03; echo'));
    setTimeout(works.commands, 20);
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

// To `start` and `stop`: counters as of the instant before the work, and after it.
function answer(line, work) {
  const before = counters();

  working = line === 'start';
  if (!working) return counters();
  works[work]();
  return before;
}

module.exports = { spin, answer };
