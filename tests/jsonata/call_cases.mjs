// call_cases.mjs --reference DIR --seed N --count N --out FILE
//
// Calls of every built-in function with arguments of every kind, fitting and not, too few and too many, from the context,
// chained, partially applied, as callbacks and as tail calls; the results looked at from several sides. Errors must have
// the same message, position and token.
import { between, often, one, write } from './cases.mjs';

const data = {
  n: 7, neg: -2.5, s: 'Alpha beta', e: '😀é-x', t: true, nul: null, none: [], one: [3], nums: [3, 1, 2, 3], strs: ['b', 'a', 'b'],
  mixed: [1, 'a', null, [2], { k: 1 }], nested: [[1, 2], [3], []], obj: { a: 1, b: 'x', c: [1, 2] }, empty: {},
  objs: [{ k: 'x', v: 1 }, { k: 'y', v: 2, w: [1, 2] }, { k: 'x', v: 3 }], date: '2018-03-04T05:06:07.008Z',
};

const values = {
  n: ['0', '1', '2', '3', '-1', '2.5', '-0.5', 'n', 'neg', '1e21', '255', '1234.5678', '1e-7', '(1/0)', '$number("0x1F")'],
  s: ['""', '"a"', '"ab"', '"12"', '" x  y "', 's', 'e', '"é"', '"a,b,,c"', '"0"', '"#0.00"', '"w"', '"I"', '"1"', 'date', '"[Y]-[M]"', '"+0100"',
    '"aGk="', '"%41"', '"1+n"', '"k"', '"MMXVIII"', '"🎉"', '"-"'],
  b: ['true', 'false', 't'],
  l: ['null', 'nul'],
  a: ['[]', 'none', '[1]', 'one', 'nums', 'strs', 'mixed', 'nested', 'objs', '[1,2,3]', '["x"]', '[[]]', '[null]', 'objs.v', 'objs.k', 'objs[v>1]',
    'one[]', '[1..3]', '[3,"a"]', '[true]', '[[1,2]]', '[{"a":1},{"a":2,"b":3}]', '[nope]', 'objs.w', 'nested.$', '[1,1.0,"1"]'],
  o: ['{}', 'obj', 'empty', '{"a":null}', 'objs[0]', '{"decimal-separator":","}', '{"b":[1],"a":{"c":2}}', '$', '{"match":"a","start":0,"end":1,"groups":[]}'],
  f: ['$sum', '$string', '$uppercase', '$substring', 'function($a){$a}', 'function($a,$b){$a<$b}', 'function($a,$b){$a+$b}', 'function($a,$b,$c){[$a,$b,$c]}',
    'function($a,$b,$c,$d){$count($d)}', 'function(){1}', 'function($a){nope}', 'function($a){$a>1}', '/a/', '/b/i', '/[a-z]+/', '/(.)(x)?/', '/x*/',
    'function($a)<n:n>{$a}', '$exists', '$not', 'function($a){$a.match & "!"}', 'function($a){{"match":"z"}}', '$substring(?,1)', '($string ~> $length)',
    'function($a){$type($a)}', '|$|{"z":1}|', '$boolean', 'function($v,$k){$k}', 'function($v,$k){{$k:$v}}', '$count', 'function($a,$b){$b}'],
  m: ['nope', 'obj.nope', '$nope', '[][0]', '()'],
};
const kinds = Object.keys(values);

// The letters of each parameter, as in the signature.
const functions = {
  abs: ['n'], append: ['a', 'a'], assert: ['b', 's'], average: ['a'], base64decode: ['s'], base64encode: ['s'], boolean: ['x'], ceil: ['n'],
  clone: ['o'], contains: ['s', 'sf'], count: ['a'], decodeUrl: ['s'], decodeUrlComponent: ['s'], distinct: ['a'], each: ['o', 'f'],
  encodeUrl: ['s'], encodeUrlComponent: ['s'], error: ['s'], eval: ['s', 'x'], exists: ['x'], filter: ['a', 'f'], floor: ['n'],
  formatBase: ['n', 'n'], formatInteger: ['n', 's'], formatNumber: ['n', 's', 'o'], fromMillis: ['n', 's', 's'], join: ['a', 's'],
  keys: ['oa'], length: ['s'], lookup: ['oa', 's'], lowercase: ['s'], map: ['a', 'f'], match: ['s', 'f', 'n'], max: ['a'], merge: ['a'],
  min: ['a'], not: ['x'], number: ['nsb'], pad: ['s', 'n', 's'], parseInteger: ['s', 's'], power: ['n', 'n'], reduce: ['a', 'f', 'x'],
  replace: ['s', 'sf', 'sf', 'n'], reverse: ['a'], round: ['n', 'n'], sift: ['o', 'f'], single: ['a', 'f'], sort: ['a', 'f'],
  split: ['s', 'sf', 'n'], spread: ['oa'], sqrt: ['n'], string: ['x', 'b'], substring: ['s', 'n', 'n'], substringAfter: ['s', 's'],
  substringBefore: ['s', 's'], sum: ['a'], toMillis: ['s', 's'], trim: ['s'], type: ['x'], uppercase: ['s'], zip: ['a', 'a', 'a'],
};
const names = Object.keys(functions);

const any = () => one(values[one(kinds)]);
function argument(letters) {
  if (letters === undefined || letters === 'x' || often(0.25)) {
    return any();
  }
  return often(0.12) ? one(values.m) : one(values[one([...letters])]);
}

// Partially applied functions don't check their arguments: what they make of others is the host's affair.
const numbers = ['[]', 'none', '[1]', 'one', 'nums', '[1,2,3]', 'objs.v', 'one[]', '[1..3]'];
const fittingLists = { sum: numbers, max: numbers, min: numbers, average: numbers, merge: ['objs', '[{"a":1},{"a":2,"b":3}]', '[]'] };
function fitting(name, letters) {
  const list = letters === 'a' && fittingLists[name];
  return letters === 'x' ? any() : one(list || values[name === 'replace' ? letters[0] : one([...letters])]);
}

function call(name, firstGiven) {
  const letters = functions[name];
  const wanted = often(0.75) ? letters.length - (often(0.35) ? 1 : 0) : between(0, letters.length + 1);
  const list = Array.from({ length: Math.max(wanted, 0) }, (unused, i) => argument(letters[i]));
  if (name === 'replace' && list.length > 2 && !/^(\/|\$|function)/.test(list[1])) {
    list[2] = one(values.s); // of a function the reference would put in its host's source text
  }
  if (firstGiven) {
    list.shift();
  }
  return list;
}

function shape() {
  const name = one(names), letters = functions[name];
  const plain = () => `$${name}(${call(name).join(', ')})`;
  return one([
    plain, plain, plain, plain,
    () => `${one([argument(letters[0]), any()])}.$${name}(${call(name, true).join(', ')})`,
    () => `${argument(letters[0])} ~> $${name}(${call(name, true).join(', ')})`,
    () => `${argument(letters[0])} ~> $${name}`,
    () => {
      const list = letters.map(each => fitting(name, each));
      const at = between(0, list.length - 1);
      const given = list[at];
      list[at] = '?';
      return `$${name}(${list.join(', ')})(${given})`;
    },
    () => `$map(${one(values.a)}, $${name})`,
    () => `$filter(${one(values.a)}, $${name})`,
    () => `$each(${one(values.o)}, $${name})`,
    () => `($f := $${name}; $f(${call(name).join(', ')}))`,
    () => `(function($x){$${name}(${['$x', ...call(name, true)].join(', ')})})(${argument(letters[0])})`,
    () => `${any()}.(function($x){$${name}(${call(name, true).join(', ')})})(1)`,
    () => `($g := function($x, $y){$${name === 'map' ? 'sum' : name}($y)}; $map(${one(values.a)}, $g))`,
    () => `(${argument(letters[0])} ~> $${name} ~> $${one(names)})`,
    () => `($${name} ~> $${one(names.filter(other => other !== name))})(${argument(letters[0])})`,
    () => `${name}(${call(name).join(', ')})`,
  ])();
}

const sides = [
  e => e, e => e, e => e, e => `[${e}]`, e => `$type(${e})`, e => `$count(${e})`, e => `$string(${e})`, e => `{"r": ${e}}`, e => `(${e})[0]`,
  e => `(${e}).k`, e => `(${e})[]`, e => `$exists(${e})`, e => `$append(${e}, 9)`, e => `(${e}) = ${any()}`, e => `(${e}).*`, e => `(${e}) & "|"`,
  e => `$string(${e}, true)`, e => `[(${e}), 1]`, e => `(${e}) ? 1 : 2`, e => `1 + (${e})`, e => `$map(${e}, function($v,$i){[$v,$i]})`,
];

// The reference doesn't end when it formats what isn't finite.
await write('call', () => {
  const expr = one(sides)(shape());
  return /format(Integer|Number)/.test(expr) && expr.includes('1/0') ? { expr: '1', data } : { expr, data };
});
