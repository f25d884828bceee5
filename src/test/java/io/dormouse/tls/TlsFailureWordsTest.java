package io.dormouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.tls.TlsFailure.ClientCertificate;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the platforms say, which have no more than words for what an alert was. */
class TlsFailureWordsTest {
  /** As Android's engine says it. */
  private static String ofAndroid(String error) {
    return "Read error: ssl=0x7f3de8007588: Failure in SSL library, usually a protocol error\n"
        + "error:10000412:SSL routines:OPENSSL_internal:"
        + error
        + " (../ssl/tls_record.cc:594 0x7f3ddc0e0d38:0x00000001)";
  }

  private static String sentence(SSLException e) {
    CloseReason reason = TlsFailure.ofHandshake(e, ClientCertificate.NONE);
    assertThat(reason.kind()).isEqualTo(Kind.TLS_FAILED);
    assertThat(reason.detail()).doesNotContain("\n");
    return reason.detail();
  }

  @ParameterizedTest
  @CsvSource({
    "bad_certificate, SSLV3_ALERT_BAD_CERTIFICATE, 'the server wants a client certificate, and there is none'",
    "unknown_ca, TLSV1_ALERT_UNKNOWN_CA, 'the server wants a client certificate, and there is none'",
    "certificate_required, TLSV1_ALERT_CERTIFICATE_REQUIRED, 'the server wants a client certificate, and there is none'",
    "protocol_version, TLSV1_ALERT_PROTOCOL_VERSION, no version of TLS in common: this side has 1.3 and 1.2",
    "handshake_failure, SSLV3_ALERT_HANDSHAKE_FAILURE, 'the server has no cipher suite in common with us, or wants a client certificate (handshake_failure)'",
    "unrecognized_name, TLSV1_ALERT_UNRECOGNIZED_NAME, the server does not know the name it was asked for",
    "internal_error, TLSV1_ALERT_INTERNAL_ERROR, the server ended the TLS handshake (internal_error)",
  })
  void anAlertIsKnownByItsName(String jdks, String androids, String expected) {
    assertThat(sentence(new SSLHandshakeException("Received fatal alert: " + jdks)))
        .isEqualTo(expected);
    assertThat(sentence(new SSLHandshakeException(ofAndroid(androids)))).isEqualTo(expected);
    assertThat(sentence(new SSLHandshakeException("(" + jdks + ") Received fatal alert: " + jdks)))
        .as("JDK 25")
        .isEqualTo(expected);
  }

  @Test
  void aWordInWhatATrustManagerSaysIsNoAlert() {
    CertificateException says = new CertificateException("alerts.example.com is not on the list");
    SSLException e = new SSLHandshakeException("(certificate_unknown) " + says.getMessage());
    e.initCause(says);
    assertThat(sentence(e))
        .isEqualTo(
            "the server's certificate is not accepted: alerts.example.com is not on the list");
  }

  /** RFC 8446, section 4.4.2.4: the server says so when we take the handshake for done. */
  @ParameterizedTest
  @CsvSource({"Received fatal alert: bad_certificate", "ANDROID"})
  void aClientCertificateMayBeAskedForLate(String words) {
    String message = words.equals("ANDROID") ? ofAndroid("SSLV3_ALERT_BAD_CERTIFICATE") : words;
    assertThat(TlsFailure.afterHandshake(new SSLProtocolException(message), ClientCertificate.NONE))
        .hasToString("TLS_FAILED (the server wants a client certificate, and there is none)");
    assertThat(
            TlsFailure.afterHandshake(new SSLProtocolException(message), ClientCertificate.GIVEN))
        .hasToString(
            "TLS_FAILED (the server does not accept the client certificate (bad_certificate))");
  }

  /** RFC 5246, section 7.4.6: with TLS 1.2 it is the alert for having none. */
  @ParameterizedTest
  @CsvSource({
    "MISSING, 'the server wants a client certificate, and there is none'",
    "GIVEN, 'the server has no cipher suite in common with us, or wants a client certificate (handshake_failure)'",
  })
  void whoWasAskedForACertificateKnowsWhatFailed(ClientCertificate ours, String expected) {
    SSLException e = new SSLHandshakeException("Received fatal alert: handshake_failure");
    assertThat(TlsFailure.ofHandshake(e, ours).detail()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"UNSUPPORTED_PROTOCOL", "WRONG_VERSION_NUMBER"})
  void androidFindsOldVersionsItself(String error) {
    assertThat(sentence(new SSLHandshakeException(ofAndroid(error))))
        .startsWith("no version of TLS in common");
  }

  /** As servers for tutorials do. */
  @Test
  void whoGetsItsOwnWordsBackIsTold() {
    assertThat(sentence(new SSLHandshakeException("Unexpected handshake message: client_hello")))
        .isEqualTo("the other side does not speak TLS, it sends back what it is sent");
  }

  @Test
  void androidGivesNoReasonForAnUnknownAuthority() {
    CertificateException e =
        new CertificateException(
            new CertPathValidatorException("Trust anchor for certification path not found."));
    assertThat(sentence((SSLException) new SSLHandshakeException("no").initCause(e)))
        .isEqualTo("the server's certificate is of an unknown authority");
  }

  @ParameterizedTest
  @CsvSource({"DECRYPTION_FAILED_OR_BAD_RECORD_MAC"})
  void whatElseGoesWrongLaterIsOfTheProtocol(String error) {
    CloseReason reason =
        TlsFailure.afterHandshake(new SSLException(ofAndroid(error)), ClientCertificate.NONE);
    assertThat(reason.kind()).isEqualTo(Kind.PROTOCOL_ERROR);
    assertThat(reason.detail()).contains(error).doesNotContain("\n");
  }
}
