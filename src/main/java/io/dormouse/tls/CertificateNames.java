package io.dormouse.tls;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** For whom a certificate is, in words. */
final class CertificateNames {
  /** Enough to see what is wrong; a certificate may have hundreds. */
  private static final int MOST = 3;

  /** RFC 1035, section 2.3.4. */
  private static final int LONGEST = 253;

  private CertificateNames() {}

  /** Returns the names, to follow "is not for x"; none if there are none. */
  static String of(Certificate[] chain) {
    List<String> names = new ArrayList<>();
    if (chain.length > 0 && chain[0] instanceof X509Certificate certificate) {
      addTo(names, certificate);
    }
    if (names.isEmpty()) {
      return ", nor for any other name";
    }
    String shown = String.join(", ", names.subList(0, Math.min(MOST, names.size())));
    return ", but for " + shown + (names.size() > MOST ? " and others" : "");
  }

  /** What else a certificate may say is no business of a log. */
  private static boolean isHost(String name) {
    return name.chars().allMatch(c -> c > ' ' && c < 0x7f) && name.length() <= LONGEST;
  }

  private static void addTo(List<String> names, X509Certificate certificate) {
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (alternative.get(1) instanceof String name && isHost(name)) {
            names.add(name);
          }
        }
      }
    } catch (CertificateParsingException e) {
      names.clear(); // it has none that can be read
    }
  }
}
