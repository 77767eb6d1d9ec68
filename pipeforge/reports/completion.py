"""Scripts that make a shell complete commands, options and the words that an option takes."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple


class Option(NamedTuple):
    """One option of a command."""

    names: tuple[str, ...]
    about: str
    takes: bool
    """Whether a value follows."""
    choices: tuple[str, ...]
    """The values there are; empty when there may be others, such as files."""


class Command(NamedTuple):
    """One command: what may be typed behind it."""

    name: str
    about: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    """What its arguments can be, where that is known."""
    files: bool
    """Whether its arguments are files."""
    follows: Mapping[str, Sequence[str]] = MappingProxyType({})
    """By the first argument, the words that may stand behind it; they end in `=`, and a value follows."""


ALONE = ("--help", "--version")
"""What is typed in place of a command."""


def bash(commands: Sequence[Command]) -> str:
    """For bash from 3.2 on. Where it answers nothing, bash itself completes files."""
    cases = [line for command in commands for line in _bash_case(command)]
    return "\n".join([*_BASH_HEAD, *cases, *_BASH_TAIL]).replace(
        "@COMMANDS@", " ".join([*(command.name for command in commands), *ALONE])
    )


_BASH_HEAD = (
    "# bash completion for pipeforge",
    "_pipeforge() {",
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= value=",
    "    # bash takes --option=value apart",
    '    if [[ $word == "=" ]]; then',
    "        word= value=1",
    '    elif [[ $before == "=" ]]; then',
    "        before=${COMP_WORDS[COMP_CWORD-2]} value=1",
    "    fi",
    "    COMPREPLY=()",
    "    if ((COMP_CWORD == 1)); then",
    '        COMPREPLY=($(compgen -W "@COMMANDS@" -- "$word"))',
    "        return",
    "    fi",
    "    case ${COMP_WORDS[1]} in",
)
_BASH_TAIL = (
    "    esac",
    '    COMPREPLY=($(compgen -W "$words" -- "$word"))',
    "}",
    "complete -o bashdefault -o default -F _pipeforge pipeforge",
    "",
)


def _bash_case(command: Command) -> list[str]:
    lines = [f"        {command.name})", "            case $before in"]
    free = [
        name for option in command.options if option.takes and not option.choices for name in option.names
    ]
    for option in command.options:
        if option.choices:
            lines.append(f'                {"|".join(option.names)}) words="{" ".join(option.choices)}" ;;')
    if free:
        lines.append(f"                {'|'.join(free)}) return ;;")
    names = " ".join(name for option in command.options for name in option.names)
    words = " ".join(command.words)
    lines.append(f'                *) if [[ $word == -* ]]; then words="{names}"; {_bash_behind(command)}')
    lines.append(f'                    else words="{words}"; fi ;;')
    return [*lines, "            esac", "            ;;"]


def _bash_behind(command: Command) -> str:
    """Of a command whose first argument says what may follow it."""
    if not command.follows:
        return ""
    cases = [f'{word}) words="{" ".join(after)}" ;;' for word, after in command.follows.items()]
    lines = [
        "elif ((COMP_CWORD > 2)); then",
        "    [[ $value ]] && return",
        "    compopt -o nospace 2>/dev/null",
    ]
    lines += ["    case ${COMP_WORDS[2]} in", *(f"        {case}" for case in cases), "    esac"]
    return "".join(f"\n                    {line}" for line in lines)


def zsh(commands: Sequence[Command]) -> str:
    """For zsh, as a file on its fpath or as something to source."""
    named = [f"        '{_zsh(command.name)}:{_zsh(command.about)}'" for command in commands]
    cases = [line for command in commands for line in _zsh_case(command)]
    return "\n".join(
        [
            "#compdef pipeforge",
            "_pipeforge() {",
            "    local -a commands=(",
            *named,
            "    )",
            "    if ((CURRENT == 2)); then",
            "        _describe command commands",
            "        return",
            "    fi",
            "    shift words",
            "    ((CURRENT--))",
            "    case $words[1] in",
            *cases,
            "    esac",
            "}",
            "if [[ $funcstack[1] == _pipeforge ]]; then",
            '    _pipeforge "$@"',
            "else",
            "    compdef _pipeforge pipeforge",
            "fi",
            "",
        ]
    )


def _zsh_case(command: Command) -> list[str]:
    lines = [f"        {command.name}) _arguments -s \\"]
    for option in command.options:
        lines += [f"            '*{name}{_zsh_value(option)}' \\" for name in option.names]
    what = f"({' '.join(command.words)})" if command.words else "_files" if command.files else ""
    if not command.follows:
        return [*lines, f"            '*:argument:{what}' ;;"]
    cases = [
        f"                {word}) named=({' '.join(after)}) ;;" for word, after in command.follows.items()
    ]
    before = [f"        {command.name})", "            local -a named=()", "            case $words[2] in"]
    lines[0] = "            _arguments -s \\"
    rest = [f"            '1:argument:{what}' \\", "            '*:argument:{compadd -S \"\" -- $named}' ;;"]
    return [*before, *cases, "            esac", *lines, *rest]


def _zsh_value(option: Option) -> str:
    about = f"[{_zsh(option.about)}]"
    if not option.takes:
        return about
    return f"{about}:value:{'(' + ' '.join(option.choices) + ')' if option.choices else '_files'}"


def _zsh(text: str) -> str:
    """A text within single quotes, where brackets and colons have a meaning to `_arguments`."""
    for sign in "\\[]:":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("'", "'\\''")


_FISH_HEAD = (
    "# fish completion for pipeforge",
    "function __pipeforge_is",
    "    set -l words (commandline -opc)",
    '    test (count $words) -ge 2; and test $words[2] = "$argv[1]"',
    "end",
)


def fish(commands: Sequence[Command]) -> str:
    """For fish 3."""
    lines = list(_FISH_HEAD)
    first = "complete -c pipeforge -n 'test (count (commandline -opc)) -eq 1'"
    for command in commands:
        lines.append(f"{first} -f -a {command.name} -d {_fish(command.about)}")
    for command in commands:
        here = f"complete -c pipeforge -n '__pipeforge_is {command.name}'"
        if command.follows:
            lines += _fish_behind(command)
        elif command.words:
            lines.append(f"{here} -f -a {_fish(' '.join(command.words))}")
        elif not command.files:
            lines.append(f"{here} -f")
        lines += [f"{here} {_fish_option(option)}" for option in command.options]
    return "\n".join(lines) + "\n"


def _fish_behind(command: Command) -> list[str]:
    """Of a command whose first argument says what may follow it."""
    here = f"__pipeforge_is {command.name}; and test (count (commandline -opc))"
    lines = [f"complete -c pipeforge -n '{here} -eq 2' -f -a {_fish(' '.join(command.words))}"]
    for word, after in command.follows.items():
        behind = f"{here} -gt 2; and test (commandline -opc)[3] = {word}"
        lines.append(f"complete -c pipeforge -n '{behind}' -f -a {_fish(' '.join(after))}")
    return lines


def _fish_option(option: Option) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    value = f" -x -a {_fish(' '.join(option.choices))}" if option.choices else " -r" if option.takes else ""
    return f"{' '.join(names)}{value} -d {_fish(option.about)}"


def _fish(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


SHELLS: Mapping[str, Callable[[Sequence[Command]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
"""By shell: what makes its script."""
