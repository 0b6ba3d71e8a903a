/**
 * A whole node for an application or a test: inside the calling thread, in a worker thread, or in a
 * process of its own. No binary to install, no socket unless asked for.
 *
 * The node's code is loaded on the first call, so that an application that only builds and signs
 * transactions never loads it.
 */
import { CodedError } from '../primitives/errors.ts';
import type { Address, B256 } from '../primitives/types.ts';

export type CreateNodeOptions = {
  /**
   * `process`: in the calling thread, which it shares. `worker`: in a thread of its own, so that it
   * does not slow down the tests. `spawn`: in a process of its own, on a port. Default: `process`.
   */
  readonly in?: 'process' | 'worker' | 'spawn';
  /** Directory with a genesis snapshot, or its contents; default: the built-in local chain. */
  readonly snapshot?: string | { readonly chainConfig: unknown; readonly stateConfig: unknown };
  /** Directory for state that outlives the node; default: everything in memory. */
  readonly dbPath?: string;
  /** When blocks are made; default: as soon as a transaction can run. */
  readonly blocks?: 'instant' | 'manual' | { readonly intervalMs: number };
  /** Threads that execute transactions; 0: serial. Default: chosen from the machine. */
  readonly workerCount?: number;
  /** Check coins, messages, signatures and predicates; default true. */
  readonly utxoValidation?: boolean;
  /** Secret of the block signer; default: the development key. */
  readonly consensusKey?: B256;
  /** Gas price, per `gasPriceFactor` of the chain; default 1. */
  readonly gasPrice?: bigint;
  /** Version that `nodeInfo` reports; default: the fuel-core release that is followed. */
  readonly nodeVersion?: string;
  /** Also listen on this port of 127.0.0.1 (0: any free one). Default: no socket, but for `spawn`. */
  readonly port?: number;
  /** Development controls: pass the node to `devClient`. Default false. */
  readonly dev?: boolean;
  /**
   * Goes on from another chain, whose state is read as it is needed; brings development controls.
   * `url`: its GraphQL; `height`: default its newest; `cacheDir`: keeps what was read; `offline`: only
   * from there. That chain must not be in the same thread as this node.
   */
  readonly fork?: {
    readonly url: string;
    readonly height?: number;
    readonly cacheDir?: string;
    readonly offline?: boolean;
  };
};

export type FundedAccount = { readonly address: Address; readonly secret: B256 };

/** A running node. `close` (or `await using`) ends it and leaves nothing behind. */
export type EmbeddedNode = AsyncDisposable & {
  /** GraphQL URL. Without a port it is only understood by `fetch`. */
  readonly url: string;
  /** Answers requests to `url` without a socket; give it to a Provider as its `fetch` option. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Accounts with funds and known secrets; only the built-in chain has them. */
  readonly accounts: readonly FundedAccount[];
  close(): Promise<void>;
};

const PLACES = ['process', 'worker', 'spawn'] as const;

/**
 * @throws CodedError SNAPSHOT_INVALID when the snapshot does not hold, PORT_IN_USE, DEV_CONFLICT,
 *   NODE_DIED, CREATE_NODE for a place that there is not
 */
export async function createNode(options: CreateNodeOptions = {}): Promise<EmbeddedNode> {
  const { in: place = 'process', ...rest } = options;
  if (!PLACES.includes(place)) {
    throw new CodedError('CREATE_NODE', `in is one of ${PLACES.join(', ')}, not '${place}'`);
  }
  const { startEmbedded } = await import('../node/embedded/index.ts');
  const { origin, fetch, accounts, close } = await startEmbedded(place, rest);
  return {
    url: `${origin}/v1/graphql`,
    fetch,
    accounts,
    close,
    [Symbol.asyncDispose]: close,
  };
}
