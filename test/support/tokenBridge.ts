/** Fuel's published token contract on this chain, behind the gateway on anvil. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { contractMessagePredicate, contractMessageScript } from '@fuel-bridge/message-predicates';
import {
  Address,
  bn,
  type Contract,
  ContractFactory,
  getPredicateRoot,
  hexlify,
  InputType,
  OutputType,
  ScriptTransactionRequest,
} from 'fuels';
import { ADMIN, type World } from './bridgeWorld.ts';
import { asB256, GATEWAY } from './fuelBridge.ts';

const require = createRequire(import.meta.url);

/** Deploys Fuel's token contract of this chain for the gateway on Ethereum. */
export async function deployTokenBridge({ anvil, bridge, rich }: World): Promise<Contract> {
  const folder = join(
    dirname(require.resolve('@fuel-bridge/fungible-token/package.json')),
    'bridge-fungible-token/implementation/out/release',
  );
  const read = (name: string): Buffer => readFileSync(join(folder, `bridge_fungible_token${name}`));
  const abi = JSON.parse(read('-abi.json').toString());
  const storageSlots = JSON.parse(read('-storage_slots.json').toString());
  const factory = new ContractFactory(new Uint8Array(read('.bin')), abi, rich);
  const deployed = await factory.deploy({
    storageSlots,
    configurableConstants: { BRIDGED_TOKEN_GATEWAY: asB256(bridge.gateway) },
  });
  const { contract } = await deployed.waitForResult();
  const id = contract.id.toB256();
  await anvil.send('setAssetIssuerId', ADMIN, bridge.gateway, GATEWAY, 'setAssetIssuerId', [id]);
  return contract;
}

/** Hands the newest message for contracts to its contract; anybody may. */
export async function deliver({ provider, rich }: World): Promise<string> {
  const base = await provider.getBaseAssetId();
  const root = Address.fromB256(getPredicateRoot(contractMessagePredicate));
  const { messages } = await provider.getMessages(root);
  const message = messages[0];
  assert.ok(message, 'the deposit is a message to the predicate');
  const request = new ScriptTransactionRequest({
    script: contractMessageScript,
    gasLimit: 3_000_000,
  });
  request.inputs.push({
    type: InputType.Message,
    amount: message.amount.toHex(),
    sender: message.sender.toB256(),
    recipient: message.recipient.toB256(),
    witnessIndex: 0,
    data: message.data,
    nonce: message.nonce,
    predicate: contractMessagePredicate,
  });
  const contractId = hexlify(message.data).slice(0, 66);
  request.inputs.push({ type: InputType.Contract, contractId, txPointer: `0x${'00'.repeat(16)}` });
  request.outputs.push({ type: OutputType.Contract, inputIndex: 1 });
  request.outputs.push({ type: OutputType.Variable });
  const [coin] = (await rich.getCoins(base)).coins;
  request.addCoinInput(coin!);
  request.addChangeOutput(rich.address, base);
  request.maxFee = bn(10_000_000);
  await provider.estimatePredicates(request);
  const sent = await rich.sendTransaction(request as never, { estimateTxDependencies: false });
  const result = await sent.waitForResult();
  assert.ok(result.isStatusSuccess);
  return sent.id;
}
