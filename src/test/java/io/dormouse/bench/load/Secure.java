package io.dormouse.bench.load;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.X509TrustManager;
import okhttp3.tls.HandshakeCertificates;

/**
 * The ports of a {@link LoadServer} that speak TLS, 1.3 and 1.2. Its certificate is for 127.0.0.1
 * and for all names below {@link #DOMAIN}.
 *
 * @param webSocketEcho as {@link Ports#webSocketEcho}
 * @param tcpSink as {@link Ports#tcpSink}
 * @param tcpSource as {@link Ports#tcpSource}
 * @param authority the certificate of who has signed the server's, in base 64
 */
public record Secure(int webSocketEcho, int tcpSink, int tcpSource, String authority) {
  /** No name server knows it. */
  public static final String DOMAIN = "bench.example";

  static Secure of(int webSocketEcho, int tcpSink, int tcpSource, X509Certificate authority) {
    try {
      String text = Base64.getEncoder().encodeToString(authority.getEncoded());
      return new Secure(webSocketEcho, tcpSink, tcpSource, text);
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads what {@link #toString()} wrote. */
  static Secure parse(String text) {
    String[] parts = text.split(";", -1);
    return new Secure(
        Integer.parseInt(parts[0]),
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        parts[3]);
  }

  @Override
  public String toString() {
    return Stream.of(webSocketEcho, tcpSink, tcpSource, authority)
        .map(String::valueOf)
        .collect(Collectors.joining(";"));
  }

  /** Returns what trusts the server. */
  public X509TrustManager trustManager() {
    return certificates().trustManager();
  }

  /** Returns a new context, without sessions, and what is in it. */
  public Trust trust() {
    HandshakeCertificates certificates = certificates();
    return new Trust(certificates.sslContext(), certificates.trustManager());
  }

  private HandshakeCertificates certificates() {
    byte[] bytes = Base64.getDecoder().decode(authority);
    try {
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(bytes));
      return new HandshakeCertificates.Builder().addTrustedCertificate(certificate).build();
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }
}
