/** `fuelrail deploy`: a contract onto a chain. */
import { randomBytes } from 'node:crypto';
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import { signPlan } from '../../sdk/client/assemble.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import {
  type Deployment,
  deployedId,
  parseStorageSlots,
  planDeploy,
} from '../../sdk/client/deploy.ts';
import { readJson } from '../files.ts';
import { confirm } from '../wallet/ask.ts';
import {
  addressOf,
  clientOf,
  parseId,
  parseIndex,
  print,
  unlock,
  type WalletFlags,
} from '../wallet/context.ts';
import { explainMissing } from '../wallet/funds.ts';
import { asInput, beside, readBytecode } from './configurables.ts';
import { planLines, sendPlan } from './send.ts';

export type DeployFlags = WalletFlags & {
  readonly account: string;
  readonly abi?: string;
  readonly storageSlots?: string;
  readonly configurables?: string;
  readonly salt: string;
  readonly dryRun?: boolean;
};

function saltOf(text: string): B256 {
  if (text === 'random') return bytesToHex(new Uint8Array(randomBytes(32)));
  return text === '0' ? ZERO_B256 : parseId('--salt', text);
}

async function slotsOf(path: string | null): Promise<Deployment['storageSlots']> {
  if (path === null) return [];
  const json = await readJson(path, 'the storage slots');
  return asInput(() => parseStorageSlots(json));
}

/** `fuelrail deploy` */
export async function deploy(path: string, flags: DeployFlags): Promise<void> {
  const bytecode = await readBytecode(path, flags);
  const slotsPath = flags.storageSlots ?? (await beside(path, '-storage_slots.json'));
  const storageSlots = await slotsOf(slotsPath === 'none' ? null : slotsPath);
  const salt = saltOf(flags.salt);
  const deployment = { bytecode, salt, storageSlots };
  const about = { contractId: deployedId(deployment), salt, codeBytes: bytecode.length };
  const client = clientOf(flags);
  const index = parseIndex(flags.account);
  const from = await addressOf(flags, index);
  const plan = await planDeploy(client, from, deployment).catch(async (cause: unknown) => {
    const isTaken = cause instanceof CodedError && cause.code === 'CONTRACT_EXISTS';
    if (!isTaken) return explainMissing(cause, (await getChainInfo(client)).baseAssetId);
    const hint = `${about.contractId} is deployed already; for another one add --salt random`;
    throw new CodedError('CONTRACT_EXISTS', hint, {}, cause);
  });
  const lines = [
    `deploy ${bytecode.length} bytes of code`,
    slotsPath === null || slotsPath === 'none'
      ? '  storage is empty at first'
      : `  ${storageSlots.length} storage slots of ${slotsPath}`,
    `contract ${plan.contractId}`,
    ...planLines(plan),
  ].join('\n');
  const planned = { ...about, id: plan.id, maxFee: plan.maxFee, accessList: plan.access.writes };
  if (flags.dryRun) {
    print(flags, { ...planned, status: 'not sent' }, `${lines}\nnothing was sent`);
    return;
  }
  if (!flags.json) process.stdout.write(`${lines}\n`);
  await confirm('Sign and send?', flags.yes === true);
  const { secret } = await unlock(flags, index);
  const status = await sendPlan(client, plan, signPlan(plan, secret), flags);
  if (status.type === 'failure') {
    throw new CodedError('TX_FAILED', `transaction ${plan.id} failed: ${status.reason}`);
  }
  const { blockHeight, totalFee } = status;
  print(
    flags,
    { ...planned, status: status.type, blockHeight, totalFee },
    `done in block ${blockHeight}, fee ${totalFee}\ncontract ${plan.contractId}`,
  );
}
