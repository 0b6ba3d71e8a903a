/**
 * Development controls of a node with `--dev`, from an application or a test: snapshots, time,
 * mining, funds, state, impersonation. Works with `createNode({ dev: true })` and over the network.
 */
import { CodedError } from '../../primitives/errors.ts';
import type {
  Address,
  AssetId,
  B256,
  ContractId,
  SlotKey,
  UtxoKey,
} from '../../primitives/types.ts';
import { type Fetch, nodeUrl } from '../client/graphql.ts';

/** Where the chain and its clock stand. Times in Unix seconds. */
export type DevStatus = {
  readonly height: number;
  readonly blockUnixSeconds: number;
  readonly clockUnixSeconds: number;
  readonly clock: 'machine' | 'shifted' | 'frozen';
  readonly autoMine: boolean;
  readonly snapshots: readonly number[];
  readonly impersonated: readonly Address[];
  readonly fork: {
    readonly url: string;
    readonly height: number;
    readonly storage: 'history' | 'newest' | 'runs';
    readonly fetched: number;
    readonly cached: number;
    readonly offline: boolean;
  } | null;
};

/** A snapshot directory as texts, by file name. */
export type SnapshotFiles = Readonly<
  Record<'metadata.json' | 'chain_config.json' | 'state_config.json', string>
>;

/** Amounts in units of the asset; bytes as hex. */
export type DevClient = {
  status(): Promise<DevStatus>;
  /** @returns id for `revert`, which can be used again and again */
  snapshot(): Promise<number>;
  /** State, pool, clock and gas price as they were at the snapshot. */
  revert(id: number): Promise<DevStatus>;
  dropSnapshot(id: number): Promise<void>;
  /** The state as files that `--snapshot` takes, here and in fuel-core. */
  dump(): Promise<SnapshotFiles>;
  load(files: SnapshotFiles): Promise<DevStatus>;
  /** The next block gets this time; the clock goes on from it. */
  setTime(unixSeconds: number): Promise<DevStatus>;
  advanceTime(seconds: number): Promise<DevStatus>;
  freezeTime(on: boolean): Promise<DevStatus>;
  /** @param count default 1 */
  mine(count?: number, options?: { readonly intervalSeconds?: number }): Promise<DevStatus>;
  /** @returns the new coin */
  fund(owner: Address, amount: bigint, assetId?: AssetId): Promise<UtxoKey>;
  setCoin(
    utxoId: UtxoKey,
    coin: { readonly owner: Address; readonly amount: bigint; readonly assetId: AssetId } | null,
  ): Promise<void>;
  setMessage(
    nonce: B256,
    message: {
      readonly sender: Address;
      readonly recipient: Address;
      readonly amount: bigint;
      readonly data?: `0x${string}`;
    } | null,
  ): Promise<void>;
  /** @returns its id */
  setContract(contract: {
    readonly code: `0x${string}`;
    readonly contractId?: ContractId;
    readonly slots?: readonly { readonly key: SlotKey; readonly value: `0x${string}` }[];
  }): Promise<ContractId>;
  setContractSlot(id: ContractId, key: SlotKey, value: `0x${string}` | null): Promise<void>;
  setContractBalance(id: ContractId, assetId: AssetId, amount: bigint): Promise<void>;
  /** No signature of this owner is asked for; works for the address of a predicate, too. */
  impersonate(owner: Address): Promise<void>;
  stopImpersonating(owner?: Address): Promise<void>;
  autoMine(on: boolean): Promise<DevStatus>;
};

/** A node by its address, or the handle of `createNode`. */
export type DevTarget = string | { readonly url: string; readonly fetch?: Fetch };

type Answer = { readonly result?: unknown; readonly error?: { code: string; message: string } };

/**
 * Every method @throws CodedError DEV_OFF without `--dev`, NODE_UNREACHABLE, or the code of the
 * control that refuses
 */
export function devClient(target: DevTarget): DevClient {
  const { url, fetch } = typeof target === 'string' ? { url: target, fetch: undefined } : target;
  const endpoint = new URL('/dev', nodeUrl(url)).href;
  const send: Fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
  const call = async <T>(method: string, params: object = {}): Promise<T> =>
    (await ask(send, endpoint, { method, params })) as T;
  return {
    status: () => call('status'),
    snapshot: () => call('snapshot'),
    revert: (id) => call('revert', { id }),
    dropSnapshot: (id) => call('dropSnapshot', { id }),
    dump: () => call('dump'),
    load: (files) => call('load', files),
    setTime: (unixSeconds) => call('setTime', { unixSeconds }),
    advanceTime: (seconds) => call('advanceTime', { seconds }),
    freezeTime: (on) => call('freezeTime', { on }),
    mine: (count = 1, options = {}) => call('mine', { count, ...options }),
    fund: (owner, amount, assetId) => call('fund', { owner, amount, assetId }),
    setCoin: (utxoId, coin) => call('setCoin', { utxoId, ...coin }),
    setMessage: (nonce, message) => call('setMessage', { nonce, ...message }),
    setContract: (contract) => call('setContract', contract),
    setContractSlot: (contractId, key, value) =>
      call('setContractSlot', { contractId, key, value }),
    setContractBalance: (contractId, assetId, amount) =>
      call('setContractBalance', { contractId, assetId, amount }),
    impersonate: (owner) => call('impersonate', { owner }),
    stopImpersonating: (owner) => call('stopImpersonating', { owner }),
    autoMine: (on) => call('autoMine', { on }),
  };
}

async function ask(send: Fetch, url: string, call: object): Promise<unknown> {
  const body = JSON.stringify(call, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  let response: Response;
  try {
    response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  } catch (cause) {
    throw new CodedError(
      'NODE_UNREACHABLE',
      `no node answers at ${url}; start one with 'fuelrail run --dev', or name another address`,
      { url },
      cause,
    );
  }
  const answer = await answerOf(response, url);
  if (answer.error !== undefined) throw new CodedError(answer.error.code, answer.error.message);
  return answer.result ?? undefined;
}

async function answerOf(response: Response, url: string): Promise<Answer> {
  const text = await response.text();
  if (response.status === 413) {
    throw new CodedError(
      'DEV_TOO_LARGE',
      'the request is longer than the node reads: start it with a larger --graphql-request-body-bytes-limit, or with --snapshot',
    );
  }
  try {
    return JSON.parse(text) as Answer;
  } catch (cause) {
    throw new CodedError(
      'DEV_OFF',
      `${url} has no development controls (status ${response.status}): they are Fuelrail's own, and need --dev`,
      { status: response.status },
      cause,
    );
  }
}
