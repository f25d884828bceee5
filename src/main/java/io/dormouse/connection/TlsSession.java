package io.dormouse.connection;

import java.security.cert.Certificate;
import java.util.List;

/** What TLS agreed on for one socket. Only the library makes these. Any thread. */
public interface TlsSession {
  /** Returns the version, such as {@code TLSv1.3}. */
  String protocol();

  /** Returns the cipher suite, such as {@code TLS_AES_128_GCM_SHA256}. */
  String cipherSuite();

  /** Returns the certificates that the server has sent, its own first. */
  List<Certificate> peerCertificates();

  /**
   * Returns whether this went on with a session of an earlier socket, which spares both sides most
   * of the arithmetic, and with TLS 1.2 a round trip. It is so as far as the platform's cache of
   * sessions allows, which keeps one for each host and port.
   */
  boolean isResumed();
}
