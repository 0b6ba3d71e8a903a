/**
 * SHA-256 of four messages at once: a vector holds the same word of all four, a lane each. Worth
 * it from two or three messages on.
 *
 * @source FIPS 180-4
 */
import { Code } from './code.ts';
import {
  I32,
  V128,
  type ValueType,
  type WasmData,
  type WasmFunction,
  wasmModule,
} from './encode.ts';
import type { WasmMemory, WasmModule, WebAssemblyHost } from './host.ts';
import { INITIAL, ROUND_CONSTANTS } from './sha256.ts';

const LANES = 4;
const WORDS = 16;
const STATE = 8;
const VECTOR_BYTES = 16;
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const TURNS = ROUND_CONSTANTS.length / WORDS;
const TURN_BYTES = WORDS * VECTOR_BYTES;
/** Each round constant four times. Unit: bytes. */
const CONSTANTS_BYTES = TURNS * TURN_BYTES;
/**
 * A first block that was hashed, for messages of some blocks: the block, whether there is one, the
 * state behind it. Receipts of one contract begin alike. Unit: bytes.
 */
const KNOWN_BYTES = 128;
const KNOWN_BITS = 7;
const KNOWN_SET = BLOCK_BYTES;
const KNOWN_STATE = KNOWN_SET + VECTOR_BYTES;
/** Most blocks of messages. */
const BLOCKS_MAX = 4;
/** Unit: bytes. */
export const FOUR_SCRATCH_BYTES: number = CONSTANTS_BYTES + (BLOCKS_MAX + 1) * KNOWN_BYTES;

/** Functions on four messages; all addresses lie outside the scratch. */
export type FourKernel = {
  /**
   * Four messages that hold their padding, `blocks` blocks each, 1 to 4: their addresses, then where their
   * digests go.
   */
  readonly messages: (
    blocks: number,
    a: number,
    b: number,
    c: number,
    d: number,
    toA: number,
    toB: number,
    toC: number,
    toD: number,
  ) => void;
  /**
   * 4 · `groups` inner nodes of a binary Merkle tree: pairs of digests lie one after the other
   * `from` on, behind at least one byte; the nodes go to `to` on, which may be `from`.
   */
  readonly nodes: (from: number, to: number, groups: number) => void;
};

/** Locals by number; vectors but for the last two. */
type Locals = {
  readonly types: readonly ValueType[];
  /** Sixteen words of a block, then of the schedule. */
  readonly words: number;
  /** Variables of the rounds. */
  readonly vars: number;
  /** State before the block. */
  readonly state: number;
  /** Exclusive or of the first two variables, and of the round before. */
  readonly changed: readonly [number, number];
  readonly temp: number;
  /** Four vectors on their way. */
  readonly moved: number;
  readonly table: number;
  readonly count: number;
};

function localsBehind(params: number): Locals {
  const vectors = WORDS + 2 * STATE + 2 + 1 + LANES;
  const words = params;
  const vars = words + WORDS;
  const state = vars + STATE;
  const changed = state + STATE;
  const temp = changed + 2;
  const moved = temp + 1;
  return {
    types: [...new Array<ValueType>(vectors).fill(V128), I32, I32],
    ...{ words, vars, state, changed: [changed, changed + 1], temp, moved },
    table: moved + LANES,
    count: moved + LANES + 1,
  };
}

/** Exclusive or of rotations of a word to the right, and of a shift. */
function sigma(code: Code, x: number, rotations: readonly number[], shift?: number): void {
  for (const [i, by] of rotations.entries()) {
    code.get(x).i32(by).lanes('shr32');
    if (i > 0) code.lanes('xor');
    code
      .get(x)
      .i32(32 - by)
      .lanes('shl32')
      .lanes('xor');
  }
  if (shift !== undefined) code.get(x).i32(shift).lanes('shr32').lanes('xor');
}

function round(code: Code, l: Locals, i: number): void {
  const v = (n: number): number => l.vars + ((n - i + WORDS) % STATE);
  const [a, b, d, e, f, g, h] = [v(0), v(1), v(3), v(4), v(5), v(6), v(7)];
  code
    .get(h)
    .get(l.words + i)
    .lanes('add32');
  code
    .get(l.table)
    .loadVector(i * VECTOR_BYTES)
    .lanes('add32');
  code.get(f).get(g).lanes('xor').get(e).lanes('and').get(g).lanes('xor').lanes('add32');
  sigma(code, e, [6, 11, 25]);
  code.lanes('add32').set(l.temp);
  code.get(d).get(l.temp).lanes('add32').set(d);
  // Σ0(a) + maj(a, b, c); b ^ c is a ^ b of the round before.
  const [now, before] = [l.changed[i % 2]!, l.changed[(i + 1) % 2]!];
  code.get(a).get(b).lanes('xor').set(now);
  code.get(now).get(before).lanes('and').get(b).lanes('xor');
  sigma(code, a, [2, 13, 22]);
  code.lanes('add32').get(l.temp).lanes('add32').set(h);
}

/** The next sixteen words of the schedule in the place of those before. */
function extend(code: Code, { words }: Locals): void {
  const at = (n: number): number => words + (n % WORDS);
  for (let i = 0; i < WORDS; i++) {
    code
      .get(at(i))
      .get(at(i + 9))
      .lanes('add32');
    sigma(code, at(i + 1), [7, 18], 3);
    code.lanes('add32');
    sigma(code, at(i + 14), [17, 19], 10);
    code.lanes('add32').set(at(i));
  }
}

/** Takes the words of a block into the state. */
function compress(code: Code, l: Locals, scratch: number): void {
  for (let i = 0; i < STATE; i++) code.get(l.state + i).set(l.vars + i);
  code
    .get(l.vars + 1)
    .get(l.vars + 2)
    .lanes('xor')
    .set(l.changed[1]);
  code.i32(scratch).set(l.table);
  code.loop(() => {
    for (let i = 0; i < WORDS; i++) round(code, l, i);
    const last = scratch + (TURNS - 1) * TURN_BYTES;
    code
      .get(l.table)
      .i32(last)
      .op('i32Ne')
      .if(() => {
        extend(code, l);
        code.get(l.table).i32(TURN_BYTES).op('i32Add').set(l.table).br(1);
      });
  });
  for (let i = 0; i < STATE; i++) {
    code
      .get(l.state + i)
      .get(l.vars + i)
      .lanes('add32')
      .set(l.state + i);
  }
}

function initialState(code: Code, { state }: Locals): void {
  for (let i = 0; i < STATE; i++)
    code
      .i32(INITIAL[i]!)
      .splat()
      .set(state + i);
}

/** Rows become columns: four vectors from local `at` on. */
function transpose(code: Code, { moved }: Locals, at: number): void {
  const mix = (a: number, b: number, to: number): void => {
    code.get(a).get(b).fourOf(0, 4, 1, 5).set(to);
    code
      .get(a)
      .get(b)
      .fourOf(2, 6, 3, 7)
      .set(to + 1);
  };
  mix(at, at + 2, moved);
  mix(at + 1, at + 3, moved + 2);
  mix(moved, moved + 2, at);
  mix(moved + 1, moved + 3, at + 2);
}

/** Words of a block of each message; `push` pushes the address of one. */
function loadWords(code: Code, l: Locals, push: (lane: number) => number): void {
  for (let group = 0; group < WORDS; group += LANES) {
    for (let lane = 0; lane < LANES; lane++) {
      const offset = push(lane);
      code.loadSwapped(offset + group * 4).set(l.words + group + lane);
    }
    transpose(code, l, l.words + group);
  }
}

/** The state of each message; `push` pushes where it goes. */
function storeDigests(code: Code, l: Locals, push: (lane: number) => number): void {
  for (const half of [0, LANES]) {
    transpose(code, l, l.state + half);
    for (let lane = 0; lane < LANES; lane++) {
      const offset = push(lane);
      code.get(l.state + half + lane).storeSwapped(offset + half * 4);
    }
  }
}

const MESSAGES_PARAMS = 1 + 2 * LANES;

/** Local `count`: where the known first block is kept, or 0 when that is done with. */
function useKnown(code: Code, l: Locals, scratch: number, [blocks, from]: readonly number[]): void {
  code.get(blocks!).i32(1).op('i32GtU');
  code.either(
    () => {
      code.get(blocks!).i32(KNOWN_BITS).op('i32Shl');
      code
        .i32(scratch + CONSTANTS_BYTES)
        .op('i32Add')
        .set(l.count);
    },
    () => code.i32(0).set(l.count),
  );
  code.block(() => {
    code.get(l.count).op('i32Eqz').brIf(0);
    code.get(l.count).load32(KNOWN_SET).op('i32Eqz').brIf(0);
    for (let i = 0; i < LANES * LANES; i++) {
      const at = (i % LANES) * VECTOR_BYTES;
      code.get(from! + (i - (i % LANES)) / LANES).loadVector(at);
      code.get(l.count).loadVector(at).lanes('xor');
      if (i > 0) code.lanes('or');
    }
    code.anyTrue().brIf(0);
    for (let i = 0; i < STATE; i++) {
      code
        .get(l.count)
        .loadSplat(KNOWN_STATE + i * 4)
        .set(l.state + i);
    }
    code.i32(0).set(l.count);
    nextBlock(code, blocks!, from!);
    code.op('drop');
  });
}

/** Keeps the first block of the first message, and the state behind it. */
function keepKnown(code: Code, l: Locals, from: number): void {
  code.get(l.count).if(() => {
    for (let at = 0; at < BLOCK_BYTES; at += VECTOR_BYTES) {
      code.get(l.count).get(from).loadVector(at).storeVector(at);
    }
    for (let i = 0; i < STATE; i++) {
      code
        .get(l.count)
        .get(l.state + i)
        .lane(0)
        .store32(KNOWN_STATE + i * 4);
    }
    code.get(l.count).i32(1).store32(KNOWN_SET).i32(0).set(l.count);
  });
}

/** Leaves how many blocks are left. */
function nextBlock(code: Code, blocks: number, from: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    const address = from + lane;
    code.get(address).i32(BLOCK_BYTES).op('i32Add').set(address);
  }
  code.get(blocks).i32(1).op('i32Sub').tee(blocks);
}

function messagesFunction(scratch: number): WasmFunction {
  const l = localsBehind(MESSAGES_PARAMS);
  const code = new Code();
  const [blocks, from, to] = [0, 1, 1 + LANES];
  initialState(code, l);
  useKnown(code, l, scratch, [blocks, from]);
  code.loop(() => {
    loadWords(code, l, (lane) => {
      code.get(from + lane);
      return 0;
    });
    compress(code, l, scratch);
    keepKnown(code, l, from);
    nextBlock(code, blocks, from);
    code.brIf(0);
  });
  storeDigests(code, l, (lane) => {
    code.get(to + lane);
    return 0;
  });
  const params = new Array<typeof I32>(MESSAGES_PARAMS).fill(I32);
  return { params, results: [], locals: l.types, body: code.body(), name: 'messages' };
}

const NODE_PREFIX = 1;
const PAIR_BYTES = 2 * DIGEST_BYTES;
const NODE_BITS = (1 + PAIR_BYTES) * 8;

/** The prefix moves a pair by a byte; its last byte makes a block of its own. */
function loadNodeWords(code: Code, l: Locals, from: number): void {
  code.get(l.count).either(
    () => {
      for (let lane = 0; lane < LANES; lane++) {
        code.get(from).load8(lane * PAIR_BYTES + PAIR_BYTES - 1);
        if (lane === 0) code.splat();
        else code.set(l.table).get(l.temp).get(l.table).replaceLane(lane);
        code.set(l.temp);
      }
      code.get(l.temp).i32(24).lanes('shl32').i32(0x0080_0000).splat().lanes('or').set(l.words);
      for (let i = 1; i < WORDS; i++) {
        code
          .i32(i === WORDS - 1 ? NODE_BITS : 0)
          .splat()
          .set(l.words + i);
      }
    },
    () => {
      loadWords(code, l, (lane) => {
        code
          .get(from)
          .i32(lane * PAIR_BYTES - 1)
          .op('i32Add');
        return 0;
      });
      code.get(l.words).i32(0x00ff_ffff).splat().lanes('and');
      code
        .i32(NODE_PREFIX << 24)
        .splat()
        .lanes('or')
        .set(l.words);
    },
  );
}

function nodesFunction(scratch: number): WasmFunction {
  const [from, to, groups] = [0, 1, 2];
  const l = localsBehind(3);
  const code = new Code();
  code.while(
    () => code.get(groups),
    () => {
      initialState(code, l);
      code
        .i32(0)
        .set(l.count)
        .loop(() => {
          loadNodeWords(code, l, from);
          compress(code, l, scratch);
          code.get(l.count).op('i32Eqz').tee(l.count).brIf(0);
        });
      storeDigests(code, l, (lane) => {
        code.get(to);
        return lane * DIGEST_BYTES;
      });
      code
        .get(from)
        .i32(LANES * PAIR_BYTES)
        .op('i32Add')
        .set(from);
      code
        .get(to)
        .i32(LANES * DIGEST_BYTES)
        .op('i32Add')
        .set(to);
      code.get(groups).i32(1).op('i32Sub').set(groups);
    },
  );
  const params = new Array<typeof I32>(3).fill(I32);
  return { params, results: [], locals: l.types, body: code.body(), name: 'nodes' };
}

function constants(scratch: number): WasmData {
  const bytes = new Uint8Array(CONSTANTS_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, constant] of ROUND_CONSTANTS.entries()) {
    for (let lane = 0; lane < LANES; lane++) {
      view.setInt32(i * VECTOR_BYTES + lane * 4, constant, true);
    }
  }
  return { at: scratch, bytes };
}

let compiled: { readonly scratch: number; readonly module: WasmModule } | null = null;

/** The functions on `memory`; at the address `scratch`, FOUR_SCRATCH_BYTES are theirs. */
export function fourKernel(host: WebAssemblyHost, memory: WasmMemory, scratch: number): FourKernel {
  if (compiled?.scratch !== scratch) {
    compiled = { scratch, module: new host.Module(fourModule(scratch)) };
  }
  const { exports } = new host.Instance(compiled.module, { host: { memory } });
  return exports as FourKernel;
}

/** The bytes of the module. It imports the memory as `host.memory`. */
export function fourModule(scratch: number): Uint8Array<ArrayBuffer> {
  const functions = [messagesFunction(scratch), nodesFunction(scratch)];
  return wasmModule(functions, [constants(scratch)]);
}
