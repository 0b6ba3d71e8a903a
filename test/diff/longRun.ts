/** Long random programs against the reference program: with ample gas, and with too little. */
import { checkVector } from '../vectors/check.ts';
import type { JsonObject } from '../vectors/json.ts';
import type { Tally } from '../vectors/run.ts';
import { Random } from './long/random.ts';
import { longRequest, withGas } from './long/request.ts';
import type { OracleProcess } from './oracleProcess.ts';

const SHOWN_MAX = 5;
/** Requests that the reference works on while we check the answers before. */
const AHEAD = 24;
/** Runs of each program with less gas than it needs. */
const STARVED = 2;
/** Most gas of such a run. */
const STARVED_GAS = [2_000, 20_000, 100_000] as const;

type Asked = {
  readonly name: string;
  readonly request: JsonObject;
  readonly answer: Promise<JsonObject>;
};

/** How many instructions the programs ran, and how they ended. */
export type LongTally = Tally & { readonly ends: ReadonlyMap<string, number> };

/**
 * Runs `count` requests. A program whose number is `only` runs alone.
 * @throws when the reference program dies
 */
export async function runLong(
  oracle: OracleProcess,
  seed: number,
  count: number,
  only?: number,
): Promise<LongTally> {
  const queue: Asked[] = [];
  const ends = new Map<string, number>();
  let index = only ?? 0;
  let [passed, failed, asked] = [0, 0, 0];
  const ask = (name: string, request: JsonObject): void => {
    queue.push({ name, request, answer: oracle.ask(request) });
    asked++;
  };
  while (passed + failed < count) {
    while (queue.length < AHEAD && asked < count) {
      ask(`${seed}/${index}`, longRequest(seed, index));
      index++;
    }
    const { name, request, answer } = queue.shift()!;
    const said = await answer;
    const difference = checkVector({ n: name, request, answer: said });
    if (difference === null) passed++;
    else if (++failed <= SHOWN_MAX) console.log(`  ${name}: ${difference}`);
    const end = endOf(said);
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (name.includes('gas')) continue;
    const used = Number(said['gasUsed'] ?? 0);
    const random = new Random(index + seed);
    for (let i = 0; i < STARVED && asked < count && used > 0; i++) {
      const gas = random.below(Math.min(used, random.pick(STARVED_GAS)));
      ask(`${name} gas ${gas}`, withGas(request, gas));
    }
  }
  console.log(`long: ${passed} passed, ${failed} failed`);
  return { passed, failed, ends };
}

function endOf(answer: JsonObject): string {
  const panic = answer['panic'] as JsonObject | null | undefined;
  if (panic !== null && panic !== undefined) return String(panic['reason']);
  if (answer['state'] !== undefined) return Object.keys(answer['state'] as JsonObject)[0] ?? '?';
  return String(answer['error'] ?? answer['checkError'] ?? answer['readyError'] ?? 'unknown');
}
