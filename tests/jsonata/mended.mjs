// mended.mjs - the reference without defects of its own that change answers.
//
// Where stepd and the reference differ, the reference is asked again with one of these edits in its source, or with all of
// them: only if its answer is then exactly stepd's is it the reference that was wrong. Each edit must fit.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const again = 'if (left.type === "function") { left.name = "again"; }';

export const mends = [
  {
    why: 'it evaluates members of arrays, objects and groups at the same time: which of two errors it tells is a matter of luck',
    edits: [
      [/await Promise\.all\(expr\.expressions\s+\.map\(async \(item, idx\)/, 'await help.inTurn(expr.expressions, (async (item, idx)'],
      ['await Promise.all(utils.keys(groups).map(async (key, idx)', 'await help.inTurn(utils.keys(groups), (async (key, idx)'],
    ],
  },
  {
    why: 'it appends to an empty array when that is grouped, even to one of its input',
    edits: [['input.push(undefined);', 'input = focus.createSequence(undefined);']],
  },
  {
    why: 'its engine rounds powers in the last digit',
    edits: [['result = Math.pow(arg, exp);', 'result = help.power(arg, exp);']],
  },
  {
    why: 'it evaluates the left side of ?: and ?? a second time, as a tail call in the context of the caller',
    edits: [
      [/arguments: \[JSON\.parse\(JSON\.stringify\(left\)\)\]\s+};\s+this\.then = left;/, `$& ${again}`],
      [/this\.condition = JSON\.parse\(JSON\.stringify\(left\)\);\s+this\.then = left;/, `$& ${again}`],
      ['result = await applyInner(next, evaluatedArgs, input, environment);',
        'result = await applyInner(next, evaluatedArgs, result.body.name === "again" ? result.input : input, environment);'],
    ],
  },
  {
    why: 'it takes the context out of a row once the first of several groups has its value',
    edits: [[/(if\(!Array\.isArray\(tupleStream\)\) {\s+return) tupleStream;/, '$1 Object.assign(Object.create(null), tupleStream);']],
  },
  {
    why: 'it leaves the name and place of a call in the function, where a later error finds them',
    edits: [
      ["if(typeof proc === 'object') {", "if(typeof proc === 'object') { proc = Object.assign({}, proc);"],
      [/var next = await evaluate\([^;]*;/, "$& if (typeof next === 'object') { next = Object.assign({}, next); }"],
    ],
  },
  {
    why: 'it cannot partially apply a function that was given as an argument',
    edits: [
      ['closure.arity = getFunctionArity(arg);', '$& closure.of = arg;'],
      [/if \(isLambda\(proc\)\) {\s+result = partialApplyProcedure\(/, 'if (proc && proc.of) { proc = proc.of; } $&'],
    ],
  },
  {
    why: 'the mark that makes an array a sequence is one of its members for *',
    edits: [
      [/utils\.keys\(input\)(\.forEach\(function \(key\) {\s+var value = input\[key\];)/,
        'utils.keys(input).filter(key => !Array.isArray(input) || key >= 0)$1'],
    ],
  },
  {
    why: '$spread takes a built-in function apart',
    edits: [["typeof arg === 'object' && !isLambda(arg)) {", "typeof arg === 'object' && !isFunction(arg)) {"]],
  },
];

// ---- numbers ----

// A rational number, rounded to the nearest that JavaScript has.
function quotient(above, below) {
  const bits = BigInt(Math.max(0, 70 - above.toString(2).length + below.toString(2).length));
  const scaled = above << bits;
  const whole = scaled / below;
  let rounded = Number(whole | (whole * below === scaled ? 0n : 1n));
  for (let left = Number(bits); left > 0; left -= 1000) {
    rounded *= 2 ** -Math.min(left, 1000);
  }
  return rounded;
}

function squareRoot(number) {
  let guess = 1n << BigInt((number.toString(2).length + 1) >> 1);
  for (let better = (guess + number / guess) >> 1n; better < guess; better = (guess + number / guess) >> 1n) {
    guess = better;
  }
  return guess;
}

// A finite number's parts: mantissa * 2 ** exponent.
function partsOf(number) {
  let exponent = 0;
  for (; !Number.isInteger(number); exponent--) {
    number *= 2;
  }
  return [BigInt(number), exponent];
}

// The base to a whole or half power, exactly rounded; otherwise what the engine makes of it.
function power(base, exponent) {
  const engine = Math.pow(base, exponent);
  const halves = Math.abs(exponent * 2);
  const ordinary = Math.abs(engine) > 1e-300 && Math.abs(engine) < 1e300;
  if (!Number.isInteger(halves) || halves > 2000 || !ordinary) {
    return engine;
  }
  let [above, twos] = partsOf(base);
  let below = 1n;
  [above, below] = twos < 0 ? [above, 1n << BigInt(-twos)] : [above << BigInt(twos), 1n];
  const whole = BigInt(halves % 2 === 0 ? halves / 2 : halves);
  [above, below] = [above ** whole, below ** whole];
  if (halves % 2 === 1) { // of the root 140 bits are enough
    const bits = BigInt(Math.max(0, 280 - above.toString(2).length + below.toString(2).length)) & ~1n;
    const scaled = (above << bits) / below;
    const root = squareRoot(scaled);
    const rest = root * root === scaled && scaled * below === above << bits ? 0n : 1n;
    [above, below] = [(root << 1n) | rest, 1n << ((bits >> 1n) + 1n)];
  }
  if (exponent < 0) {
    [above, below] = above < 0n ? [-below, -above] : [below, above];
  }
  return above < 0n ? -quotient(-above, below) : quotient(above, below);
}

const help = {
  async inTurn(list, evaluate) {
    const results = [];
    for (let index = 0; index < list.length; index++) {
      results.push(await evaluate(list[index], index));
    }
    return results;
  },
  power,
};

// ---- the reference ----

// A function that makes a new instance of the reference in `folder`, mended.
export function reference(folder, mended = []) {
  const file = createRequire(path.resolve(folder, 'x.js')).resolve('jsonata');
  let source = fs.readFileSync(file, 'utf8');
  for (const [from, to] of mended.flatMap(mend => mend.edits)) {
    const found = from instanceof RegExp ? [...source.matchAll(new RegExp(from.source, 'g'))].length : source.split(from).length - 1;
    if (found !== 1) {
      throw new Error(`the edit fits ${found} times: ${from}`);
    }
    source = source.replace(from, to);
  }
  const script = new Function('module', 'exports', 'require', 'help', source);
  return () => {
    const module = { exports: {} };
    script(module, module.exports, undefined, help);
    return module.exports;
  };
}
