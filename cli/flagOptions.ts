/** Rows of the flags of `run` as options of commands. */
import { Option } from 'commander';
import { type FlagRow, OWN_FLAGS } from './runFlags.ts';

/** A row of the flags as an option of a command. */
export function optionOf([name, kind, defaultText, envName, effect, help]: FlagRow): Option {
  const value =
    kind === 'switch'
      ? ''
      : kind === 'bool'
        ? ' <true|false>'
        : kind === 'list'
          ? ' <a,b>'
          : ` <${kind}>`;
  const about =
    help ??
    (effect === 'accepted'
      ? 'accepted for compatibility, changes nothing'
      : 'not supported yet: has no effect');
  const facts = [
    defaultText === null ? null : `default: ${defaultText}`,
    envName === null ? null : `env: ${envName}`,
  ].filter((fact) => fact !== null);
  const tail = facts.length === 0 ? '' : ` [${facts.join(', ')}]`;
  const option = new Option(`--${name}${value}`, `${about}${tail}`);
  if (effect === 'accepted') option.hideHelp();
  return option;
}

/** Camel case, as the option parser stores it. */
export function attributeOf(row: FlagRow): string {
  return optionOf(row).attributeName();
}

const FOLLOWING: ReadonlySet<string> = new Set([
  'follow-da',
  'da-path',
  'da-url',
  'da-token',
  'da-namespace',
  'da-beacon-url',
  'da-authority',
  'da-confirmations',
  'da-start-height',
  'da-poll',
]);

/** What deriving a chain from its DA layer takes. */
export const FOLLOW_FLAGS: readonly FlagRow[] = OWN_FLAGS.filter(([name]) => FOLLOWING.has(name));
