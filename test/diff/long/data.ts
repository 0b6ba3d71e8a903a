/** Pieces of random programs that compute, move bytes, or ask the world. */
import type { Random } from './random.ts';
import {
  DATA,
  ODD,
  operand,
  type Piece,
  RD,
  RH,
  RRR,
  RS,
  result,
  type Scene,
  source,
  target,
} from './scene.ts';

const RARE_RRR = ['EXP', 'MLOG', 'MROO'];
const RRI = ['ADDI', 'SUBI', 'ANDI', 'ORI', 'XORI', 'SLLI', 'SRLI', 'MULI', 'DIVI', 'MODI'];

/** Numbers in registers. */
export const arithmetic: Piece = (scene) => {
  const { w, random } = scene;
  for (let i = random.between(1, 8); i > 0; i--) {
    const kind = random.below(20);
    const a = operand(scene);
    const dst = result(scene);
    if (kind < 9) w.op(random.pick(RRR), dst, a, operand(scene));
    else if (kind < 14) w.op(random.pick(RRI), dst, a, random.below(random.pick([8, 64, 4096])));
    else if (kind === 14) w.op('MOVE', dst, a);
    else if (kind === 15) w.op('NOT', dst, a);
    else if (kind === 16) w.op('MOVI', dst, random.below(1 << 18));
    else if (kind === 17) w.op('MLDV', dst, a, operand(scene), operand(scene));
    else if (kind === 18) w.op('NIOP', dst, a, operand(scene), nativeWidth(random));
    else w.op(random.pick(RARE_RRR), dst, a, operand(scene));
  }
};

/** Width and operation of NIOP. */
function nativeWidth(random: Random): number {
  return (random.below(3) << 4) | random.below(6);
}

const LOADS = ['LB', 'LQW', 'LHW', 'LW', 'LW'] as const;
const STORES = ['SB', 'SQW', 'SHW', 'SW', 'SW'] as const;
/** Loads and stores. */
export const memory: Piece = (scene) => {
  const { w, random } = scene;
  for (let i = random.between(1, 5); i > 0; i--) {
    const kind = random.below(LOADS.length);
    const offset = random.below(8);
    if (random.chance(0.5)) w.op(LOADS[kind]!, result(scene), source(scene, 128), offset);
    else w.op(STORES[kind]!, target(scene, 128), operand(scene), offset);
  }
};

/** Copies, clears, compares, and both ends of memory. */
export const ranges: Piece = (scene) => {
  const { w, random } = scene;
  const length = random.pick([0, 1, 8, 31, 32, 100, 200]);
  w.op('MOVI', 62, length);
  const kind = random.below(7);
  if (kind === 0) w.op('MCPI', ...apart(scene), length);
  else if (kind === 1) w.op('MCP', ...apart(scene), 62);
  else if (kind === 2) w.op('MCLI', target(scene, 256), length);
  else if (kind === 3) w.op('MCL', target(scene, 256), 62);
  else if (kind === 4) {
    const [a, b] = [source(scene, 256), source(scene, 256)];
    w.op('MEQ', result(scene), a, b, 62);
  } else if (kind === 5) w.op('ALOC', 62);
  else {
    w.op('CFE', 62);
    w.op('SUB', 62, 5, 62);
    if (length >= 8) w.op('SW', 62, operand(scene), 0);
    w.op('SUB', 62, 5, 62);
    w.op('CFS', 62);
  }
};

/** Two pointers whose ranges of 256 bytes do not meet. */
function apart(scene: Scene): [number, number] {
  const { w, random } = scene;
  w.op('ADDI', 48, RH, random.below(256));
  if (random.chance(0.5)) w.op('ADDI', 49, RS, random.below(256));
  else w.op('ADDI', 49, RD, random.below(256));
  return [48, 49];
}

/** Three 256-bit places of the heap, and one pointer to which results go. */
export const wide: Piece = (scene) => {
  const { w, random } = scene;
  const pointer = (): number => {
    if (random.chance(ODD)) return operand(scene);
    const into = 48 + random.below(8);
    w.op('ADDI', into, RH, 8 * random.below(100));
    return into;
  };
  const [to, a, b, c] = [pointer(), pointer(), pointer(), pointer()] as const;
  for (let i = random.between(1, 4); i > 0; i--) {
    const size = random.pick(['D', 'Q']);
    const isIndirect = random.chance(0.7);
    const second = isIndirect ? b : operand(scene);
    const right = isIndirect ? 32 : 0;
    const kind = random.below(8);
    if (kind === 0) w.op(`W${size}CM`, result(scene), a, second, right | random.below(7));
    else if (kind < 4) w.op(`W${size}OP`, to, a, second, right | random.below(8));
    else if (kind === 4) w.op(`W${size}ML`, to, a, second, right | 16);
    else if (kind === 5) w.op(`W${size}DV`, to, a, second, right);
    else w.op(`W${size}${random.pick(['MD', 'AM', 'MM'])}`, to, a, b, c);
  }
};

/** S256 and K256. */
export const hash: Piece = (scene) => {
  const { w, random } = scene;
  const [to, from] = [target(scene, 256), source(scene, 256)];
  w.op('MOVI', 62, random.pick([0, 1, 8, 32, 32, 55, 56, 64, 120, 135, 136, 137, 200]));
  w.op(random.pick(['S256', 'K256']), to, from, 62);
};

/** Transaction, block, context, $flag. */
export const world: Piece = (scene) => {
  const { w, random } = scene;
  const kind = random.below(6);
  if (kind === 0) w.op('GTF', result(scene), 0, random.pick([0x003, 0x005, 0x00a, 0x00b, 0x200]));
  else if (kind === 1) w.op('BHEI', result(scene));
  else if (kind === 2) w.op('CB', target(scene, 64));
  else if (kind === 3) w.op('FLAG', 1);
  else if (kind === 4) {
    w.op('MOVI', 62, 3);
    w.op('FLAG', 62);
  } else w.op('GM', result(scene), random.pick([4, 6]));
};

/** LOG and LOGD. */
export const receipts: Piece = (scene) => {
  const { w, random } = scene;
  if (random.chance(0.5)) w.op('LOG', operand(scene), operand(scene), 0, 10);
  else {
    w.op('MOVI', 62, random.below(64));
    w.op('LOGD', operand(scene), 0, source(scene, 128), 62);
  }
};

/** Slots: for contracts only. */
export const storage: Piece = (scene) => {
  const { w, random } = scene;
  w.op('ADDI', 48, RD, DATA.keys + 32 * random.below(4));
  w.op('MOVI', 62, random.between(1, 2));
  const [a, b] = [result(scene), result(scene)];
  const kind = random.below(6);
  if (kind === 0) w.op('SRW', a, b, 48, 0);
  else if (kind === 1) w.op('SWW', 48, a, operand(scene));
  else if (kind === 2) w.op('SRWQ', target(scene, 128), a, 48, 1);
  else if (kind === 3) w.op('SWWQ', 48, a, source(scene, 128), 1);
  else if (kind === 4) w.op('SCWQ', 48, a, 62);
  else receipts(scene, { labels: [], level: 0 }, { depth: 0, times: 1, level: 0 });
};
