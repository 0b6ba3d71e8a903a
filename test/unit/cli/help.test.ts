/** Help: every command shows how it is used, and the examples are words that the program knows. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Command } from 'commander';
import { EXAMPLES } from '../../../cli/examples.ts';
import { createProgram } from '../../../cli/main.ts';

const program = createProgram('fuelrail');

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part) });
  command.outputHelp();
  return text;
}

function* leaves(command: Command, words: string): Generator<[string, Command]> {
  if (command.commands.length === 0) yield [words, command];
  for (const below of command.commands) yield* leaves(below, `${words} ${below.name()}`.trim());
}

it('every command has an example, its own or beside its neighbours', () => {
  for (const [words, command] of leaves(program, '')) {
    const above = command.parent === null ? '' : helpOf(command.parent);
    const has = /\nExamples?:\n {2}fuelrail /.test(helpOf(command));
    assert.ok(has || above.includes(`fuelrail ${words}`), `${words}: no example`);
  }
});

it('the examples name commands and options that there are', () => {
  for (const [words, lines] of Object.entries(EXAMPLES)) {
    for (const line of lines) {
      let command: Command = program;
      const rest = line.split(' ');
      for (;;) {
        const below = command.commands.find((each) => each.name() === rest[0]);
        if (below === undefined) break;
        command = below;
        rest.shift();
      }
      assert.ok(command !== program && line.startsWith(words), line);
      for (const option of rest.filter((word) => word.startsWith('--'))) {
        const isKnown = command.options.some(({ long }) => long === option);
        assert.ok(isKnown, `${line}: there is no ${option}`);
      }
    }
  }
});
