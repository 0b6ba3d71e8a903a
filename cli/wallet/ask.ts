/** Questions to the person at the terminal. Scripts answer by flags, files and the environment. */
import { readFile } from 'node:fs/promises';
import { CodedError } from '../../primitives/errors.ts';
import { usage } from './errors.ts';

/** Environment twin of `--password-file`: the password itself. */
export const PASSWORD_VARIABLE: string = 'FUELRAIL_WALLET_PASSWORD';
/** Environment twin of the phrase asked for by `import`. */
export const PHRASE_VARIABLE: string = 'FUELRAIL_WALLET_PHRASE';

/** Someone can answer. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

async function prompts(): Promise<typeof import('@clack/prompts')> {
  return import('@clack/prompts');
}

function answered<T>(value: T): Exclude<T, symbol> {
  if (typeof value === 'symbol') throw new CodedError('CANCELLED', 'cancelled; nothing was done');
  return value as Exclude<T, symbol>;
}

async function secretFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CodedError('CLI_FILE', `cannot read ${path} (${why})`, { path }, cause);
  }
}

/**
 * The wallet's password: from a file, the environment, or the person.
 * @param isNew asks twice, and refuses an empty one
 * @throws CodedError CLI_USAGE when nobody can be asked
 */
export async function askPassword(file: string | undefined, isNew: boolean): Promise<string> {
  const given = file === undefined ? process.env[PASSWORD_VARIABLE] : await secretFile(file);
  if (given !== undefined) {
    if (isNew && given === '') usage('the password is empty');
    return given;
  }
  if (!isInteractive()) {
    usage(`no password: give --password-file <path> or set ${PASSWORD_VARIABLE}`);
  }
  const { password, log } = await prompts();
  if (!isNew) return answered(await password({ message: 'Password of the wallet' }));
  for (;;) {
    const first = answered(
      await password({
        message: 'New password',
        validate: (text) =>
          text === undefined || text === '' ? 'It must not be empty' : undefined,
      }),
    );
    if (first === answered(await password({ message: 'Once more' }))) return first;
    log.warn('The two were not the same; try again');
  }
}

/** A recovery phrase, without echo. @throws CodedError CLI_USAGE when nobody can be asked */
export async function askPhrase(file: string | undefined): Promise<string> {
  const given = file === undefined ? process.env[PHRASE_VARIABLE] : await secretFile(file);
  if (given !== undefined) return given;
  if (!isInteractive()) {
    usage(`no recovery phrase: give --phrase-file <path> or set ${PHRASE_VARIABLE}`);
  }
  return answered(await (await prompts()).password({ message: 'Recovery phrase (hidden)' }));
}

/** @throws CodedError CLI_USAGE when nobody can be asked and `yes` is not given; CANCELLED */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!isInteractive()) usage(`${question} Nobody is there to answer: add --yes`);
  const { confirm: ask } = await prompts();
  if (!answered(await ask({ message: question, initialValue: false }))) {
    throw new CodedError('CANCELLED', 'cancelled; nothing was done');
  }
}
