/** The world that the reference program puts around the VM: storage in maps, fixed host answers. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hexToBytes } from '../../primitives/bytes.ts';
import { assert } from '../../primitives/errors.ts';
import type { AssetId, B256, BlobId, ContractId, SlotKey } from '../../primitives/types.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import { parseConsensusParameters } from '../../tx/paramsJson.ts';
import type { UploadedBytecode, VmStorage } from '../../vm/ports.ts';
import { asArray, asBigint, asObject, asString, type Json, type JsonObject } from './json.ts';

const sha = (data: Uint8Array | string): B256 =>
  `0x${createHash('sha256').update(data).digest('hex')}`;

/** The reference program is built with a TAI64 library that counts 37 seconds at the Unix epoch. */
const TAI64_UNIX_EPOCH = (1n << 62n) + 37n;

type Fork = {
  readonly slots: Map<string, Uint8Array>;
  readonly balances: Map<string, bigint>;
};

/** Storage of one request. `snapshot`/`restore` give the drop of a reverted transaction. */
export class HostStorage implements VmStorage {
  readonly blockHeight: number;
  readonly consensusParametersVersion: number = 0;
  readonly stateTransitionVersion: number = 0;
  readonly coinbase: ContractId = sha('coinbase');
  readonly codes: Map<ContractId, Uint8Array> = new Map();
  readonly blobs: Map<BlobId, Uint8Array> = new Map();
  readonly uploads: Map<B256, UploadedBytecode> = new Map();
  readonly parameterVersions: Set<number> = new Set();
  readonly bytecodeVersions: Set<number> = new Set();
  slots: Map<string, Uint8Array> = new Map();
  balances: Map<string, bigint> = new Map();

  constructor(blockHeight: number) {
    this.blockHeight = blockHeight;
  }

  contractCode(id: ContractId): Uint8Array | null {
    return this.codes.get(id) ?? null;
  }
  slot(id: ContractId, key: SlotKey): Uint8Array | null {
    return this.slots.get(id + key) ?? null;
  }
  setSlot(id: ContractId, key: SlotKey, value: Uint8Array): void {
    this.slots.set(id + key, value.slice());
  }
  clearSlot(id: ContractId, key: SlotKey): void {
    this.slots.delete(id + key);
  }
  balance(id: ContractId, assetId: AssetId): bigint | null {
    return this.balances.get(id + assetId) ?? null;
  }
  setBalance(id: ContractId, assetId: AssetId, amount: bigint): void {
    this.balances.set(id + assetId, amount);
  }
  clearBalance(id: ContractId, assetId: AssetId): void {
    this.balances.delete(id + assetId);
  }
  blob(id: BlobId): Uint8Array | null {
    return this.blobs.get(id) ?? null;
  }
  createContract(
    id: ContractId,
    code: Uint8Array,
    slots: readonly { readonly key: SlotKey; readonly value: Uint8Array }[],
  ): void {
    assert(!this.codes.has(id), 'a contract is created once');
    this.codes.set(id, code);
    for (const { key, value } of slots) this.setSlot(id, key, value);
  }
  createBlob(id: BlobId, payload: Uint8Array): void {
    this.blobs.set(id, payload);
  }
  uploadedBytecode(root: B256): UploadedBytecode | null {
    return this.uploads.get(root) ?? null;
  }
  setUploadedBytecode(root: B256, value: UploadedBytecode): void {
    this.uploads.set(root, value);
  }
  addConsensusParameters(version: number): boolean {
    if (this.parameterVersions.has(version)) return false;
    this.parameterVersions.add(version);
    return true;
  }
  addStateTransitionBytecode(version: number): boolean {
    if (this.bytecodeVersions.has(version)) return false;
    this.bytecodeVersions.add(version);
    return true;
  }
  blockHash(height: number): B256 {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, height);
    return sha(bytes);
  }
  timestamp(height: number): bigint {
    return TAI64_UNIX_EPOCH + 10n * BigInt(height);
  }

  fork(): Fork {
    return { slots: new Map(this.slots), balances: new Map(this.balances) };
  }
}

/** The contracts and blobs of a request, put into a fresh storage; ids in the order given. */
export function hostStorageOf(request: JsonObject): { storage: HostStorage; ids: ContractId[] } {
  const storage = new HostStorage(Number(asBigint(request['height'], 1n)));
  const ids: ContractId[] = [];
  for (const item of asArray(request['contracts'])) {
    ids.push(addContract(storage, asObject(item, 'contract')));
  }
  for (const blob of asArray(request['blobs'])) {
    const bytes = hexToBytes(asString(blob, 'blob'));
    storage.blobs.set(sha(bytes), bytes);
  }
  return { storage, ids };
}

function addContract(storage: HostStorage, spec: JsonObject): ContractId {
  const code = hexToBytes(asString(spec['code'], 'code'));
  const slots = asArray(spec['slots']).map((pair): { key: SlotKey; value: Uint8Array } => {
    const [key, value] = asArray(pair);
    return { key: b256(key), value: hexToBytes(asString(value, 'slot value')) };
  });
  const id = b256(spec['id']);
  storage.codes.set(id, code);
  for (const { key, value } of slots) storage.setSlot(id, key, value);
  for (const pair of asArray(spec['balances'])) {
    const [asset, amount] = asArray(pair);
    storage.setBalance(id, b256(asset), asBigint(amount, 0n));
  }
  return id;
}

export function b256(value: Json | undefined): B256 {
  const text = asString(value, '32 bytes');
  return text.startsWith('0x') ? (text as B256) : `0x${text}`;
}

const parsed = new Map<string, ConsensusParameters>();

/** "standard" (default), "local" or a whole object; `chainId` overrides. */
export function paramsOf(request: JsonObject): ConsensusParameters {
  const given = request['params'] ?? 'standard';
  const key = typeof given === 'string' ? given : JSON.stringify(given);
  let params = parsed.get(key);
  if (params === undefined) {
    params = parseConsensusParameters(typeof given === 'string' ? bundled(given) : given);
    parsed.set(key, params);
  }
  const chainId = request['chainId'];
  return chainId === undefined ? params : { ...params, chainId: asBigint(chainId, 0n) };
}

/** Tests run from sources and from dist/: the data stays in the package's test/data. */
export function testDataUrl(name: string): URL {
  const here = import.meta.url;
  const up = here.includes('/dist/test/') ? '../../../test/data/' : '../data/';
  return new URL(up + name, here);
}

function bundled(name: string): unknown {
  return JSON.parse(readFileSync(testDataUrl(`params-${name}.json`), 'utf8'));
}
