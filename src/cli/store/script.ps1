<#
.SYNOPSIS
Writes what the certificate stores of this machine and this account hold, as JSON for qcert.

.DESCRIPTION
Trusted Root, Personal and Intermediate, of the machine and of the account that runs this: certificates, their
friendly names, and for Qlik's certificates what Windows says of their keys. No private key is written, and nothing
is changed. For the client certificate run it as the account that runs Qlik's services, elevated.

Windows PowerShell 3.0 or later. PowerShell 7 does not tell an old key provider from a new one. Needs no module.

.EXAMPLE
powershell -NoProfile -ExecutionPolicy Bypass -File stores.ps1 -Path stores.json

.EXAMPLE
qcert validate stores.json
#>
[CmdletBinding()]
param(
    # The file to write; without it the JSON goes to the output.
    [string] $Path
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# What fails is left out.
function Get-OrNull([scriptblock] $read) {
    try { & $read } catch { $null }
}

function Get-Text($value) {
    if ([string]::IsNullOrEmpty([string] $value)) { $null } else { [string] $value }
}

# The innermost exception says what Windows answered.
function Get-Cause($record) {
    $exception = $record.Exception
    while ($null -ne $exception.InnerException) { $exception = $exception.InnerException }
    $exception
}

# Other keys than Qlik's are not opened: that may ask for a smart card.
function Test-Qlik($certificate) {
    foreach ($extension in $certificate.Extensions) {
        if ($extension.Oid.Value -eq '1.3.6.1.5.5.7.13.3') { return $true }
    }
    ($certificate.Subject -eq 'CN=QlikClient') -or ($certificate.Issuer -match '^CN=[^,]+-CA$')
}

function Get-Facts($certificate) {
    $facts = [ordered]@{
        provider = $null; kind = $null; container = $null; machine_keyset = $null
        exportable = $null; usable = $null; problem = $null
    }
    if (-not (Test-Qlik $certificate)) { return $facts }
    if ($certificate.PublicKey.Oid.Value -ne '1.2.840.113549.1.1.1') {
        $facts.problem = 'the key is not RSA, and was not opened'
        return $facts
    }
    try {
        # .NET Framework's property knows the old providers only. The method of .NET 4.6 knows both, but gives an old key
        # as if it were a new one (dotnet/corefx issue 3502): so it comes second.
        $key = $null
        $refusal = $null
        try { $key = $certificate.PrivateKey } catch { $refusal = Get-Cause $_ }
        $extensions = 'System.Security.Cryptography.X509Certificates.RSACertificateExtensions' -as [type]
        if (($null -eq $key) -and ($null -ne $extensions)) { $key = $extensions::GetRSAPrivateKey($certificate) }
        if ($key -is [System.Security.Cryptography.RSACryptoServiceProvider]) {
            $about = $key.CspKeyContainerInfo
            $facts.kind = 'capi'
            $facts.provider = Get-Text $about.ProviderName
            $facts.container = Get-Text $about.KeyContainerName
            $facts.machine_keyset = Get-OrNull { [bool] $about.MachineKeyStore }
            $facts.exportable = Get-OrNull { [bool] $about.Exportable }
            $facts.usable = Get-OrNull { [bool] $about.Accessible }
        } elseif (($null -ne $key) -and ($key.GetType().Name -eq 'RSACng')) {
            $about = $key.Key
            # PowerShell 7 gives every key so: there it is not known.
            if ($PSVersionTable['PSEdition'] -ne 'Core') {
                $facts.kind = 'cng'
                $facts.provider = Get-OrNull { Get-Text $about.Provider.Provider }
            }
            $facts.container = Get-OrNull { Get-Text $about.KeyName }
            $facts.machine_keyset = Get-OrNull { [bool] $about.IsMachineKey }
            # AllowExport and AllowPlaintextExport.
            $facts.exportable = Get-OrNull { ([int] $about.ExportPolicy -band 3) -ne 0 }
            $facts.usable = $true
        } else {
            $facts.problem = 'Windows gave no key that this script knows'
            # NTE_BAD_PROV_TYPE: an old .NET was given a key of the new store.
            if (($null -ne $refusal) -and ($refusal.HResult -eq -2146893804)) { $facts.kind = 'cng' }
        }
    } catch {
        $facts.problem = Get-Text (Get-Cause $_).Message
        $facts.usable = $false
    }
    $facts
}

$flags = [System.Security.Cryptography.X509Certificates.OpenFlags] 'ReadOnly, OpenExistingOnly, IncludeArchived'
$stores = @()
foreach ($location in 'LocalMachine', 'CurrentUser') {
    foreach ($name in 'Root', 'My', 'CA') {
        $problem = $null
        $certificates = @()
        try {
            $place = [System.Security.Cryptography.X509Certificates.StoreLocation] $location
            $store = New-Object System.Security.Cryptography.X509Certificates.X509Store($name, $place)
            $store.Open($flags)
            try {
                foreach ($certificate in $store.Certificates) {
                    $key = $null
                    if ($certificate.HasPrivateKey) { $key = Get-Facts $certificate }
                    $certificates += , [ordered]@{
                        der = [Convert]::ToBase64String($certificate.RawData)
                        friendly_name = Get-OrNull { Get-Text $certificate.FriendlyName }
                        archived = [bool] (Get-OrNull { $certificate.Archived })
                        key = $key
                    }
                }
            } finally {
                $store.Close()
            }
        } catch {
            $cause = Get-Cause $_
            # ERROR_FILE_NOT_FOUND: there is no such store, and so nothing in it.
            if ((2, -2147024894) -notcontains $cause.HResult) {
                $problem = Get-Text $cause.Message
                if ($null -eq $problem) { $problem = 'Windows did not say why' }
            }
        }
        $stores += , [ordered]@{ location = $location; name = $name; problem = $problem; certificates = $certificates }
    }
}

$identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
$principal = New-Object System.Security.Principal.WindowsPrincipal($identity)
$schannel = 'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL'
$list = Get-OrNull { [Microsoft.Win32.Registry]::GetValue($schannel, 'SendTrustedIssuerList', $null) }
if ($null -ne $list) { $list = [int] ($list -ne 0) }

$snapshot = [ordered]@{
    qcert_snapshot = 1
    made_by = 'qcert store snapshot --script'
    taken_at = [DateTime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [Globalization.CultureInfo]::InvariantCulture)
    computer = [System.Net.Dns]::GetHostName()
    domain = Get-OrNull { Get-Text ([System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().DomainName) }
    account = $identity.Name
    elevated = $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
    system = [Environment]::OSVersion.VersionString
    stores = $stores
    schannel = [ordered]@{ send_trusted_issuer_list = $list }
}

# In ASCII, so that no redirection can spoil a letter.
$json = ConvertTo-Json -InputObject $snapshot -Depth 8
$json = [regex]::Replace($json, '[^\x00-\x7f]', { param($match) '\u{0:x4}' -f [int] [char] $match.Value })
if ($Path) {
    $file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    [System.IO.File]::WriteAllText($file, $json + "`r`n", (New-Object System.Text.UTF8Encoding($false)))
} else {
    $json
}
