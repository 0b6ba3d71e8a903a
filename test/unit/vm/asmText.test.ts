import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { disassemble } from '../../../vm/asm.ts';
import { assembleText } from '../../../vm/asmText.ts';
import { ISA } from '../../../vm/isa.ts';

const textOf = (source: string): string[] => disassemble(assembleText(source).code);

describe('assembler of texts', () => {
  it('reads back what the disassembler writes, for every instruction', () => {
    const lines = ISA.map(({ name, args }) =>
      [name, ...args.map((arg, i) => (arg.endsWith(':R') ? `$${16 + i}` : String(i)))].join(' '),
    );
    assert.deepEqual(textOf(lines.join('\n')), lines);
  });

  it('takes names in any case, registers without $, hex, commas, comments', () => {
    const source = 'movi 0x10 0xff // no\n add $16, $16, one ; no\n# nothing\nRET $ONE';
    assert.deepEqual(textOf(source.replace('0x10', '$16')), [
      'MOVI $16 255',
      'ADD $16 $16 $one',
      'RET $one',
    ]);
  });

  it('labels: words from the start, words from here, bytes', () => {
    const source = `start: MOVI $16 @data
      JMPF $zero ahead
      NOOP
      ahead: JNZB $16 $zero start
      JNEI $16 $17 ahead
      JI end
      end: RET $one
      data: .ascii "abcde"
      .bytes 0x01
      .word 0x11223344`;
    const { code, lines, labels } = assembleText(source);
    assert.deepEqual(disassemble(code).slice(0, 7), [
      'MOVI $16 28',
      'JMPF $zero 1',
      'NOOP',
      'JNZB $16 $zero 2',
      'JNEI $16 $17 3',
      'JI 6',
      'RET $one',
    ]);
    assert.deepEqual(
      [...code.subarray(28)],
      [97, 98, 99, 100, 101, 0, 0, 0, 1, 0, 0, 0].concat([0x11, 0x22, 0x33, 0x44]),
    );
    assert.deepEqual(lines, [1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10]);
    assert.deepEqual(
      [...labels],
      [
        ['start', 0],
        ['ahead', 12],
        ['end', 24],
        ['data', 28],
      ],
    );
  });

  it('says which line is wrong, and why', () => {
    const wrong: Record<string, RegExp> = {
      'NOOP\nMOVE $one': /line 2: MOVE takes 2 arguments/,
      'FLY $one': /line 1: no instruction/,
      'JI nowhere': /line 1: there is no label or register nowhere/,
      'a: NOOP\na: NOOP': /line 2: there are two labels a/,
      'a: NOOP\nJMPF $zero a': /line 2: JMPF jumps forward/,
      'JMPB $zero a\na: NOOP': /line 1: JMPB jumps back/,
      'MOVI $16 262144': /line 1: MOVI: .* takes 0 to 262143/,
      'MOVI $99 1': /line 1/,
      '.bytes 0x1': /line 1: data is/,
      '.text': /line 1: what is .text/,
    };
    for (const [source, expected] of Object.entries(wrong)) {
      assert.throws(
        () => assembleText(source),
        { code: 'BAD_ASSEMBLY', message: expected },
        source,
      );
    }
  });
});
