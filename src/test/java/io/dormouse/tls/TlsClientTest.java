package io.dormouse.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Certificates;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client says first. */
class TlsClientTest {
  private static SSLEngine engine(String version, String host) throws Exception {
    SSLContext context = Certificates.upTo(version);
    TlsClient client = TlsClient.of("test", options -> options.sslContext(context));
    return client.newEngine(client.nameOf(host), 443);
  }

  /** Returns the hello, in which names stand as they are. */
  private static String hello(String host) throws Exception {
    ByteBuffer hello = ByteBuffer.allocate(1 << 15);
    SSLEngineResult result = engine("TLS", host).wrap(ByteBuffer.allocate(0), hello);
    assertThat(result.bytesProduced()).isPositive();
    return new String(hello.array(), 0, hello.position(), ISO_8859_1);
  }

  /** Whatever else a context knows. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3", "TLS"})
  void olderVersionsAreNotOffered(String version) throws Exception {
    assertThat(engine(version, "h.example").getEnabledProtocols())
        .isNotEmpty()
        .isSubsetOf("TLSv1.2", "TLSv1.3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1"})
  void aContextWithoutTheOthersOffersNothing(String version) {
    assertThatThrownBy(() -> engine(version, "h.example"))
        .isInstanceOfSatisfying(
            SSLException.class,
            e ->
                assertThat(TlsFailure.ofHandshake(e, TlsFailure.ClientCertificate.NONE).detail())
                    .startsWith("no version of TLS in common"));
  }

  /** RFC 6066, section 3. */
  @ParameterizedTest
  @CsvSource({
    "h.example, h.example",
    "localhost, localhost",
    "h.example., h.example",
    "b\u00fccher.example, xn--bcher-kva.example",
  })
  void aServerIsAskedForByItsName(String host, String sent) throws Exception {
    assertThat(hello(host)).contains(sent).doesNotContain(sent + ".");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "fe80::1%eth0"})
  void anAddressIsNotSent(String host) throws Exception {
    assertThat(hello(host)).doesNotContain(host, "127.0.0.1", "fe80");
  }

  /** As with OkHttp on the JDK. */
  @Test
  void aNameThatThePlatformTakesForNoneIsNotSentAndHoldsUpNothing() throws Exception {
    assertThat(hello("my_host.example")).doesNotContain("my_host");
  }

  @Test
  void aContextThatIsNotInitializedIsRefusedAtOnce() throws Exception {
    SSLContext raw = SSLContext.getInstance("TLS");
    assertThatThrownBy(() -> TlsClient.of("test", options -> options.sslContext(raw)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("test: the SSLContext is not initialized; call its init() first");
  }

  @Test
  void theNameThatTheAppGivesIsAskedForInPlaceOfTheHosts() {
    TlsClient client = TlsClient.of("test", options -> options.serverName("a.example"));
    assertThat(client.nameOf("b.example")).isEqualTo("a.example");
  }
}
