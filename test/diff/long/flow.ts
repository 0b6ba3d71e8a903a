/** Random programs: their frame, and the pieces that decide what runs next. */
import * as data from './data.ts';
import type { Random } from './random.ts';
import {
  COUNTER,
  DATA,
  DATA_CODE,
  type Functions,
  HEAP_BYTES,
  LINK,
  LOADED,
  operand,
  type Piece,
  type Place,
  RD,
  RH,
  RRR,
  RS,
  result,
  type Scene,
  STACK_BYTES,
  SUB_LINK,
} from './scene.ts';
import type { ProgramWriter } from './writer.ts';

const CGAS = 10;
const SCRIPT_DATA = 0x00a;
const DEPTH_MAX = 4;
const LEVELS_MAX = 3;
/** A function or contract runs at most so often. */
const CALLS_MAX = 200;
const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  7n,
  63n,
  64n,
  255n,
  256n,
  65_535n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1f_ffff_ffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];

/** Writes one whole program: preparation, body, end, functions. */
export function writeBody(scene: Scene): void {
  const { w, random } = scene;
  prepare(scene);
  const labels = Array.from({ length: random.below(4) }, () => w.label());
  const place = { depth: 0, times: 1, level: 0 };
  const functions = { labels, level: 0 };
  if (random.chance(0.7)) loop(scene, functions, place);
  pieces(scene, functions, place, scene.size);
  end(scene);
  labels.forEach((label, i) => {
    writeFunction(scene, { labels: labels.slice(i + 1), level: i + 1 }, label);
  });
}

function prepare({ w, random, flags, codeBytes }: Scene): void {
  w.op('GTF', RD, 0, SCRIPT_DATA);
  w.op('ADDI', DATA_CODE, RD, DATA.code);
  w.op('MOVE', LOADED, DATA_CODE);
  if (random.chance(0.3)) load(w, random, codeBytes);
  w.op('MOVE', RS, 5);
  w.op('CFEI', STACK_BYTES);
  w.op('MOVI', 48, HEAP_BYTES);
  w.op('ALOC', 48);
  w.op('MOVE', RH, 7);
  w.op('MOVI', 48, flags);
  w.op('FLAG', 48);
  for (let i = 20; i < 40; i++) {
    if (random.chance(0.5)) w.constant(i, value(random));
  }
  w.op('ADDI', 48, RD, DATA.noise);
  w.op('MCPI', RH, 48, 480);
  if (random.chance(0.5)) w.op('MCPI', RS, 48, 256);
}

/** Appends the subroutine to the executable region, from a blob or from memory. */
function load(w: ProgramWriter, random: Random, codeBytes: number): void {
  w.op('MOVE', LOADED, 4);
  w.op('MOVI', 50, codeBytes);
  const isBlob = random.chance(0.5);
  w.op('ADDI', 49, RD, isBlob ? DATA.blob : DATA.code);
  w.op('LDC', 49, 0, 50, isBlob ? 1 : 2);
}

function value(random: Random): bigint {
  if (random.chance(0.5)) return random.pick(EDGES);
  const wide = (BigInt(random.next()) << 32n) | BigInt(random.next());
  return wide >> BigInt(random.below(64));
}

function end({ w, random, isScript }: Scene): void {
  const how = random.below(8);
  if (how === 0) {
    w.op('MOVI', 49, random.below(300));
    w.op('RETD', RH, 49);
  } else if (how === 1 && isScript && random.chance(0.3)) w.op('RVRT', 20);
  else w.op('RET', 20 + random.below(20));
}

function writeFunction(scene: Scene, functions: Functions, label: number): void {
  const { w, random } = scene;
  const link = LINK + functions.level - 1;
  const saved = random.next() & 0xff_ffff;
  w.place(label);
  w.op('PSHL', saved);
  const frame = random.chance(0.6) ? 8 * random.between(1, 16) : 0;
  if (frame !== 0) {
    w.op('CFEI', frame);
    w.op('SUBI', 48, 5, frame);
    w.op('SW', 48, operand(scene), random.below(frame / 8));
    w.op('LW', result(scene), 48, 0);
  }
  const place = { depth: 2, times: CALLS_MAX, level: functions.level };
  pieces(scene, functions, place, random.between(1, 5));
  if (frame !== 0) w.op('CFSI', frame);
  w.op('POPL', saved);
  w.op('JAL', 0, link, 0);
}

function pieces(scene: Scene, functions: Functions, place: Place, count: number): void {
  for (let i = 0; i < count; i++) piece(scene, functions, place);
}

function piece(scene: Scene, functions: Functions, place: Place): void {
  const { random } = scene;
  const share = random.below(100);
  const choose = (): Piece => {
    if (share < 30) return data.arithmetic;
    if (share < 46) return data.memory;
    if (share < 52) return data.ranges;
    if (share < 59) return data.wide;
    if (share < 62) return data.hash;
    if (share < 72) return branch;
    if (share < 81) return loop;
    if (share < 84) return table;
    if (share < 89) return callFunction;
    if (share < 91) return callLoaded;
    if (share < 96) return callContract;
    if (share < 98) return data.world;
    return scene.isScript ? data.receipts : data.storage;
  };
  choose()(scene, functions, place);
}

const branch: Piece = (scene, functions, place) => {
  const { w, random } = scene;
  const other = w.label();
  const done = w.label();
  conditional(scene, other);
  pieces(scene, functions, place, random.between(0, 2));
  if (random.chance(0.5)) {
    always(scene, done);
    w.place(other);
    pieces(scene, functions, place, random.between(0, 2));
  } else w.place(other);
  w.place(done);
};

/** Jumps forwards to a label, or not. */
function conditional(scene: Scene, to: number): void {
  const { w, random } = scene;
  const [a, b] = [operand(scene), operand(scene)];
  switch (random.below(6)) {
    case 0:
      return w.jump('forwards', to, 'JNZF', a, 0);
    case 1:
      return w.jump('absolute', to, 'JNZI', a);
    case 2:
      w.op('GT', 62, a, b);
      return w.jump('absolute', to, 'JNZI', 62);
    case 3:
      w.jump('absolute', to, 'MOVI', 62);
      return w.op('JNE', a, b, 62);
    case 4:
      w.op('ANDI', 62, a, 1);
      return w.jump('forwards', to, 'JNZF', 62, 0);
    default:
      w.op('ANDI', 62, a, random.pick([1, 3]));
      return w.jump('absolute', to, 'JNEI', 62, 0);
  }
}

function always({ w, random }: Scene, to: number): void {
  switch (random.below(4)) {
    case 0:
      return w.jump('absolute', to, 'JI');
    case 1:
      return w.jump('forwards', to, 'JMPF', 0);
    case 2:
      w.jump('absolute', to, 'MOVI', 62);
      return w.op('JMP', 62);
    default:
      return w.jump('forwards', to, 'JNZF', 1, 0);
  }
}

const loop: Piece = (scene, functions, place) => {
  const { w, random } = scene;
  const room = scene.steps / place.times / 12;
  if (place.depth >= DEPTH_MAX || room < 2) return data.arithmetic(scene, functions, place);
  const turns = Math.min(random.pick([3, 10, 40, 200, 1000]), Math.floor(room));
  const counter = COUNTER + place.depth;
  const start = w.label();
  const isUp = random.chance(0.3);
  w.op('MOVI', counter, isUp ? 0 : turns);
  w.place(start);
  const inner = { ...place, depth: place.depth + 1, times: place.times * turns };
  pieces(scene, functions, inner, place.depth === 0 ? random.between(4, 12) : random.between(1, 4));
  if (isUp) {
    w.op('ADDI', counter, counter, 1);
    w.op('MOVI', 62, turns);
    if (random.chance(0.5)) w.jump('absolute', start, 'JNEI', counter, 62);
    else {
      w.op('LT', 62, counter, 62);
      w.jump('absolute', start, 'JNZI', 62);
    }
    return;
  }
  w.op('SUBI', counter, counter, 1);
  const kind = random.below(4);
  if (kind === 0) w.jump('absolute', start, 'JNZI', counter);
  else if (kind === 1) w.jump('backwards', start, 'JNZB', counter, 0);
  else if (kind === 2) w.jump('absolute', start, 'JNEI', counter, 0);
  else {
    const done = w.label();
    w.op('EQ', 62, counter, 0);
    w.jump('forwards', done, 'JNZF', 62, 0);
    w.jump('backwards', start, 'JMPB', 0);
    w.place(done);
  }
};

/** A jump to one of several places by a value. */
const table: Piece = (scene) => {
  const { w, random } = scene;
  const bits = random.between(1, 3);
  const done = w.label();
  w.op('ANDI', 62, operand(scene), (1 << bits) - 1);
  w.op('SLLI', 62, 62, 1);
  if (random.chance(0.5)) w.op('JMPF', 62, 0);
  else {
    const first = w.label();
    w.jump('absolute', first, 'MOVI', 61);
    w.op('ADD', 62, 62, 61);
    w.op('JMP', 62);
    w.place(first);
  }
  for (let i = 0; i < 1 << bits; i++) {
    w.op(random.pick(RRR), 20 + random.below(20), operand(scene), operand(scene));
    w.jump('absolute', done, 'JI');
  }
  w.place(done);
};

const callFunction: Piece = (scene, functions, place) => {
  const { w, random } = scene;
  if (functions.labels.length === 0 || place.level >= LEVELS_MAX || place.times > CALLS_MAX) {
    return data.arithmetic(scene, functions, place);
  }
  const at = random.below(functions.labels.length);
  const link = LINK + functions.level + at;
  const label = functions.labels[at]!;
  w.jump('absolute', label, 'MOVI', 62);
  w.op('SLLI', 62, 62, 2);
  w.op('ADD', 62, 62, 12);
  w.op('JAL', link, 62, 0);
};

const callLoaded: Piece = (scene) => {
  const { w, random, isScript } = scene;
  // Below $is nothing may run: contracts fail here.
  if (!isScript && !random.chance(0.03)) return;
  const at = random.chance(0.5) ? LOADED : DATA_CODE;
  if (random.chance(0.03)) {
    // Not on a boundary of instructions.
    w.op('ADDI', 62, at, random.between(1, 3));
    w.op('JAL', SUB_LINK, 62, 0);
  } else w.op('JAL', SUB_LINK, at, 0);
};

const callContract: Piece = (scene, functions, place) => {
  const { w, random, contracts } = scene;
  if (contracts.length === 0 || place.times > CALLS_MAX)
    return data.arithmetic(scene, functions, place);
  w.op('ADDI', 48, RD, DATA.calls + 48 * random.pick(contracts));
  w.op('ADDI', 49, RD, DATA.assets);
  const gas = random.chance(0.9) ? CGAS : 50;
  w.op('MOVI', 50, random.below(1 << 18));
  w.op('CALL', 48, random.chance(0.05) && scene.isScript ? 1 : 0, 49, gas);
};
