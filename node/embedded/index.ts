/** Nodes for applications: in this thread, in another one, in another process. */
import { fetchOver } from '../inProcessFetch.ts';
import { composeEmbedded, type EmbeddedOptions } from './compose.ts';
import { type Account, nodeClosed } from './messages.ts';

export type { EmbeddedOptions } from './compose.ts';

export type NodePlace = 'process' | 'worker' | 'spawn';

let started = 0;

/** Of a node without a socket. Libraries cache by address, so no two nodes have the same one. */
function madeUpOrigin(): string {
  started += 1;
  return `http://node-${started}.fuelrail.invalid`;
}

export type StartedNode = {
  readonly origin: string;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  readonly accounts: readonly Account[];
  close(): Promise<void>;
};

/** The same handle wherever the node is. @throws CodedError see {@link composeEmbedded}, NODE_DIED */
export async function startEmbedded(
  place: NodePlace,
  options: EmbeddedOptions,
): Promise<StartedNode> {
  if (place === 'spawn') {
    const { startChild } = await import('./child.ts');
    const { origin, accounts, close } = await startChild(options);
    return { origin, accounts, close, fetch: (input, init) => globalThis.fetch(input, init) };
  }
  if (place === 'worker') {
    const { startThread } = await import('./thread.ts');
    const node = await startThread(options);
    const { accounts } = node;
    const origin = node.origin ?? madeUpOrigin();
    return { origin, accounts, fetch: fetchOver(node), close: () => node.close() };
  }
  const { node, origin } = await composeEmbedded(options);
  let isClosed = false;
  return {
    origin: origin ?? madeUpOrigin(),
    accounts: node.accounts,
    fetch: fetchOver({
      handle: (request) => (isClosed ? Promise.reject(nodeClosed()) : node.api.handle(request)),
    }),
    close() {
      isClosed = true;
      return node.close();
    },
  };
}
