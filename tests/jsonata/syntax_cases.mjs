// syntax_cases.mjs --reference DIR --seed N --count N --out FILE
//
// What the reader of expressions has to sort out: sequences of tokens, whole expressions with pieces lost, doubled and
// exchanged, numbers, texts and names in every spelling, and functions with signatures of their own.
import { between, often, one, repeat, write } from './cases.mjs';

const data = { a: 1, b: [1, 2, { c: 'x' }], c: 'text', and: 2, or: [3], in: 4, 'odd name': 5, e: { a: { b: 7 } } };

const tokens = ['a', 'b', 'c', '$', '$$', '$x', '$sum', '1', '2.5', '-1', '"x"', "'y'", 'true', 'false', 'null', 'and', 'or', 'in', '`odd name`', '.', '[',
  ']', '(', ')', '{', '}', ',', ':', ';', '?', '+', '-', '*', '/', '%', '|', '=', '<', '>', '^', '**', '..', ':=', '!=', '<=', '>=', '~>', '?:', '??', '#', '@',
  '&', '!', '~', 'function', 'λ', '/a/', '/a/i', '/(/', '/* c */', ' ', '\n', '\\', '"', "'", '`', '/', '..', '_', 'é', '😀', '#$i', '@$v', '^(', '[]', '$string(',
  'function($x){', '$x := ', '? :', '|a|{}|', '<n:n>', '?,', '1e', '0x1', '1.e', '.5', '1..2', '"\\u00e9"', '"\\q"', '"\\u12"', '/*', '\t', '00', '1e5', '1e400'];

const wholes = ['a.b[0].c', '$sum(b[$ > 1])', 'b^(>$, <c).c', '{"a": a, "b": [b]}', '($x := 1; $x + 2 * 3)', 'function($x, $y)<nn:n>{$x + $y}(1, 2)', 'a ? b : c',
  '$ ~> |e|{"z": 1}, ["a"]|', 'b{c: $count($)}', 'b#$i[$i = 1]', 'e@$v.a.b', 'e.a.b.%.%', '[1..3].($ * 2)', 'a in b and c != "x"', '$map(b, function($v, $i){$i})',
  '$substring(?, 1)(c)', '$sum ~> $string', 'a ?: b ?? c', '-a + -(b[0])', '**.b', '*', '`odd name` & "-" & and', '$match(c, /t(e)/i).groups', '(a; b; c)[0]',
  '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041"', '1.25e-3 = 0.00125', 'or[0] or in', 'function(){}()', '$$.c', 'b[[0..1]]', '/* note */ a', 'e.{"k": a.b}', 'λ($f){$f(1)}($string)'];

const pieces = text => text.match(/\$?\w+|\s+|"(?:\\.|[^"])*"|[^\w\s]/gu);

function damaged() {
  const list = pieces(one(wholes));
  for (let times = between(1, 3); times > 0; times--) {
    const at = between(0, list.length - 1);
    one([
      () => list.splice(at, 1), () => list.splice(at, 0, one(tokens)), () => { list[at] = one(tokens); }, () => list.splice(at, 0, list[at] ?? ''),
      () => list.splice(at, 0, ...pieces(one(wholes))), () => list.splice(at), () => { [list[at], list[0]] = [list[0] ?? '', list[at] ?? '']; },
    ])();
  }
  return list.join('');
}

const types = () => one([...'bnsloaxjf', 'a<n>', 'a<s>', 'f<n:n>', '(ns)', '(sao)', 'a<o>', 'n', 's', 'a', 'x']);
function signature() {
  if (often(0.15)) {
    return `<${repeat(0, 6, () => one([...'nsbloaxjf?+-()<>:, z']))}>`;
  }
  return `<${repeat(0, 3, () => types() + one(['', '', '', '?', '-', '+']))}${one(['', ':n', ':x', ':a<n>'])}>`;
}
const argument = () => one(['1', '"s"', 'true', 'null', '[]', '[1,2]', '["a"]', '[1,"a"]', '{}', '$sum', 'nope', 'a', 'b', 'c', 'e', 'function($q){$q}', '[[1]]', '[{}]']);

function signed() {
  const count = between(0, 3);
  const names = ['$x', '$y', '$z'].slice(0, count);
  const lambda = `function(${names.join(', ')})${signature()}{[${names.map(name => `$string(${name})`).join(', ')}]}`;
  const list = Array.from({ length: between(0, 4) }, argument).join(', ');
  return one([`${lambda}(${list})`, `${argument()}.${lambda}(${list})`, `(${lambda} ~> $count)(${list})`, `$map(${argument()}, ${lambda})`, `${argument()} ~> ${lambda}`]);
}

await write('syntax', () => ({
  expr: one([() => repeat(1, 7, () => one(tokens)), damaged, damaged, signed])(), data,
}));
