/** Commands about funds: balance, coins, history, send. */
import { readFile } from 'node:fs/promises';
import { CodedError } from '../../primitives/errors.ts';
import type { Address, AssetId } from '../../primitives/types.ts';
import { getBalances, getCoins } from '../../sdk/client/balances.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import { getHistory } from '../../sdk/client/history.ts';
import { type FinalStatus, submitAndFollow } from '../../sdk/client/transactions.ts';
import {
  type Payment,
  planTransfer,
  signTransfer,
  type TransferPlan,
} from '../../sdk/client/transfer.ts';
import { amountText, BASE_DECIMALS, parseAmount, parseDecimals } from './amounts.ts';
import { confirm } from './ask.ts';
import {
  addressOf,
  clientOf,
  parseAddress,
  parseIndex,
  print,
  table,
  timeText,
  unlock,
  type WalletFlags,
} from './context.ts';
import { usage } from './errors.ts';
import { explainMissing } from './funds.ts';

type OwnerFlags = WalletFlags & { account: string; address?: string };

async function ownerOf(flags: OwnerFlags): Promise<Address> {
  return flags.address === undefined
    ? addressOf(flags, parseIndex(flags.account))
    : parseAddress('--address', flags.address);
}

/** `wallet balance` */
export async function balance(flags: OwnerFlags): Promise<void> {
  const client = clientOf(flags);
  const owner = await ownerOf(flags);
  const { baseAssetId } = await getChainInfo(client);
  const balances = await getBalances(client, owner);
  const rows = balances.map(({ assetId, amount }) => amountText(amount, assetId, baseAssetId));
  const text = rows.length === 0 ? 'nothing' : rows.join('\n');
  print(flags, { address: owner, balances }, `${owner}\n${text}`);
}

/** `wallet coins` */
export async function coins(flags: OwnerFlags & { asset?: string }): Promise<void> {
  const client = clientOf(flags);
  const owner = await ownerOf(flags);
  const asset = flags.asset === undefined ? undefined : parseAddress('--asset', flags.asset);
  const { baseAssetId } = await getChainInfo(client);
  const found = await getCoins(client, owner, asset);
  const rows = found.map((coin) => [
    coin.utxoId,
    String(coin.blockHeight),
    amountText(coin.amount, coin.assetId, baseAssetId),
  ]);
  const text = rows.length === 0 ? 'no coins' : table(['UTXO', 'block', 'amount'], rows);
  print(flags, { address: owner, coins: found }, text);
}

const HISTORY_ROWS_MAX = 500;

/** `wallet history` */
export async function history(flags: OwnerFlags & { count: string }): Promise<void> {
  const count = Number(flags.count);
  if (!Number.isInteger(count) || count < 1 || count > HISTORY_ROWS_MAX) {
    usage(`--count goes from 1 to ${HISTORY_ROWS_MAX}, not '${flags.count}'`);
  }
  const client = clientOf(flags);
  const owner = await ownerOf(flags);
  const { baseAssetId } = await getChainInfo(client);
  const entries = await getHistory(client, owner, { count, baseAssetId });
  const rows = entries.map((entry) => [
    entry.blockHeight === null ? 'pending' : String(entry.blockHeight),
    entry.unixSeconds === null ? '' : timeText(entry.unixSeconds),
    entry.reason ?? entry.status,
    entry.net.map(({ assetId, amount }) => amountText(amount, assetId, baseAssetId)).join(', '),
    entry.id,
  ]);
  const head = ['block', 'time', 'result', 'change', 'transaction'];
  const text = rows.length === 0 ? 'no transactions' : table(head, rows);
  print(flags, { address: owner, history: entries }, text);
}

type SendFlags = WalletFlags & {
  account: string;
  asset?: string;
  decimals?: string;
  max?: boolean;
  payments?: string;
  dryRun?: boolean;
};

/** Rows `address,amount[,asset]`; empty lines and lines that begin with # do not count. */
function parsePayments(
  text: string,
  baseAssetId: AssetId,
  decimals: string | undefined,
): Payment[] {
  const payments: Payment[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [to = '', amount = '', asset = baseAssetId, ...rest] = line
      .split(',')
      .map((cell) => cell.trim());
    const where = `line ${i + 1}`;
    if (rest.length > 0 || amount === '')
      usage(`${where}: write address,amount or address,amount,asset`);
    const assetId = parseAddress(`${where}: the asset`, asset);
    const units = parseAmount(amount, decimalsOf(assetId, baseAssetId, decimals));
    payments.push({ to: parseAddress(`${where}: the recipient`, to), assetId, amount: units });
  });
  return payments;
}

function decimalsOf(assetId: AssetId, baseAssetId: AssetId, decimals: string | undefined): number {
  if (assetId === baseAssetId) return BASE_DECIMALS;
  return decimals === undefined ? 0 : parseDecimals(decimals);
}

async function paymentsOf(
  to: string | undefined,
  amount: string | undefined,
  flags: SendFlags,
  baseAssetId: AssetId,
): Promise<Payment[]> {
  if (flags.payments !== undefined) {
    if (to !== undefined) usage('give either an address or --payments, not both');
    const text = await readFile(flags.payments, 'utf8').catch((cause) => {
      throw new CodedError('CLI_FILE', `cannot read ${flags.payments}`, {}, cause);
    });
    return parsePayments(text, baseAssetId, flags.decimals);
  }
  if (to === undefined) return usage('to whom? write: wallet send <address> <amount>');
  const assetId = flags.asset === undefined ? baseAssetId : parseAddress('--asset', flags.asset);
  const address = parseAddress('the recipient', to);
  if (flags.max) {
    if (amount !== undefined) usage('give either an amount or --max, not both');
    return [{ to: address, assetId, amount: 'all' }];
  }
  if (amount === undefined) return usage('how much? write an amount, or --max');
  const decimals = decimalsOf(assetId, baseAssetId, flags.decimals);
  return [{ to: address, assetId, amount: parseAmount(amount, decimals) }];
}

/** Keys without the letter of their kind: a transfer touches nothing but UTXOs and messages. */
function accessLines({ writes, creates }: TransferPlan['access']): string[] {
  const created = new Set(creates);
  const word = (key: string): string =>
    created.has(key) ? 'creates' : key.startsWith('m:') ? 'spends message' : 'spends';
  return writes.map((key) => `  ${word(key)} ${key.slice(2)}`);
}

function preview(plan: TransferPlan): string {
  const { baseAssetId } = plan.chain;
  const lines = plan.payments.map(
    ({ to, assetId, amount }) => `  ${amountText(amount, assetId, baseAssetId)} to ${to}`,
  );
  return [
    `from ${plan.from} on ${plan.chain.name}`,
    ...lines,
    `  fee at most ${amountText(plan.maxFee, baseAssetId, baseAssetId)} (gas price ${plan.gasPrice})`,
    ...accessLines(plan.access),
    `  transaction ${plan.id}`,
  ].join('\n');
}

/** `wallet send`: plan, show, ask, sign, submit, wait. */
export async function send(
  to: string | undefined,
  amount: string | undefined,
  flags: SendFlags,
): Promise<void> {
  const client = clientOf(flags);
  const from = await addressOf(flags, parseIndex(flags.account));
  const { baseAssetId } = await getChainInfo(client);
  const payments = await paymentsOf(to, amount, flags, baseAssetId);
  const plan = await planTransfer(client, from, payments).catch((cause) =>
    explainMissing(cause, baseAssetId),
  );
  const { id, maxFee, gasPrice, access } = plan;
  const planned = {
    id,
    from,
    payments: plan.payments,
    maxFee,
    gasPrice,
    accessList: access.writes,
  };
  if (flags.dryRun) {
    print(flags, { ...planned, status: 'not sent' }, preview(plan));
    return;
  }
  if (!flags.json) process.stdout.write(`${preview(plan)}\n`);
  await confirm('Sign and send?', flags.yes === true);
  const { secret } = await unlock(flags, parseIndex(flags.account));
  const status = await follow(client, plan, secret, flags);
  const figures = status.type === 'squeezedOut' ? {} : { totalFee: status.totalFee };
  if (status.type !== 'success') {
    throw new CodedError('TX_FAILED', `transaction ${id} ${failureText(status)}`);
  }
  print(
    flags,
    { ...planned, ...figures, status: status.type, blockHeight: status.blockHeight },
    `done in block ${status.blockHeight}, fee ${amountText(status.totalFee, baseAssetId, baseAssetId)}`,
  );
}

async function follow(
  client: ReturnType<typeof clientOf>,
  plan: TransferPlan,
  secret: Uint8Array,
  flags: WalletFlags,
): Promise<FinalStatus> {
  for await (const status of submitAndFollow(client, signTransfer(plan, secret))) {
    if (status.type === 'submitted' || status.type === 'preconfirmed') {
      if (!flags.json) process.stderr.write(`${status.type}\n`);
    } else return status;
  }
  throw new CodedError(
    'STATUS_UNKNOWN',
    `the node closed the connection; see whether it has ${plan.id} before you send again`,
  );
}

function failureText(status: Exclude<FinalStatus, { type: 'success' }>): string {
  return status.type === 'failure'
    ? `failed in block ${status.blockHeight}: ${status.reason}`
    : `was squeezed out: ${status.reason}`;
}
