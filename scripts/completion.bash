# SPDX-License-Identifier: GPL-3.0-or-later
# Bash completion of greffier-index and greffier-query. The programs list their commands
# and options themselves, so nothing here goes out of date.
# shellcheck shell=bash

# Prints the command among the words before the cursor, if it has been typed.
_greffier_command() {
    local program=$1 word known
    known=$("$program" --list-commands 2>/dev/null) || return
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if grep -qxF -e "$word" <<<"$known"; then
            printf '%s\n' "$word"
            return
        fi
    done
}

# The argument that an option takes (DIR, FILE, N...), empty for a flag.
_greffier_argument() {
    "$1" --list-options "$2" 2>/dev/null |
        awk -F '\t' -v o="$3" '$1 == o || $3 == o { print $2; exit }'
}

_greffier() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
    local previous=${COMP_WORDS[COMP_CWORD - 1]} command
    COMPREPLY=()
    command=$(_greffier_command "$program")
    if [[ -z $command && $program == *greffier-query ]]; then
        command=search
    fi
    if [[ $previous == -* ]]; then
        case $(_greffier_argument "$program" "${command:-status}" "$previous") in
        DIR) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
        FILE) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        MODE) mapfile -t COMPREPLY < <(compgen -W 'hybrid lexical vector' -- "$word"); return ;;
        KIND)
            mapfile -t COMPREPLY < <(compgen -W \
                'deliberation arrete decision pv_item information document' -- "$word")
            return
            ;;
        ?*) return ;; # a value that only the user knows
        esac
    fi
    if [[ $word == -* ]]; then
        local options
        options=$("$program" --list-options "${command:-status}" 2>/dev/null | cut -f1)
        [[ -n $command && $COMP_CWORD -gt 1 ]] || options+=$'\n--version'
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    elif [[ -z $(_greffier_command "$program") && $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" --list-commands 2>/dev/null)" -- "$word")
    elif [[ $command == add || $command == eval ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}

complete -F _greffier greffier-index greffier-query
