// compare.mjs STEPD REFERENCE CASES... - runs files of cases through `stepd jsonata --batch` and compares the answers.
// REFERENCE: the folder with the reference's node_modules.
//
// A case is a line {"id", "expr", "data"?, "bindings"?, and one of "result", "undefinedResult": true, "code"; "soft"?}.
// undefined and null are told apart; numbers are compared by value; the order of an object's keys doesn't count; a soft
// error is any error. Differences where the reference itself is wrong are counted apart: see `faults`.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const SHOWN = 50;
const [stepd, reference, ...files] = process.argv.slice(2);
const jsonata = createRequire(path.resolve(reference, 'x.js'))('jsonata');

// Does the reference change what it is given? Grouping an empty array of the input appends an undefined to it, and
// whatever looks at that array later in the expression sees it.
async function changesInput(test) {
  const data = structuredClone(test.data), bindings = structuredClone(test.bindings);
  const before = JSON.stringify([data, bindings]);
  try {
    await jsonata(test.expr).evaluate(data, bindings);
  } catch {
    // It may have changed it all the same.
  }
  return JSON.stringify([data, bindings]) !== before;
}

function nearly(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= 2 * Math.abs(a) * Number.EPSILON;
  }
  const objects = typeof a === 'object' && typeof b === 'object' && a && b;
  return objects ? Object.keys(a).every(key => nearly(a[key], b[key])) : a === b;
}

const faults = [
  {
    why: 'it evaluates the members of arrays, objects and groups at the same time: which of two errors it tells depends on scheduling',
    holds: (test, answer) => test.code !== undefined && answer?.error !== undefined && /[,{]/.test(test.expr),
  },
  { why: 'it appends to an empty array of its input when that is grouped', holds: changesInput },
  {
    why: 'its engine rounds powers in the last digit',
    holds: (test, answer) => test.expr.includes('$power') && answer?.result !== undefined && nearly(test.result, answer.result),
  },
  {
    why: 'it evaluates the left side of ?: and ?? a second time, as a tail call without context, and $eval sees that',
    holds: test => test.expr.includes('$eval') && /\?[?:]/.test(test.expr),
  },
  {
    why: 'it takes the context away from a single row once the first of several groups has its value',
    holds: test => /[@#]\$/.test(test.expr) && /\{/.test(test.expr),
  },
].map(fault => ({ ...fault, count: 0 }));

async function faultOf(test, answer) {
  for (const fault of faults) {
    if (await fault.holds(test, answer)) {
      return fault;
    }
  }
  return undefined;
}

function same(a, b) {
  if (a === b) {
    return true;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || Array.isArray(a) !== Array.isArray(b)) {
    return false;
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && same(a[key], b[key]));
}

function agrees(test, answer) {
  if (!answer) {
    return false;
  }
  if (test.code !== undefined) {
    return answer.error !== undefined && (test.soft === true || answer.error.code === test.code);
  }
  if (test.undefinedResult) {
    return answer.undefined === true;
  }
  return Object.hasOwn(answer, 'result') && same(test.result, answer.result);
}

function expected(test) {
  return test.code ? `error ${test.code}` : test.undefinedResult ? 'undefined' : JSON.stringify(test.result);
}

function received(answer) {
  if (!answer) {
    return 'no answer';
  }
  if (answer.error) {
    return `error ${answer.error.code}: ${answer.error.message}`;
  }
  return answer.undefined ? 'undefined' : JSON.stringify(answer.result);
}

// The answers by id; a line that isn't JSON is told and left out.
function answersOf(tests) {
  const lines = tests.map(test => JSON.stringify({ id: test.id, expr: test.expr, data: test.data, bindings: test.bindings }));
  const run = spawnSync(stepd, ['jsonata', '--batch'], {
    input: lines.join('\n') + '\n', maxBuffer: 2 ** 30, timeout: 600000, encoding: 'utf8',
  });
  if (run.status !== 0) {
    console.log(`stepd ended with ${run.signal ?? run.status ?? run.error}: ${(run.stderr ?? '').slice(-2000)}`);
  }
  const answers = new Map();
  for (const line of (run.stdout ?? '').split('\n').filter(text => text)) {
    try {
      const answer = JSON.parse(line);
      answers.set(answer.id, answer);
    } catch {
      console.log(`not JSON: ${line.slice(0, 200)}`);
    }
  }
  return answers;
}

let passed = 0, failed = 0, wrongReference = 0;
for (const file of files) {
  const tests = fs.readFileSync(file, 'utf8').split('\n').filter(line => line).map(line => JSON.parse(line));
  const answers = answersOf(tests);
  let differences = 0;
  for (const test of tests) {
    const answer = answers.get(test.id);
    if (agrees(test, answer)) {
      passed++;
      continue;
    }
    const fault = await faultOf(test, answer);
    if (fault) {
      fault.count++;
      wrongReference++;
      continue;
    }
    failed++;
    if (++differences <= SHOWN) {
      console.log(`${test.id}: ${test.expr}\n    reference: ${expected(test).slice(0, 500)}\n    stepd:     ${received(answer).slice(0, 500)}`);
      console.log(`    data: ${JSON.stringify(test.data ?? test.bindings ?? null).slice(0, 300)}`);
    }
  }
  console.log(`${path.basename(file, '.jsonl')}: ${tests.length - differences} of ${tests.length} agree`);
}
for (const fault of faults.filter(each => each.count)) {
  console.log(`${fault.count} where the reference is wrong: ${fault.why}`);
}
console.log(`${passed + wrongReference} passed, ${failed} failed`);
process.exitCode = failed || passed === 0 ? 1 : 0;
