/** Checks one execution vector (`run`, `runtx`): every field of the reference's answer. */
import { createHash } from 'node:crypto';
import { verifyPredicates } from '../../predicates/verify.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { encodeReceipt } from '../../tx/codec/receipt.ts';
import { decodeTx, encodeTx } from '../../tx/codec/transaction.ts';
import { assetIdOf } from '../../tx/contractId.ts';
import { maxGas, minGas, transactionFee } from '../../tx/fees.ts';
import { receiptsRoot } from '../../tx/header.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { ChargeableTx } from '../../tx/types.ts';
import type { CheckedBalances } from '../../tx/validity/balances.ts';
import { checkErrorText, checkSignatures, checkTx } from '../../tx/validity.ts';
import { engineReport } from '../../vm/engine.ts';
import { type Machine, MEM_BYTES } from '../../vm/machine.ts';
import { quickValue } from '../../vm/quickReturn.ts';
import { rulesFor } from '../../vm/rules.ts';
import { transact, type VmResult } from '../../vm/transact.ts';
import { receiptForm, resultName, stateForm } from './form.ts';
import { type HostStorage, hostStorageOf, paramsOf } from './host.ts';
import {
  asBigint,
  asString,
  type Json,
  type JsonObject,
  jsonDifference,
  jsonInt,
  plainHex,
} from './json.ts';
import { LegacyHostWatch, NOT_COMPARABLE } from './legacyHost.ts';
import { predicateErrorText } from './predicate.ts';

/** Scripts above this gas limit have no register trace in the answers. */
const TRACE_GAS_MAX = 3_000_000n;
const REGISTERS = 64;
/** Enough for every program. */
const GAS_ANY = (1n << 64n) - 1n;

type Answer = { [key: string]: Json };

/** Whether the last answer depended on what only the reference's test storage does. */
const watched = { depends: false };

/**
 * null: equal; else where and how our answer differs first. Scripts run twice: instruction by
 * instruction under observation (not when an engine is being tested), and as they run in a node.
 */
export function checkRuntxVector(request: JsonObject, answer: JsonObject): string | null {
  if (request['op'] === 'run') {
    const inner = answer['request'];
    if (inner === undefined) return `run without request: ${JSON.stringify(answer).slice(0, 200)}`;
    const { txBefore: _, contractIds: __, request: ___, ...rest } = answer;
    return checkRuntxVector(inner as JsonObject, rest);
  }
  const isPlain = engineReport().setting === 'interpreter' || engineReport().setting === 'auto';
  if (isPlain) {
    const difference = differenceOf(request, answer, true);
    if (difference !== null) return difference;
  }
  const { steps, regsTrace: _, ...untraced } = answer;
  if (isPlain && steps === undefined) return quickDifference(request, answer);
  const difference = differenceOf(request, untraced, false);
  if (difference === null) return quickDifference(request, answer);
  // Whether it can be compared at all is known only from watching every instruction.
  const isKnown = isPlain || differenceOf(request, answer, true) !== NOT_COMPARABLE;
  return isKnown ? `(unobserved)${difference}` : NOT_COMPARABLE;
}

function differenceOf(request: JsonObject, answer: JsonObject, isTraced: boolean): string | null {
  const ours = answerOf(request, isTraced);
  const theirs: Answer = { ...answer };
  for (const key of ['checkError', 'readyError', 'error']) {
    if (typeof theirs[key] === 'string' && typeof ours[key] === 'string') {
      theirs[key] = errorName(theirs[key] as string);
      ours[key] = errorName(ours[key] as string);
    }
  }
  const difference = jsonDifference(ours, theirs);
  return difference !== null && watched.depends ? NOT_COMPARABLE : difference;
}

/** The names of an error without the numbers in it, except where they are all there is. */
function errorName(text: string): string {
  return text.replace(
    /, instruction: (?!PanicInstruction)[A-Za-z0-9]+ .*\(bytes: ([0-9a-f ]+)\).*$/,
    ' bytes $1',
  );
}

type Ready = {
  readonly tx: ChargeableTx;
  readonly id: `0x${string}`;
  readonly params: ConsensusParameters;
  readonly balances: CheckedBalances;
};

/** Checks as before execution; puts what it finds into `out`. */
function prepare(request: JsonObject, storage: HostStorage, out: Answer): Ready | null {
  const params = paramsOf(request);
  const bytes = hexToBytes(asString(request['hex'], 'hex'));
  const { tx, bytesUsed } = decodeTx(bytes);
  if (bytesUsed !== bytes.length || tx.type === 'mint') throw new Error('not an execution vector');
  const id = txId(tx, params.chainId);
  const gasPrice = asBigint(request['gasPrice'], 0n);
  const height = Number(asBigint(request['height'], 1n));
  out['id'] = id.slice(2);
  out['minGas'] = jsonInt(minGas(tx, params));
  out['maxGas'] = jsonInt(maxGas(tx, params));
  const fee = transactionFee(tx, params, gasPrice);
  if (fee !== null) {
    out['minFee'] = jsonInt(fee.minFee);
    out['maxFee'] = jsonInt(fee.maxFee);
  }
  const valid = checkTx(tx, height, params);
  const signed = valid.ok ? checkSignatures(tx, id) : valid;
  if (!valid.ok || !signed.ok) {
    const error = !valid.ok ? valid.error : !signed.ok ? signed.error : null;
    out['checkError'] = checkErrorText(error!);
    return null;
  }
  const verdict = verifyPredicates(tx, id, params, storage, rulesFor(params, 'auto'));
  if (!verdict.ok) {
    out['checkError'] = `PredicateVerificationFailed(${predicateErrorText(verdict.error)})`;
    return null;
  }
  const limit = tx.policies.maxFee ?? 0n;
  if (fee === null) out['readyError'] = 'Validity(BalanceOverflow)';
  else if (tx.policies.expiration !== undefined && BigInt(height) > tx.policies.expiration) {
    out['readyError'] = 'Validity(TransactionExpiration)';
  } else if (fee.maxFee > limit) {
    out['readyError'] =
      `InsufficientMaxFee { max_fee_from_policies: ${limit}, ` +
      `max_fee_from_gas_price: ${fee.maxFee} }`;
  } else return { tx, id, params, balances: valid.balances };
  return null;
}

function answerOf(request: JsonObject, mayTrace: boolean): Answer {
  const out: Answer = {};
  watched.depends = false;
  const { storage, ids } = hostStorageOf(request);
  const ready = prepare(request, storage, out);
  if (ready === null) return out;
  const before = storage.fork();
  const { tx } = ready;
  const isTraced =
    mayTrace && tx.type === 'script' && tx.script.length > 0 && tx.scriptGasLimit <= TRACE_GAS_MAX;
  const trace = new RegisterTrace();
  const rules = rulesFor(ready.params, 'auto');
  const watch = new LegacyHostWatch(storage);
  const isWatched = mayTrace && rules === '0.65';
  const step = (m: Machine): void => {
    if (isTraced) trace.add(m);
    if (isWatched) watch.step(m);
  };
  const gasPrice = asBigint(request['gasPrice'], 0n);
  const result = transact({
    tx,
    txId: ready.id,
    params: ready.params,
    gasPrice,
    storage,
    rules,
    balances: ready.balances,
    observe: {
      ...(isTraced || isWatched ? { step } : {}),
      end: (m) => machineForm(m, out),
    },
  });
  watched.depends = isWatched && (watch.disagrees || result.refused === 'Storage');
  if (result.refused !== undefined) out['error'] = `Panic(${result.refused})`;
  else describe(result, tx, out);
  if (isTraced && result.refused === undefined) {
    out['steps'] = trace.steps;
    out['regsTrace'] = trace.digest();
  }
  if (result.reverted) {
    storage.slots = before.slots;
    storage.balances = before.balances;
  }
  const contracts = new Set<string>(ids);
  const assets = new Set<string>([ready.params.baseAssetId]);
  for (const key of before.balances.keys()) assets.add(`0x${key.slice(68)}`);
  collectTouched(result.receipts, contracts, assets);
  out['storage'] = storageForm(before, storage, contracts, assets);
  return out;
}

function describe(result: VmResult, tx: ChargeableTx, out: Answer): void {
  out['state'] = stateForm(result.programState);
  out['reverted'] = result.reverted;
  Object.assign(out, resultName(result.receipts));
  if (tx.type === 'script') {
    out['receipts'] = result.receipts.map(receiptForm);
    out['receiptsRaw'] = result.receipts.map((r) => plainHex(encodeReceipt(r)));
    out['receiptsRoot'] = receiptsRoot(result.receipts).slice(2);
  }
  out['txAfter'] = plainHex(encodeTx(result.tx));
}

function machineForm(m: Machine, out: Answer): void {
  out['regs'] = Array.from({ length: REGISTERS }, (_, i) => m.reg(i).toString(16));
  const hp = m.num(7);
  out['stackLen'] = m.stackHigh;
  out['stackSha256'] = sha(m.mem.subarray(0, m.stackHigh));
  out['heapLen'] = MEM_BYTES - hp;
  out['heapSha256'] = sha(m.mem.subarray(hp, MEM_BYTES));
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Digest over the registers before every instruction. */
class RegisterTrace {
  steps = 0;
  readonly #hash = createHash('sha256');
  readonly #buffer = new Uint8Array(REGISTERS * 8);
  readonly #view = new DataView(this.#buffer.buffer);

  add(m: Machine): void {
    this.steps++;
    for (let i = 0; i < REGISTERS; i++) {
      this.#view.setUint32(i * 8, m.hi[i]!);
      this.#view.setUint32(i * 8 + 4, m.lo[i]!);
    }
    this.#hash.update(this.#buffer);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

function collectTouched(
  receipts: readonly Receipt[],
  contracts: Set<string>,
  assets: Set<string>,
): void {
  for (const receipt of receipts) {
    if (receipt.type === 'call' || receipt.type === 'transfer') {
      contracts.add(receipt.to);
      assets.add(receipt.assetId);
    } else if (receipt.type === 'transferOut') assets.add(receipt.assetId);
    else if (receipt.type === 'mint' || receipt.type === 'burn') {
      contracts.add(receipt.contractId);
      assets.add(assetIdOf(receipt.contractId, receipt.subId));
    }
  }
}

type State = Pick<HostStorage, 'slots' | 'balances'>;

/** What changed, per contract, as `[key, before, after]`. */
function storageForm(
  before: State,
  after: State,
  contracts: ReadonlySet<string>,
  assets: ReadonlySet<string>,
): Json {
  const out: Record<string, Json> = {};
  for (const id of contracts) {
    const slots: Json[] = [];
    for (const key of keysOf(before.slots, after.slots, id)) {
      const [a, b] = [hexOrNull(before.slots.get(id + key)), hexOrNull(after.slots.get(id + key))];
      if (a !== b) slots.push([key.slice(2), a, b]);
    }
    const balances: Json[] = [];
    for (const asset of [...assets].sort()) {
      const [a, b] = [before.balances.get(id + asset), after.balances.get(id + asset)];
      if (a !== b) balances.push([asset.slice(2), intOrNull(a), intOrNull(b)]);
    }
    if (slots.length > 0 || balances.length > 0) out[id.slice(2)] = { slots, balances };
  }
  return out;
}

function keysOf(a: Map<string, unknown>, b: Map<string, unknown>, id: string): string[] {
  const keys = new Set<string>();
  for (const map of [a, b]) {
    for (const key of map.keys()) if (key.startsWith(id)) keys.add(key.slice(id.length));
  }
  return [...keys].sort();
}

const hexOrNull = (bytes: Uint8Array | undefined): Json =>
  bytes === undefined ? null : plainHex(bytes);
const intOrNull = (value: bigint | undefined): Json =>
  value === undefined ? null : jsonInt(value);

/** The short way without a VM must give the same receipts and transaction. */
function quickDifference(request: JsonObject, answer: JsonObject): string | null {
  if (answer['txAfter'] === undefined) return null;
  const { storage } = hostStorageOf(request);
  const ready = prepare(request, storage, {});
  if (ready === null) return 'not ready the second time';
  const { tx, params } = ready;
  const script = tx.type === 'script' ? tx.script : new Uint8Array(0);
  if (quickValue(script, params, GAS_ANY) === null) return null;
  const result = transact({
    tx,
    txId: ready.id,
    params,
    gasPrice: asBigint(request['gasPrice'], 0n),
    storage,
    rules: rulesFor(params, 'auto'),
    balances: ready.balances,
  });
  const out: Answer = {};
  describe(result, tx, out);
  const theirs: Answer = {};
  for (const key of Object.keys(out)) theirs[key] = answer[key] ?? null;
  const difference = jsonDifference(out, theirs);
  return difference === null ? null : `(quick)${difference}`;
}
