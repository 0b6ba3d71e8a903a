/** What sending a planned transaction is made of, for calls and deployments. */
import { CodedError } from '../../primitives/errors.ts';
import type { Plan } from '../../sdk/client/assemble.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import { type FinalStatus, submitAndFollow } from '../../sdk/client/transactions.ts';
import { BASE_DECIMALS, formatAmount } from '../wallet/amounts.ts';

const LETTER: Readonly<Record<string, string>> = {
  u: 'UTXO',
  m: 'message',
  c: 'contract',
};

/** Who pays, what it costs at most, what it touches. */
export function planLines(plan: Plan): string[] {
  const created = new Set(plan.access.creates);
  const lines = plan.access.writes.map((key) => {
    const kind = LETTER[key[0] ?? ''] ?? 'key';
    const verb = created.has(key) ? 'creates' : kind === 'contract' ? 'writes' : 'spends';
    return `  ${verb} ${kind} ${key.slice(2)}`;
  });
  return [
    `from ${plan.from} on ${plan.chain.name}`,
    `  fee at most ${formatAmount(plan.maxFee, BASE_DECIMALS)} ETH (gas price ${plan.gasPrice})`,
    ...lines,
    `  transaction ${plan.id}`,
  ];
}

/** A final status of a transaction that made it into a block. */
export type IncludedStatus = Exclude<FinalStatus, { type: 'squeezedOut' }>;

/** Sends, and tells on stderr how it goes. @throws CodedError TX_FAILED, STATUS_UNKNOWN */
export async function sendPlan(
  client: Client,
  plan: Plan,
  signed: Plan['tx'],
  flags: { readonly json?: boolean },
): Promise<IncludedStatus> {
  for await (const status of submitAndFollow(client, signed)) {
    if (status.type === 'submitted' || status.type === 'preconfirmed') {
      if (!flags.json) process.stderr.write(`${status.type}\n`);
      continue;
    }
    if (status.type !== 'squeezedOut') return status;
    throw new CodedError('TX_FAILED', `transaction ${plan.id} was squeezed out: ${status.reason}`);
  }
  throw new CodedError(
    'STATUS_UNKNOWN',
    `the node closed the connection; see whether it has ${plan.id} before you send again`,
  );
}
