package io.dormouse.tls;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXReason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;

/**
 * What went wrong, in words. Platforms tell it by exceptions whose classes say little, so what an
 * alert was is looked for in their messages: {@code Received fatal alert: unknown_ca} is the JDK's,
 * {@code TLSV1_ALERT_UNKNOWN_CA} that of Android.
 */
final class TlsFailure {
  /** Alerts (RFC 8446, section 6.2) that a server has only for the certificate of its client. */
  private static final List<String> OF_CLIENT_CERTIFICATES =
      List.of(
          "certificate_required",
          "bad_certificate",
          "unsupported_certificate",
          "certificate_revoked",
          "certificate_expired",
          "certificate_unknown",
          "unknown_ca",
          "access_denied");

  /** What is known of a certificate of ours. */
  enum ClientCertificate {
    /** The server has it. */
    GIVEN,
    /** It has none, though it has asked for one. */
    MISSING,
    /** It has none, and whether it has asked is not known. */
    NONE
  }

  private TlsFailure() {}

  /** The other side does not speak TLS. */
  static final class NotTlsException extends SSLException {
    private static final long serialVersionUID = 1;

    NotTlsException() {
      super("the other side does not speak TLS, it has sent plain text");
    }
  }

  /** Returns why a handshake has failed. */
  static CloseReason ofHandshake(Exception e, ClientCertificate ours) {
    if (e instanceof EOFException || isCloseNotify(e)) {
      String detail = "the server ended the connection during the TLS handshake";
      return CloseReason.of(Kind.CONNECT_FAILED, detail, e);
    } else if (e instanceof IOException && !(e instanceof SSLException)) {
      String detail = "the connection was lost during the TLS handshake: " + e.getMessage();
      return CloseReason.of(Kind.CONNECT_FAILED, detail, e);
    } else if (e instanceof SSLException || e instanceof GeneralSecurityException) {
      return CloseReason.of(Kind.TLS_FAILED, sentence(e, ours), e);
    }
    // What a trust manager or key manager of the app throws is the app's.
    Throwable thrown = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    return CloseReason.of(Kind.TLS_FAILED, thrown.getClass().getName(), e);
  }

  /** An end in order, which the JDK takes for a message out of place. */
  private static boolean isCloseNotify(Exception e) {
    return e instanceof SSLException && message(e).contains("close_notify");
  }

  /**
   * Returns why a connection ended that was up. With TLS 1.3 a server looks at the certificate of
   * its client when that takes the handshake for done.
   */
  static CloseReason afterHandshake(SSLException e, ClientCertificate ours) {
    return alert(e)
        .flatMap(alert -> ofCertificate(alert, ours))
        .map(detail -> CloseReason.of(Kind.TLS_FAILED, detail, e))
        .orElseGet(
            () -> CloseReason.of(Kind.PROTOCOL_ERROR, "TLS: " + String.valueOf(message(e)), e));
  }

  /**
   * Returns why nothing more is written: the peer's end, with TLS 1.2, is the end of both sides;
   * and with TLS 1.3 to Android's engine.
   */
  static TlsException endedByThePeer() {
    String detail = "the peer has ended its side of TLS, which is the end of ours";
    return new TlsException(CloseReason.of(Kind.PEER_CLOSED, detail), new EOFException(detail));
  }

  /**
   * Returns why a handshake was given up.
   *
   * @param working whether that was for work on this side
   */
  static CloseReason stalled(boolean working) {
    String detail =
        working
            ? "a stall in the TLS handshake: a trust manager or key manager has not returned"
            : "a stall in the TLS handshake: the server does not answer";
    return CloseReason.of(Kind.TLS_FAILED, detail, new SocketTimeoutException(detail));
  }

  private static String sentence(Exception e, ClientCertificate ours) {
    if (e instanceof TlsClient.WrongHostException
        || e instanceof TlsClient.WrongPinException
        || e instanceof NotTlsException) {
      return message(e);
    }
    if (message(e).contains("client_hello")) { // which is ours, and comes from no server
      return "the other side does not speak TLS, it sends back what it is sent";
    }
    // In words of a trust manager "alert" may be anything, such as a part of a host's name.
    Optional<String> servers = ofServersCertificate(e);
    return (servers.isPresent() ? servers : alert(e).map(name -> ofAlert(name, ours)))
        .orElseGet(() -> isOfVersion(message(e)) ? noVersion() : "TLS: " + message(e));
  }

  private static String message(Exception e) {
    String message = e.getMessage();
    // Android's have more than one line.
    return message == null ? e.getClass().getSimpleName() : message.replace('\n', ' ');
  }

  private static Optional<String> alert(Exception e) {
    String words = message(e).toLowerCase(Locale.ROOT).replace(' ', '_');
    int at = words.indexOf("alert");
    if (at < 0) {
      return Optional.empty();
    }
    int from = at + "alert".length();
    while (from < words.length() && !Character.isLetter(words.charAt(from))) {
      from++;
    }
    int to = from;
    while (to < words.length()
        && (Character.isLetter(words.charAt(to)) || words.charAt(to) == '_')) {
      to++;
    }
    while (to > from && words.charAt(to - 1) == '_') { // Android goes on behind a space
      to--;
    }
    return Optional.of(words.substring(from, to));
  }

  private static String ofAlert(String alert, ClientCertificate ours) {
    return ofCertificate(alert, ours)
        .orElseGet(
            () ->
                switch (alert) {
                  case "protocol_version" -> noVersion();
                  case "handshake_failure", "insufficient_security" ->
                      "the server has no cipher suite in common with us, or wants a client"
                          + " certificate ("
                          + alert
                          + ")";
                  case "unrecognized_name" -> "the server does not know the name it was asked for";
                  default -> "the server ended the TLS handshake (" + alert + ")";
                });
  }

  private static Optional<String> ofCertificate(String alert, ClientCertificate ours) {
    // What RFC 5246, section 7.4.6 has for none, where the suite is agreed on already.
    boolean ofNone = ours == ClientCertificate.MISSING && alert.equals("handshake_failure");
    if (!ofNone && !OF_CLIENT_CERTIFICATES.contains(alert)) {
      return Optional.empty();
    }
    return Optional.of(
        ours == ClientCertificate.GIVEN
            ? "the server does not accept the client certificate (" + alert + ")"
            : "the server wants a client certificate, and there is none");
  }

  private static String noVersion() {
    return "no version of TLS in common: this side has 1.3 and 1.2";
  }

  private static boolean isOfVersion(String message) {
    String words = message.toLowerCase(Locale.ROOT);
    return words.contains("protocol version")
        || words.contains("no appropriate protocol")
        || words.contains("unsupported_protocol")
        || words.contains("wrong_version_number");
  }

  private static Optional<String> ofServersCertificate(Exception e) {
    String found = null;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException) {
        return Optional.of("the server's certificate has expired");
      } else if (cause instanceof CertificateNotYetValidException) {
        return Optional.of("the server's certificate is not yet valid");
      } else if (cause instanceof CertificateRevokedException) {
        return Optional.of("the server's certificate was revoked");
      } else if (isOfAuthority(cause)) {
        return Optional.of("the server's certificate is of an unknown authority");
      } else if (cause instanceof CertificateException
          || cause instanceof CertPathValidatorException) {
        found = "the server's certificate is not accepted: " + cause.getMessage();
      }
    }
    return Optional.ofNullable(found);
  }

  private static boolean isOfAuthority(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return cause instanceof CertPathBuilderException
        || (cause instanceof CertPathValidatorException invalid
            && invalid.getReason() == PKIXReason.NO_TRUST_ANCHOR)
        || message.contains("trustAnchors parameter must be non-empty")
        || message.contains("Trust anchor for certification path not found"); // Android's
  }
}
