// The fast loop of the interpreter, as text.
//
// Most instructions are inlined on local numbers, others call the table's effect directly. In
// either case only the plain situation is handled: a case that meets anything else leaves the loop
// without having changed anything (`break hot`), and the general path executes that instruction
// from the table. While the loop runs, $pc, $cgas and $ggas live in locals, and so does the fact
// that $of and $err are zero: instructions that read these registers take the general path.

const A = '(w >>> 18) & 63';
const B = '(w >>> 12) & 63';
const C = '(w >>> 6) & 63';
const D = 'w & 63';
const I12 = 'w & 0xfff';
const I18 = 'w & 0x3ffff';
const I24 = 'w & 0xffffff';

/** Registers 2, 3, 8, 9 and 10 are stale inside the loop. */
const stale = (...regs) =>
  regs.map((r) => `(${r} < 11 && ((0x70c >>> ${r}) & 1) !== 0)`).join(' || ');

const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n');

/** Three registers; the destination is a program's. */
const rrr = (body) => `
const a = ${A};
const b = ${B};
const c = ${C};
if (a < 16 || (w & 63) !== 0 || ${stale('b', 'c')}) break hot;
${body.trim()}`;

const rri = (body) => `
const a = ${A};
const b = ${B};
const imm = ${I12};
if (a < 16 || ${stale('b')}) break hot;
${body.trim()}`;

const CLEAR = 'isClear = true;';
const result = (lo, hi = '0') => `lo[a] = ${lo};\nhi[a] = ${hi};\n${CLEAR}`;

const addition = (lo, hi) => `
const x = lo[b]!;
const l = (x + ${lo}) >>> 0;
const y = hi[b]!;
const s = (y + ${hi}) >>> 0;
const h = (s + (l < x ? 1 : 0)) >>> 0;
if (s < y || h < s) {
  if (!wrapping) break hot;
  lo[OF] = 1;
  hi[OF] = 0;
  lo[ERR] = 0;
  isClear = false;
} else isClear = true;
lo[a] = l;
hi[a] = h;`;

const subtraction = (lo, hi) => `
const x = lo[b]!;
const z = ${lo};
const y = hi[b]!;
const v = ${hi};
const h = (y - v - (x < z ? 1 : 0)) >>> 0;
if (y < v || (y === v && x < z)) {
  if (!wrapping) break hot;
  lo[OF] = 0xffffffff;
  hi[OF] = 0xffffffff;
  lo[ERR] = 0;
  isClear = false;
} else isClear = true;
lo[a] = (x - z) >>> 0;
hi[a] = h;`;

/** Small factors and divisors inline, others by the effect. */
const product = (isSmall, rhs, call) => `
const x = lo[b]!;
const z = ${rhs};
if (${isSmall}) {
  const p = x * z;
  const l = Math.imul(x, z) >>> 0;
  hi[a] = ((p - l) / 4294967296 + 0.5) >>> 0;
  lo[a] = l;
  ${CLEAR}
} else {
  if (${call} !== 0) break hot;
  isClear = false;
}`;

const quotient = (isSmall, rhs, operator, call) => `
const x = lo[b]!;
const z = ${rhs};
if (${isSmall} && z !== 0) {
  lo[a] = (x ${operator} z) >>> 0;
  hi[a] = 0;
  ${CLEAR}
} else {
  if (${call} !== 0) break hot;
  isClear = false;
}`;

const less = (x, y) => `hi[${x}]! < hi[${y}]! || (hi[${x}] === hi[${y}] && lo[${x}]! < lo[${y}]!)`;

const shiftLeft = (bits) => `
const n = ${bits};
const x = lo[b]!;
if (n < 32) {
  hi[a] = n === 0 ? hi[b]! : (hi[b]! << n) | (x >>> (32 - n));
  lo[a] = x << n;
} else {
  hi[a] = n < 64 ? x << (n - 32) : 0;
  lo[a] = 0;
}
${CLEAR}`;

const shiftRight = (bits) => `
const n = ${bits};
const y = hi[b]!;
if (n < 32) {
  lo[a] = n === 0 ? lo[b]! : (lo[b]! >>> n) | (y << (32 - n));
  hi[a] = y >>> n;
} else {
  lo[a] = n < 64 ? y >>> (n - 32) : 0;
  hi[a] = 0;
}
${CLEAR}`;

/** The address of a load or store; a base beyond memory leaves the loop. */
const address = (base, scale) => `
const from = lo[${base}]!;
if ((hi[${base}]! | (from & 0xfc000000)) !== 0) break hot;
const at = from + (${I12})${scale === 1 ? '' : ` * ${scale}`};`;

const load = (bytes, body) => `
const a = ${A};
const b = ${B};
if (a < 16 || ${stale('b')}) break hot;
${address('b', bytes).trim()}
if (at + ${bytes} > high && (at < hp || at + ${bytes} > MEM_BYTES)) break hot;
${body.trim()}`;

const store = (bytes, body) => `
const a = ${A};
const b = ${B};
if (${stale('a', 'b')}) break hot;
${address('a', bytes).trim()}
if ((at < ssp || at + ${bytes} > sp) && (at < hp || at + ${bytes} > heapEnd)) break hot;
${body.trim()}`;

const jumpTo = (target) => `
const target = ${target};
if (target < 0 || target >= MEM_BYTES) break hot;
budget -= price;
pc = target;
continue hot;`;

/** Skips to the next instruction when the condition holds, else jumps. */
const unless = (condition, jump) => `
if (!(${condition})) {${jump.replaceAll('\n', '\n  ')}
}`;

const distance = (register, imm) => `
const far = lo[${register}]!;
if ((hi[${register}]! | (far & 0xfc000000)) !== 0) break hot;
const bytes = (far + (${imm}) + 1) * 4;`;

const same = 'lo[a] === lo[b] && hi[a] === hi[b]';
const isZero = 'lo[a] === 0 && hi[a] === 0';

const jumpPair = (regs, condition, register, imm, sign) => `
const a = ${A};
${regs >= 2 ? `const b = ${B};\n` : ''}${regs >= 3 ? `const c = ${C};\n` : ''}if (${stale(...['a', 'b', 'c'].slice(0, regs))}) break hot;
${unless(condition, `${distance(register, imm)}${jumpTo(`pc ${sign} bytes`)}`).trim()}`;

const RELOAD = `
sp = lo[SP]!;
hp = lo[HP]!;
heapEnd = hp === frameHp ? 0 : frameHp;
high = m.stackHigh;
end = ssp < high - 3 ? ssp : high - 3;`;

/** Stack memory up to `to` exists from here on. Leaves the loop when the heap is in the way. */
const GROW = `if (to > hp) break hot;
if (to > high) {
  m.growStack(to);
  high = to;
  end = ssp < high - 3 ? ssp : high - 3;
}`;

const push = (first) => `
let rest = ${I24};
let at = sp;
let to = sp;
for (let bits = rest; bits !== 0; bits &= bits - 1) to += 8;
${GROW}
for (let i = ${first}; rest !== 0; i++, rest >>>= 1) {
  if ((rest & 1) === 0) continue;
  view.setUint32(at, hi[i]!);
  view.setUint32(at + 4, lo[i]!);
  at += 8;
}
sp = to;
lo[SP] = to;`;

const pop = (first) => `
let rest = ${I24};
let at = sp;
for (let bits = rest; bits !== 0; bits &= bits - 1) at -= 8;
if (at < ssp) break hot;
sp = at;
lo[SP] = at;
for (let i = ${first}; rest !== 0; i++, rest >>>= 1) {
  if ((rest & 1) === 0) continue;
  hi[i] = view.getUint32(at);
  lo[i] = view.getUint32(at + 4);
  at += 8;
}`;

const moveSp = (to) => `
const to = ${to};
if (to < ssp) break hot;
${GROW}
sp = to;
lo[SP] = to;`;

/** A copy whose ranges are apart, and owned where they are written. */
const copy = (operands, effect) => `
const a = ${A};
const b = ${B};
${operands}const cost = price + ((len / per[code]!) | 0);
if (cost > budget || ${effect} !== 0) break hot;
budget -= cost - price;`;

const INLINE = {
  ADD: rrr(addition('lo[c]!', 'hi[c]!')),
  ADDI: rri(addition('imm', '0')),
  SUB: rrr(subtraction('lo[c]!', 'hi[c]!')),
  SUBI: rri(subtraction('imm', '0')),
  MUL: rrr(product('(hi[b]! | hi[c]!) === 0', 'lo[c]!', 'alu.mul(m, a, b, c, 0)')),
  MULI: rri(product('hi[b] === 0', 'imm', 'alu.muli(m, a, b, imm, 0)')),
  DIV: rrr(quotient('(hi[b]! | hi[c]!) === 0', 'lo[c]!', '/', 'alu.div(m, a, b, c, 0)')),
  DIVI: rri(quotient('hi[b] === 0', 'imm', '/', 'alu.divi(m, a, b, imm, 0)')),
  MOD: rrr(quotient('(hi[b]! | hi[c]!) === 0', 'lo[c]!', '%', 'alu.mod(m, a, b, c, 0)')),
  MODI: rri(quotient('hi[b] === 0', 'imm', '%', 'alu.modi(m, a, b, imm, 0)')),
  AND: rrr(result('lo[b]! & lo[c]!', 'hi[b]! & hi[c]!')),
  OR: rrr(result('lo[b]! | lo[c]!', 'hi[b]! | hi[c]!')),
  XOR: rrr(result('lo[b]! ^ lo[c]!', 'hi[b]! ^ hi[c]!')),
  ANDI: rri(result('lo[b]! & imm')),
  ORI: rri(result('lo[b]! | imm', 'hi[b]!')),
  XORI: rri(result('lo[b]! ^ imm', 'hi[b]!')),
  EQ: rrr(result('lo[b] === lo[c] && hi[b] === hi[c] ? 1 : 0')),
  LT: rrr(result(`${less('b', 'c')} ? 1 : 0`)),
  GT: rrr(result(`${less('c', 'b')} ? 1 : 0`)),
  SLL: rrr(shiftLeft('hi[c] === 0 ? lo[c]! : 64')),
  SLLI: rri(shiftLeft('imm')),
  SRL: rrr(shiftRight('hi[c] === 0 ? lo[c]! : 64')),
  SRLI: rri(shiftRight('imm')),
  NOT: `
const a = ${A};
const b = ${B};
if (a < 16 || (w & 0xfff) !== 0 || ${stale('b')}) break hot;
${result('~lo[b]!', '~hi[b]!')}`,
  MOVE: `
const a = ${A};
const b = ${B};
if (a < 16 || (w & 0xfff) !== 0 || ${stale('b')}) break hot;
${result('lo[b]!', 'hi[b]!')}`,
  MOVI: `
const a = ${A};
if (a < 16) break hot;
${result(I18)}`,
  NOOP: `
if ((w & 0xffffff) !== 0) break hot;
${CLEAR}`,
  LB: load(1, 'lo[a] = mem[at]!;\nhi[a] = 0;'),
  LQW: load(2, 'lo[a] = view.getUint16(at);\nhi[a] = 0;'),
  LHW: load(4, 'lo[a] = view.getUint32(at);\nhi[a] = 0;'),
  LW: load(8, 'hi[a] = view.getUint32(at);\nlo[a] = view.getUint32(at + 4);'),
  SB: store(1, 'mem[at] = lo[b]!;'),
  SQW: store(2, 'view.setUint16(at, lo[b]!);'),
  SHW: store(4, 'view.setUint32(at, lo[b]!);'),
  SW: store(8, 'view.setUint32(at, hi[b]!);\nview.setUint32(at + 4, lo[b]!);'),
  JI: jumpTo(`start + (${I24}) * 4`),
  JNEI: `
const a = ${A};
const b = ${B};
if (${stale('a', 'b')}) break hot;
${unless(same, jumpTo(`start + (${I12}) * 4`)).trim()}`,
  JNZI: `
const a = ${A};
if (${stale('a')}) break hot;
${unless(isZero, jumpTo(`start + (${I18}) * 4`)).trim()}`,
  JMPF: jumpPair(1, 'false', 'a', I18, '+').replace('if (!(false)) {', '{'),
  JMPB: jumpPair(1, 'false', 'a', I18, '-').replace('if (!(false)) {', '{'),
  JNZF: jumpPair(2, isZero, 'b', I12, '+'),
  JNZB: jumpPair(2, isZero, 'b', I12, '-'),
  JNEF: jumpPair(3, same, 'c', D, '+'),
  JNEB: jumpPair(3, same, 'c', D, '-'),
  JAL: `
const a = ${A};
const b = ${B};
if ((a !== 0 && a < 16) || a === b || (b !== PC && (${stale('b')}))) break hot;
const from = b === PC ? pc : lo[b]!;
if ((hi[b]! | (from & 0xfc000000)) !== 0) break hot;
const target = from + (${I12}) * 4;
if (target >= MEM_BYTES) break hot;
if (a !== 0) {
  lo[a] = pc + 4;
  hi[a] = 0;
}
budget -= price;
pc = target;
continue hot;`,
  PSHL: push(16),
  PSHH: push(40),
  POPL: pop(16),
  POPH: pop(40),
  CFSI: moveSp(`sp - (${I24})`),
  CFEI: `
const len = ${I24};
const cost = price + ((len / per[code]!) | 0);
const to = sp + len;
if (cost > budget) break hot;
${GROW}
sp = to;
lo[SP] = to;
budget -= cost - price;`,
  MCPI: copy(
    `if (${stale('a', 'b')}) break hot;\nconst len = ${I12};\n`,
    'memory.mcpi(m, a, b, len, 0)',
  ),
};

/** Instructions whose effect the loop calls: registers by position, then immediates. */
const CALLED = [
  'EXP',
  'MLOG',
  'MROO',
  'MLDV',
  'NIOP',
  'EXPI',
  'WDCM',
  'WQCM',
  'WDOP',
  'WQOP',
  'WDML',
  'WQML',
  'WDDV',
  'WQDV',
  'WDMD',
  'WQMD',
  'WDAM',
  'WQAM',
  'WDMM',
  'WQMM',
];
const CALLED_SIZED = {
  MCP: ['c', 'memory'],
  MCL: ['b', 'memory'],
  MEQ: ['d', 'memory'],
  S256: ['c', 'crypto'],
  K256: ['c', 'crypto'],
};

function called(row, family) {
  const names = ['a', 'b', 'c', 'd'];
  const registers = row.args.filter((arg) => arg.endsWith(':R')).length;
  const fields = [A, B, C, D];
  const text = names.slice(0, registers).map((name, i) => `const ${name} = ${fields[i]};`);
  const args = names.slice(0, registers);
  const last = row.args.at(-1);
  if (last.endsWith(':I6')) args.push(D);
  if (last.endsWith(':I12')) args.push(I12);
  const used = row.args.reduce(
    (sum, arg) => sum + (arg.endsWith(':R') ? 6 : Number(arg.split(':I')[1])),
    0,
  );
  const spare = used === 24 ? '' : `(w & 0x${(2 ** (24 - used) - 1).toString(16)}) !== 0 || `;
  text.push(`if (${spare}${stale(...names.slice(0, registers))}) break hot;`);
  while (args.length < 4) args.push('0');
  const call = `${family}.${row.name.toLowerCase()}(m, ${args.join(', ')})`;
  const sized = CALLED_SIZED[row.name];
  if (sized === undefined) {
    text.push(`if (${call} !== 0) break hot;`, 'isClear = false;');
  } else {
    text.push(`const len = lo[${sized[0]}]!;`);
    text.push(`if ((hi[${sized[0]}]! | (len & 0xfc000000)) !== 0) break hot;`);
    text.push('const cost = price + ((len / per[code]!) | 0);');
    text.push(`if (cost > budget || ${call} !== 0) break hot;`);
    text.push('budget -= cost - price;');
  }
  return text.join('\n');
}

function bodyOf(row) {
  if (INLINE[row.name] !== undefined) return INLINE[row.name];
  if (CALLED.includes(row.name)) return called(row, row.name.startsWith('W') ? 'wide' : 'alu');
  if (CALLED_SIZED[row.name] !== undefined) return called(row, CALLED_SIZED[row.name][1]);
  if (row.name === 'ALOC') {
    return `
const a = ${A};
if ((w & 0x3ffff) !== 0 || ${stale('a')}) break hot;
const len = lo[a]!;
if ((hi[a]! | (len & 0xfc000000)) !== 0) break hot;
const cost = price + ((len / per[code]!) | 0);
if (cost > budget || memory.aloc(m, a, 0, 0, 0) !== 0) break hot;
budget -= cost - price;
${RELOAD.trim()}`;
  }
  return null;
}

/** The function `runHot`, in TypeScript. */
export function renderHot(isa) {
  const cases = [];
  for (const row of isa) {
    const body = bodyOf(row);
    if (body === null) continue;
    const ends = body.trimEnd().endsWith('continue hot;') ? '' : '\n        break;';
    cases.push(
      `      case 0x${row.code.toString(16)}: {\n        // ${row.name}\n${lines(body)}${ends}\n      }`,
    );
  }
  return `/**
 * Runs instructions until one needs the general path, or gasMax is spent; all registers are up to
 * date then. A case leaves the loop before it has changed anything.
 */
export function runHot(m: Machine, gasMax: number): void {
  const { lo, hi, mem, view } = m;
  const prices = m.gas!.hot;
  const per = m.gas!.unitsPerGas;
  const wrapping = (lo[FLAG]! & FLAG_WRAPPING) !== 0;
  const start = lo[IS]!;
  const ssp = lo[SSP]!;
  const frameHp = m.heapEnd();
  let hp = lo[HP]!;
  // End of the heap that may be written; none when nothing was allocated since the call.
  let heapEnd = hp === frameHp ? 0 : frameHp;
  let high = m.stackHigh;
  let end = ssp < high - 3 ? ssp : high - 3;
  let sp = lo[SP]!;
  let pc = lo[PC]!;
  const taken = Math.min(m.hotBudget(), gasMax);
  let budget = taken;
  // Whether $of and $err are zero without having been written.
  let isClear = false;
  hot: while (pc >= start && pc < end) {
    const w = view.getInt32(pc);
    const code = w >>> 24;
    const price = prices[code]!;
    if (price > budget) break;
    switch (code) {
${cases.join('\n')}
      default:
        break hot;
    }
    budget -= price;
    pc += 4;
  }
  lo[PC] = pc;
  if (isClear) {
    lo[OF] = 0;
    hi[OF] = 0;
    lo[ERR] = 0;
  }
  if (budget !== taken) m.chargeGas(taken - budget);
}
`;
}
