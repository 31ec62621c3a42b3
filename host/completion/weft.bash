# Completion of weft for bash: commands of `weft help`, options of `weft COMMAND --help`, else files.
_weft() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} weft=${COMP_WORDS[0]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ] || { [ "$COMP_CWORD" = 2 ] && [ "$before" = help ]; }; then
        COMPREPLY=($(compgen -W "help --help --version $("$weft" help 2>/dev/null | awk '/^  [a-z]/ { print $1 }')" -- "$word"))
    elif [ "$before" = --via ]; then
        COMPREPLY=($(compgen -W "$("$weft" devices 2>/dev/null | awk '/^[a-z]*:/ { print $1 }')" -- "$word"))
        type compopt >/dev/null 2>&1 && compopt -o nospace 2>/dev/null
    elif [ "${word#-}" != "$word" ]; then
        COMPREPLY=($(compgen -W "--help $("$weft" "${COMP_WORDS[1]}" --help 2>/dev/null | awk '/^  -/ { print $1 }')" -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
        type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
    fi
}
complete -F _weft weft
