// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Holds up Node's loop below functions of every kind, and tells them itself. Takes `stall MS` on
// stdin, answers `stalled {begun, ended, frames}`: CLOCK_MONOTONIC in nanoseconds, and the
// functions on the stack that are written in JavaScript, the innermost first, each with the line
// that it begins in. Says `ready {}` first.
'use strict';

const readline = require('readline');

let truth = null;

function frameOf(site) {
  return {
    function: site.getFunctionName() || '(anonymous)',
    file: site.getFileName() || '',
    line: site.getEnclosingLineNumber(),
    physical: !site.isNative() && !site.isAsync() && Boolean(site.getFileName()),
  };
}

function framesHere() {
  Error.stackTraceLimit = Infinity;
  Error.prepareStackTrace = (error, sites) => sites.map(frameOf);
  const frames = new Error().stack;
  Error.prepareStackTrace = undefined;
  return frames.slice(1).filter((frame) => frame.physical);
}

const later = (ms) => process.hrtime.bigint() + BigInt(ms) * 1000000n;

class Widget {
  constructor(ms) {
    this.ms = ms;
    this.spin();
  }

  spin() {
    const end = later(this.ms);
    let sum = 0;
    do {
      for (let i = 0; i < 200000; i += 1) sum = (sum * 31 + i) % 1000003;
    } while (process.hrtime.bigint() < end);
    truth = framesHere();
    return sum;
  }

  static make(ms) { return new Widget(ms); }

  get costly() { return Widget.make(this.ms); }
}

const handlers = {};
handlers.onRequest = function (ms) {
  const widget = Object.create(Widget.prototype, { ms: { value: ms } });
  return widget.costly;
};

const ünïcode = (ms) => [ms].map((each) => {
  const inner = function inner() { return handlers.onRequest(each); };
  return inner();
});

// more variables in one scope than are kept in a row
const names = Array.from({ length: 100 }, (_, i) => `v${i}`);
const crowded = new Function('next', `
  ${names.map((name) => `let ${name} = 0;`).join(' ')}
  return function crowded(ms) { return next(ms) + ${names.join(' + ')}; };
`)(ünïcode);

async function serve(ms) {
  crowded(ms);
}

function obey(line) {
  const [, ms] = line.split(' ');
  const begun = Number(process.hrtime.bigint());
  serve(Number(ms));
  const ended = Number(process.hrtime.bigint());
  process.stdout.write(`stalled ${JSON.stringify({ begun, ended, frames: truth })}\n`);
}

readline
  .createInterface({ input: process.stdin })
  .on('line', obey)
  .on('close', () => process.exit(0));
process.stdout.write('ready {}\n');
