# Completion of qcert for PowerShell 5.1 and newer: qcert itself is asked at each Tab.

Register-ArgumentCompleter -Native -CommandName 'qcert', 'qcert.exe' -ScriptBlock {
    param($typed, $command, $cursor)

    # Words as they are written: nothing of them is evaluated before Enter is pressed.
    $words = @()
    foreach ($element in $command.CommandElements) {
        if ($element.Extent.EndOffset -ge $cursor) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $words += $element.Value
        } else {
            $words += $element.Extent.Text
        }
    }
    # PowerShell 5.1 does not hand over an empty word: the place says that there is one.
    $place = $words.Count
    if ($typed) { $words += $typed }

    & qcert __complete $place '--' @words 2>$null | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        $text = $value
        if ($value -match '[\s''"`$(){};,&|<>@#]') { $text = "'" + $value.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
    }
}
