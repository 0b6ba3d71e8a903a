import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assemble,
  decodeInstruction,
  disassemble,
  encodeInstruction,
  formatInstruction,
  parseInstruction,
} from '../../../vm/asm.ts';
import { ISA } from '../../../vm/isa.ts';

const bad = { code: 'BAD_INSTRUCTION' };

test('every instruction packs and unpacks its largest arguments', () => {
  for (const row of ISA) {
    const args = row.args.map((spec) =>
      spec.endsWith(':R') ? 63 : 2 ** Number(spec.slice(spec.indexOf(':I') + 2)) - 1,
    );
    const word = encodeInstruction(row.name, args);
    assert.deepEqual(decodeInstruction(word), { ok: true, row, args });
    assert.equal(parseInstruction(formatInstruction(word)), word);
  }
});

test('known words', () => {
  assert.equal(encodeInstruction('ADDI', [20, 20, 1]), 0x5051_4001);
  assert.equal(encodeInstruction('RET', [1]), 0x2404_0000);
  assert.equal(formatInstruction(0x2404_0000), 'RET $one');
  assert.deepEqual(disassemble(assemble([0x4700_0000, 0xff00_0001])), ['NOOP', '.word 0xff000001']);
  assert.equal(parseInstruction('.word 0xff000001'), 0xff00_0001);
  assert.equal(parseInstruction('LW $16 $hp 3'), 0x5d40_7003);
});

test('words that are no instruction say why', () => {
  assert.deepEqual(decodeInstruction(0), { ok: false, reason: 'unknown opcode' });
  assert.deepEqual(decodeInstruction(0x4700_0001), { ok: false, reason: 'reserved bits set' });
});

test('what cannot be packed is refused', () => {
  assert.throws(() => encodeInstruction('NOPE', []), bad);
  assert.throws(() => encodeInstruction('ADD', [1, 2]), bad);
  assert.throws(() => encodeInstruction('ADD', [64, 0, 0]), bad);
  assert.throws(() => encodeInstruction('ADDI', [16, 0, 4096]), bad);
  assert.throws(() => encodeInstruction('ADDI', [16, 0, -1]), bad);
  assert.throws(() => parseInstruction('ADD $16 $foo $17'), bad);
});
