//! Windows' own opinion of a certificate: the chain that it builds with what is in its stores, and its policy. Nothing is
//! fetched from a network, and no revocation is asked for: a Qlik site has none.
#![expect(unsafe_code, reason = "Windows' functions are called by pointer; each call says why it may be")]

use super::{Context, last_error};
use crate::host::stores::{Trust, Use};
use crate::pki::snapshot::Location;
use std::io;
use std::mem::{ManuallyDrop, offset_of};
use std::ptr::{null, null_mut};
use windows_sys::Win32::Security::Cryptography::{
    AUTHTYPE_SERVER, CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL, CERT_CHAIN_CONTEXT, CERT_CHAIN_DISABLE_AUTH_ROOT_AUTO_UPDATE,
    CERT_CHAIN_ELEMENT, CERT_CHAIN_ENGINE_CONFIG, CERT_CHAIN_PARA, CERT_CHAIN_POLICY_BASE, CERT_CHAIN_POLICY_PARA,
    CERT_CHAIN_POLICY_SSL, CERT_CHAIN_POLICY_STATUS, CERT_CHAIN_USE_LOCAL_MACHINE_STORE,
    CertCreateCertificateChainEngine, CertFreeCertificateChain, CertFreeCertificateChainEngine,
    CertGetCertificateChain, CertVerifyCertificateChainPolicy, HCERTCHAINENGINE, HTTPSPolicyCallbackData,
    USAGE_MATCH_TYPE_OR,
};

/// As seen by the machine, or by this account.
pub fn trust(der: &[u8], purpose: Use<'_>, location: Location) -> io::Result<Trust> {
    let certificate = Context::new(der)?;
    let engine = Engine::new(location)?;
    let chain = Chain::build(&certificate, purpose, &engine)?;
    Ok(Trust { status: chain.status(), policy: chain.policy(purpose)?, chain: chain.certificates() })
}

/// A new one for each question: Windows' own of the process may still know the stores as they were.
struct Engine(HCERTCHAINENGINE);

impl Engine {
    fn new(location: Location) -> io::Result<Self> {
        let of_machine = match location {
            Location::LocalMachine => CERT_CHAIN_USE_LOCAL_MACHINE_STORE,
            Location::CurrentUser => 0,
            Location::Other => return Err(io::Error::from(io::ErrorKind::InvalidInput)),
        };
        let how = CERT_CHAIN_ENGINE_CONFIG {
            // As long as in Windows 7, which is all that Wine 8 takes. Nothing behind that is wanted.
            cbSize: u32::try_from(offset_of!(CERT_CHAIN_ENGINE_CONFIG, dwExclusiveFlags)).unwrap_or_default(),
            dwFlags: of_machine | CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL,
            ..Default::default()
        };
        let mut engine = null_mut();
        // SAFETY: the configuration lives until the call returns, and the engine that comes back is ours.
        let done = unsafe { CertCreateCertificateChainEngine(&raw const how, &raw mut engine) };
        if done == 0 { Err(last_error()) } else { Ok(Self(engine)) }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: it was made, and is given back once.
        unsafe { CertFreeCertificateChainEngine(self.0) };
    }
}

/// What Windows built.
struct Chain(*mut CERT_CHAIN_CONTEXT);

impl Chain {
    fn build(certificate: &Context, purpose: Use<'_>, engine: &Engine) -> io::Result<Self> {
        // RFC 5280 4.2.1.12.
        let wanted = match purpose {
            Use::Server(_) => c"1.3.6.1.5.5.7.3.1",
            Use::Client => c"1.3.6.1.5.5.7.3.2",
        };
        let mut usages = [wanted.as_ptr().cast::<u8>().cast_mut()];
        let mut how = CERT_CHAIN_PARA { cbSize: size::<CERT_CHAIN_PARA>(), ..Default::default() };
        how.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
        how.RequestedUsage.Usage.cUsageIdentifier = 1;
        how.RequestedUsage.Usage.rgpszUsageIdentifier = usages.as_mut_ptr();
        let flags = CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL | CERT_CHAIN_DISABLE_AUTH_ROOT_AUTO_UPDATE;
        let mut chain = null_mut();
        // SAFETY: the context and the usage live until the call returns, no time means now, and the chain that comes
        // back is ours.
        let done = unsafe {
            let (engine, certificate) = (engine.0, certificate.0);
            let how = &raw const how;
            CertGetCertificateChain(engine, certificate, null(), null_mut(), how, flags, null(), &raw mut chain)
        };
        if done == 0 || chain.is_null() { Err(last_error()) } else { Ok(Self(chain)) }
    }

    fn status(&self) -> u32 {
        // SAFETY: the chain is Windows' and lives until we are dropped.
        unsafe { (*self.0).TrustStatus.dwErrorStatus }
    }

    /// The number of what the policy finds wrong, 0 for nothing.
    fn policy(&self, purpose: Use<'_>) -> io::Result<u32> {
        let mut host = Vec::new();
        let mut server = HTTPSPolicyCallbackData { dwAuthType: AUTHTYPE_SERVER, ..Default::default() };
        server.Anonymous.cbSize = size::<HTTPSPolicyCallbackData>();
        let mut how = CERT_CHAIN_POLICY_PARA { cbSize: size::<CERT_CHAIN_POLICY_PARA>(), ..Default::default() };
        let policy = match purpose {
            // Without a name none would be compared.
            Use::Server(name) if name.is_empty() || name.contains('\0') => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "the server has no name to be asked for"));
            }
            Use::Server(name) => {
                host.extend(name.encode_utf16().chain([0]));
                server.pwszServerName = host.as_mut_ptr();
                how.pvExtraPolicyPara = (&raw mut server).cast();
                CERT_CHAIN_POLICY_SSL
            }
            Use::Client => CERT_CHAIN_POLICY_BASE,
        };
        let mut found = CERT_CHAIN_POLICY_STATUS { cbSize: size::<CERT_CHAIN_POLICY_STATUS>(), ..Default::default() };
        // SAFETY: the chain is alive, and so are what the policy takes and the name in it, which ends with a zero.
        let done = unsafe { CertVerifyCertificateChainPolicy(policy, self.0, &raw const how, &raw mut found) };
        if done == 0 { Err(last_error()) } else { Ok(found.dwError) }
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        // SAFETY: the chain lives until we are dropped. It points to as many simple chains as it says, each of these to
        // as many elements, and each element to its certificate; the borrowed context is not given back.
        unsafe {
            let chains = slice((*self.0).rgpChain, (*self.0).cChain);
            let Some(first) = chains.first() else { return Vec::new() };
            let elements = slice((**first).rgpElement, (**first).cElement);
            let context = |element: &CERT_CHAIN_ELEMENT| ManuallyDrop::new(Context(element.pCertContext.cast_mut()));
            elements.iter().map(|element| context(&**element).der()).collect()
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // SAFETY: it came from Windows, and is given back once.
        unsafe { CertFreeCertificateChain(self.0) };
    }
}

/// # Safety
///
/// There are so many, or the pointer is null.
unsafe fn slice<'a, T>(start: *mut T, length: u32) -> &'a [T] {
    let length = usize::try_from(length).unwrap_or_default();
    // SAFETY: the caller says so.
    if start.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(start, length) } }
}

fn size<T>() -> u32 {
    u32::try_from(size_of::<T>()).unwrap_or_default()
}
