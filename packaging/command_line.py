"""Writes the manual page and the shell completions of `thau` from its own commands, so that they can't disagree.

    python packaging/command_line.py FOLDER        # FOLDER/man/man1/thau.1, FOLDER/bash-completion/completions/thau, …

The completions are plain lists: starting Python at every press of Tab would take a third of a second.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from thau_desktop import __version__
from thau_desktop.cli.commands import build
from thau_desktop.translation import set_language

Tree = dict[tuple[str, ...], Any]  # a command by its words: () is `thau` itself


def commands() -> Tree:
    """Every command and group, in their order."""
    set_language("en")
    return dict(_walk(typer.main.get_command(build()), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(inner, (*words, name))


def options(command: Any) -> list[str]:
    """The options as they are typed, without their values."""
    found = [name for parameter in command.params if parameter.param_type_name == "option"
             for name in (*parameter.opts, *parameter.secondary_opts)]
    return [*found, "--help"]


def words_after(tree: Tree, words: tuple[str, ...]) -> list[str]:
    """What may follow these words: commands of a group, else options."""
    inside = [each[-1] for each in tree if each and each[:-1] == words]
    return inside + options(tree[words])


def bash(tree: Tree) -> str:
    """A function for bash-completion; files are offered where no word fits."""
    cases = "\n".join(
        f'    "{" ".join(words)}") COMPREPLY=($(compgen -W "{" ".join(words_after(tree, words))}" -- "$current"));;'
        for words in tree
    )
    return f"""# bash completion of thau
_thau() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" path="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$word" in -*) ;; *) case " {" ".join(_groups(tree))} " in *" ${{path:+$path/}}$word "*) path="${{path:+$path/}}$word";; esac;; esac
  done
  case "${{path//\\// }}" in
{cases}
  esac
}}
complete -o default -F _thau thau
"""


def _groups(tree: Tree) -> list[str]:
    return ["/".join(words) for words in tree if words]


def zsh(tree: Tree) -> str:
    """zsh reads bash's."""
    return "#compdef thau\nautoload -U +X bashcompinit && bashcompinit\n" + bash(tree)


def fish(tree: Tree) -> str:
    """A line a word."""
    lines = ["# fish completion of thau", "function __thau_at; set -l words (commandline -opc)[2..]; "
             "test (string join ' ' -- (string match -v -- '-*' $words)) = \"$argv\"; end"]
    for words, command in tree.items():
        where = f"-n '__thau_at {' '.join(words)}'"
        for inside in (each for each in tree if each and each[:-1] == words):
            lines.append(f"complete -c thau -f {where} -a {inside[-1]} -d {_quoted(_help(tree[inside]))}")
        lines += [f"complete -c thau {where} -l {name[2:]}" for name in options(command) if name.startswith("--")]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _help(command: Any) -> str:
    return " ".join((command.help or "").split())


def man(tree: Tree) -> str:
    """man(7): each command with its arguments and options."""
    lines = [f'.TH THAU 1 "" "THAU {__version__}" "THAU"', ".SH NAME", "thau \\- " + _roff(_help(tree[()])), ".SH SYNOPSIS",
             ".B thau", "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]", ".br", ".B thau-desktop", "[\\fIFILE\\fR...]", ".SH DESCRIPTION",
             "Without a command the window opens; where there is no screen it talks in the terminal.", ".SH COMMANDS"]
    for words, command in tree.items():
        if not words or getattr(command, "commands", None):
            continue
        arguments = " ".join(f"\\fI{_roff(each.name.upper())}\\fR" for each in command.params if each.param_type_name == "argument")
        lines += [".TP", f"\\fBthau {_roff(' '.join(words))}\\fR {arguments}".rstrip(), _roff(_help(command))]
        for each in command.params:
            if each.param_type_name == "option":
                names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in (*each.opts, *each.secondary_opts))
                lines += [".RS", ".TP", names, _roff(each.help or ""), ".RE"]
    lines += [".SH ENVIRONMENT", ".TP", ".B THAU_HOME", "The folder that holds all user data.", ".SH EXIT STATUS",
              "0: done. 1: a problem, told in one line. 2: wrong usage. 130: stopped with Ctrl+C."]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("\n", " ").lstrip(".'")


def write(folder: Path) -> list[Path]:
    """All four below `folder`, as they lie in /usr/share."""
    tree = commands()
    files = {"man/man1/thau.1": man(tree), "bash-completion/completions/thau": bash(tree), "zsh/site-functions/_thau": zsh(tree),
             "fish/vendor_completions.d/thau.fish": fish(tree)}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    print(*write(parser.parse_args().folder), sep="\n")
