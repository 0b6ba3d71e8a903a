/**
 * Completion scripts, generated from the commands themselves: what is added there is completed
 * here. They need nothing at run time, so that a press of the tab key does not start Node.
 */
import type { Command, Option } from 'commander';
import { usage } from './wallet/errors.ts';

/** One command with everything below it, by the words that lead there. */
type Entry = {
  /** Such as `wallet send`; empty: the program. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly {
    readonly long: string;
    readonly about: string;
    readonly takesValue: boolean;
  }[];
};

const HELP = { long: '--help', about: 'print help', takesValue: false };

function entriesOf(command: Command, path = ''): Entry[] {
  const commands = command.commands.map((each) => ({
    name: each.name(),
    about: each.description(),
  }));
  const visible = command.options.filter((option) => !option.hidden && option.long);
  const options = visible.map((option: Option) => ({
    long: option.long ?? '',
    about: option.description,
    takesValue: option.required || option.optional,
  }));
  const below = command.commands.flatMap((each) =>
    entriesOf(each, path === '' ? each.name() : `${path} ${each.name()}`),
  );
  return [{ path, commands, options: [...options, HELP] }, ...below];
}

/** The script for a shell. @throws CodedError CLI_USAGE when the shell is not known */
export function completionScript(program: Command, shell: string): string {
  const name = program.name();
  const entries = entriesOf(program);
  switch (shell) {
    case 'bash':
      return bashScript(name, entries);
    case 'zsh':
      return zshScript(name, entries);
    case 'fish':
      return fishScript(name, entries);
    default:
      return usage(`completions are there for bash, zsh and fish, not for '${shell}'`);
  }
}

/** Words that can follow a path, and the options among them that take a value. */
function bashCases(entries: readonly Entry[]): string {
  const cases = entries.map(({ path, commands, options }) => {
    const words = [...commands.map((each) => each.name), ...options.map((each) => each.long)];
    const values = options.filter((each) => each.takesValue).map((each) => each.long);
    return `    '${path}') words='${words.join(' ')}'; values=' ${values.join(' ')} ' ;;`;
  });
  return cases.join('\n');
}

function pathPattern(entries: readonly Entry[]): string {
  return entries.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`])).join('|');
}

function bashScript(name: string, entries: readonly Entry[]): string {
  const fn = `_${name.replaceAll('-', '_')}`;
  return `# bash completion of ${name}; made by '${name} completions bash'
${fn}() {
  local path='' words='' values='' word next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    next="\${path:+$path }$word"
    case "$next" in
      ${pathPattern(entries)}) path="$next" ;;
    esac
  done
  case "$path" in
${bashCases(entries)}
  esac
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}"
  if [[ "$values" == *" $before "* || -z "$words" ]]; then
    COMPREPLY=($(compgen -f -- "$cur"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ \${#COMPREPLY[@]} -eq 0 && "$cur" != -* ]]; then
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F ${fn} ${name}
`;
}

/** Inside single quotes; a colon would end the word that is described. */
const zshText = (text: string): string => text.replaceAll("'", "'\\''");
const zshWord = (word: string, about: string): string =>
  `'${zshText(word)}:${zshText(about).replaceAll(':', '\\:')}'`;

function zshScript(name: string, entries: readonly Entry[]): string {
  const fn = `_${name.replaceAll('-', '_')}`;
  const cases = entries.map(({ path, commands, options }) => {
    const words = commands.map((each) => zshWord(each.name, each.about)).join(' ');
    const flags = options.map((each) => zshWord(each.long, each.about)).join(' ');
    const values = options.filter((each) => each.takesValue).map((each) => each.long);
    return `    '${path}')
      commands=(${words})
      options=(${flags})
      values=(${values.join(' ')}) ;;`;
  });
  return `#compdef ${name}
# zsh completion of ${name}; made by '${name} completions zsh'
${fn}() {
  local path_='' next word i
  local -a commands options values
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    next="\${path_:+$path_ }$word"
    case "$next" in
      ${pathPattern(entries)}) path_="$next" ;;
    esac
  done
  case "$path_" in
${cases.join('\n')}
  esac
  if (( \${values[(Ie)\${words[CURRENT-1]}]} )); then
    _files
    return
  fi
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
  elif (( \${#commands} )); then
    _describe command commands
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == ${fn} ]]; then ${fn} "$@"; else compdef ${fn} ${name}; fi
`;
}

const fishText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishScript(name: string, entries: readonly Entry[]): string {
  const fn = `__${name.replaceAll('-', '_')}_at`;
  const lines = entries.flatMap(({ path, commands, options }) => {
    const when = `-n "${fn} ${path === '' ? "''" : `'${path}'`}"`;
    return [
      ...commands.map(
        (each) => `complete -c ${name} -f ${when} -a ${each.name} -d ${fishText(each.about)}`,
      ),
      ...options.map(
        (each) =>
          `complete -c ${name} ${when} -l ${each.long.slice(2)}${each.takesValue ? ' -r' : ''} -d ${fishText(each.about)}`,
      ),
    ];
  });
  const paths = entries.flatMap(({ path }) => (path === '' ? [] : [fishText(path)])).join(' ');
  return `# fish completion of ${name}; made by '${name} completions fish'
function ${fn}
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$path $word")
    if contains -- $next ${paths}
      set path $next
    end
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}
