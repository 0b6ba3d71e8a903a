/** `fuelrail explain …`: why blocks and the pool are, or are not, parallel. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { BlockExplanation, PoolExplanation, TxExplanation } from '../../node/explain/types.ts';
import type { WhatIf, WhatIfReport } from '../../node/explain/whatIf.ts';
import { CodedError } from '../../primitives/errors.ts';
import { askNode, type ExplainFlags } from '../explain/client.ts';
import { blockText, poolText, txText, whatIfText } from '../explain/text.ts';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

type BlockFlags = ExplainFlags & {
  readonly drop?: string[];
  readonly add?: string[];
  readonly reorder?: string;
  readonly declare?: string[];
  readonly workers?: string;
};

const collect = (text: string, all: string[] = []): string[] => [...all, text];

function withNode(command: Command): Command {
  return command
    .option('--url <url>', 'the node', process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--json', 'one JSON object on stdout');
}

/** Where results go. */
export type Write = (text: string) => void;

/** @param write for tests; default: stdout */
export function addExplainCommand(
  program: Command,
  write: Write = (text) => void process.stdout.write(text),
): void {
  const print = ({ json }: ExplainFlags, answer: unknown, text: string): void =>
    write(`${json ? JSON.stringify(answer) : text}\n`);
  const explain = program
    .command('explain')
    .description('why blocks, transactions and the pool are, or are not, parallel');
  withNode(
    explain
      .command('block')
      .description('disjoint sets, conflicts, longest chain, timeline of a block; or what if')
      .argument('<block>', 'height, id, or latest'),
  )
    .option('--drop <tx>', 'what if: without this transaction (repeat for more)', collect)
    .option('--add <file>', 'what if: with the transaction in this file of hex', collect)
    .option('--reorder <tx,tx>', 'what if: these trade places so that they stand in this order')
    .option(
      '--declare <tx=list>',
      'what if: this transaction declared exactly these contracts (separated by commas)',
      collect,
    )
    .option('--workers <n,n>', 'what if: worker counts to simulate')
    .addHelpText(
      'after',
      `
A transaction is named by its id or by its index in the block. What-if needs a node with --debug
and one of its latest blocks; nothing is changed.

Examples:
  fuelrail explain block latest
  fuelrail explain block 12 --drop 3 --workers 2,8
  fuelrail explain block 12 --reorder 4,1 --declare 7=`,
    )
    .action((which: string, flags: BlockFlags) => explainBlock(which, flags, print));
  withNode(
    explain
      .command('tx')
      .description('for whom a transaction waits, who waits for it, and why')
      .argument('<id>', 'transaction id, in a block or in the pool'),
  ).action(async (id: string, flags: ExplainFlags) => {
    const answer = await askNode<TxExplanation>(flags.url, `tx/${encodeURIComponent(id)}`);
    print(flags, answer, txText(answer));
  });
  withNode(explain.command('pool').description('the disjoint sets of what waits')).action(
    async (flags: ExplainFlags) => {
      const answer = await askNode<PoolExplanation>(flags.url, 'pool');
      print(flags, answer, poolText(answer));
    },
  );
}

type Print = (flags: ExplainFlags, answer: unknown, text: string) => void;

async function explainBlock(which: string, flags: BlockFlags, print: Print): Promise<void> {
  const block = encodeURIComponent(which);
  const { drop, add, reorder, declare, workers } = flags;
  const asks = [drop, add, reorder, declare, workers].some((flag) => flag !== undefined);
  const explained = await askNode<BlockExplanation>(flags.url, `block/${block}`);
  if (!asks) {
    print(flags, explained, blockText(explained));
    return;
  }
  const question = questionOf(flags, explained);
  const report = await askNode<WhatIfReport>(flags.url, `what-if/${block}`, question);
  print(flags, report, whatIfText(report));
}

function usage(message: string): never {
  throw new CodedError('CLI_USAGE', message);
}

/** @throws CodedError CLI_USAGE */
function questionOf(flags: BlockFlags, { txs }: BlockExplanation): Partial<WhatIf> {
  const idOf = (text: string): string => {
    if (!/^\d{1,6}$/.test(text)) return text.toLowerCase();
    return txs[Number(text)]?.id ?? usage(`the block has no transaction at index ${text}`);
  };
  const list = (text: string): string[] => text.split(',').filter((part) => part !== '');
  const { drop = [], add = [], reorder = '', declare = [], workers } = flags;
  const counts = workers === undefined ? null : list(workers).map(Number);
  if (counts?.some((n) => !Number.isInteger(n))) usage(`--workers is a list such as 2,8`);
  return {
    drop: drop.map(idOf),
    add: add.map(readHex),
    reorder: list(reorder).map(idOf),
    declare: declare.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) usage(`--declare is <tx>=<contract,contract>, not '${text}'`);
      return { tx: idOf(text.slice(0, at)), contracts: list(text.slice(at + 1).toLowerCase()) };
    }),
    ...(counts === null ? {} : { workers: counts }),
  };
}

function readHex(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return usage(`cannot read ${path}: --add is a file that holds one transaction in hex`);
  }
}
