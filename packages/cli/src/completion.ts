import type { Command } from "commander";
import { CommandError, exitCode } from "./exit-code.js";

/** A completion script for a shell, made from the commands and options that the program has. */
export function completionScript(program: Command, shell: string): string {
  const commands = program.commands.map((command) => command.name());
  const options = program.commands.map((command) => ({
    name: command.name(),
    words: command.options.map((option) => option.long ?? option.short ?? ""),
  }));
  switch (shell) {
    case "bash":
      return bash(commands, options);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands, options)}`;
    case "fish":
      return fish(program);
    default:
      throw new CommandError(
        `no completion for ${JSON.stringify(shell)}: use bash, zsh or fish`,
        exitCode.usage,
      );
  }
}

function bash(
  commands: readonly string[],
  options: readonly { name: string; words: readonly string[] }[],
): string {
  const cases = options.map(({ name, words }) => `    ${name}) words="${words.join(" ")}" ;;`);
  return `_capstan() {
  local words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.join(" ")}"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _capstan capstan
`;
}

function fish(program: Command): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = program.commands.flatMap((command) => [
    `complete -c capstan -n __fish_use_subcommand -a ${command.name()} -d ${quote(command.description())}`,
    ...command.options
      .filter((option) => option.long !== undefined)
      .map(
        (option) =>
          `complete -c capstan -n '__fish_seen_subcommand_from ${command.name()}' -l ${(option.long ?? "").slice(2)} -d ${quote(option.description)}`,
      ),
  ]);
  return `complete -c capstan -f\n${lines.join("\n")}\n`;
}
