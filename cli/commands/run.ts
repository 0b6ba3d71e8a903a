/** `fuelrail run`: the node as a process. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Node } from '../../node/compose.ts';
import { createLog, logOptionsFromEnv } from '../../node/log.ts';
import { attributeOf, optionOf } from '../flagOptions.ts';
import { ALL_FLAGS, runSettings } from '../runConfig.ts';

/** How often --exit-with-parent looks whether the parent lives. */
const PARENT_POLL_MS = 500;

function loadEnvFile(): string | null {
  if (!existsSync('.env')) return null;
  process.loadEnvFile('.env');
  return 'Loaded the environment file .env';
}

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .description('run a node')
    .addHelpText(
      'after',
      '\nOptions of fuel-core that have no effect here (p2p, profiling …) are accepted and not listed.',
    );
  for (const row of ALL_FLAGS) {
    const option = optionOf(row);
    if (row[1] === 'list') option.argParser((text, all: string[] = []) => [...all, text]);
    command.addOption(option);
  }
  command.action(async (values: Readonly<Record<string, string | string[] | boolean>>) => {
    const given = new Map<string, string>();
    for (const row of ALL_FLAGS) {
      const value = values[attributeOf(row)];
      if (value === undefined) continue;
      given.set(row[0], Array.isArray(value) ? value.join(',') : String(value));
    }
    await runNode(given);
  });
}

async function runNode(given: ReadonlyMap<string, string>): Promise<void> {
  const envLine = loadEnvFile();
  const settings = runSettings(given, process.env);
  const log = createLog('fuelrail', logOptionsFromEnv(process.env));
  if (envLine !== null) log.info(envLine);
  for (const notice of settings.notices) log.warn(notice);
  const { composeNode } = await import('../../node/compose.ts');
  const node = await composeNode(settings.config, { log });
  const address = await node.listen();
  // Before the line that says the node is there: who has read it may stop the node at once.
  stopOnSignals(node, log);
  log.info(`Binding GraphQL provider to ${address.ip}:${address.port}`);
  if (settings.exitWithParent) stopWithParent(node);
}

function stopOnSignals(node: Node, log: { info(text: string): void }): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info(`Received ${signal}, stopping`);
    node.close().then(
      () => process.exit(0),
      (reason: unknown) => {
        process.stderr.write(`Error: could not stop cleanly: ${String(reason)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGABRT', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(signal, () => stop(signal));
  }
}

function stopWithParent(node: Node): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    void node.close().finally(() => process.exit(0));
  }, PARENT_POLL_MS);
  timer.unref();
}
