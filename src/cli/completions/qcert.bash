# Completion of qcert for bash 3.2 and newer: qcert itself is asked at each Tab.

_qcert() {
    local typed=$2 word before line
    local -a words=()
    local at joins=

    # bash takes `--machine=name` and `C:\` apart at `=` and `:`; qcert wants the word whole.
    for ((at = 0; at <= COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        [[ $at -eq $COMP_CWORD && $word != [=:]* ]] && word=$typed
        if [[ ${#words[@]} -gt 1 && ( -n $joins || $word == [=:]* ) ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        joins=
        [[ $word == [=:]* ]] && joins=yes
    done
    word=${words[${#words[@]} - 1]}
    before=${word%"$typed"}

    COMPREPLY=()
    while IFS= read -r line; do
        line=${line%%$'\t'*}
        line=${line#"$before"}
        if [[ $line == '~/'* ]]; then
            printf -v line '~/%q' "${line:2}"
        else
            printf -v line '%q' "$line"
        fi
        COMPREPLY+=("$line")
    done < <(qcert __complete "$((${#words[@]} - 1))" -- "${words[@]}" 2>/dev/null)

    # The name of a folder goes on.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _qcert qcert
