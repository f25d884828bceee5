package io.dormouse.network;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import java.io.ByteArrayOutputStream;
import java.net.PasswordAuthentication;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to a proxy, byte by byte. */
class ProxyHandshakeTest {
  private static final String REST = "this is the host's";
  private static final Credentials CREDENTIALS =
      Credentials.of(new PasswordAuthentication("us\u00e9r", "p:\u00e4ss".toCharArray()));

  private static HttpConnect http(String host, Credentials credentials) throws ProxyException {
    return new HttpConnect(host, 443, credentials);
  }

  private static String text(ByteBuffer bytes) {
    return ISO_8859_1.decode(bytes).toString();
  }

  private static String hex(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return HexFormat.ofDelimiter(" ").formatHex(copy);
  }

  /**
   * Has the proxy say this, followed by what the host says.
   *
   * @return what we said meanwhile
   */
  private static ByteBuffer hear(ProxyHandshake handshake, byte[] words) throws ProxyException {
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    ByteBuffer all = ByteBuffer.allocate(words.length + REST.length());
    all.put(words).put(REST.getBytes(ISO_8859_1)).flip();
    while (handshake.wanted() > 0) {
      byte[] next = new byte[handshake.wanted()];
      all.get(next);
      ByteBuffer answer = handshake.take(ByteBuffer.wrap(next));
      while (answer.hasRemaining()) {
        answers.write(answer.get());
      }
    }
    assertThat(text(all)).as("what is left for the host").isEqualTo(REST);
    return ByteBuffer.wrap(answers.toByteArray());
  }

  private static void hear(ProxyHandshake handshake, String words) throws ProxyException {
    ByteBuffer unused = hear(handshake, words.getBytes(ISO_8859_1));
  }

  private static CloseReason refusal(ProxyHandshake handshake, byte[] words) {
    return catchThrowableOfType(ProxyException.class, () -> hear(handshake, words))
        .reason("p.example:3128");
  }

  private static CloseReason refusal(ProxyHandshake handshake, String words) {
    return refusal(handshake, words.getBytes(ISO_8859_1));
  }

  // ------------------------------------------------------------------------------------ CONNECT

  @ParameterizedTest
  @CsvSource({
    "h.example, h.example:443",
    "10.0.0.1, 10.0.0.1:443",
    "2001:db8::1, [2001:db8::1]:443",
    "fe80::1%eth0, [fe80::1]:443",
    "b\u00fccher.example, xn--bcher-kva.example:443"
  })
  void anHttpProxyIsAskedForTheHostByName(String host, String authority) throws Exception {
    assertThat(text(http(host, null).begin()))
        .isEqualTo("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
  }

  @Test
  void theUserAndThePasswordGoWithTheRequest() throws Exception {
    String basic = Base64.getEncoder().encodeToString("us\u00e9r:p:\u00e4ss".getBytes(UTF_8));
    assertThat(text(http("h.example", CREDENTIALS).begin()))
        .endsWith("\r\nProxy-Authorization: Basic " + basic + "\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.0 200\r\n\r\n",
        "HTTP/1.1 204 \r\nContent-Length: 5\r\nVia: a\r\n\r\n",
        "HTTP/1.1 200 OK\nVia: a\n\n",
        "HTTP/1.1 200 OK\r\n\n",
        "HTTP/1.1 102 Wait\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
      })
  void anAnswerOfTwoHundredsOpensTheWayAndNothingBehindItIsRead(String answer) throws Exception {
    hear(http("h.example", null), answer);
  }

  @ParameterizedTest
  @CsvSource({"403", "502", "301"})
  void anyOtherStatusIsTold(int status) throws Exception {
    CloseReason reason = refusal(http("h.example", null), "HTTP/1.1 " + status + " s3cret\r\n\r\n");
    assertThat(reason)
        .hasToString(
            "PROXY_FAILED "
                + status
                + " (the proxy p.example:3128 has refused with status "
                + status
                + ")");
  }

  @Test
  void fourHundredAndSevenIsToldApart() throws Exception {
    String answer =
        "HTTP/1.1 407 s3cret\r\nProxy-Authenticate: Digest a, BASIC realm=\"x\"\r\n\r\n";
    CloseReason reason = refusal(http("h.example", null), answer);
    assertThat(reason.kind()).isEqualTo(Kind.PROXY_UNAUTHORIZED);
    assertThat(reason.code()).hasValue(407);
    assertThat(reason.detail()).contains("wants a user and a password", "no proxyAuthenticator");
    assertThat(refusal(http("h.example", CREDENTIALS), answer).detail())
        .isEqualTo("the proxy p.example:3128 does not accept the user and the password (407)");
    String other = "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\n\r\n";
    assertThat(refusal(http("h.example", CREDENTIALS), other).detail())
        .contains("an authentication other than basic (407)");
  }

  @ParameterizedTest
  @CsvSource({
    "Basic, does not accept the user and the password (407)",
    "'Digest realm=\"basic\", nonce=\"a\"', wants an authentication other than basic (407)",
    "Basics, wants an authentication other than basic (407)"
  })
  void onlyBasicIsTakenForBasic(String challenge, String sentence) throws Exception {
    String answer = "HTTP/1.1 407 No\r\nProxy-Authenticate: " + challenge + "\r\n\r\n";
    assertThat(refusal(http("h.example", CREDENTIALS), answer).detail())
        .isEqualTo("the proxy p.example:3128 " + sentence);
  }

  /** As tinyproxy does, if the password is wrong. */
  @Test
  void soIsAProxyThatSaysFourHundredAndOne() throws Exception {
    String answer = "HTTP/1.0 401 Unauthorized\r\n\r\n";
    CloseReason reason = refusal(http("h.example", CREDENTIALS), answer);
    assertThat(reason.kind()).isEqualTo(Kind.PROXY_UNAUTHORIZED);
    assertThat(reason.detail()).endsWith("does not accept the user and the password (401)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SSH-2.0-OpenSSH\r\n", "HTTP/2 200", "HTTP/1.1 2x0 \r\n\r\n", "\u0005\u00ff"})
  void whatIsNoHttpIsSaidToBeNone(String words) throws Exception {
    CloseReason reason = refusal(http("h.example", null), words);
    assertThat(reason).hasToString("PROXY_FAILED (the proxy p.example:3128 does not speak HTTP)");
  }

  @Test
  void anEndlessAnswerIsNotListenedToForEver() throws Exception {
    String endless = "HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(10_000);
    assertThat(refusal(http("h.example", null), endless).detail()).contains("more than 8 KiB");
    String interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000);
    assertThat(refusal(http("h.example", null), interim).detail()).contains("more than 8 KiB");
  }

  @Test
  void aUserWithAColonCantBeTold() {
    Credentials colon = Credentials.of(new PasswordAuthentication("a:s3cret", new char[0]));
    assertThatThrownBy(() -> http("h.example", colon))
        .isInstanceOf(ProxyException.class)
        .hasMessageContaining("has a colon")
        .hasMessageNotContaining("s3cret");
  }

  // -------------------------------------------------------------------------------------- SOCKS

  private static byte[] bytes(String hex) {
    return HexFormat.ofDelimiter(" ").parseHex(hex);
  }

  @ParameterizedTest
  @CsvSource({
    "h.e, 03 03 68 2e 65",
    "10.0.0.1, 01 0a 00 00 01",
    "2001:db8::1, 04 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
  })
  void aSocksProxyIsAskedForTheHostByName(String host, String address) throws Exception {
    Socks5 socks = new Socks5(host, 443, null);
    assertThat(hex(socks.begin())).isEqualTo("05 01 00");
    ByteBuffer said = hear(socks, bytes("05 00 05 00 00 01 00 00 00 00 00 00"));
    assertThat(hex(said)).isEqualTo("05 01 00 " + address + " 01 bb");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01 0a 00 00 01 01 bb",
        "04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 01 bb",
        "03 03 68 2e 65 01 bb",
        "03 00 01 bb"
      })
  void theAddressInItsAnswerIsReadToItsEndWhateverItsForm(String address) throws Exception {
    ByteBuffer unused =
        hear(new Socks5("h.example", 443, null), bytes("05 00 05 00 00 " + address));
  }

  @Test
  void thatMayBeANameOfTwoHundredAndFiftyFiveBytes() throws Exception {
    String name = " 61".repeat(255);
    ByteBuffer unused =
        hear(new Socks5("h.example", 443, null), bytes("05 00 05 00 00 03 ff" + name + " 01 bb"));
  }

  @Test
  void theUserAndThePasswordGoOnlyToAProxyThatAsks() throws Exception {
    Socks5 socks = new Socks5("h.e", 443, CREDENTIALS);
    assertThat(hex(socks.begin())).isEqualTo("05 02 00 02");
    String reply = "05 00 00 01 00 00 00 00 00 00";
    ByteBuffer said = hear(socks, bytes("05 02 01 00 " + reply));
    assertThat(hex(said))
        .isEqualTo("01 05 75 73 c3 a9 72 06 70 3a c3 a4 73 73 05 01 00 03 03 68 2e 65 01 bb");
    assertThat(hex(hear(new Socks5("h.e", 443, CREDENTIALS), bytes("05 00 " + reply))))
        .isEqualTo("05 01 00 03 03 68 2e 65 01 bb");
  }

  @ParameterizedTest
  @CsvSource({
    "false, 05 ff, PROXY_UNAUTHORIZED, 'wants to know who asks, and there is no proxyAuthenticator'",
    "true, 05 ff, PROXY_UNAUTHORIZED, other than by user and password",
    "true, 05 02 01 01, PROXY_UNAUTHORIZED, does not accept the user and the password",
    "true, 05 02 01 ff, PROXY_UNAUTHORIZED, does not accept the user and the password",
    "false, 05 02, PROXY_FAILED, a method that it was not offered",
    "false, 05 01, PROXY_FAILED, a method that it was not offered",
    "false, 00 5b, PROXY_FAILED, does not speak SOCKS version 5",
    "false, 48 54, PROXY_FAILED, does not speak SOCKS version 5",
    "false, 05 00 04 00, PROXY_FAILED, does not speak SOCKS version 5",
    "false, 05 00 05 00 00 02, PROXY_FAILED, an address of no known form",
    "false, 05 00 05 01, PROXY_FAILED, has failed",
    "false, 05 00 05 02, PROXY_FAILED, does not allow this host",
    "false, 05 00 05 03, PROXY_FAILED, can't reach the host's network",
    "false, 05 00 05 04, PROXY_FAILED, can't reach the host",
    "false, 05 00 05 05, PROXY_FAILED, was refused by the host",
    "false, 05 00 05 06, PROXY_FAILED, TTL expired",
    "false, 05 00 05 07, PROXY_FAILED, does not connect to hosts",
    "false, 05 00 05 08, PROXY_FAILED, does not know this form of address",
    "false, 05 00 05 f0, PROXY_FAILED, has refused with number 240"
  })
  void eachRefusalHasItsSentence(boolean credentials, String words, Kind kind, String sentence)
      throws Exception {
    Socks5 socks = new Socks5("h.e", 443, credentials ? CREDENTIALS : null);
    CloseReason reason = refusal(socks, bytes(words));
    assertThat(reason.kind()).isEqualTo(kind);
    assertThat(reason.detail()).startsWith("the proxy p.example:3128 ").contains(sentence);
  }

  @Test
  void whatDoesNotFitIntoItsFieldsIsNotSent() {
    Credentials tooLong =
        Credentials.of(new PasswordAuthentication("a", "s3cret".repeat(50).toCharArray()));
    assertThatThrownBy(() -> new Socks5("h.e", 443, tooLong))
        .isInstanceOf(ProxyException.class)
        .hasMessageContaining("from 1 to 255 bytes")
        .hasMessageNotContaining("s3cret");
    Credentials nobody = Credentials.of(new PasswordAuthentication("", "a".toCharArray()));
    assertThatThrownBy(() -> new Socks5("h.e", 443, nobody))
        .isInstanceOf(ProxyException.class)
        .hasMessageContaining("from 1 to 255 bytes");
    assertThatThrownBy(() -> new Socks5("h".repeat(256), 443, null))
        .isInstanceOf(ProxyException.class)
        .hasMessageContaining("more than 255 characters");
  }

  @Test
  void noTextShowsTheUserOrThePassword() throws Exception {
    assertThat(CREDENTIALS).hasToString("a user and a password");
    assertThat(http("h.e", CREDENTIALS)).hasToString("CONNECT");
    assertThat(new Socks5("h.e", 443, CREDENTIALS)).hasToString("SOCKS5");
  }
}
