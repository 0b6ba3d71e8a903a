/**
 * Development controls over HTTP: `POST /dev` with `{"method": …, "params": {…}}`, answered by
 * `{"result": …}` or `{"error": {"code", "message"}}` with status 400. Amounts are whole numbers or
 * texts of them, ids are hex. `GET /dev` answers the status. Without `--dev` there is nothing here.
 */
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256, UtxoKey } from '../../primitives/types.ts';
import { CORS, JSON_HEADERS } from '../answers.ts';
import type { ApiRequest, ApiResponse } from '../graphql/api.ts';
import type { DevControls, SnapshotFiles } from './types.ts';

export const DEV_PATH = '/dev';

const UTF8 = new TextDecoder();

type Params = Readonly<Record<string, unknown>>;
type Method = (dev: DevControls, params: Params) => unknown;

function bad(name: string, wanted: string): never {
  throw new CodedError('DEV_PARAMS', `${name} is missing or wrong: expected ${wanted}`, { name });
}

function hexOf(params: Params, name: string, bytes: number): `0x${string}` {
  const text = params[name];
  const pattern = new RegExp(`^(0x)?[0-9a-f]{${2 * bytes}}$`, 'i');
  if (typeof text !== 'string' || !pattern.test(text)) return bad(name, `${bytes} bytes of hex`);
  return `0x${text.toLowerCase().replace(/^0x/, '')}`;
}
const id = (params: Params, name: string): B256 => hexOf(params, name, 32);
const utxo = (params: Params): UtxoKey => hexOf(params, 'utxoId', 34);
const given = (params: Params, name: string): boolean => params[name] != null;
const optionalId = (params: Params, name: string): B256 | null =>
  given(params, name) ? id(params, name) : null;

function bytes(params: Params, name: string): Uint8Array {
  const text = params[name];
  if (typeof text !== 'string') return bad(name, 'bytes as hex');
  try {
    return hexToBytes(text);
  } catch {
    return bad(name, 'bytes as hex');
  }
}

function amount(params: Params, name = 'amount'): bigint {
  const value = params[name];
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value);
  return bad(name, 'a whole number, as text beyond 2^53');
}

function number(params: Params, name: string): number {
  const value = params[name];
  return Number.isSafeInteger(value) ? (value as number) : bad(name, 'a whole number');
}
function flag(params: Params, name: string): boolean {
  const value = params[name];
  return typeof value === 'boolean' ? value : bad(name, 'true or false');
}

function files(params: Params): SnapshotFiles {
  const text = (name: keyof SnapshotFiles): string => {
    const value = params[name];
    return typeof value === 'string' ? value : bad(name, 'the text of that file');
  };
  return {
    'metadata.json': text('metadata.json'),
    'chain_config.json': text('chain_config.json'),
    'state_config.json': text('state_config.json'),
  };
}

function slots(params: Params): { key: B256; value: Uint8Array }[] {
  const list = params['slots'] ?? [];
  if (!Array.isArray(list)) return bad('slots', 'a list of { key, value }');
  return list.map((each: unknown) => {
    if (typeof each !== 'object' || each === null) return bad('slots', 'a list of { key, value }');
    return { key: id(each as Params, 'key'), value: bytes(each as Params, 'value') };
  });
}

/** What can be asked for, by name. */
const METHODS: Readonly<Record<string, Method>> = {
  status: (dev) => dev.status(),
  snapshot: (dev) => dev.snapshot(),
  revert: (dev, params) => dev.revert(number(params, 'id')),
  dropSnapshot: (dev, params) => dev.dropSnapshot(number(params, 'id')),
  dump: (dev) => dev.dump(),
  load: (dev, params) => dev.load(files(params)),
  setTime: (dev, params) => dev.setTime(number(params, 'unixSeconds')),
  advanceTime: (dev, params) => dev.advanceTime(number(params, 'seconds')),
  freezeTime: (dev, params) => dev.freezeTime(flag(params, 'on')),
  mine: (dev, params) => {
    const interval = given(params, 'intervalSeconds') ? number(params, 'intervalSeconds') : null;
    return dev.mine(given(params, 'count') ? number(params, 'count') : 1, interval);
  },
  fund: (dev, params) =>
    dev.fund(id(params, 'owner'), amount(params), optionalId(params, 'assetId')),
  setCoin: (dev, params) =>
    dev.setCoin({
      utxoId: utxo(params),
      coin: given(params, 'owner')
        ? { owner: id(params, 'owner'), amount: amount(params), assetId: id(params, 'assetId') }
        : null,
    }),
  setMessage: (dev, params) =>
    dev.setMessage({
      nonce: id(params, 'nonce'),
      message: given(params, 'recipient')
        ? {
            sender: id(params, 'sender'),
            recipient: id(params, 'recipient'),
            amount: amount(params),
            data: given(params, 'data') ? bytes(params, 'data') : new Uint8Array(0),
          }
        : null,
    }),
  setContract: (dev, params) =>
    dev.setContract({
      code: bytes(params, 'code'),
      contractId: optionalId(params, 'contractId'),
      slots: slots(params),
    }),
  setContractSlot: (dev, params) =>
    dev.setContractSlot(
      id(params, 'contractId'),
      id(params, 'key'),
      given(params, 'value') ? bytes(params, 'value') : null,
    ),
  setContractBalance: (dev, params) =>
    dev.setContractBalance(id(params, 'contractId'), id(params, 'assetId'), amount(params)),
  impersonate: (dev, params) => dev.impersonate(id(params, 'owner')),
  stopImpersonating: (dev, params) => dev.stopImpersonating(optionalId(params, 'owner')),
  autoMine: (dev, params) => dev.autoMine(flag(params, 'on')),
};

function json(status: number, value: unknown): ApiResponse {
  const body = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return String(each);
    return each instanceof Uint8Array ? bytesToHex(each) : each;
  });
  return { status, headers: JSON_HEADERS, body };
}

function failure(status: number, code: string, message: string): ApiResponse {
  return json(status, { error: { code, message } });
}

/** Never rejects. @param dev null: the node was started without `--dev` */
export async function answerDev(
  dev: DevControls | null,
  { method, body }: ApiRequest,
): Promise<ApiResponse> {
  if (method === 'OPTIONS') return { status: 200, headers: CORS, body: '' };
  if (dev === null) {
    return failure(404, 'DEV_OFF', 'development controls are off: start the node with --dev');
  }
  if (method === 'GET' || method === 'HEAD') return json(200, { result: dev.status() });
  if (method !== 'POST') return failure(405, 'DEV_METHOD', 'only GET and POST are answered here');
  try {
    const { name, params } = readCall(body);
    const run = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (run === undefined) {
      const known = Object.keys(METHODS).join(', ');
      return failure(400, 'DEV_METHOD', `there is no method '${name}': there are ${known}`);
    }
    return json(200, { result: (await run(dev, params)) ?? null });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (thrown instanceof CodedError) return failure(400, thrown.code, message);
    return failure(500, 'INTERNAL', message);
  }
}

function readCall(body: string | Uint8Array): { name: string; params: Params } {
  let call: unknown;
  try {
    call = JSON.parse(typeof body === 'string' ? body : UTF8.decode(body));
  } catch {
    throw new CodedError('DEV_PARAMS', 'the body is not JSON: {"method": …, "params": {…}}');
  }
  const { method, params = {} } = (call ?? {}) as { method?: unknown; params?: unknown };
  if (typeof method !== 'string') return bad('method', 'the name of a control');
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return bad('params', 'an object');
  }
  return { name: method, params: params as Params };
}
