// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Holds up Node's loop in functions of its own, to be named: their lines lie between comments
// `culprit: NAME`. Takes `stall NAME ARGUMENT` on stdin, answers `stalled {begun, ended}`,
// CLOCK_MONOTONIC in nanoseconds; says `ready {}` first.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const readline = require('readline');

function derive(iterations) { // culprit: pbkdf2
  return crypto.pbkdf2Sync('password', 'salt', iterations, 64, 'sha512');
} // culprit: pbkdf2

const textOf = (megabytes) => `[${'1234567890,'.repeat((megabytes * 1e6) / 11)}0]`;
let text = null;

function parse() { // culprit: parse
  return JSON.parse(text).length;
} // culprit: parse

function hot(ms) { // culprit: hot
  const end = process.hrtime.bigint() + BigInt(ms) * 1000000n;
  let sum = 0;
  do {
    for (let i = 0; i < 200000; i += 1) sum = (sum * 31 + i) % 1000003;
  } while (process.hrtime.bigint() < end);
  return sum;
} // culprit: hot

function load(path) { // culprit: read
  return fs.readFileSync(path);
} // culprit: read

const works = {
  pbkdf2: (argument) => derive(Number(argument)),
  parse,
  hot: (argument) => hot(Number(argument)),
  read: (argument) => load(argument),
};

function obey(line) {
  const [command, name, argument] = line.split(' ');
  if (command === 'prepare') {
    text = textOf(Number(argument));
    process.stdout.write('prepared {}\n');
    return;
  }
  const begun = Number(process.hrtime.bigint());
  works[name](argument);
  const ended = Number(process.hrtime.bigint());
  process.stdout.write(`stalled ${JSON.stringify({ begun, ended })}\n`);
}

readline
  .createInterface({ input: process.stdin })
  .on('line', obey)
  .on('close', () => process.exit(0));
process.stdout.write('ready {}\n');
