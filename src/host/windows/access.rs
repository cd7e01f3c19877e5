//! Files and folders whose access list admits their owner, SYSTEM and Administrators only, from their creation; and who
//! may read a file by the list that it has. The one place with calls to Windows' own functions.
//!
//! Lists are written and read as SDDL text (Microsoft: Security Descriptor String Format), so that what is decided is
//! decided in `descriptor`, which knows no Windows.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use super::descriptor;
use std::ffi::{OsString, c_void};
use std::fs::File;
use std::io;
use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, INVALID_HANDLE_VALUE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, ConvertSidToStringSidW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetTokenInformation, OWNER_SECURITY_INFORMATION, SECURITY_ATTRIBUTES, TOKEN_QUERY,
    TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_GENERIC_WRITE, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// A new file that nobody else may open, for writing.
pub(super) fn create_private_file(path: &Path) -> io::Result<File> {
    let path = wide(path)?;
    let owned = Attributes::new(&descriptor::private_file(&own_sid()?))?;
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // SAFETY: the path ends with a zero, the attributes live until the call returns, and the handle that comes back is
    // ours alone.
    unsafe {
        let handle = CreateFileW(
            path.as_ptr(),
            FILE_GENERIC_WRITE,
            share,
            &raw const owned.attributes,
            CREATE_NEW,
            FILE_ATTRIBUTE_NORMAL,
            null_mut(),
        );
        if handle == INVALID_HANDLE_VALUE {
            return Err(io::Error::last_os_error());
        }
        Ok(File::from_raw_handle(handle))
    }
}

/// One new folder; what is made in it has the same list.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    let path = wide(path)?;
    let owned = Attributes::new(&descriptor::private_folder(&own_sid()?))?;
    // SAFETY: as above.
    if unsafe { CreateDirectoryW(path.as_ptr(), &raw const owned.attributes) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Whether the file's list lets others read it than its owner, this account, SYSTEM and Administrators.
pub(super) fn others_may_read(file: &File) -> io::Result<bool> {
    Ok(descriptor::lets_others_read(&text_of(file)?, &own_sid()?))
}

/// Owner and access list of a file, as SDDL.
fn text_of(file: &File) -> io::Result<String> {
    let wanted = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let mut found = Local(null_mut());
    // SAFETY: the handle is open, and of all that could be returned only the descriptor is asked for, which we free.
    let error = unsafe {
        GetSecurityInfo(
            file.as_raw_handle(),
            SE_FILE_OBJECT,
            wanted,
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut found.0,
        )
    };
    if error != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(error.cast_signed()));
    }
    let mut text = Local(null_mut());
    // SAFETY: the descriptor is the one that Windows gave; the text that comes back is ours to free.
    let done = unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            found.0,
            SDDL_REVISION_1,
            wanted,
            (&raw mut text.0).cast(),
            null_mut(),
        )
    };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(text.to_text()) }
}

/// The account that this process runs as: `S-1-5-…`.
fn own_sid() -> io::Result<String> {
    let mut token = null_mut();
    // SAFETY: the handle that comes back is ours, and closed by its owner.
    let token = unsafe {
        if OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) == 0 {
            return Err(io::Error::last_os_error());
        }
        OwnedHandle::from_raw_handle(token)
    };
    // In words of pointer size, as TOKEN_USER must lie; far more than the largest SID (68 octets) takes.
    let mut room = [0_usize; 64];
    let (mut length, size) = (0, u32::try_from(size_of_val(&room)).unwrap_or_default());
    let mut text = Local(null_mut());
    // SAFETY: the room is as large as is said and aligned for TOKEN_USER, which Windows writes at its start with its SID
    // behind it; the text that comes back is ours to free.
    unsafe {
        let token = token.as_raw_handle();
        if GetTokenInformation(token, TokenUser, room.as_mut_ptr().cast(), size, &raw mut length) == 0 {
            return Err(io::Error::last_os_error());
        }
        let user = &*room.as_ptr().cast::<TOKEN_USER>();
        if ConvertSidToStringSidW(user.User.Sid, (&raw mut text.0).cast()) == 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(text.to_text())
}

/// A security descriptor as the functions that create things take it.
struct Attributes {
    attributes: SECURITY_ATTRIBUTES,
    /// What the attributes point to.
    _descriptor: Local,
}

impl Attributes {
    fn new(text: &str) -> io::Result<Self> {
        let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut descriptor = Local(null_mut());
        // SAFETY: the text ends with a zero; the descriptor that comes back is ours to free.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor.0,
                null_mut(),
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        let attributes = SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default(),
            lpSecurityDescriptor: descriptor.0,
            bInheritHandle: 0,
        };
        Ok(Self { attributes, _descriptor: descriptor })
    }
}

/// Memory that Windows gave and takes back.
struct Local(*mut c_void);

impl Local {
    /// Of zero-ended UTF-16.
    fn to_text(&self) -> String {
        let start = self.0.cast::<u16>().cast_const();
        if start.is_null() {
            return String::new();
        }
        // SAFETY: Windows' texts end with a zero, and this one is alive until we are dropped.
        let units = unsafe {
            let mut length = 0;
            while *start.add(length) != 0 {
                length += 1;
            }
            std::slice::from_raw_parts(start, length)
        };
        String::from_utf16_lossy(units)
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: it came from Windows, and is freed once.
            unsafe { LocalFree(self.0) };
        }
    }
}

/// Ends with a zero.
pub(super) fn wide(path: &Path) -> io::Result<Vec<u16>> {
    let mut units: Vec<u16> = full(path)?.as_os_str().encode_wide().collect();
    if units.contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a path has a zero in it"));
    }
    units.push(0);
    Ok(units)
}

/// From the root of the disk; a long one (Microsoft: Maximum Path Length Limitation) in the verbatim form.
pub(super) fn full(path: &Path) -> io::Result<PathBuf> {
    const LONG: usize = 240;
    let full = std::path::absolute(path)?;
    let prefix = match &*full.to_string_lossy() {
        short if short.len() < LONG || short.starts_with(r"\\?\") || short.starts_with(r"\\.\") => return Ok(full),
        share if share.starts_with(r"\\") => r"\\?\UNC",
        _ => r"\\?\",
    };
    let units: Vec<u16> = full.as_os_str().encode_wide().collect();
    // `\\server` becomes `\\?\UNC\server`.
    let rest = if prefix.ends_with("UNC") { units.get(1..).unwrap_or_default() } else { &units };
    let mut verbatim = OsString::from(prefix);
    verbatim.push(OsString::from_wide(rest));
    Ok(verbatim.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn private_files_and_folders_have_their_list_from_the_beginning() {
        let scene = tempfile::tempdir().unwrap();
        let folder = scene.path().join("private");
        create_private_folder(&folder).unwrap();
        let path = folder.join("key.pem");
        let mut file = create_private_file(&path).unwrap();
        file.write_all(b"key").unwrap();
        drop(file);
        assert_eq!(create_private_file(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(create_private_folder(&folder).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let file = File::open(&path).unwrap();
        assert!(!others_may_read(&file).unwrap(), "{}", text_of(&file).unwrap());
        assert_eq!(std::fs::read(path).unwrap(), b"key");
    }

    #[test]
    fn long_paths_and_odd_names_are_taken() {
        let scene = tempfile::tempdir().unwrap();
        let mut folder = scene.path().to_owned();
        for _ in 0..8 {
            folder = folder.join("a folder with a long name, blanks and \u{fc}ml\u{e4}uts in it");
            create_private_folder(&folder).unwrap();
        }
        assert!(folder.to_string_lossy().len() > 400);
        create_private_file(&folder.join("key.pem")).unwrap().write_all(b"key").unwrap();
        assert_eq!(std::fs::read(folder.join("key.pem")).unwrap(), b"key");
    }

    #[test]
    fn only_long_paths_are_verbatim() {
        let long = "x".repeat(300);
        for (path, expected) in [
            (r"C:\a\..\b".to_owned(), r"C:\b".to_owned()),
            (format!(r"C:\{long}"), format!(r"\\?\C:\{long}")),
            (format!(r"\\server\share\{long}"), format!(r"\\?\UNC\server\share\{long}")),
            (format!(r"\\?\C:\{long}"), format!(r"\\?\C:\{long}")),
        ] {
            assert_eq!(full(Path::new(&path)).unwrap(), Path::new(&expected));
        }
    }

    #[test]
    fn this_account_has_a_name() {
        assert!(own_sid().unwrap().starts_with("S-1-5-"));
    }
}
