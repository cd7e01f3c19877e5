/* CryptoAPI opens the PFX files that qcert wrote, and says what it sees in them.
 *
 * It reads lines of words between tabs from standard input, and answers `ID <tab> FACT <tab> VALUE`. May not decide what
 * is right: the test does. Runs under Wine in a Windows of the test's own; on Windows itself it would leave keys in the
 * key stores and a root in CurrentUser\Root, which asks first.
 *
 *   wrong  ID FILE PASSWORD                       only that it is refused
 *   import ID machine|user FILE PASSWORD          what is inside, and a SHA-1 signature of the text ID by the key
 *   trust  ID FILE                                puts a root into CurrentUser\Root
 *   chain  ID WHEN server|client HOST BESIDE      of what was imported as ID: the chain, and what the SSL policy says of it
 *                                                 for this HOST; BESIDE is a certificate that is at hand besides. Either
 *                                                 may be `-` for none. The answer is of `ID WHEN`
 */
#include <windows.h>
#include <wincrypt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENCODING (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)
#define WORDS 8
#define HELD 256

static const char *id = "job";

/* What was imported. To open a PFX takes a tenth of a second, so it is done once. */
static struct {
    char id[128];
    HCERTSTORE store;
    PCCERT_CONTEXT certificate;
} held[HELD];
static int held_count;

static void say(const char *fact, const char *value)
{
    printf("%s\t%s\t%s\n", id, fact, value);
}

static void say_number(const char *fact, DWORD value)
{
    printf("%s\t%s\t%lu\n", id, fact, value);
}

static void say_status(const char *fact, DWORD value)
{
    printf("%s\t%s\t0x%08lx\n", id, fact, value);
}

static void say_wide(const char *fact, const WCHAR *value)
{
    char text[1024];
    if (!value || !WideCharToMultiByte(CP_UTF8, 0, value, -1, text, sizeof text, NULL, NULL))
        text[0] = 0;
    say(fact, text);
}

static void say_octets(const char *fact, const BYTE *octets, DWORD length, BOOL backwards)
{
    printf("%s\t%s\t", id, fact);
    for (DWORD i = 0; i < length; i++)
        printf("%02X", octets[backwards ? length - 1 - i : i]);
    printf("\n");
}

/* What went wrong, as Windows numbers it. */
static void failed(const char *call)
{
    DWORD error = GetLastError();
    printf("%s\terror\t%s 0x%08lx\n", id, call, error);
}

static BOOL read_file(const char *path, CRYPT_DATA_BLOB *blob)
{
    static BYTE bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) {
        say("error", "a file cannot be opened");
        return FALSE;
    }
    blob->pbData = bytes;
    blob->cbData = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return TRUE;
}

static HCERTSTORE open_pfx(const char *path, const char *password, DWORD flags)
{
    CRYPT_DATA_BLOB blob;
    WCHAR wide[512];
    if (!read_file(path, &blob))
        return NULL;
    if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, password, -1, wide, 512)) {
        failed("MultiByteToWideChar");
        return NULL;
    }
    HCERTSTORE store = PFXImportCertStore(&blob, wide, CRYPT_EXPORTABLE | flags);
    SecureZeroMemory(wide, sizeof wide);
    if (!store)
        failed("PFXImportCertStore");
    return store;
}

/* A property of a certificate in a place of its own; NULL where it has none. */
static void *property(PCCERT_CONTEXT certificate, DWORD which, DWORD *length)
{
    *length = 0;
    if (!CertGetCertificateContextProperty(certificate, which, NULL, length))
        return NULL;
    /* One character more, so that text ends in any case. */
    void *value = calloc(1, *length + sizeof(WCHAR));
    if (value && !CertGetCertificateContextProperty(certificate, which, value, length)) {
        free(value);
        value = NULL;
    }
    return value;
}

static void say_thumbprint(const char *fact, PCCERT_CONTEXT certificate)
{
    DWORD length;
    BYTE *thumbprint = property(certificate, CERT_SHA1_HASH_PROP_ID, &length);
    if (thumbprint)
        say_octets(fact, thumbprint, length, FALSE);
    free(thumbprint);
}

/* The key, as Windows finds it for the certificate. Wine does not note that it put it into the machine's key store: there
 * it has to be asked for by its container. */
static BOOL open_key(PCCERT_CONTEXT certificate, const CRYPT_KEY_PROV_INFO *info, BOOL machine, HCRYPTPROV *key, BOOL *release)
{
    DWORD spec;
    if (!machine || info->dwFlags & CRYPT_MACHINE_KEYSET) {
        if (CryptAcquireCertificatePrivateKey(certificate, CRYPT_ACQUIRE_SILENT_FLAG, NULL, key, &spec, release))
            return TRUE;
        failed("CryptAcquireCertificatePrivateKey");
        return FALSE;
    }
    *release = TRUE;
    if (CryptAcquireContextW(key, info->pwszContainerName, info->pwszProvName, info->dwProvType,
            CRYPT_SILENT | CRYPT_MACHINE_KEYSET))
        return TRUE;
    failed("CryptAcquireContext");
    return FALSE;
}

static BOOL is_of(HCRYPTPROV key, PCCERT_CONTEXT certificate)
{
    DWORD length = 0;
    if (!CryptExportPublicKeyInfo(key, AT_KEYEXCHANGE, ENCODING, NULL, &length))
        return FALSE;
    CERT_PUBLIC_KEY_INFO *public = malloc(length);
    BOOL same = public && CryptExportPublicKeyInfo(key, AT_KEYEXCHANGE, ENCODING, public, &length)
        && CertComparePublicKeyInfo(ENCODING, public, &certificate->pCertInfo->SubjectPublicKeyInfo);
    free(public);
    return same;
}

/* The certificate of the key, and the key. Wine says of every certificate in the file that it has one. */
static PCCERT_CONTEXT with_key(HCERTSTORE store, BOOL machine, HCRYPTPROV *key, BOOL *release)
{
    PCCERT_CONTEXT one = NULL;
    DWORD length;
    while ((one = CertEnumCertificatesInStore(store, one))) {
        CRYPT_KEY_PROV_INFO *info = property(one, CERT_KEY_PROV_INFO_PROP_ID, &length);
        BOOL opened = info && open_key(one, info, machine, key, release);
        free(info);
        if (opened && is_of(*key, one))
            return one;
        if (opened && *release)
            CryptReleaseContext(*key, 0);
    }
    say("error", "no certificate has a key of its own");
    return NULL;
}

static void sign(HCRYPTPROV key, PCCERT_CONTEXT certificate)
{
    HCRYPTHASH hash;
    HCRYPTKEY public;
    DWORD length = 1024, bits, size = sizeof bits;
    BYTE signature[1024];
    if (!CryptCreateHash(key, CALG_SHA1, 0, 0, &hash) || !CryptHashData(hash, (const BYTE *)id, strlen(id), 0)) {
        failed("CryptHashData");
        return;
    }
    if (!CryptSignHashW(hash, AT_KEYEXCHANGE, NULL, 0, signature, &length))
        failed("CryptSignHash");
    else if (!CryptImportPublicKeyInfo(key, ENCODING, &certificate->pCertInfo->SubjectPublicKeyInfo, &public))
        failed("CryptImportPublicKeyInfo");
    else {
        /* CryptoAPI's numbers begin with their least octet. */
        say_octets("signature", signature, length, TRUE);
        say("verified", CryptVerifySignatureW(hash, signature, length, public, NULL, 0) ? "yes" : "no");
        if (CryptGetKeyParam(public, KP_KEYLEN, (BYTE *)&bits, &size, 0))
            say_number("key bits", bits);
        CryptDestroyKey(public);
    }
    CryptDestroyHash(hash);
}

static void show(PCCERT_CONTEXT certificate)
{
    WCHAR subject[512];
    DWORD form = CERT_X500_NAME_STR, length;
    CertGetNameStringW(certificate, CERT_NAME_RDN_TYPE, 0, &form, subject, 512);
    say_wide("subject", subject);
    say_thumbprint("thumbprint", certificate);
    WCHAR *friendly = property(certificate, CERT_FRIENDLY_NAME_PROP_ID, &length);
    say_wide("friendly name", friendly);
    free(friendly);
    CRYPT_KEY_PROV_INFO *key = property(certificate, CERT_KEY_PROV_INFO_PROP_ID, &length);
    if (key) {
        say_wide("provider", key->pwszProvName);
        say_number("provider type", key->dwProvType);
        say("keyset", key->dwFlags & CRYPT_MACHINE_KEYSET ? "machine" : "user");
        say_wide("container", key->pwszContainerName);
    }
    free(key);
}

static void hold(HCERTSTORE store, PCCERT_CONTEXT certificate)
{
    if (held_count == HELD) {
        say("error", "too many files");
        return;
    }
    snprintf(held[held_count].id, sizeof held[0].id, "%s", id);
    held[held_count].store = store;
    held[held_count++].certificate = certificate;
}

static void import(char **words)
{
    BOOL machine = !strcmp(words[2], "machine"), release;
    HCERTSTORE store = open_pfx(words[3], words[4], machine ? CRYPT_MACHINE_KEYSET : CRYPT_USER_KEYSET);
    if (!store)
        return;
    DWORD count = 0;
    for (PCCERT_CONTEXT one = NULL; (one = CertEnumCertificatesInStore(store, one));)
        count++;
    say_number("certificates", count);
    HCRYPTPROV key;
    PCCERT_CONTEXT certificate = with_key(store, machine, &key, &release);
    if (certificate) {
        show(certificate);
        sign(key, certificate);
        hold(store, certificate);
        if (release)
            CryptReleaseContext(key, 0);
    }
}

static void wrong(char **words)
{
    if (open_pfx(words[2], words[3], CRYPT_USER_KEYSET))
        say("opened", "yes");
}

static BOOL add(HCERTSTORE store, const char *path)
{
    CRYPT_DATA_BLOB blob;
    if (!read_file(path, &blob))
        return FALSE;
    if (!CertAddEncodedCertificateToStore(store, ENCODING, blob.pbData, blob.cbData, CERT_STORE_ADD_REPLACE_EXISTING, NULL)) {
        failed("CertAddEncodedCertificateToStore");
        return FALSE;
    }
    return TRUE;
}

static void trust(char **words)
{
    HCERTSTORE root = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"Root");
    if (!root) {
        failed("CertOpenStore");
        return;
    }
    add(root, words[2]);
    CertCloseStore(root, 0);
}

static void ask_policy(PCCERT_CHAIN_CONTEXT chain, BOOL server, const WCHAR *host)
{
    HTTPSPolicyCallbackData https = {0};
    CERT_CHAIN_POLICY_PARA question = {.cbSize = sizeof question};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status};
    https.cbStruct = sizeof https;
    https.dwAuthType = server ? AUTHTYPE_SERVER : AUTHTYPE_CLIENT;
    https.pwszServerName = (WCHAR *)host;
    question.pvExtraPolicyPara = &https;
    if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &question, &status))
        failed("CertVerifyCertificateChainPolicy");
    else
        say_status("policy", status.dwError);
}

static void build_chain(PCCERT_CONTEXT certificate, HCERTSTORE beside, BOOL server, const WCHAR *host)
{
    /* An engine reads the roots once: a new one each time, for there may be more of them by now. */
    HCERTCHAINENGINE engine;
    /* Of the size that Windows Vista knew: Wine takes no longer one. */
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot)};
    if (!CertCreateCertificateChainEngine(&config, &engine)) {
        failed("CertCreateCertificateChainEngine");
        return;
    }
    LPSTR usage[] = {server ? szOID_PKIX_KP_SERVER_AUTH : szOID_PKIX_KP_CLIENT_AUTH};
    CERT_CHAIN_PARA wanted = {.cbSize = sizeof wanted};
    wanted.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    wanted.RequestedUsage.Usage.cUsageIdentifier = 1;
    wanted.RequestedUsage.Usage.rgpszUsageIdentifier = usage;
    PCCERT_CHAIN_CONTEXT chain;
    if (!CertGetCertificateChain(engine, certificate, NULL, beside, &wanted, 0, NULL, &chain))
        failed("CertGetCertificateChain");
    else {
        PCERT_SIMPLE_CHAIN first = chain->rgpChain[0];
        say_status("trust", chain->TrustStatus.dwErrorStatus);
        say_number("length", first->cElement);
        say_thumbprint("ends in", first->rgpElement[first->cElement - 1]->pCertContext);
        ask_policy(chain, server, host);
        CertFreeCertificateChain(chain);
    }
    CertFreeCertificateChainEngine(engine);
}

static void chain(char **words)
{
    char name[256];
    WCHAR host[512];
    BOOL named = strcmp(words[4], "-") && MultiByteToWideChar(CP_UTF8, 0, words[4], -1, host, 512);
    int at = 0;
    while (at < held_count && strcmp(held[at].id, words[1]))
        at++;
    snprintf(name, sizeof name, "%s %s", words[1], words[2]);
    id = name;
    HCERTSTORE beside = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    HCERTSTORE all = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
    if (at == held_count || !beside || !all || !CertAddStoreToCollection(all, beside, 0, 0)
        || !CertAddStoreToCollection(all, held[at].store, 0, 1))
        say("error", "nothing is held, or no store can be made");
    else if (!strcmp(words[5], "-") || add(beside, words[5]))
        build_chain(held[at].certificate, all, !strcmp(words[3], "server"), named ? host : NULL);
    CertCloseStore(all, 0);
    CertCloseStore(beside, 0);
}

/* Words may be empty, so strtok does not do. */
static int split(char *line, char **words)
{
    int count = 0;
    line[strcspn(line, "\r\n")] = 0;
    while (line && count < WORDS) {
        char *tab = strchr(line, '\t');
        if (tab)
            *tab++ = 0;
        words[count++] = line;
        line = tab;
    }
    return count;
}

int main(void)
{
    static char line[4096];
    char *words[WORDS];
    while (fgets(line, sizeof line, stdin)) {
        int count = split(line, words);
        id = count > 1 ? words[1] : "job";
        if (count == 5 && !strcmp(words[0], "import"))
            import(words);
        else if (count == 3 && !strcmp(words[0], "trust"))
            trust(words);
        else if (count == 4 && !strcmp(words[0], "wrong"))
            wrong(words);
        else if (count == 6 && !strcmp(words[0], "chain"))
            chain(words);
        else
            say("error", "no such job");
    }
    id = "cryptoapi";
    say("done", "yes");
    return 0;
}
