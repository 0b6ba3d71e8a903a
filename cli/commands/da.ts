/** `fuelrail da …`: the data-availability layer. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { DaSettings } from '../../node/daSettings.ts';
import { CodedError } from '../../primitives/errors.ts';
import { daOf } from '../daFlags.ts';
import { parseBool, parseU64 } from '../flagValue.ts';
import { statusLine } from '../progress.ts';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

type VerifyFlags = {
  dbPath: string;
  snapshot?: string;
  vmRules: string;
  workers: string;
  utxoValidation: string;
  from?: string;
  to?: string;
  proofs?: boolean;
  json?: boolean;
} & LayerFlags;

type LayerFlags = {
  layer: string;
  daPath?: string;
  daUrl?: string;
  daToken?: string;
  daNamespace?: string;
  daBeaconUrl?: string;
  daAuthority?: string[];
  daStartHeight: string;
};

type StatusFlags = { url: string; block?: string; json?: boolean };

export function addDaCommand(program: Command): void {
  const da = program.command('da').description('the data-availability layer');
  const verifying = da
    .command('verify')
    .description('derive the chain again from its blobs and compare every block id')
    .option('--db-path <path>', 'directory of the node', './.fuelrail')
    .option('--snapshot <path>', 'genesis of the chain (default: the built-in local chain)')
    .addOption(
      new Option('--vm-rules <rules>', 'as the node ran').choices(['auto', '0.66']).default('auto'),
    )
    .option('--workers <u64>', 'threads that execute transactions', '0')
    .option('--utxo-validation <bool>', 'false for a node that ran without it', 'true')
    .option('--from <height>', 'with --proofs: blobs of blocks below it are derived, not proven')
    .option('--to <height>', 'last block to derive (default: up to the end of the layer)')
    .option('--proofs', 'have every blob proven by the layer, and check the proof here')
    .option('--json', 'one JSON object on stdout');
  addLayerOptions(verifying)
    .addHelpText(
      'after',
      '\nExamples:\n  fuelrail da verify --db-path ./.fuelrail\n' +
        '  fuelrail da verify --layer celestia --da-url http://127.0.0.1:26658 --proofs',
    )
    .action(verify);
  da.command('status')
    .description('how far the blocks of a running node are: sealed, posted, included, final')
    .option('--url <url>', 'the node', process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--block <height>', 'one block: where it is, and in which frame')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  fuelrail da status --block 17')
    .action(status);
}

function addLayerOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--layer <name>', 'which layer')
        .choices(['local', 'celestia', 'ethereum'])
        .default('local'),
    )
    .option('--da-path <path>', 'directory of the local layer (default: below --db-path)')
    .option('--da-url <url>', 'JSON-RPC of the layer')
    .addOption(new Option('--da-token <token>', 'of the Celestia node').env('FUELRAIL_DA_TOKEN'))
    .option('--da-namespace <hex>', 'Celestia namespace (default: from the chain id)')
    .option('--da-beacon-url <url>', 'beacon API that Ethereum blobs are read from')
    .option(
      '--da-authority <address>',
      'whose blobs are the chain; may be repeated',
      (text: string, all: string[] = []) => [...all, text],
    )
    .option('--da-start-height <u64>', 'nothing of the chain lies below it', '0');
}

function settingsOf(flags: LayerFlags): DaSettings {
  const texts: Readonly<Record<string, string | undefined>> = {
    'da-layer': flags.layer,
    'da-path': flags.daPath,
    'da-url': flags.daUrl,
    'da-token': flags.daToken,
    'da-namespace': flags.daNamespace,
    'da-beacon-url': flags.daBeaconUrl,
    'da-start-height': flags.daStartHeight,
  };
  return daOf({
    text: (name) => texts[name] ?? null,
    list: (name) => (name === 'da-authority' ? (flags.daAuthority ?? []) : []),
    big: (name) => parseU64(name, texts[name] ?? '0'),
    num: (name) => Number(parseU64(name, texts[name] ?? '0')),
    ms: () => null,
  });
}

/** @throws CodedError CLI_BAD_VALUE, CLI_CONFLICT */
function rangeOf({ from, to, proofs }: VerifyFlags): {
  firstHeight: number | null;
  lastHeight: number | null;
} {
  const firstHeight = from === undefined ? null : Number(parseU64('from', from));
  const lastHeight = to === undefined ? null : Number(parseU64('to', to));
  if (firstHeight !== null && proofs !== true) {
    throw new CodedError(
      'CLI_CONFLICT',
      '--from says which blobs are proven and needs --proofs; blocks are derived from the first on',
    );
  }
  if (firstHeight !== null && lastHeight !== null && firstHeight > lastHeight) {
    throw new CodedError('CLI_CONFLICT', `--from ${firstHeight} lies behind --to ${lastHeight}`);
  }
  return { firstHeight, lastHeight };
}

async function verify(flags: VerifyFlags): Promise<void> {
  const range = rangeOf(flags);
  const { verifyDa } = await import('../../node/daVerify.ts');
  const progress = statusLine();
  const report = await verifyDa({
    da: settingsOf(flags),
    dbPath: resolve(flags.dbPath),
    snapshotPath: flags.snapshot === undefined ? null : resolve(flags.snapshot),
    vmRules: flags.vmRules === '0.66' ? '0.66' : 'auto',
    workerCount: Number(parseU64('workers', flags.workers)),
    utxoValidation: parseBool('utxo-validation', flags.utxoValidation),
    ...range,
    proofs: flags.proofs === true,
    onProgress: (line) => progress.show(line),
  }).finally(() => progress.hide());
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const megabytes = (report.bytes / 1e6).toFixed(2);
  process.stdout.write(
    `${report.blocks} blocks with ${report.transactions} transactions derived again from ` +
      `${report.frames} frames (${megabytes} MB), all ids equal\n` +
      `${report.blocksPerSecond.toFixed(0)} blocks/s, ` +
      `${(report.bytesPerSecond / 1e6).toFixed(2)} MB/s; passed over: ` +
      `${report.foreignBlobs} foreign blobs, ${report.duplicateFrames} frames seen before\n` +
      (flags.proofs ? `${report.proofs} blobs proven\n` : '') +
      `tip ${report.tipHeight} ${report.tipId}\nstate digest ${report.stateDigest}\n`,
  );
}

async function status(flags: StatusFlags): Promise<void> {
  const path = flags.block === undefined ? 'status' : `block/${parseU64('block', flags.block)}`;
  const { askOwnRoute } = await import('../../sdk/client/ownRoutes.ts');
  const answer = await askOwnRoute<Record<string, unknown>>(flags.url, `/v1/fuelrail/da/${path}`);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const text = flags.block === undefined ? statusText(answer) : blockText(answer);
  process.stdout.write(text);
}

type Fields = Readonly<Record<string, string | number | boolean | null>>;

function statusText(answer: Record<string, unknown>): string {
  const posting = answer['posting'] as Fields | null;
  const following = answer['following'] as Fields | null;
  if (posting === null && following === null) return 'this node neither posts nor follows\n';
  const lines: string[] = [];
  if (posting !== null) {
    lines.push(`posting to ${posting['layer']}`);
    for (const stage of ['sealed', 'posted', 'included', 'final']) {
      lines.push(`  ${stage.padEnd(9)} block ${posting[stage]}`);
    }
    lines.push(
      `  backlog   ${posting['backlogBlocks']} blocks, ${posting['backlogBytes']} bytes`,
      `  frames    ${posting['frames']} with ${posting['postedBytes']} bytes since the start`,
    );
    if (posting['lastError'] !== null) lines.push(`  failing   ${posting['lastError']}`);
  }
  if (following !== null) {
    const eta = following['etaSeconds'] === null ? '' : `, ${following['etaSeconds']} s left`;
    lines.push(
      `following ${following['layer']}: block ${following['height']}, layer at ` +
        `${following['layerHeight']} of ${following['layerTip']}${eta}`,
    );
    if (following['failure'] !== null) lines.push(`  stopped   ${following['failure']}`);
  }
  return `${lines.join('\n')}\n`;
}

function blockText(answer: Record<string, unknown>): string {
  const lines = [`block ${String(answer['height'])}: ${String(answer['stage'])}`];
  const frame = answer['frame'] as {
    firstHeight: number;
    lastHeight: number;
    commitment: string;
    frameBytes: number;
    groups: { pointers: { height: string; index: number; commitment: string }[] | null }[];
  } | null;
  if (frame === null) return `${lines.join('\n')}\n`;
  lines.push(
    `frame ${frame.commitment}, blocks ${frame.firstHeight} to ${frame.lastHeight}, ` +
      `${frame.frameBytes} bytes`,
  );
  for (const pointer of frame.groups.flatMap(({ pointers }) => pointers ?? [])) {
    lines.push(`blob  ${pointer.commitment} at ${pointer.height}, place ${pointer.index}`);
  }
  return `${lines.join('\n')}\n`;
}
