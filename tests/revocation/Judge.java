import java.io.FileInputStream;
import java.io.InputStream;
import java.security.cert.*;
import java.util.List;
import java.util.Set;

/** Judge ROOT LIST CERTIFICATE: validates the certificate with the list, and says why it does not hold. */
public final class Judge {
    public static void main(String[] names) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        Certificate root;
        CRL list;
        Certificate certificate;
        try (InputStream one = new FileInputStream(names[0]);
                InputStream two = new FileInputStream(names[1]);
                InputStream three = new FileInputStream(names[2])) {
            root = factory.generateCertificate(one);
            list = factory.generateCRL(two);
            certificate = factory.generateCertificate(three);
        }
        PKIXParameters how = new PKIXParameters(Set.of(new TrustAnchor((X509Certificate) root, null)));
        how.setRevocationEnabled(true);
        how.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(list))));
        try {
            CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(List.of(certificate)), how);
            System.out.println("good");
        } catch (CertPathValidatorException refusal) {
            System.out.println(refusal.getMessage() + " " + refusal.getCause());
            System.exit(1);
        }
    }
}
