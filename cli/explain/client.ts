/** Asks a running node for explanations. */
import { askOwnRoute } from '../../sdk/client/ownRoutes.ts';

const PREFIX = '/v1/fuelrail/explain/';

export type ExplainFlags = { readonly url: string; readonly json?: boolean };

/**
 * @param path behind the prefix
 * @param body absent: GET
 * @throws CodedError NODE_URL, NODE_UNREACHABLE, NOT_FUELRAIL, or the node's own code
 */
export function askNode<T>(url: string, path: string, body?: object): Promise<T> {
  return askOwnRoute<T>(url, PREFIX + path, body);
}
