# Completion of qcert for fish 3 and newer: qcert itself is asked at each Tab.

function __qcert_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l typed (commandline --current-token --cut-at-cursor)
    qcert __complete (count $words) -- $words "$typed" 2>/dev/null
end

complete --command qcert --no-files --keep-order --arguments '(__qcert_complete)'
