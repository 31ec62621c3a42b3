# Completion of weft for fish: commands of `weft help`, options of `weft COMMAND --help`, else files.
complete -c weft -n __fish_use_subcommand -f -a "(weft help 2>/dev/null | awk '/^  [a-z]/ { name = \$1; sub(/^  [a-z]+ +/, \"\"); print name \"\t\" \$0 }')"
complete -c weft -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -a "(weft (commandline -opc)[2] --help 2>/dev/null | awk '/^  -/ { print \$1 }')"
complete -c weft -n 'test (commandline -opc)[-1] = --via' -f -a "(weft devices 2>/dev/null | awk '/^[a-z]*:/ { print \$1 }')"
