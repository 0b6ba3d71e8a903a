/** A node for an application, from few options: in this thread; others put it elsewhere. */
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import { composeNode, type Node } from '../compose.ts';
import type { NodeConfig } from '../config.ts';
import { embeddedConfig } from '../defaults.ts';
import { SILENT_LOG } from '../log.ts';

/** What `createNode` of the SDK takes; see there. Can be sent to a thread or a process. */
export type EmbeddedOptions = {
  readonly snapshot?: string | { readonly chainConfig: unknown; readonly stateConfig: unknown };
  readonly dbPath?: string;
  readonly blocks?: 'instant' | 'manual' | { readonly intervalMs: number };
  readonly workerCount?: number;
  readonly utxoValidation?: boolean;
  readonly consensusKey?: B256;
  readonly gasPrice?: bigint;
  readonly nodeVersion?: string;
  readonly port?: number;
  readonly dev?: boolean;
  readonly fork?: {
    readonly url: string;
    readonly height?: number;
    readonly cacheDir?: string;
    readonly offline?: boolean;
  };
};

/** A node that runs, and where it listens; null: nowhere. */
export type ComposedNode = { readonly node: Node; readonly origin: string | null };

function forkOf(fork: NonNullable<EmbeddedOptions['fork']>): NonNullable<NodeConfig['fork']> {
  const { url, height = null, cacheDir = null, offline = false } = fork;
  return { url, height, cacheDir, offline };
}

function configOf(options: EmbeddedOptions): NodeConfig {
  const defaults = embeddedConfig();
  const blocks = options.blocks ?? 'instant';
  return embeddedConfig({
    port: options.port ?? 0,
    dbType: options.dbPath === undefined ? 'in-memory' : 'disk',
    dbPath: options.dbPath ?? null,
    snapshotPath: typeof options.snapshot === 'string' ? options.snapshot : null,
    utxoValidation: options.utxoValidation ?? true,
    consensusKey: options.consensusKey ?? defaults.consensusKey,
    workerCount: options.workerCount ?? null,
    nodeVersion: options.nodeVersion ?? defaults.nodeVersion,
    dev: (options.dev ?? false) || options.fork !== undefined,
    ...(options.fork === undefined ? {} : { fork: forkOf(options.fork) }),
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
}

/** @throws CodedError SNAPSHOT_INVALID, PORT_IN_USE, DEV_CONFLICT, NODE_START */
export async function composeEmbedded(options: EmbeddedOptions): Promise<ComposedNode> {
  const inline = typeof options.snapshot === 'object' ? options.snapshot : null;
  const node = await composeNode(configOf(options), { log: SILENT_LOG, snapshot: inline });
  try {
    if (options.port === undefined) {
      await node.start();
      return { node, origin: null };
    }
    const { ip, port } = await node.listen();
    return { node, origin: `http://${ip}:${port}` };
  } catch (cause) {
    await node.close();
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('NODE_START', 'The node could not start', {}, cause);
  }
}
