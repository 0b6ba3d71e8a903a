import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { hexToBytes } from '../../../primitives/bytes.ts';
import type { B256 } from '../../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../../tx/codec/index.ts';
import { decodeExecuted, encodeExecuted } from '../../../tx/executed.ts';
import type { ChargeableTx, Input, Output } from '../../../tx/types.ts';
import { dataFile } from '../../support/dataFile.ts';
import { mulberry } from '../../support/random.ts';

/** Recorded transactions of every kind that decode to what they were made of. */
function recorded(): { readonly raw: Uint8Array; readonly tx: ChargeableTx }[] {
  const lines = gunzipSync(readFileSync(dataFile('vectors/tx.jsonl.gz')))
    .toString()
    .trim();
  return lines.split('\n').flatMap((line) => {
    const { request } = JSON.parse(line) as { request: { hex: string } };
    const raw = hexToBytes(request.hex);
    try {
      const { tx, bytesUsed, isCanonical } = decodeTx(raw);
      const isWhole = isCanonical && bytesUsed === raw.length;
      return isWhole && tx.type !== 'mint' ? [{ raw, tx }] : [];
    } catch {
      return [];
    }
  });
}

/** The same with everything that execution fills in drawn anew. */
function executed(tx: ChargeableTx, next: () => number): ChargeableTx {
  const id = (): B256 => {
    const bytes = Array.from({ length: 32 }, () => Math.floor(next() * 256));
    return `0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  };
  const word = (): number => Math.floor(next() * 2 ** 32);
  const amount = (): bigint => (BigInt(word()) << 32n) | BigInt(word());
  const txPointer = () => ({ blockHeight: word(), txIndex: word() & 0xffff });
  const inputs = tx.inputs.map((input): Input => {
    if (input.type === 'message') return input;
    if (input.type === 'coin') return { ...input, txPointer: txPointer() };
    const utxoId = { txId: id(), outputIndex: word() & 0xffff };
    return { ...input, utxoId, balanceRoot: id(), stateRoot: id(), txPointer: txPointer() };
  });
  const outputs = tx.outputs.map((output): Output => {
    if (output.type === 'contract') return { ...output, balanceRoot: id(), stateRoot: id() };
    if (output.type === 'change') return { ...output, amount: amount() };
    if (output.type !== 'variable') return output;
    return { ...output, to: id(), amount: amount(), assetId: id() };
  });
  const filled = { ...tx, inputs, outputs };
  return filled.type === 'script' ? { ...filled, receiptsRoot: id() } : filled;
}

test('what execution fills in is written and read in its place (seed 11)', () => {
  const next = mulberry(11);
  const seen = new Set<string>();
  for (const { raw, tx } of recorded()) {
    const before = raw.slice();
    const after = executed(tx, next);
    const bytes = encodeExecuted(raw, after);
    assert.deepEqual(bytes, encodeTx(after));
    assert.deepEqual(raw, before, 'what was submitted stays');
    assert.deepEqual(decodeExecuted(tx, bytes), decodeTx(bytes).tx);
    for (const { type } of [tx, ...tx.inputs, ...tx.outputs]) seen.add(type);
  }
  const inputs = ['contract', 'message', 'coin'];
  const outputs = ['change', 'variable', 'contractCreated'];
  for (const type of ['script', 'create', 'upgrade', 'upload', 'blob', ...inputs, ...outputs]) {
    assert.ok(seen.has(type), type);
  }
});

test('bytes of another transaction are noticed', () => {
  const all = recorded();
  const isOf = (type: string) => (part: { type: string }) => part.type === type;
  const found = all.find(({ tx }) => tx.inputs.some(isOf('contract')) && tx.outputs.length > 0)!;
  const { raw, tx } = found;
  const at = tx.inputs.findIndex(isOf('contract'));
  const contract = tx.inputs[at] as Extract<Input, { type: 'contract' }>;
  const other = { ...contract, contractId: `0x${'77'.repeat(32)}` } as const;
  const inputs = tx.inputs.with(at, other);
  assert.throws(() => decodeExecuted({ ...tx, inputs }, raw), /no contract id/);
  assert.throws(() => decodeExecuted(tx, raw.subarray(0, 100)), { code: 'TX_DECODE' });
  const kinds = all.find(({ tx: { outputs } }) => outputs.some(isOf('change')))!;
  const outputs = kinds.tx.outputs.map(
    (output): Output => (output.type === 'change' ? { ...output, type: 'variable' } : output),
  );
  assert.throws(() => decodeExecuted({ ...kinds.tx, outputs }, kinds.raw), /no kind of output/);
});
