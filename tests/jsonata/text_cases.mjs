// text_cases.mjs --reference DIR --seed N --count N --out FILE
//
// Random calls of the functions that are only about text: pictures of numbers and dates, regular expressions, URLs,
// base64, numbers. The arguments are data, so a case reads $formatNumber(a, b). Same seed, same cases. Left out: errors
// without a code, numbers that aren't finite, strings with half a surrogate pair.
import { between, next, often, one, repeat, write } from './cases.mjs';

const number = () => one([
  () => between(-200, 200), () => between(-1e6, 1e6) / one([8, 10, 100, 1000]), () => between(0, 4000),
  () => (next() - 0.5) * 10 ** between(-9, 24), () => between(0, 9) * 10 ** between(-10, 22),
  () => one([0, 0.5, 1.5, 2.5, -0.5, 1e21, 1e-7, 1.005, 999.995, 9.995, 123456789012]),
])();
const whole = () => one([
  () => between(0, 130), () => between(-1000, 100000), () => between(0, 1e13), () => Math.floor(next() * 10 ** between(1, 30)),
  () => one([0, 11, 12, 13, 100, 1000, 1e6, 1e9, 1e12, 1e15, 1e21, 1e46, 999999, 1.9, -1.5]),
])();
const epoch = () => one([
  () => between(0, 2e12), () => between(-6e13, 3e14), () => Date.UTC(between(1990, 2030), one([0, 11]), between(-5, 8)),
  () => Date.UTC(between(1990, 2030), between(0, 11), one([1, 28, 29, 30, 31]), between(0, 23), between(0, 59)),
])();

function numberPicture() {
  if (often(0.3)) {
    return repeat(0, 8, () => one([...'##000,..e%‰-; 9x$', '😀']));
  }
  const groups = [...(repeat(0, 3, () => '#') + repeat(0, 4, () => one(['0', '9'])))].map(c => (often(0.2) ? `${c},` : c)).join('');
  const fraction = often(0.6) ? '.' + repeat(0, 4, () => one(['0', '0', '0,'])) + repeat(0, 3, () => '#') : '';
  const exponent = often(0.25) ? 'e' + repeat(0, 3, () => '0') : '';
  const picture = one(['', '', '$', 'x']) + groups + fraction + exponent + one(['', '', '%', '‰', ' kg']);
  return often(0.2) ? `${picture};(${groups}${fraction})` : picture;
}
const numberOptions = () => Object.fromEntries([[
  ['zero-digit', ['٠', 'A', '⑟']], ['decimal-separator', [',', '·']], ['grouping-separator', ['.', ' ', '_']],
  ['exponent-separator', ['E', '^']], ['minus-sign', ['−', '(']], ['percent', ['p']], ['per-mille', ['m']], ['digit', ['?', 'N']],
  ['pattern-separator', ['|']],
]].flatMap(list => [one(list), one(list)]).map(([name, values]) => [name, one(values)]));

function integerPicture() {
  if (often(0.3)) {
    return one(['A', 'a', 'I', 'i', 'W', 'w', 'Ww']) + one(['', '', ';o', ';c']);
  }
  if (often(0.3)) {
    return repeat(0, 5, () => one([...'#01,:;o٠０x .A', '😀']));
  }
  return repeat(0, 6, () => one(['#', '0', ','])) + one(['0', '1', '٠', '０']) + one(['', '', ';o']);
}

function datePicture(letters) {
  return repeat(1, 4, () => {
    const letter = one([...letters]);
    const first = 'Zz'.includes(letter)
      ? one(['', '01:01', '0101', '0', '01:01t', '0101t', '1:01', '010101'])
      : one(['', '', '1', '01', '0001', '#1', 'N', 'n', 'Nn', 'w', 'W', 'Ww', 'i', 'I', 'a', 'A', '1o', 'wo', '٠', '9,9']);
    const width = often(0.2) ? ',' + one(['2', '2-2', '3-3', '*-2', '1-4', '*', '4']) : '';
    return `[${letter}${first}${width}]` + one(['', '-', '/', ' ', ':', ', ', 'T', ' of ', ']]', '[[']);
  });
}
const zone = () => one(['+0000', '-0500', '+0530', '+1300', '-0330', '+05:30']);
// A fraction without a time is left out: what Date.parse makes of it is the host's own affair, and no timestamp.
const time = () => one(['T10:20:30', 'T24:00:00', 'T29:00:00', 'T10:20', ' 10:20:30']) + one(['', '', '.1', '.12345', '.']);
const timestamp = () => one(['2018', '1999', '2020', '12']) + one(['', '-02', '-13', '-1', '-12', '-31']) +
  one(['', '-03', '-31', '-00', '-32']) + (often(0.6) ? time() : '') + one(['', 'Z', '+01:00', '-0230', '+24:00', 'z']);

// A text and a picture, part for part; some parts don't fit each other.
function dated() {
  const parts = repeat(1, 5, () => one([...'YYMMDDdHhmsfPZzFWwXxCE'])).split('').map(letter => {
    const [marker, written] = one({
      Y: [['[Y]', '2018'], ['[Y0001]', '1999'], ['[Y,2-2]', '18'], ['[YI]', 'MMXVIII'], ['[Yw]', 'two thousand and eighteen'], ['[Y9,999,*]', '2,018']],
      M: [['[M]', '3'], ['[M01]', '12'], ['[MNn]', 'March'], ['[MNn,3-3]', 'Feb'], ['[MN]', 'MAY'], ['[Mi]', 'xi'], ['[Mwo]', 'third'], ['[MA]', 'B']],
      D: [['[D]', '7'], ['[D01]', '28'], ['[D1o]', '22nd'], ['[Dwo]', 'twenty-first'], ['[Dw]', 'thirty'], ['[Da]', 'c'], ['[D#1]', '31']],
      d: [['[d]', '64'], ['[d001]', '365'], ['[dwo]', 'one hundred and first']], H: [['[H]', '5'], ['[H01]', '23']], h: [['[h]', '12'], ['[h#1]', '3']],
      m: [['[m]', '9'], ['[m01]', '59'], ['[mw]', 'ten']], s: [['[s]', '7'], ['[s01]', '08']], f: [['[f]', '5'], ['[f001]', '123'], ['[f01]', '98765']],
      P: [['[P]', 'am'], ['[PN]', 'PM'], ['[Pn]', 'pm']], Z: [['[Z]', '+01:00'], ['[Z0101]', '-0530'], ['[Z0]', '+5'], ['[Z01:01t]', 'Z']],
      z: [['[z]', 'GMT+01:00'], ['[z0]', 'GMT-5']], F: [['[FNn]', 'Monday'], ['[F]', '3'], ['[FNn,3-3]', 'Tue']], W: [['[W]', '10']], w: [['[w]', '2']],
      X: [['[X]', '2018']], x: [['[xNn]', 'March']], C: [['[C]', 'ISO']], E: [['[E]', 'ISO']],
    }[letter]);
    const behind = one(['', '-', '/', ' ', ':', ', ', 'T', '.', ' of ']);
    return [marker + behind, written + (often(0.95) ? behind : '')];
  });
  const end = often(0.05) ? one([' ', 'x', '1']) : '';
  return [parts.map(part => part[1]).join('') + end, parts.map(part => part[0]).join('')];
}

const text = () => repeat(0, 10, () => one([...'abAZ09 %é日/?#&=+,;:@$-_.!~*\'()"<\\^`', '😀', '\n', '\u0080']));
const escaped = () => repeat(0, 6, () => one(['%20', '%E0%A4%A', '%E4%BD%A0', '%F0%9F%98%80', '%c3%a9', '%80', '%', '%2', '%2F',
  '%23', '%41', '%ED%A0%80', '%C0%80', 'a', 'é', '+']));
const atom = () => one(['a', 'b', '[a-c]', '\\w', '\\d', '.', '\\s', '(a)', '(b|c)', '(\\w)', 'é', '[^a-z]', '(?:ab)', '\\b', '^', '$',
  'A', '(a)|(b)', '\\S', '\\u0062', '\\x61', '[\\d-]', '(?=a)', '(?!a)', '\\W', '[^\\S]', '-', ',', 'x?']);
const pattern = () => repeat(1, 4, () => atom() + one(['', '', '', '*', '+', '?', '+?', '{1,2}']));
const searched = () => repeat(0, 8, () => one([...'abcABx12 éÉ-_,ü', '\n', 'ab', 'aa']));

// Each: the expression, and the values of its fields a, b, c; or null when this throw of the dice isn't usable.
const kinds = [
  () => (often(0.3) ? ['$formatNumber(a, b, c)', number(), numberPicture(), numberOptions()] : ['$formatNumber(a, b)', number(), numberPicture()]),
  () => ['$formatInteger(a, b)', whole(), integerPicture()],
  () => ['$parseInteger($formatInteger(a, b), b)', whole() % 1e15, integerPicture()],
  () => ['$parseInteger(a, b)', one(['12', '1,234', 'xii', 'XIV', 'abc', 'twelve', 'one hundred and third', '٣٤', '1st']), integerPicture()],
  () => ['$formatBase(a, b)', between(-1e9, 1e9) / one([1, 2, 3]), between(1, 37)],
  () => ['$round(a, b)', number(), between(-4, 12)],
  () => ['$number(a)', often(0.5) ? String(number()) : repeat(1, 6, () => one([...'01xbo.e-7f ']))],
  () => ['$fromMillis(a, b, c)', epoch(), datePicture('YMDdFWwXxHhPmsfZzCE'), zone()],
  () => ['$fromMillis(a, b)', epoch(), datePicture('YMDdFWwXxHhPmsfZzCE')],
  () => ['$toMillis($fromMillis(a, b), b)', epoch(), `[Y]-[M]-[D] ${datePicture('HmsfPZz')}`],
  () => ['$toMillis($fromMillis(a, b), b)', epoch(), one(['[D1o] [MNn] [Y0001]', '[Y0001][M01][D01]', '[Dwo] [MNn] [Yw]', '[Y]-[d]',
    '[D] [MNn,3-3] [Y] [h]:[m] [P]', '[FNn], [DW] of [MN] [YI]', '[Da] [MA] [Yi]', '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z]'])],
  () => ['$toMillis(a)', timestamp()],
  () => ['$toMillis(a, b)[$ < 1.6e12]', ...dated()], // later ones took their year from now
  () => [`$${one(['encodeUrl', 'encodeUrlComponent', 'base64encode'])}(a)`, text()],
  () => [`$${one(['decodeUrl', 'decodeUrlComponent', 'base64decode'])}(a)`, often(0.5) ? escaped() : text()],
  () => [`$match(a, /${pattern()}/${one(['', 'i', 'm'])})`, searched()],
  () => [`$split(a, /${pattern()}/)`, searched()],
  () => [`$contains(a, /${pattern()}/${one(['', 'i'])})`, searched()],
  () => [`$replace(a, /${pattern()}/, b)`, searched(), repeat(0, 4, () => one(['$1', '$2', '$0', '$$', '$', 'a', '$12', '-']))],
];

await write('text', () => {
  const [expr, a, b, c] = one(kinds)();
  return { expr, data: { a, b, c } };
});
