/** From the flags of `run` to the settings of relayer and committer. */
import type { NodeConfig } from '../node/config.ts';
import { CodedError } from '../primitives/errors.ts';
import { parseB256 } from './flagValue.ts';

/** What is read of the flags; the class in `runConfig.ts` fits. */
type FlagReader = {
  readonly explicit: ReadonlySet<string>;
  switch(name: string): boolean;
  text(name: string): string | null;
  list(name: string): readonly string[];
  big(name: string): bigint;
  num(name: string): number;
  ms(name: string): number | null;
};

function parseUrls(flag: string, items: readonly string[]): readonly string[] {
  for (const item of items) {
    if (URL.canParse(item) && /^(https?|wss?):/i.test(item)) continue;
    throw new CodedError(
      'CLI_BAD_VALUE',
      `invalid value '${item}' for '--${flag}': expected a URL such as http://127.0.0.1:8545`,
    );
  }
  return items;
}

/** 20 bytes of hex. @throws CodedError CLI_BAD_VALUE naming `flag` */
export function parseL1Address(flag: string, text: string): `0x${string}` {
  const digits = text.replace(/^0x/i, '').toLowerCase();
  if (/^[0-9a-f]{40}$/.test(digits)) return `0x${digits}`;
  throw new CodedError(
    'CLI_BAD_VALUE',
    `invalid value '${text}' for '--${flag}': expected an Ethereum address of 40 hex digits`,
  );
}

/** null without --enable-relayer. @throws CodedError CLI_BAD_VALUE, CLI_CONFLICT */
export function relayerOf(flags: FlagReader): NodeConfig['relayer'] {
  const urls = parseUrls('relayer', flags.list('relayer'));
  const contracts = flags
    .list('relayer-v2-listening-contracts')
    .map((text) => parseL1Address('relayer-v2-listening-contracts', text));
  const isEnabled = flags.switch('enable-relayer');
  if (isEnabled && urls.length === 0) {
    throw new CodedError(
      'CLI_CONFLICT',
      '--enable-relayer needs the address of an Ethereum endpoint: --relayer http://…',
    );
  }
  if (!isEnabled && flags.explicit.has('relayer') && urls.length > 0) {
    throw new CodedError('CLI_CONFLICT', '--relayer needs --enable-relayer');
  }
  if (!isEnabled) return null;
  return {
    urls,
    contracts,
    deployHeight: flags.big('relayer-da-deploy-height'),
    pageSize: Math.max(1, flags.num('relayer-log-page-size')),
    maxLogsPerPage: flags.num('relayer-max-logs-per-rpc'),
    minRoundMs: flags.ms('relayer-min-duration') ?? 5_000,
    syncingPollMs: flags.ms('relayer-eth-sync-call-freq') ?? 5_000,
    syncingLogMs: flags.ms('relayer-eth-sync-log-freq') ?? 60_000,
  };
}

const WEI_PER_GWEI = 1_000_000_000n;

type Sending = Pick<
  NonNullable<NodeConfig['committer']>,
  'url' | 'secret' | 'maxFeeCap' | 'bumpAfterMs' | 'pollMs'
>;

/** What everything that sends to Ethereum needs. */
function sendingOf(flags: FlagReader, asked: string): Sending {
  const [url] = parseUrls('l1-rpc', [flags.text('l1-rpc') ?? flags.list('relayer')[0] ?? '']);
  const secret = flags.text('l1-committer-key');
  if (secret === null || url === undefined) {
    throw new CodedError(
      'CLI_CONFLICT',
      `--${asked} needs the key of the committer: set FUELRAIL_L1_COMMITTER_KEY`,
    );
  }
  return {
    url,
    secret: parseB256('l1-committer-key', secret),
    maxFeeCap: flags.big('l1-max-fee') * WEI_PER_GWEI,
    bumpAfterMs: flags.ms('l1-bump-after') ?? 60_000,
    pollMs: flags.ms('l1-poll') ?? 12_000,
  };
}

/** null without --l1-chain-state. @throws CodedError CLI_BAD_VALUE, CLI_CONFLICT */
export function committerOf(flags: FlagReader): NodeConfig['committer'] {
  const contract = flags.text('l1-chain-state');
  if (contract === null) return null;
  const chainState = parseL1Address('l1-chain-state', contract);
  return { chainState, ...sendingOf(flags, 'l1-chain-state') };
}

/** null without --l1-settlement. @throws CodedError CLI_BAD_VALUE, CLI_CONFLICT */
export function rollupOf(flags: FlagReader): NodeConfig['rollup'] {
  const contract = flags.text('l1-settlement');
  if (contract === null) return null;
  if (flags.text('l1-chain-state') !== null) {
    throw new CodedError('CLI_CONFLICT', 'choose one of --l1-settlement and --l1-chain-state');
  }
  return {
    settlement: parseL1Address('l1-settlement', contract),
    ...sendingOf(flags, 'l1-settlement'),
    blocksPerBatch: Math.max(1, flags.num('l1-batch-blocks')),
    maxWaitMs: flags.ms('l1-batch-wait') ?? 600_000,
  };
}

/** null: no tree. @throws CodedError CLI_BAD_VALUE, CLI_CONFLICT */
export function stateTreeOf(
  flags: FlagReader,
  dev: boolean,
): NonNullable<NodeConfig['stateTree']> | null {
  const isAsked = flags.switch('state-tree') || flags.text('l1-settlement') !== null;
  if (!isAsked) return null;
  if (dev) {
    throw new CodedError(
      'CLI_CONFLICT',
      'development controls change the state without a block, so there is no tree of it: leave ' +
        'out --dev, or --state-tree and --l1-settlement',
    );
  }
  return { historyBlocks: Math.max(1, flags.num('state-tree-history')) };
}
