package io.dormouse.bench.load;

import io.dormouse.support.Certificates;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

/**
 * What a client needs to speak TLS with the server, in the two parts that OkHttp wants.
 *
 * @param context whose sessions are of this client alone
 * @param manager is in the context
 */
public record Trust(SSLContext context, X509TrustManager manager) {
  /** Makes a new context, without sessions, that knows no later version than this. */
  public static Trust upTo(String version, X509TrustManager manager) {
    KeyManager noKeys = Certificates.client().keyManager();
    return new Trust(Certificates.context(version, noKeys, manager), manager);
  }
}
