// cases.mjs - what the generators of cases share: dice, the reference's answer, the file of cases.
import fs from 'node:fs';
import { reference } from './mended.mjs';

export const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
// The reference leaves a call's name and place in the built-in function that is called, where a later error finds them: so
// each case has a reference of its own.
const fresh = reference(option('reference', '.'));

// xorshift32
let random = (Number(option('seed', 1)) * 2654435761) >>> 0 || 1;
export const next = () => {
  random ^= random << 13;
  random >>>= 0;
  random ^= random >>> 17;
  random ^= random << 5;
  random >>>= 0;
  return random / 2 ** 32;
};
export const between = (low, high) => low + Math.floor(next() * (high - low + 1));
export const one = list => list[Math.floor(next() * list.length)];
export const often = chance => next() < chance;
export const repeat = (low, high, make) => Array.from({ length: between(low, high) }, make).join('');

// What JSON can carry; undefined members, as of groups that took no part, become null there.
function usable(value) {
  if (typeof value === 'number') {
    return Number.isFinite(value);
  }
  if (typeof value === 'string') {
    return value.isWellFormed();
  }
  if (typeof value === 'function' || value?._jsonata_lambda || value?._jsonata_function) {
    return false;
  }
  return value === null || typeof value !== 'object' || Object.values(value).every(usable);
}

// The case with the reference's answer, or undefined when that is of no use: an error without a code, one of the time
// box, a result that isn't JSON.
async function answered(test) {
  try {
    const result = await fresh()(test.expr, { timeout: 3000, stack: 900 }).evaluate(structuredClone(test.data));
    if (result === undefined) {
      return { ...test, undefinedResult: true };
    }
    return usable(result) ? { ...test, result } : undefined;
  } catch (error) {
    if (!/^[A-Z]\d{4}$/.test(error.code) || /^D101[12]$/.test(error.code)) {
      return undefined;
    }
    const { code, message, position, token } = error;
    // Left out: a regular expression where none may be, and what shows the reference's insides: rows of a stream, functions.
    if ((typeof token === 'object' && token !== null) || /"@":|_jsonata_/.test(message)) {
      return undefined;
    }
    return { ...test, code, message, position, token };
  }
}

// Makes cases until there are as many as asked for: make() gives {expr, data}.
export async function write(name, make) {
  const lines = [];
  const count = Number(option('count', 1000));
  const seen = new Set();
  for (let made = 0; lines.length < count && made < count * 20; made++) {
    const test = { id: `${name}${option('seed', 1)}-${made}`, ...make() };
    const key = test.expr + JSON.stringify(test.data);
    // The reference copies the left side of ?? and ?: through JSON, which a regular expression doesn't survive: $match of
    // what is left of it never ends.
    const destroyed = /\?[?:]/.test(test.expr) && test.expr.includes('/');
    if (seen.has(key) || destroyed) {
      continue;
    }
    seen.add(key);
    const line = await answered(test);
    if (line) {
      lines.push(JSON.stringify(line));
    }
  }
  fs.writeFileSync(option('out', '/dev/stdout'), lines.join('\n') + '\n');
}
