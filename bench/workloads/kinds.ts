/** One function for each workload: fills a maker. */

import { measurePredicates } from '../../predicates/index.ts';
import { concatBytes, hexToBytes, utf8 } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { Address, B256 } from '../../primitives/types.ts';
import { type Coin, coinInput, keyOf, scriptOf } from '../../test/support/funded.ts';
import { predicateOwner } from '../../tx/contractId.ts';
import type { CoinInput, Output } from '../../tx/types.ts';
import { rulesFor } from '../../vm/rules.ts';
import { MAX_FEE, type WorkloadMaker } from './maker.ts';
import {
  AMM_ASSETS,
  type Call,
  fieldSlot,
  mapSlot,
  minterContract,
  swayContract,
  u64,
  u64Slot,
  WORK_PREDICATE,
} from './programs.ts';
import { distinctRanks } from './random.ts';
import type { WorkloadName } from './types.ts';

const RESERVE = 1_000_000_000_000n;
const PAID = 1_000n;
/** Receives what the transfers send. */
const SINK: Address = keyOf(1_000_000).address;
/** Price feeds of an oracle contract; price levels of a market. */
const FEED_COUNT = 16;
const LEVEL_COUNT = 8;

const times = (count: number, body: (i: number) => void): void => {
  for (let i = 0; i < count; i += 1) body(i);
};

function pay(maker: WorkloadMaker, amount: bigint, to: Address = SINK): Output {
  return { type: 'coin', to, amount, assetId: maker.options.params.baseAssetId };
}

function personOf(text: string): Address {
  return sha256Hex(utf8(`fuelrail holder ${text}`));
}

function swayCall(maker: WorkloadMaker, to: B256, method: string, ...args: Uint8Array[]): Call {
  const { baseAssetId } = maker.options.params;
  return {
    contractId: to,
    method,
    args: concatBytes(...args),
    coins: 0n,
    assetId: baseAssetId,
  };
}

function transfer(maker: WorkloadMaker): void {
  maker.add({ coins: [maker.fund()], pays: [pay(maker, PAID)] });
}

/** `send` between two holders of token `n` that nobody else is. */
function tokenCall(maker: WorkloadMaker, n: number): Call {
  const id = maker.contract(swayContract('token', n));
  const name = `${maker.options.seed} ${maker.txs.length} ${n}`;
  const [from, to] = [hexToBytes(personOf(`${name} from`)), hexToBytes(personOf(`${name} to`))];
  maker.addSlot(id, u64Slot(mapSlot('balances', from), 2n * PAID));
  return swayCall(maker, id, 'send', from, to, u64(PAID));
}

function swap(maker: WorkloadMaker): void {
  const balances = AMM_ASSETS.map((assetId) => ({ assetId, amount: RESERVE }));
  const base = swayContract('amm', maker.draw());
  const reserves = ['reserve_a', 'reserve_b'].map((name) => u64Slot(fieldSlot(name), RESERVE));
  const used = new Set(reserves.map(({ key }) => key.slice(2)));
  const slots = [...base.slots.filter(({ key }) => !used.has(key)), ...reserves];
  const id = maker.contract({ ...base, slots, balances });
  const assetId = maker.next() < 0.5 ? AMM_ASSETS[0] : AMM_ASSETS[1];
  const coin = maker.fund();
  const paid = maker.fund(PAID * 10n, assetId, coin.key);
  const to = concatBytes(u64(0n), hexToBytes(coin.key.address));
  const call = { ...swayCall(maker, id, 'swap', u64(0n), to), coins: PAID, assetId };
  maker.add({ coins: [coin, paid], calls: [call], variableOutputs: 1 });
}

function order(maker: WorkloadMaker): void {
  const id = maker.contract(swayContract('orderbook', maker.draw()));
  const coin = maker.fund();
  const price = u64(100n + BigInt(Math.floor(maker.next() * LEVEL_COUNT)));
  const size = u64(1n + BigInt(Math.floor(maker.next() * 50)));
  const buys = Uint8Array.of(maker.next() < 0.5 ? 1 : 0);
  const owner = hexToBytes(coin.key.address);
  maker.add({ coins: [coin], calls: [swayCall(maker, id, 'place', owner, price, size, buys)] });
}

function askOracle(maker: WorkloadMaker): void {
  const id = maker.contract(swayContract('oracle_feed', maker.draw()));
  const feed = u64(BigInt(Math.floor(maker.next() * FEED_COUNT)));
  const isRead = maker.next() < maker.options.readShare;
  const price = u64(BigInt(Math.floor(maker.next() * 10_000)));
  const call = isRead ? swayCall(maker, id, 'get', feed) : swayCall(maker, id, 'set', feed, price);
  maker.add({ coins: [maker.fund()], calls: [call] });
}

function mint(maker: WorkloadMaker): void {
  const id = maker.contract(minterContract(maker.draw()));
  const assetId = maker.options.params.baseAssetId;
  const call: Call = { contractId: id, method: null, args: new Uint8Array(16), coins: 0n, assetId };
  maker.add({ coins: [maker.fund()], calls: [call] });
}

function increment(maker: WorkloadMaker, n: number, unused: readonly B256[] = []): void {
  const id = maker.contract(swayContract('counter', n));
  const calls = [swayCall(maker, id, 'increment', u64(1n))];
  maker.add({ coins: [maker.fund()], calls, unused });
}

function predicates(maker: WorkloadMaker): void {
  const { params, work, count } = maker.options;
  const owner = predicateOwner(WORK_PREDICATE);
  const data = u64(BigInt(work));
  const key = { secret: new Uint8Array(0), address: owner };
  const predicate = { code: WORK_PREDICATE, data, gas: 0n };
  // All need the same gas: the program reads nothing but its data.
  const coin = maker.unfunded(undefined, undefined, key);
  const input: CoinInput = {
    ...(coinInput(coin, params.baseAssetId) as CoinInput),
    predicate: WORK_PREDICATE,
    predicateData: data,
  };
  const probe = scriptOf(coin, params, { inputs: [input], witnesses: [] });
  const rules = rulesFor(params, 'auto');
  const measured = measurePredicates(probe, undefined, params, { blob: () => null }, rules);
  predicate.gas = (measured.tx.inputs[0] as CoinInput).predicateGasUsed;
  times(count, () => {
    maker.add({
      coins: [maker.fund(undefined, undefined, key)],
      pays: [pay(maker, PAID)],
      predicate,
    });
  });
}

/** Spends the coin that the transaction before made for its own key; level by level. */
function chains(maker: WorkloadMaker): void {
  const { count, depth } = maker.options;
  const chainCount = Math.ceil(count / depth);
  const tips: Coin[] = [];
  times(count, (i) => {
    const coin = tips[i % chainCount] ?? maker.fund();
    tips[i % chainCount] = follow(maker, coin);
  });
}

function follow(maker: WorkloadMaker, coin: Coin): Coin {
  const amount = coin.amount - 2n * MAX_FEE;
  const { id } = maker.add({ coins: [coin], pays: [pay(maker, amount, coin.key.address)] });
  return { key: coin.key, utxoId: { txId: id, outputIndex: 0 }, amount };
}

/** Some spend a coin that is gone or never was; `depth` others build on each of those. */
function skipped(maker: WorkloadMaker): void {
  const { count, depth, skipShare } = maker.options;
  let spent: Coin | null = null;
  while (maker.txs.length < count) {
    if (maker.next() >= skipShare) {
      spent = maker.fund();
      maker.add({ coins: [spent], pays: [pay(maker, PAID)] });
      continue;
    }
    let coin: Coin = spent !== null && maker.next() < 0.5 ? spent : maker.unfunded();
    for (let i = 0; i <= depth && maker.txs.length < count; i += 1) {
      maker.skips.push(maker.txs.length);
      coin = follow(maker, coin);
    }
  }
}

function overDeclared(maker: WorkloadMaker): void {
  const { contracts, count, declared } = maker.options;
  times(count, () => {
    const ranks = distinctRanks(maker.draw, declared + 1, contracts);
    const unused = ranks.slice(1).map((n) => maker.contract(swayContract('counter', n)));
    increment(maker, ranks[0] as number, unused);
  });
}

function mixed(maker: WorkloadMaker): void {
  const { contracts, count, multiShare } = maker.options;
  const singleShare = (1 - multiShare) * (4 / 7);
  times(count, () => {
    const dice = maker.next();
    if (dice >= multiShare + singleShare) {
      transfer(maker);
      return;
    }
    const callCount = dice >= multiShare ? 1 : dice < multiShare / 3 ? 3 : 2;
    const ranks = distinctRanks(maker.draw, callCount, contracts);
    maker.add({ coins: [maker.fund()], calls: ranks.map((n) => tokenCall(maker, n)) });
  });
}

type Fill = (maker: WorkloadMaker) => void;

const each =
  (one: (maker: WorkloadMaker) => void): Fill =>
  (maker) =>
    times(maker.options.count, () => one(maker));

/** How each workload fills a maker. */
export const KINDS: Readonly<Record<WorkloadName, Fill>> = {
  transfers: each(transfer),
  predicates,
  token: each((maker) => {
    maker.add({ coins: [maker.fund()], calls: [tokenCall(maker, maker.draw())] });
  }),
  amm: each(swap),
  orderbook: each(order),
  oracle: each(askOracle),
  'mint-counter': each(mint),
  chains,
  'hot-contract': each((maker) => increment(maker, 0)),
  skipped,
  'over-declared': overDeclared,
  mixed,
};
