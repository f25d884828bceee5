package io.dormouse.engine;

import io.dormouse.connection.TlsOptions;
import io.dormouse.support.Certificates;
import javax.net.ssl.SSLContext;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** TLS for the streams of a {@link StackWalk}. */
final class StackWalkTls {
  /** Of every host of a walk. Its signatures have one length, or no walk would be as the last. */
  private static final HeldCertificate HOSTS = hosts();

  static final SSLContext SERVER = Certificates.server(HOSTS).sslContext();

  private StackWalkTls() {}

  private static HeldCertificate hosts() {
    HeldCertificate.Builder hosts =
        new HeldCertificate.Builder().rsa2048().addSubjectAlternativeName("*.example");
    for (int i = 1; i < 100; i++) {
      hosts.addSubjectAlternativeName("10.0.0." + i);
    }
    return hosts.build();
  }

  /** Trusts the hosts, and knows no session of another walk. */
  static void trust(TlsOptions options, String newestVersion) {
    HandshakeCertificates client =
        new HandshakeCertificates.Builder().addTrustedCertificate(HOSTS.certificate()).build();
    options.sslContext(
        Certificates.context(newestVersion, client.keyManager(), client.trustManager()));
  }
}
