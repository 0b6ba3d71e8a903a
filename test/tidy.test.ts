/** The rules that formatter and linter cannot hold: import directions, time and chance, the map. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Who may import whom; `t` after a name: types only. The order is the order of the data. */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  primitives: '',
  tx: 'primitives',
  vm: 'primitives tx',
  predicates: 'primitives tx vm',
  txpool: 'primitives tx',
  executor: 'primitives tx vm predicates txpool:t',
  state: 'primitives tx executor:t',
  da: 'primitives tx',
  settlement: 'primitives tx executor:t da:t',
  node: 'primitives tx vm predicates txpool executor state da settlement',
  sdk: 'primitives tx vm predicates',
  cli: 'primitives sdk node',
};

/** Edges outside the table, each for a reason. */
const EXCEPTIONS: readonly string[] = [
  // The factory of an empty change set is the only value among the executor's port types.
  'state -> executor/ports.ts',
  // The form of an uploaded bytecode is the VM's; the state stores it (types only).
  'state -> vm/ports.ts',
  // createNode: a dynamic import, so that an app that only signs never loads the node.
  'sdk/createNode.ts -> node',
  'sdk/createNode.ts -> state',
];

const BROWSER = ['primitives', 'tx', 'vm', 'predicates', 'sdk'];
const IMPORT =
  /(import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)'|(?<!typeof )import\(\s*'([^']+)'\s*\)/g;

function* sources(folder: string): Generator<string> {
  if (!existsSync(join(ROOT, folder))) return;
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

type Edge = { from: string; to: string; typesOnly: boolean; dynamic: boolean };

function edges(file: string): Edge[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found: Edge[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const target = match[3] ?? match[4] ?? '';
    if (!target.startsWith('.')) {
      found.push({ from: file, to: target, typesOnly: match[2] !== undefined, dynamic: false });
      continue;
    }
    const to = normalize(join(dirname(file), target))
      .split(sep)
      .join('/');
    const dynamic = match[4] !== undefined;
    found.push({ from: file, to, typesOnly: match[2] !== undefined, dynamic });
  }
  return found;
}

function allowed(edge: Edge): boolean {
  const fromFolder = edge.from.split('/')[0] ?? '';
  const toFolder = edge.to.split('/')[0] ?? '';
  if (fromFolder === toFolder) return true;
  for (const rule of (MAY_IMPORT[fromFolder] ?? '').split(' ')) {
    const [name, types] = rule.split(':');
    if (name === toFolder && (types === undefined || edge.typesOnly)) return true;
  }
  return EXCEPTIONS.some((exception) => {
    const [from, to] = exception.split(' -> ');
    return edge.from.startsWith(from ?? '?') && edge.to.startsWith(to ?? '?');
  });
}

test('imports point left', () => {
  const wrong: string[] = [];
  for (const folder of Object.keys(MAY_IMPORT)) {
    for (const file of sources(folder)) {
      for (const edge of edges(file)) {
        if (edge.to.includes('/') && !edge.to.startsWith('@') && !edge.to.startsWith('node:')) {
          if (!existsSync(join(ROOT, edge.to)) && !edge.to.endsWith('.ts')) continue;
          if (!allowed(edge)) wrong.push(`${edge.from} -> ${edge.to}`);
        }
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('folders for the browser name no node module', () => {
  const wrong: string[] = [];
  for (const folder of BROWSER) {
    for (const file of sources(folder)) {
      for (const edge of edges(file)) {
        if (edge.to.startsWith('node:') && !edge.typesOnly) wrong.push(`${file}: ${edge.to}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('nothing outside the rim reads the clock or rolls dice', () => {
  const pure = ['tx', 'vm', 'predicates', 'txpool', 'executor', 'state', 'da'];
  const wrong: string[] = [];
  for (const folder of pure) {
    for (const file of sources(folder)) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      if (/\bMath\.random\(|\bDate\.now\(|\bnew Date\(/.test(text)) wrong.push(file);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no test is focused or left out, no marker of unfinished work', () => {
  const words = new RegExp(
    ['TO' + 'DO', 'FIX' + 'ME', 'X{3}', '\\b(test|it|describe|t)\\.(on' + 'ly|sk' + 'ip)\\('].join(
      '|',
    ),
  );
  const wrong: string[] = [];
  for (const folder of [...Object.keys(MAY_IMPORT), 'test', 'bench']) {
    for (const file of sources(folder)) {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      lines.forEach((line, index) => {
        if (words.test(line)) wrong.push(`${file}:${index + 1}: ${line.trim()}`);
      });
    }
  }
  assert.deepEqual(wrong, []);
});

test('every path in ARCHITECTURE.md exists and every folder has a row', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  for (const folder of Object.keys(MAY_IMPORT)) {
    assert.ok(text.includes(`| \`${folder}/\``), `ARCHITECTURE.md has no row for ${folder}/`);
  }
  for (const match of text.matchAll(/`([a-z]+\/[\w./-]+\.(?:ts|mjs|js|md))`/g)) {
    const path = match[1] ?? '';
    assert.ok(existsSync(join(ROOT, path)), `ARCHITECTURE.md names ${path}, which does not exist`);
  }
});

test('no absolute path of a machine is written down', () => {
  const home = new RegExp(`(^|[^\\w.])/(${['work', 'root', 'home'].join('|')})/[a-z]`);
  const wrong: string[] = [];
  for (const folder of [...Object.keys(MAY_IMPORT), 'test', 'bench']) {
    for (const file of sources(folder)) {
      if (home.test(readFileSync(join(ROOT, file), 'utf8'))) wrong.push(relative('', file));
    }
  }
  assert.deepEqual(wrong, []);
});
