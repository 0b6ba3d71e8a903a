/** Code in blobs behind a loader: the loader itself, and a contract that runs through it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { concatBytes, hexToBytes } from '../../../primitives/bytes.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { encodeArguments, methodOf, parseAbi } from '../../../sdk/abi/abi.ts';
import { decodeValue } from '../../../sdk/abi/decode.ts';
import { signPlan } from '../../../sdk/client/assemble.ts';
import {
  getCodeLimits,
  hasBlob,
  LOADER_BLOBS_MAX,
  planBlob,
  splitCode,
} from '../../../sdk/client/blobs.ts';
import { callsOf, returnedBytes, simulateCall } from '../../../sdk/client/contractCall.ts';
import { parseStorageSlots, planDeploy } from '../../../sdk/client/deploy.ts';
import { createClient } from '../../../sdk/client/graphql.ts';
import { submitAndWait } from '../../../sdk/client/transactions.ts';
import { createNode } from '../../../sdk/createNode.ts';
import { disassemble } from '../../../vm/asm.ts';
import { dataFile } from '../../support/dataFile.ts';

const file = (ending: string): Buffer => readFileSync(dataFile(`sway/counter/counter${ending}`));
const code = new Uint8Array(file('.bin'));

it('pieces, and a program that puts them together', () => {
  const { loader, blobs } = splitCode(code, 1024);
  assert.deepEqual(concatBytes(...blobs.map(({ bytes }) => bytes)), code);
  assert.equal(blobs.length, 3);
  const one = ['BSIZ $18 $17', 'LDC $17 $zero $18 1', 'ADDI $17 $17 32'];
  const words = ['MOVE $16 $ssp', 'MOVE $17 $is', 'ADDI $17 $17 64', ...one, ...one, ...one];
  const end = ['SUB $16 $16 $is', 'DIVI $16 $16 4', 'JMP $16', 'NOOP'];
  assert.deepEqual(disassemble(loader.subarray(0, 64)), [...words, ...end]);
  assert.deepEqual(loader.subarray(64), concatBytes(...blobs.map(({ id }) => hexToBytes(id))));
  const tooMany = new Uint8Array(8 * (LOADER_BLOBS_MAX + 1));
  assert.throws(() => splitCode(tooMany, 8), { code: 'CONTRACT_TOO_LARGE' });
  assert.equal(splitCode(tooMany.subarray(8), 8).blobs.length, LOADER_BLOBS_MAX);
});

it('a compiled contract runs from three blobs', async () => {
  await using node = await createNode({ workerCount: 0 });
  const client = createClient({ url: node.url, fetch: node.fetch as never });
  const [rich] = node.accounts;
  assert.ok(rich);
  const secret = hexToBytes(rich.secret);
  const { contractBytesMax, blobBytesMax } = await getCodeLimits(client);
  assert.ok(contractBytesMax > 0 && blobBytesMax % 8 === 0 && blobBytesMax > 0);
  const { loader, blobs } = splitCode(code, 1024);
  for (const blob of blobs) {
    assert.equal(await hasBlob(client, blob.id), false);
    const plan = await planBlob(client, rich.address, blob);
    assert.equal((await submitAndWait(client, signPlan(plan, secret))).type, 'success');
    assert.equal(await hasBlob(client, blob.id), true);
  }
  const storageSlots = parseStorageSlots(JSON.parse(file('-storage_slots.json').toString()));
  const deployment = { bytecode: loader, salt: ZERO_B256, storageSlots };
  const plan = await planDeploy(client, rich.address, deployment);
  assert.equal((await submitAndWait(client, signPlan(plan, secret))).type, 'success');
  const increment = methodOf(parseAbi(JSON.parse(file('-abi.json').toString())), 'increment');
  const args = encodeArguments(increment, [7]);
  const request = { contractId: plan.contractId, method: 'increment', args };
  const { success, receipts } = await simulateCall(client, rich.address, [request]);
  assert.equal(success, true);
  const [call] = callsOf(receipts);
  const bytes = call === undefined ? null : returnedBytes(call);
  assert.equal(decodeValue(increment.output, bytes ?? new Uint8Array(0)).value, 7n);
});
