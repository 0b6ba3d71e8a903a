/** Sentences: what made transactions wait, and what would let them run side by side. */
import { criticalPath, type Graph, hotKeys, setNumbers } from './graph.ts';
import { type ReadableKey, readableKey } from './keys.ts';

/** A contract, a coin or an order of so many transactions is worth a sentence. */
const MENTION_TX_COUNT = 2;
const MENTION_SHARE = 0.05;
const SENTENCE_COUNT_MAX = 6;

export const plural = (count: number, one: string, many: string = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

const ADVICE: Readonly<Record<ReadableKey['kind'], string>> = {
  contract:
    'A declared contract counts as written, so they run one after another. Parallel: spread the ' +
    'calls over several contracts, or do not declare it where it is not called.',
  coin: 'Each spends what the one before it made. Parallel: spend coins that exist already, for example by splitting one coin into many first.',
  message: 'A message can be spent once.',
  blob: 'Who reads a new blob waits for it. Parallel: put the blob into an earlier block.',
  order: 'Parallel: send upgrades, uploads, blobs and deployments in a block of their own.',
};

export function adviceFor(kind: ReadableKey['kind']): string {
  return ADVICE[kind];
}

export type WhyInput = {
  readonly graph: Graph;
  readonly costs: readonly number[];
  /** The runner's own reason for not using threads. */
  readonly whySerial: string | null;
  /** At least some of the block ran on threads. */
  readonly usedThreads: boolean;
  /** For each transaction, contracts that it declares and that no receipt names; null: unknown. */
  readonly unused: readonly (readonly string[])[] | null;
};

/** Why a block is not faster than it is; the heaviest reason first. */
export function whyBlock({ graph, costs, whySerial, usedThreads, unused }: WhyInput): string[] {
  const count = graph.accesses.length;
  if (count === 0) return ['There is nothing to execute.'];
  const sentences: string[] = [];
  if (whySerial !== null) {
    sentences.push(`${usedThreads ? 'Some of it' : 'It'} ran on the main thread: ${whySerial}.`);
  }
  if (graph.sets.length === count) {
    sentences.push(
      count === 1
        ? 'There is only one transaction.'
        : `Nobody waits for anybody: ${count} transactions in ${count} disjoint sets.`,
    );
    return sentences;
  }
  const all = costs.map((_, i) => i);
  sentences.push(...keySentences(graph, all));
  sentences.push(...chainSentences(graph, costs));
  sentences.push(...barrierSentences(graph));
  const idle = overDeclared(unused);
  if (idle !== null) sentences.push(idle);
  return sentences.slice(0, SENTENCE_COUNT_MAX);
}

function keySentences(graph: Graph, among: readonly number[]): string[] {
  return hotKeys(graph, among, 3)
    .filter(({ key, txs }) => {
      const isBig = txs.length > MENTION_TX_COUNT && txs.length >= MENTION_SHARE * among.length;
      return isBig && readableKey(key).kind !== 'coin';
    })
    .map(({ key, txs }, at, all) =>
      sharedSentence(key, txs.length, among.length, all[at - 1]?.key),
    );
}

/** @param said key of the sentence before: the same advice is given once */
export function sharedSentence(key: string, users: number, all: number, said?: string): string {
  const { text, kind } = readableKey(key);
  const sentence = `${users} of ${plural(all, 'transaction')} share ${text}.`;
  const isSaid = said !== undefined && readableKey(said).kind === kind;
  return isSaid ? sentence : `${sentence} ${ADVICE[kind]}`;
}

function chainSentences(graph: Graph, costs: readonly number[]): string[] {
  const path = criticalPath(graph, costs);
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  const percent = work === 0 ? 0 : Math.round((100 * path.cost) / work);
  const steps = path.txs.length;
  const chain = `The longest chain has ${plural(steps, 'transaction')} and ${percent} % of the work`;
  const coins = path.txs.slice(1).filter((to, at) => {
    const from = path.txs[at] as number;
    return graph.accesses[from]?.creates.some((key) => graph.accesses[to]?.writes.includes(key));
  }).length;
  if (steps > MENTION_TX_COUNT && coins * 2 > steps - 1) {
    return [`${chain}, mostly coins made in the same block. ${ADVICE.coin}`];
  }
  return [`${chain}: no schedule takes less time than it.`];
}

function barrierSentences({ accesses }: Graph): string[] {
  const barriers = accesses.filter(({ barrier, blobBarrier }) => barrier || blobBarrier).length;
  if (barriers === 0) return [];
  const what = `${plural(barriers, 'upgrade, upload, blob or deployment', 'upgrades, uploads, blobs or deployments')}`;
  return [`Everybody behind ${what} waits. ${ADVICE.order}`];
}

function overDeclared(unused: WhyInput['unused']): string | null {
  if (unused === null) return null;
  const guilty = unused.filter((list) => list.length > 0).length;
  if (guilty === 0) return null;
  return `${plural(guilty, 'transaction')} ${guilty === 1 ? 'declares' : 'declare'} contracts that no receipt names: without them there would be fewer conflicts (a mere read of code or balance leaves no receipt).`;
}

/** Why one transaction ran when it did. */
export function whyTx(input: WhyInput, index: number): string[] {
  const { graph, unused } = input;
  const count = graph.accesses.length;
  const before = graph.predecessors[index] ?? [];
  const set = graph.sets[setNumbers(graph)[index] as number] ?? [];
  const sentences: string[] = [];
  if (set.length === 1) sentences.push(`It conflicts with none of the ${count - 1} others.`);
  else if (before.length === 0) {
    sentences.push(`It waited for nobody; it is the first of a set of ${set.length}.`);
  } else {
    const own = new Set([
      ...(graph.accesses[index]?.writes ?? []),
      ...(graph.accesses[index]?.reads ?? []),
    ]);
    const mine = hotKeys(graph, set, Number.POSITIVE_INFINITY).filter(({ key }) => own.has(key));
    mine.slice(0, 3).forEach(({ key, txs }, at) => {
      sentences.push(sharedSentence(key, txs.length, count, mine[at - 1]?.key));
    });
    if (mine.length === 0)
      sentences.push(`It stands behind ${readableKey('o:').text}. ${ADVICE.order}`);
  }
  const idle = unused?.[index] ?? [];
  if (idle.length > 0) {
    const names = idle.map((id) => readableKey(`c:${id}`).text).join(', ');
    sentences.push(
      `It declares ${names} and no receipt names ${idle.length === 1 ? 'it' : 'them'}.`,
    );
  }
  return sentences;
}
