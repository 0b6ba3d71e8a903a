/** The reference program's measured programs, ready to run. */
import { readFileSync } from 'node:fs';
import { hexToBytes } from '../../primitives/bytes.ts';
import type { AssetId, B256, ContractId, SlotKey } from '../../primitives/types.ts';
import { HostStorage, hostStorageOf, paramsOf, testDataUrl } from '../../test/vectors/host.ts';
import type { JsonObject } from '../../test/vectors/json.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import { txId } from '../../tx/id.ts';
import { checkTx } from '../../tx/validity.ts';
import { rulesFor } from '../../vm/rules.ts';
import type { TransactInput } from '../../vm/transact.ts';

/** Characters of 32 bytes as text. */
const ID_LENGTH = 66;

export type BenchProgram = {
  readonly name: string;
  readonly instructionsPerRun: number;
  readonly request: JsonObject;
};

/** From test/data/benchPrograms.json. */
export function benchPrograms(): BenchProgram[] {
  const text = readFileSync(testDataUrl('benchPrograms.json'), 'utf8');
  return (JSON.parse(text) as { programs: BenchProgram[] }).programs;
}

/** As a node's storage: maps by contract. That of the tests joins texts at every access. */
class BenchStorage extends HostStorage {
  readonly #slots: Map<ContractId, Map<SlotKey, Uint8Array>> = new Map();
  readonly #balances: Map<ContractId, Map<AssetId, bigint>> = new Map();

  override slot(id: ContractId, key: SlotKey): Uint8Array | null {
    return this.#slots.get(id)?.get(key) ?? null;
  }
  override setSlot(id: ContractId, key: SlotKey, value: Uint8Array): void {
    inner(this.#slots, id).set(key, value);
  }
  override clearSlot(id: ContractId, key: SlotKey): void {
    this.#slots.get(id)?.delete(key);
  }
  override balance(id: ContractId, asset: AssetId): bigint | null {
    return this.#balances.get(id)?.get(asset) ?? null;
  }
  override setBalance(id: ContractId, asset: AssetId, amount: bigint): void {
    inner(this.#balances, id).set(asset, amount);
  }
}

function inner<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let found = maps.get(key);
  if (found === undefined) {
    found = new Map();
    maps.set(key, found);
  }
  return found;
}

/** The transaction and its world; runs may follow each other, storage keeps what they write. */
export function benchInput({ request }: BenchProgram): TransactInput {
  const params = paramsOf(request);
  const raw = hexToBytes(request['hex'] as string);
  const { tx } = decodeTx(raw);
  if (tx.type === 'mint') throw new Error('a program is a script');
  const valid = checkTx(tx, 1, params);
  if (!valid.ok) throw new Error(`the program is not valid: ${valid.error.name}`);
  const storage = new BenchStorage(1);
  const from = hostStorageOf(request).storage;
  for (const [id, code] of from.codes) storage.codes.set(id, code);
  // There, the text of a contract's id and of a key are one.
  const parts = (joined: string) =>
    [joined.slice(0, ID_LENGTH), joined.slice(ID_LENGTH)] as [B256, B256];
  for (const [joined, value] of from.slots) storage.setSlot(...parts(joined), value);
  for (const [joined, amount] of from.balances) storage.setBalance(...parts(joined), amount);
  return {
    tx,
    raw,
    txId: txId(tx, params.chainId),
    params,
    gasPrice: 0n,
    storage,
    rules: rulesFor(params, 'auto'),
    balances: valid.balances,
  };
}
