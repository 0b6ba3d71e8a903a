/**
 * Roots, steps and proofs over HTTP, under a prefix of our own. `…/at/H` behind a proof asks about
 * block H, otherwise about the newest in the tree.
 *
 * | request below /v1/fuelrail/state/     | answer                                            |
 * |---------------------------------------|---------------------------------------------------|
 * | GET status                            | how far the tree is                               |
 * | GET root/H                            | roots of block H                                  |
 * | GET steps/H                           | `{ height, stepRoot, steps }`                     |
 * | GET coin/UTXO, message/NONCE          | proof                                             |
 * | GET contract/ID, contract/ID/code     | proof of its latest output, of its code           |
 * | GET contract/ID/slot/KEY, …/asset/ID  | proof of a slot, of what it holds                 |
 *
 * Amounts are decimal texts.
 */
import { CodedError } from '../../primitives/errors.ts';
import type { B256, UtxoKey } from '../../primitives/types.ts';
import type { StateSubject } from '../../tx/stateSubject.ts';
import { failedAnswer, jsonAnswer } from '../answers.ts';
import type { ApiRequest, ApiResponse } from '../graphql/api.ts';
import type { NodeServices } from '../services.ts';
import type { StateTreeService } from './keeper.ts';
import { proveState, rootsJson } from './proofs.ts';

export const STATE_PREFIX = '/v1/fuelrail/state/';

const STATUS_OF: Readonly<Record<string, number>> = {
  STATE_TREE_UNKNOWN_BLOCK: 404,
  STATE_TREE_PRUNED: 410,
  STATE_TREE_VALUE_CHANGED: 409,
  STATE_TREE_NO_DELTAS: 404,
  BLOCK_NOT_FOUND: 404,
};

const ID = '(0x[0-9a-f]{64})';
const SUBJECTS: readonly {
  readonly form: RegExp;
  readonly subject: (parts: readonly string[]) => StateSubject;
}[] = [
  {
    form: /^coin\/(0x[0-9a-f]{68})$/,
    subject: ([utxo]) => ({ type: 'coin', utxo: utxo as UtxoKey }),
  },
  {
    form: new RegExp(`^message/${ID}$`),
    subject: ([nonce]) => ({ type: 'message', nonce: nonce as B256 }),
  },
  {
    form: new RegExp(`^contract/${ID}$`),
    subject: ([contract]) => ({ type: 'contract', contract: contract as B256 }),
  },
  {
    form: new RegExp(`^contract/${ID}/code$`),
    subject: ([contract]) => ({ type: 'code', contract: contract as B256 }),
  },
  {
    form: new RegExp(`^contract/${ID}/(slot|asset)/${ID}$`),
    subject: ([contract, type, name]) => ({
      type: type as 'slot' | 'asset',
      contract: contract as B256,
      name: name as B256,
    }),
  },
];

export function isStatePath(path: string): boolean {
  return path.startsWith(STATE_PREFIX);
}

function subjectOf(path: string): StateSubject | null {
  for (const { form, subject } of SUBJECTS) {
    const match = form.exec(path);
    if (match !== null) return subject(match.slice(1));
  }
  return null;
}

async function answer(
  store: NodeServices['store'],
  tree: StateTreeService,
  path: string,
): Promise<ApiResponse> {
  if (path === 'status') return jsonAnswer(200, tree.progress());
  const root = /^root\/(\d{1,10})$/.exec(path)?.[1];
  if (root !== undefined) {
    const roots = await tree.rootsAt(Number(root));
    if (roots !== null) return jsonAnswer(200, { height: Number(root), ...rootsJson(roots) });
    return failedAnswer(
      404,
      'STATE_TREE_UNKNOWN_BLOCK',
      `the state tree does not hold block ${root}`,
    );
  }
  const steps = /^steps\/(\d{1,10})$/.exec(path)?.[1];
  if (steps !== undefined) {
    const height = Number(steps);
    const { stepRoot } = (await tree.rootsAt(height)) ?? { stepRoot: null };
    return jsonAnswer(200, { height, stepRoot, steps: await tree.stepsAt(height) });
  }
  const [, what, at] = /^(.*?)(?:\/at\/(\d{1,10}))?$/.exec(path)!;
  const subject = subjectOf(what!);
  if (subject !== null) {
    const height = at === undefined ? null : Number(at);
    return jsonAnswer(200, await proveState(store, tree, subject, height));
  }
  return failedAnswer(
    404,
    'STATE_UNKNOWN_PATH',
    'there are status, root/HEIGHT, steps/HEIGHT, coin/UTXO, message/NONCE, contract/ID and, ' +
      'behind it, /code, /slot/KEY and /asset/ID; ids are 0x and lower-case hex',
  );
}

/** Never fails. @param request whose path {@link isStatePath} has */
export async function answerState(
  services: Pick<NodeServices, 'store' | 'stateTree'>,
  request: ApiRequest,
): Promise<ApiResponse> {
  if (request.method === 'OPTIONS') return jsonAnswer(200, {});
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return failedAnswer(405, 'METHOD_NOT_ALLOWED', 'only GET is answered here');
  }
  const { store, stateTree } = services;
  if (stateTree === undefined) {
    return failedAnswer(
      404,
      'STATE_TREE_OFF',
      'this node keeps no state tree: start it with --state-tree',
    );
  }
  try {
    return await answer(store, stateTree, request.path.slice(STATE_PREFIX.length));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return failedAnswer(STATUS_OF[error.code] ?? 500, error.code, error.message);
  }
}
