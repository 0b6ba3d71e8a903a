/** The script that makes calls, against the assembler and the memory layout of the VM. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bytesToHex } from '../../../primitives/bytes.ts';
import { callScript } from '../../../sdk/client/contractCall.ts';
import { disassemble } from '../../../vm/asm.ts';
import { txAddressOf } from '../../../vm/initialise.ts';

const contractId = `0x${'11'.repeat(32)}` as const;
const baseAssetId = `0x${'22'.repeat(32)}` as const;
const call = { contractId, method: 'f', args: Uint8Array.of(7, 8) };

for (const maxInputs of [8, 255]) {
  it(`two calls on a chain of ${maxInputs} inputs`, () => {
    const { script, scriptData } = callScript([call, { ...call, amount: 5n }], {
      maxInputs,
      baseAssetId,
    });
    const base = txAddressOf({ txParams: { maxInputs } }) + 96 + 48;
    const size = 32 + 8 + 8 + 8 + 32 + 8 + 1 + 2;
    const one = (at: number): string[] => [
      `MOVI $16 ${at}`,
      `MOVI $17 ${at + 48}`,
      'LW $17 $17 0',
      `MOVI $18 ${at + 56}`,
      'CALL $16 $17 $18 $cgas',
    ];
    assert.deepEqual(disassemble(script), [...one(base), ...one(base + size), 'RET $one']);
    assert.equal(scriptData.length, 2 * size);
    const first = bytesToHex(scriptData.subarray(0, size));
    const word = (value: number): string => value.toString(16).padStart(16, '0');
    assert.equal(
      first,
      `${contractId}${word(base + 88)}${word(base + 97)}${word(0)}${'22'.repeat(32)}${word(1)}660708`,
    );
  });
}

it('what no address reaches is refused', () => {
  const long = { ...call, args: new Uint8Array(300_000) };
  const make = (): unknown => callScript([long, call], { maxInputs: 255, baseAssetId });
  assert.throws(make, { code: 'CALL_TOO_LARGE' });
});
