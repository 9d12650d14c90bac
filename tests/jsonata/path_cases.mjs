// path_cases.mjs --reference DIR --seed N --count N --out FILE
//
// Paths made without regard to types: steps of every kind, each with predicates, [], groups, order-by, @$v, #$i and % behind
// it, and the operators and functions around that change or keep what a sequence is.
import { between, often, one, repeat, write } from './cases.mjs';

const data = [
  { a: { b: 1, c: [1, 2, 3] }, d: 'x', n: 2 },
  { a: [{ b: 1, c: [] }, { b: [2, 3], c: [[1], [2, [3]]] }, { b: null }], d: ['x', 'y'], n: 0 },
  { a: [{ b: 'x', c: { d: 1 } }, { b: 'y', c: { d: 2 } }, { b: 'x', c: { d: 3 } }], d: [], n: -1 },
  [{ a: 1, b: [1, 2] }, { a: 2, b: [3] }, { a: 1, b: [] }],
  { a: [[1, 2], [3], []], b: [[[4]]], c: 0, d: { a: { a: [5] } } },
  { a: [{ b: { c: 3, d: 'q' } }, { b: [{ c: 1, d: 'p' }, { c: 2, d: 'q' }] }], d: 'p', n: 1 },
  [[1, [2]], [], 3], 7, 'x', null, [], {}, [null], [[]],
];
const names = ['a', 'b', 'c', 'd', 'n', 'a', 'b'];
const variables = ['$v', '$i', '$w'];

const literal = () => one(['1', '0', '-1', '"x"', '"a"', 'true', 'null', '[]', '{}', '2.5', '[1,2]', '$nope', '[[1]]']);
const key = deep => one([() => `"${one(names)}"`, () => one(['d', 'b', '$string(n)', '$string(b)', '"k" & n', '$.b', '$string($)']), () => value(deep)])();
const pairs = deep => `{${Array.from({ length: one([0, 1, 1, 1, 2]) }, () => `${key(deep)}: ${value(deep)}`).join(', ')}}`;

function step(deep) {
  const kinds = [
    () => one(names), () => one(names), () => one(names), () => one(names), () => one(['*', '**', '$', '`a`', '"b"']), () => one(['%', '%.%', '%']),
    () => one(variables),
  ];
  if (deep > 0) {
    kinds.push(() => `(${value(deep - 1)})`, () => `(${value(deep - 1)})`, () => `[${value(deep - 1)}${often(0.4) ? `, ${value(deep - 1)}` : ''}]`,
      () => pairs(deep - 1), () => call(deep - 1), () => `(${one(variables)} := ${value(deep - 1)}; ${value(deep - 1)})`);
  }
  return one(kinds)();
}

function after(deep) {
  return one([
    () => '', () => '', () => '', () => '', () => '[]', () => `[${one(['0', '-1', '1', '2', '[0,1]', '$i', 'true', '$', 'n'])}]`,
    () => (deep > 0 ? `[${value(deep - 1)}]` : '[0]'), () => (deep > 0 ? pairs(deep - 1) : ''),
    () => (deep > 0 ? `^(${one(['', '<', '>'])}${value(deep - 1)}${often(0.3) ? `, ${one(['', '>'])}${value(deep - 1)}` : ''})` : '^($)'),
    () => `@${one(variables)}`, () => `#${one(variables)}`,
  ])();
}

const pathOf = deep => Array.from({ length: one([1, 1, 2, 2, 3, 4]) }, () => step(deep) + repeat(0, 2, () => after(deep))).join('.');

function call(deep) {
  const arg = value(deep);
  return one([
    () => `$count(${arg})`, () => `$string(${arg})`, () => `$append(${arg}, ${value(deep)})`, () => `$map(${arg}, function($v, $i){${value(deep)}})`,
    () => `$filter(${arg}, function($v){${value(deep)}})`, () => `$reverse(${arg})`, () => `$distinct(${arg})`, () => `$keys(${arg})`,
    () => `$sort(${arg})`, () => `$exists(${arg})`, () => `$type(${arg})`, () => `$spread(${arg})`, () => `$lookup(${arg}, "${one(names)}")`,
    () => `$zip(${arg}, ${value(deep)})`, () => `$each(${arg}, function($v, $k){${value(deep)}})`, () => `$sift(${arg}, function($v){${value(deep)}})`,
    () => `$boolean(${arg})`, () => `$not(${arg})`, () => `$sum(${arg})`, () => `$single(${arg})`, () => `$merge(${arg})`, () => `$join(${arg})`,
    () => `$reduce(${arg}, function($v, $w){${value(deep)}})`, () => `(${arg} ~> |${pathOf(deep)}|${pairs(deep)}${often(0.3) ? ', "b"' : ''}|)`,
    () => `(function($v){${value(deep)}})(${arg})`, () => `$clone(${arg})`, () => `$max(${arg})`, () => `$eval("a.b[0]")`,
  ])();
}

function value(deep) {
  const path = () => pathOf(deep);
  const kinds = [path, path, path, path, literal];
  if (deep > 0) {
    kinds.push(() => call(deep - 1), () => call(deep - 1), () => `${value(deep - 1)} ${one(['=', '!=', '<', '>=', 'in', '&', '+', 'and', 'or', '~>', '-'])} ${value(deep - 1)}`,
      () => `(${value(deep - 1)} ? ${value(deep - 1)}${often(0.7) ? ` : ${value(deep - 1)}` : ''})`, () => `[${value(deep - 1)}..${value(deep - 1)}]`,
      () => `-${value(deep - 1)}`, () => `(${value(deep - 1)})${after(deep - 1)}`, () => pairs(deep - 1), () => `(${value(deep - 1)} ${one(['??', '?:'])} ${value(deep - 1)})`);
  }
  return one(kinds)();
}

await write('path', () => ({ expr: value(between(1, 3)), data: one(data) }));
