//! Whose stores were read: computer, domain, account, rights, version; and what the registry says of trusted issuers and
//! of Qlik's service.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::null_mut;
use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS};
use windows_sys::Win32::Security::Authentication::Identity::{GetUserNameExW, NameSamCompatible};
use windows_sys::Win32::Security::{GetTokenInformation, TOKEN_ELEVATION, TOKEN_QUERY, TokenElevation};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_DWORD, RRF_RT_REG_SZ, RegGetValueW};
use windows_sys::Win32::System::SystemInformation::{
    COMPUTER_NAME_FORMAT, ComputerNameDnsDomain, ComputerNameDnsHostname, GetComputerNameExW,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// In UTF-16: names of computers and accounts have a few hundred at most.
type Room = [u16; 1024];

const VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const SERVICE: &str = r"SYSTEM\CurrentControlSet\Services\QlikSenseRepositoryService";
const SCHANNEL: &str = r"SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL";

pub(super) fn computer() -> String {
    computer_name(ComputerNameDnsHostname).or_else(|| std::env::var("COMPUTERNAME").ok()).unwrap_or_default()
}

/// The DNS domain that the computer is in.
pub(super) fn domain() -> Option<String> {
    computer_name(ComputerNameDnsDomain)
}

fn computer_name(format: COMPUTER_NAME_FORMAT) -> Option<String> {
    let mut room: Room = [0; 1024];
    let mut length = size_in_units(&room);
    // SAFETY: the room is as long as is said.
    let done = unsafe { GetComputerNameExW(format, room.as_mut_ptr(), &raw mut length) };
    (done != 0).then(|| text(&room)).filter(|name| !name.is_empty())
}

/// `DOMAIN\name`.
pub(super) fn account() -> String {
    let mut room: Room = [0; 1024];
    let mut length = size_in_units(&room);
    // SAFETY: the room is as long as is said.
    let done = unsafe { GetUserNameExW(NameSamCompatible, room.as_mut_ptr(), &raw mut length) };
    if done { text(&room) } else { std::env::var("USERNAME").unwrap_or_default() }
}

/// Whether administrators' rights are in effect.
pub(super) fn elevated() -> Option<bool> {
    let mut token = null_mut();
    // SAFETY: the handle that comes back is ours, and closed by its owner.
    let token = unsafe {
        if OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) == 0 {
            return None;
        }
        OwnedHandle::from_raw_handle(token)
    };
    let mut elevation = TOKEN_ELEVATION::default();
    let size = u32::try_from(size_of::<TOKEN_ELEVATION>()).unwrap_or_default();
    let mut length = 0;
    // SAFETY: the room is the structure that is written, and as long as is said.
    let done = unsafe {
        GetTokenInformation(token.as_raw_handle(), TokenElevation, (&raw mut elevation).cast(), size, &raw mut length)
    };
    (done != 0).then_some(elevation.TokenIsElevated != 0)
}

/// As Windows calls itself, with its build.
pub(super) fn system() -> Option<String> {
    let name = registry_text(VERSION, "ProductName")?;
    match registry_text(VERSION, "CurrentBuildNumber") {
        Some(build) => Some(format!("{name}, build {build}")),
        None => Some(name),
    }
}

/// The account that Qlik's Repository Service runs as, in the words of the service's own settings (`LocalSystem`,
/// `.\name`, `DOMAIN\name`, `name@domain`); `None`: it is not installed here.
pub fn service_account() -> io::Result<Option<String>> {
    let mut room = [0; 2048];
    match registry(SERVICE, "ObjectName", RRF_RT_REG_SZ, &mut room) {
        Ok(()) => Ok(Some(text_of(&room)).filter(|account| !account.is_empty())),
        Err(error) if error.raw_os_error() == Some(ERROR_FILE_NOT_FOUND.cast_signed()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `None`: it is not set.
pub(super) fn send_trusted_issuer_list() -> Option<u32> {
    let mut number = [0; size_of::<u32>()];
    let found = registry(SCHANNEL, "SendTrustedIssuerList", RRF_RT_REG_DWORD, &mut number);
    found.ok().map(|()| u32::from_le_bytes(number))
}

fn registry_text(key: &str, name: &str) -> Option<String> {
    let mut room = [0; 512];
    registry(key, name, RRF_RT_REG_SZ, &mut room).ok()?;
    Some(text_of(&room)).filter(|text| !text.is_empty())
}

/// Reads a value of the machine's into the room.
fn registry(key: &str, name: &str, kind: u32, room: &mut [u8]) -> io::Result<()> {
    let wide = |text: &str| -> Vec<u16> { text.encode_utf16().chain([0]).collect() };
    let (key, name) = (wide(key), wide(name));
    let mut length = u32::try_from(room.len()).unwrap_or_default();
    // SAFETY: both texts end with a zero and live until the call returns; the room is as long as is said.
    let status = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            name.as_ptr(),
            kind,
            null_mut(),
            room.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if status == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(status.cast_signed())) }
}

fn text_of(octets: &[u8]) -> String {
    let (units, _) = octets.as_chunks::<2>();
    text(&units.iter().map(|unit| u16::from_le_bytes(*unit)).collect::<Vec<_>>())
}

fn size_in_units(room: &Room) -> u32 {
    u32::try_from(room.len()).unwrap_or_default()
}

/// Up to the zero.
fn text(units: &[u16]) -> String {
    let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    String::from_utf16_lossy(units.get(..end).unwrap_or_default())
}
