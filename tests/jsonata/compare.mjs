// compare.mjs STEPD REFERENCE CASES... - runs files of cases through `stepd jsonata --batch` and compares the answers.
// REFERENCE: the folder with the reference's node_modules.
//
// A case is a line {"id", "expr", "data"?, "bindings"?, and one of "result", "undefinedResult": true, "code"; "message"?,
// "position"?, "token"?, "soft"?}. undefined and null are told apart; numbers are compared by value; the order of an
// object's keys doesn't count; an error with a message has the same message, position and token; a soft error is any error.
// Where the reference is wrong is proven by asking it again without its defect (mended.mjs), and counted apart.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { mends, reference } from './mended.mjs';

const SHOWN = 50;
const [stepd, folder, ...files] = process.argv.slice(2);

// Each defect alone, then all of them.
const references = [...mends.map(mend => ({ why: mend.why, mended: [mend] })), { why: 'several of these', mended: mends }]
  .map(one => ({ ...one, fresh: reference(folder, one.mended), count: 0 }));

// The case as the mended reference answers it.
async function answered(test, fresh) {
  const { id, expr, data, bindings, message } = test;
  try {
    const result = await fresh()(expr, { timeout: 3000, stack: 900 }).evaluate(structuredClone(data), structuredClone(bindings));
    return result === undefined ? { id, undefinedResult: true } : { id, result: JSON.parse(JSON.stringify(result)) };
  } catch (error) {
    const { code, position, token } = error;
    return message === undefined ? { id, code } : { id, code, message: error.message, position, token };
  }
}

async function faultOf(test, answer) {
  for (const one of references) {
    if (agrees(await answered(test, one.fresh), answer)) {
      return one;
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
    const { error } = answer;
    const told = test.message === undefined || ['message', 'position', 'token'].every(key => error?.[key] === test[key]);
    return error !== undefined && (test.soft === true || (error.code === test.code && told));
  }
  if (test.undefinedResult) {
    return answer.undefined === true;
  }
  return Object.hasOwn(answer, 'result') && same(test.result, answer.result);
}

function expected(test) {
  return test.code ? `error ${[test.code, test.message, test.position, test.token].join(' | ')}` : test.undefinedResult ? 'undefined' : JSON.stringify(test.result);
}

function received(answer) {
  if (!answer) {
    return 'no answer';
  }
  if (answer.error) {
    const { code, message, position, token } = answer.error;
    return `error ${[code, message, position, token].join(' | ')}`;
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
for (const fault of references.filter(one => one.count)) {
  console.log(`${fault.count} where the reference is wrong: ${fault.why}`);
}
console.log(`${passed + wrongReference} passed, ${failed} failed`);
process.exitCode = failed || passed === 0 ? 1 : 0;
