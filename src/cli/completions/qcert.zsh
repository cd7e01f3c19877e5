#compdef qcert
# Completion of qcert for zsh: qcert itself is asked at each Tab.

_qcert() {
    local -a lines plain folders
    local line value

    lines=("${(@f)$(qcert __complete $((CURRENT - 1)) -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for line in $lines; do
        value=${line%%$'\t'*}
        if [[ $value == */ ]]; then
            folders+=("$value")
        elif [[ $line == *$'\t'* ]]; then
            plain+=("${value//:/\\:}:${line#*$'\t'}")
        else
            plain+=("${value//:/\\:}")
        fi
    done
    (( $#plain )) && _describe -V 'qcert' plain
    # The name of a folder goes on.
    (( $#folders )) && compadd -S '' -- $folders
}

# Found in `fpath`, this file is the function itself; read by `source`, it has to be made known.
if [[ $funcstack[1] == _qcert ]]; then
    _qcert "$@"
else
    compdef _qcert qcert
fi
