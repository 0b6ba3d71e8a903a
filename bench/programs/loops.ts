/**
 * Compiled Sway programs in a loop, as requests that the reference program and we both answer: one
 * transaction that calls a contract many times over.
 */
import { bytesToHex, concatBytes, hexToBytes, utf8 } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { AssetId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import type { GenesisContract } from '../../test/support/funded.ts';
import type { JsonObject } from '../../test/vectors/json.ts';
import { assemble } from '../../vm/asm.ts';
import * as op from '../../vm/gen/op.ts';
import {
  AMM_ASSETS,
  fieldSlot,
  mapSlot,
  swayContract,
  u64,
  u64Slot,
} from '../workloads/programs.ts';

const ZERO = 0;
const ONE = 1;
const SP = 5;
const CGAS = 10;
const GTF_SCRIPT_DATA = 0x00a;
const CALL_BYTES = 48;
const RESERVE = 1_000_000_000_000n;
const PAID = 1_000n;
/** Above this the reference program notes no steps, which would take it most of the time. */
const GAS = 80_000_000;

/** A contract and the call that is repeated. */
type Repeated = {
  readonly contract: GenesisContract;
  readonly method: string;
  readonly args: Uint8Array;
  readonly coins: bigint;
  readonly assetId: AssetId;
};

/** Returns at once: what calls and receipts cost by themselves. */
const BARE: GenesisContract = {
  id: sha256Hex(utf8('fuelrail bare contract')),
  code: assemble([op.ret(ONE)]),
  slots: [],
};

const person = (name: string): Uint8Array => hexToBytes(sha256Hex(utf8(name)));

function call(
  contract: GenesisContract,
  method: string,
  args: readonly Uint8Array[],
  coins = 0n,
  assetId: AssetId = ZERO_B256,
): Repeated {
  return { contract, method, args: concatBytes(...args), coins, assetId };
}

/** `contract` with slots in the place of those with their keys. */
function withSlots(contract: GenesisContract, slots: GenesisContract['slots']): GenesisContract {
  const bare = (key: string): string => key.replace(/^0x/, '');
  const keys = new Set(slots.map(({ key }) => bare(key)));
  return {
    ...contract,
    slots: [...contract.slots.filter(({ key }) => !keys.has(bare(key))), ...slots],
  };
}

/** The loop of calls that do nothing: the measure of everything that is not the program. */
export const BARE_LOOP = 'bare';

/** The loops by name. */
export const LOOPS: Readonly<Record<string, () => Repeated>> = {
  [BARE_LOOP]: () => call(BARE, '', []),
  token: () => {
    const [from, to] = [person('from'), person('to')];
    const balance = u64Slot(mapSlot('balances', from), RESERVE);
    const contract = withSlots(swayContract('token', 0), [balance]);
    return call(contract, 'send', [from, to, u64(1n)]);
  },
  amm: () => {
    const slots = ['reserve_a', 'reserve_b'].map((name) => u64Slot(fieldSlot(name), RESERVE));
    const balances = AMM_ASSETS.map((assetId) => ({ assetId, amount: RESERVE }));
    const contract = { ...withSlots(swayContract('amm', 0), slots), balances };
    // To a contract: outputs would run out.
    const to = concatBytes(u64(1n), hexToBytes(BARE.id));
    return call(contract, 'swap', [u64(0n), to], PAID, AMM_ASSETS[1]);
  },
  orderbook: () => {
    const args = [person('owner'), u64(100n), u64(7n), Uint8Array.of(1)];
    return call(swayContract('orderbook', 0), 'place', args);
  },
  oracle: () => call(swayContract('oracle_feed', 0), 'set', [u64(3n), u64(1234n)]),
};

/** Registers: 16 data, 17 coins, 18 asset, 20 target and its two words, 24 what is left to do. */
function loopScript(methodAt: number, argsAt: number): Uint8Array {
  const words = [
    op.gtf(16, ZERO, GTF_SCRIPT_DATA),
    op.lw(24, 16, 0),
    op.lw(17, 16, 1),
    op.addi(18, 16, 16),
    op.cfei(CALL_BYTES),
    op.subi(20, SP, CALL_BYTES),
    op.addi(21, 16, 48),
    op.mcpi(20, 21, 32),
    op.addi(21, 16, methodAt),
    op.sw(20, 21, 4),
    op.addi(21, 16, argsAt),
    op.sw(20, 21, 5),
  ];
  const loop = words.length;
  words.push(op.call(20, 17, 18, CGAS), op.subi(24, 24, 1), op.jnzi(24, loop), op.ret(ONE));
  return assemble(words);
}

function contractJson({ id, code, slots, balances = [] }: GenesisContract): JsonObject {
  return {
    id: id.slice(2),
    code: bytesToHex(code).slice(2),
    slots: slots.map(({ key, value }) => [key.replace(/^0x/, ''), value.replace(/^0x/, '')]),
    balances: balances.map(({ assetId, amount }) => [assetId.slice(2), String(amount)]),
  };
}

/** The request of a loop: `run` of the reference program. */
export function loopRequest(name: string, times: number): JsonObject {
  const { contract, method, args, coins, assetId } = LOOPS[name]!();
  const label = concatBytes(u64(BigInt(method.length)), utf8(method));
  const methodAt = 80;
  const argsAt = methodAt + label.length;
  const heads = [u64(BigInt(times)), u64(coins), hexToBytes(assetId), hexToBytes(contract.id)];
  const others = contract.id === BARE.id ? [] : [contractJson(BARE)];
  const coinsJson: JsonObject[] = [{ amount: 1_000_000_000 }];
  if (coins > 0n) coinsJson.push({ amount: String(RESERVE), asset: assetId.slice(2) });
  return {
    op: 'run',
    script: bytesToHex(loopScript(methodAt, argsAt)).slice(2),
    data: bytesToHex(concatBytes(...heads, label, args)).slice(2),
    gas: GAS,
    contracts: [contractJson(contract), ...others],
    coins: coinsJson,
  };
}
