/** Examples in the help of commands whose options need no further words. */
import type { Command } from 'commander';

const A = '0x12…ef';

/** By the words of the command; each line goes behind the program's name. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  run: ['run --debug --utxo-validation', 'run --db-type in-memory --port 0', 'run --dev'],
  block: ['block', 'block 17 --json'],
  'tx show': [`tx show ${A}`, `tx show ${A} --json`],
  'tx status': [`tx status ${A}`],
  'tx watch': [`tx watch ${A}`],
  'tx decode': ['tx decode tx.hex', 'tx decode 0x00…00 --chain-id 9889'],
  'explain tx': [`explain tx ${A}`],
  'explain pool': ['explain pool', 'explain pool --json'],
  'proof coin': ['proof coin 0x12…ef0001'],
  'proof message': [`proof message ${A} --height 17`],
  'proof contract': [
    `proof contract ${A}`,
    `proof contract ${A} --slot 0x00…01`,
    `proof contract ${A} --asset 0xf8…07 --json`,
  ],
  'dev status': ['dev status --json'],
  'dev snapshot': ['dev snapshot'],
  'dev revert': ['dev revert 1'],
  'dev drop': ['dev drop 1'],
  'dev dump': ['dev dump ./state'],
  'dev load': ['dev load ./state'],
  'dev time set': ['dev time set 1900000000', 'dev time set 2030-03-17T17:46:40Z'],
  'dev time advance': ['dev time advance 3600'],
  'dev time freeze': ['dev time freeze'],
  'dev time run': ['dev time run'],
  'dev mine': ['dev mine', 'dev mine 100 --interval 12'],
  'dev auto-mine': ['dev auto-mine off'],
  'dev fund': [`dev fund ${A} 2.5`, `dev fund ${A} 1000 --asset 0x34…cd`],
  'dev set-coin': [
    `dev set-coin 0x00…010000 --owner ${A} --amount 1000`,
    'dev set-coin 0x00…010000 --remove',
  ],
  'dev set-message': [`dev set-message 0x00…01 --sender ${A} --recipient ${A} --amount 5`],
  'dev set-slot': [`dev set-slot ${A} 0x00…01 0x00…2a`, `dev set-slot ${A} 0x00…01`],
  'dev set-balance': [`dev set-balance ${A} 0xf8…07 1000`],
  'dev set-contract': ['dev set-contract counter.bin', `dev set-contract counter.bin --id ${A}`],
  'dev impersonate': [`dev impersonate ${A}`],
  'dev stop-impersonating': ['dev stop-impersonating', `dev stop-impersonating ${A}`],
  'wallet create': ['wallet create', 'wallet create --words 12 --phrase-out phrase.txt'],
  'wallet import': ['wallet import', 'wallet import --phrase-file phrase.txt'],
  'wallet list': ['wallet list'],
  'wallet accounts': ['wallet accounts'],
  'wallet address': ['wallet address --qr', 'wallet address --account 1'],
  'wallet export': ['wallet export', 'wallet export --account 0 --out key.txt'],
  'wallet balance': ['wallet balance', 'wallet balance --url https://example.org --json'],
  'wallet coins': ['wallet coins --account 1'],
  'wallet history': [`wallet history --count 5`, `wallet history --address ${A}`],
  'wallet send': [
    `wallet send ${A} 0.25`,
    `wallet send ${A} 12.5 --asset 0x34…cd --decimals 6`,
    `wallet send ${A} --max --dry-run`,
    'wallet send --payments salaries.csv --yes --password-file pw.txt --json',
  ],
  'wallet sign': ['wallet sign "I am me"'],
  'wallet verify': [`wallet verify 0x5e…01 "I am me" --address ${A}`],
};

/** Adds them to a command and all below it. @param words the command's own, without the program's */
export function addExamples(command: Command, program: string, words: string = ''): void {
  const own = EXAMPLES[words];
  if (own !== undefined) {
    const lines = own.map((line) => `\n  ${program} ${line}`).join('');
    command.addHelpText('after', `\n${own.length === 1 ? 'Example' : 'Examples'}:${lines}`);
  }
  for (const below of command.commands) {
    addExamples(below, program, `${words} ${below.name()}`.trim());
  }
}
