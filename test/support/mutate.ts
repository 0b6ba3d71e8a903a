/** Damage to valid input: bytes and JSON values, reproducible from a seed. */

/** `random(below)`: a whole number from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/** Words that decoders like to trip over. */
const WORDS: readonly bigint[] = [
  0n,
  1n,
  0xffn,
  0xffffn,
  1n << 32n,
  (1n << 53n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

/** The seed of a random test: from the environment, else fixed; printed so that it can be repeated. */
export function seedOf(testName: string, fixed: number): number {
  const text = process.env['FUELRAIL_SEED'];
  const seed = text === undefined ? fixed : Number(text);
  console.log(`${testName}: FUELRAIL_SEED=${seed}`);
  return seed;
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)] as T;
}

/** A copy with one to four faults: cut off, flipped bits, replaced words, bytes added or lost. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let out = bytes.slice();
  for (let faults = 1 + random(4); faults > 0; faults--) {
    const at = random(out.length + 1);
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    switch (random(6)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        if (at < out.length) out[at] = (out[at] ?? 0) ^ (1 << random(8));
        break;
      case 2:
        if (at + 8 <= out.length) view.setBigUint64(at - (at % 8), pick(random, WORDS));
        break;
      case 3:
        out = Uint8Array.of(...out.subarray(0, at), random(256), ...out.subarray(at));
        break;
      case 4:
        out = Uint8Array.of(...out.subarray(0, at), ...out.subarray(at + 1 + random(40)));
        break;
      default:
        for (let i = at; i < Math.min(out.length, at + 32); i++) out[i] = random(256);
    }
  }
  return out;
}

/** What stands where something else is expected. */
const JUNK: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  2 ** 53,
  70_000,
  5_000_000_000,
  '',
  'zz',
  '0x12',
  '0xzz'.padEnd(66, 'g'),
  '99999999999999999999999',
  '__proto__',
  [],
  [[]],
  [null],
  {},
  { a: 1 },
];

type Tree = { [key: string]: unknown };

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** Every place in a JSON value, as the object or list and the key in it. */
function places(value: unknown, found: [Tree, string][] = []): [Tree, string][] {
  if (!isTree(value)) return found;
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    places(value[key], found);
  }
  return found;
}

/** A copy of a JSON value with one place removed or replaced by junk; and which place that is. */
export function mutateJson(value: unknown, random: Random): { value: unknown; what: string } {
  const copy: unknown = structuredClone(value);
  const [holder, key] = pick(random, places(copy));
  if (random(4) === 0) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
    return { value: copy, what: `without ${key}` };
  }
  const junk = pick(random, JUNK);
  holder[key] = junk;
  return { value: copy, what: `${key} = ${JSON.stringify(junk)}` };
}
