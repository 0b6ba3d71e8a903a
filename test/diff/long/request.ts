/**
 * Long random programs that end: nested loops, branches of every form, functions, dynamic jumps,
 * calls between contracts, memory, wide maths, hashes, storage, code loaded at run time. Rarely an
 * operand is one that fails. As requests for the reference program.
 */
import { sha256Hex } from '../../../primitives/hash.ts';
import type { JsonObject } from '../../vectors/json.ts';
import { writeBody } from './flow.ts';
import { Random } from './random.ts';
import { CONTRACTS_MAX, type Scene } from './scene.ts';
import { ProgramWriter } from './writer.ts';

/** Just more than what makes the reference trace every step. */
const GAS_AMPLE = 3_000_001;
const NOISE_BYTES = 512;
const SETTINGS = ['standard', 'standard', 'local'] as const;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A subroutine that returns by register 0x3f: what data, blobs and loaded code hold. */
function subroutine(random: Random): string {
  const w = new ProgramWriter();
  for (let i = random.below(6); i > 0; i--) {
    const [dst, a] = [32 + random.below(8), 20 + random.below(20)];
    if (random.chance(0.5)) w.op('ADDI', dst, a, random.below(4096));
    else w.op('XOR', dst, a, 32 + random.below(8));
  }
  if (random.chance(0.1)) w.op('NOOP');
  w.op('JAL', 0, 0x3f, 0);
  return w.hex();
}

function program(random: Random, scene: Omit<Scene, 'random' | 'w'>): string {
  const w = new ProgramWriter();
  writeBody({ ...scene, random, w });
  return w.hex();
}

/** The request numbered `index` of a seed. Gas is ample; `withGas` gives it less. */
export function longRequest(seed: number, index: number): JsonObject {
  const random = new Random(Math.imul(seed, 0x0100_0193) ^ Math.imul(index + 1, 0x01f1_23bb));
  const contractCount = random.below(CONTRACTS_MAX + 1);
  const ids = Array.from({ length: contractCount }, () => hex(random.bytes(32)));
  const code = subroutine(random);
  const flags = random.chance(0.88) ? 3 : random.below(4);
  const size = random.pick([6, 12, 25, 60]);
  const contracts = ids.map((id, i) => ({
    id,
    code: program(random, {
      contracts: ids.map((_, at) => at).filter((at) => at > i),
      isScript: false,
      flags: random.chance(0.95) ? flags : 0,
      size: Math.ceil(size / 3),
      steps: 600,
      codeBytes: code.length / 2,
    }),
    slots: random.chance(0.5) ? [[hex(new Uint8Array(32)), hex(random.bytes(32))]] : [],
    balances: random.chance(0.5) ? [['00'.repeat(32), 1_000]] : [],
  }));
  const script = program(random, {
    contracts: ids.map((_, at) => at),
    isScript: true,
    flags,
    size,
    steps: random.pick([1_000, 5_000, 20_000]),
    codeBytes: code.length / 2,
  });
  return {
    op: 'run',
    params: random.pick(SETTINGS),
    script,
    data: dataOf(random, ids, code),
    gas: GAS_AMPLE,
    contracts,
    blobs: [code],
    coins: [{ amount: 1_000_000_000 }],
    variable: 2,
    change: ['base'],
  };
}

function dataOf(random: Random, ids: readonly string[], code: string): string {
  let calls = '';
  for (let i = 0; i < CONTRACTS_MAX; i++) {
    calls += (ids[i] ?? '77'.repeat(32)) + hex(random.bytes(16));
  }
  const assets = '00'.repeat(32) + hex(random.bytes(32));
  const keys = `${'00'.repeat(32)}${hex(random.bytes(32))}${'ff'.repeat(32)}${hex(random.bytes(32))}`;
  const blob = sha256Hex(Buffer.from(code, 'hex')).slice(2);
  return calls + assets + keys + blob + code.padEnd(128, '0') + hex(random.bytes(NOISE_BYTES));
}

/** The same request with less gas: it ends somewhere in the middle. */
export function withGas(request: JsonObject, gas: number): JsonObject {
  return { ...request, gas };
}
