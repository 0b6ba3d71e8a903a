/**
 * A whole node inside the calling process: no binary, no socket unless asked for.
 *
 * The node's code is loaded on the first call, so that an application that only builds and signs
 * transactions never loads it.
 */
import { CodedError } from '../primitives/errors.ts';
import type { Address, B256 } from '../primitives/types.ts';

export type CreateNodeOptions = {
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
  /** Also listen on this port of 127.0.0.1 (0: any free one). Default: no socket. */
  readonly port?: number;
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

/** Host name of a node without a socket. */
const IN_PROCESS_ORIGIN = 'http://fuelrail.invalid';

/**
 * @throws CodedError SNAPSHOT_INVALID when the snapshot does not hold, PORT_IN_USE
 */
export async function createNode(options: CreateNodeOptions = {}): Promise<EmbeddedNode> {
  const { composeNode } = await import('../node/compose.ts');
  const { embeddedConfig } = await import('../node/defaults.ts');
  const { SILENT_LOG } = await import('../node/log.ts');
  const { fetchOver } = await import('../node/inProcessFetch.ts');
  const defaults = embeddedConfig();
  const blocks = options.blocks ?? 'instant';
  const config = embeddedConfig({
    port: options.port ?? 0,
    dbType: options.dbPath === undefined ? 'in-memory' : 'disk',
    dbPath: options.dbPath ?? null,
    snapshotPath: typeof options.snapshot === 'string' ? options.snapshot : null,
    utxoValidation: options.utxoValidation ?? true,
    consensusKey: options.consensusKey ?? defaults.consensusKey,
    workerCount: options.workerCount ?? null,
    nodeVersion: options.nodeVersion ?? defaults.nodeVersion,
    gasPrice: {
      ...defaults.gasPrice,
      startingExecPrice: options.gasPrice ?? 1n,
      minExecPrice: options.gasPrice ?? 1n,
    },
    trigger:
      blocks === 'instant'
        ? { type: 'instant' }
        : blocks === 'manual'
          ? { type: 'never' }
          : { type: 'interval', blockTimeMs: blocks.intervalMs },
  });
  const inline = typeof options.snapshot === 'object' ? options.snapshot : null;
  const node = await composeNode(config, { log: SILENT_LOG, snapshot: inline });
  let origin = IN_PROCESS_ORIGIN;
  try {
    if (options.port !== undefined) {
      const address = await node.listen();
      origin = `http://${address.ip}:${address.port}`;
    } else {
      await node.start();
    }
  } catch (cause) {
    await node.close();
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('NODE_START', 'The node could not start', {}, cause);
  }
  const close = (): Promise<void> => node.close();
  return {
    url: `${origin}/v1/graphql`,
    fetch: fetchOver(node.api),
    accounts: node.accounts,
    close,
    [Symbol.asyncDispose]: close,
  };
}
