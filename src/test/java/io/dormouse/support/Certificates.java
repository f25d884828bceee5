package io.dormouse.support;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** An authority of our own, and what it has signed. */
public final class Certificates {
  /** Trusted by {@link #client()}. */
  public static final HeldCertificate AUTHORITY =
      new HeldCertificate.Builder().commonName("the authority").certificateAuthority(0).build();

  /** Of a server that is reached by this name and these addresses. */
  public static final HeldCertificate LOCALHOST =
      signed()
          .commonName("localhost")
          .addSubjectAlternativeName("localhost")
          .addSubjectAlternativeName("127.0.0.1")
          .addSubjectAlternativeName("::1")
          .build();

  private Certificates() {}

  /** Begins a certificate that the authority signs. */
  public static HeldCertificate.Builder signed() {
    return new HeldCertificate.Builder()
        .signedBy(AUTHORITY)
        .duration(Duration.ofDays(1).toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns what a server with this certificate has, that trusts clients of the authority. */
  public static HandshakeCertificates server(HeldCertificate certificate) {
    return new HandshakeCertificates.Builder()
        .heldCertificate(certificate)
        .addTrustedCertificate(AUTHORITY.certificate())
        .build();
  }

  /** Returns what a client has that trusts the authority. */
  public static HandshakeCertificates client() {
    return new HandshakeCertificates.Builder()
        .addTrustedCertificate(AUTHORITY.certificate())
        .build();
  }

  /** Returns a client's context that trusts the authority, and knows no later version than this. */
  public static SSLContext upTo(String version) {
    return context(version, client().keyManager(), client().trustManager());
  }

  /**
   * Returns that of a server which accepts no client. It names no authorities either: a key manager
   * has nothing that suits a server which does.
   */
  public static SSLContext refusingClients() {
    HandshakeCertificates own =
        new HandshakeCertificates.Builder().heldCertificate(LOCALHOST).build();
    return context("TLS", own.keyManager(), new Refuses());
  }

  /** Returns a context with this newest version. */
  public static SSLContext context(String version, KeyManager key, TrustManager trusts) {
    try {
      SSLContext context = SSLContext.getInstance(version);
      context.init(new KeyManager[] {key}, new TrustManager[] {trusts}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Names no authorities, and accepts none. */
  private static final class Refuses implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("refused");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
