/**
 * Storage of a contract, which the standard API shows only with a history:
 *
 * | request                                       | answer                                       |
 * |-----------------------------------------------|----------------------------------------------|
 * | GET /v1/fuelrail/contract/ID/slots            | the first slots, `{ slots, previous, next }` |
 * | GET /v1/fuelrail/contract/ID/slots/AFTER      | those behind a key                           |
 * | GET /v1/fuelrail/contract/ID/slots/before/KEY | those before a key                           |
 * | GET /v1/fuelrail/contract/ID/slot/KEY         | `{ key, value }`; value null: not set        |
 *
 * As of the newest block. Slots come by key; `next` is the key that others lie behind, `previous` the
 * one that others lie before, null: there are none.
 */
import { bytesToHex, isB256 } from '../../primitives/bytes.ts';
import type { ContractId, SlotKey } from '../../primitives/types.ts';
import type { ChainStore } from '../../state/types.ts';
import type { ApiRequest, ApiResponse } from '../graphql/api.ts';

export const SLOTS_PREFIX = '/v1/fuelrail/contract/';
/** Slots in one answer. */
export const SLOTS_MAX = 50;

const HEADERS = {
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
} as const;

type Store = Pick<ChainStore, 'contractCode' | 'contractSlots' | 'slot'>;

export function isSlotsPath(path: string): boolean {
  return path.startsWith(SLOTS_PREFIX);
}

function json(status: number, value: unknown): ApiResponse {
  return { status, headers: HEADERS, body: JSON.stringify(value) };
}

function failure(status: number, code: string, message: string): ApiResponse {
  return json(status, { error: { code, message } });
}

async function page(
  store: Store,
  id: ContractId,
  place: { readonly key: SlotKey | undefined; readonly isBack: boolean },
): Promise<ApiResponse> {
  const { key, isBack } = place;
  const range = { limit: SLOTS_MAX + 1, reverse: isBack, after: key };
  const found = await store.contractSlots(id, range);
  const hasMore = found.length > SLOTS_MAX;
  const shown = found.slice(0, SLOTS_MAX);
  if (isBack) shown.reverse();
  const slots = shown.map(({ key, value }) => ({ key, value: bytesToHex(value) }));
  const hasPrevious = isBack ? hasMore : key !== undefined;
  const hasNext = isBack || hasMore;
  return json(200, {
    slots,
    previous: hasPrevious ? (slots[0]?.key ?? null) : null,
    next: hasNext ? (slots.at(-1)?.key ?? key ?? null) : null,
  });
}

/** Never fails for bad input. @param request whose path {@link isSlotsPath} has */
export async function answerSlots(store: Store, request: ApiRequest): Promise<ApiResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return failure(405, 'METHOD_NOT_ALLOWED', 'only GET is answered here');
  }
  const [id = '', what, ...behind] = request.path.slice(SLOTS_PREFIX.length).split('/');
  const isBack = what === 'slots' && behind[0] === 'before';
  const [key, ...rest] = isBack ? behind.slice(1) : behind;
  const needsKey = what === 'slot' || isBack;
  const isKnown =
    (what === 'slots' || what === 'slot') && (key !== undefined || !needsKey) && rest.length === 0;
  if (!isKnown) {
    return failure(
      404,
      'SLOTS_UNKNOWN_PATH',
      'there are ID/slots, ID/slots/AFTER, ID/slots/before/KEY and ID/slot/KEY',
    );
  }
  if (!isB256(id) || (key !== undefined && !isB256(key))) {
    return failure(400, 'SLOTS_BAD_ID', 'ids and keys are 0x and 64 lower-case hex digits');
  }
  if (store.contractCode(id) === null) {
    return failure(404, 'SLOTS_UNKNOWN_CONTRACT', `there is no contract ${id}`);
  }
  if (what === 'slots') return await page(store, id, { key, isBack });
  const value = store.slot(id, key as SlotKey);
  return json(200, { key, value: value === null ? null : bytesToHex(value) });
}
