package io.dormouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What servers answer, byte by byte. */
class ServerAnswerTest {
  private static final String ANY = "11".repeat(32);

  /** RFC 8446, section 4.1.3. */
  private static final String RETRY =
      "CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C";

  private static final String VERSION = "002B00020304";
  private static final String KEY_SHARE = "00330004001D0000";
  private static final String PRE_SHARED = "002900020000";
  private static final String TICKET = "00230000";
  private static final byte[] CHANGE = record(20, bytes("01"));
  private static final byte[] CERTIFICATE = record(22, message(11, "000000"));
  private static final byte[] NEW_TICKET = record(22, message(4, "000000000000"));
  private static final byte[] KEY_EXCHANGE = record(22, message(12, "00"));
  private static final byte[] CERTIFICATE_REQUEST = record(22, message(13, "0000000000"));
  private static final byte[] DONE = record(22, message(14, ""));

  private final ServerAnswer answer = new ServerAnswer();

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static byte[] message(int type, String body) {
    return bytes(String.format("%02X%06X%s", type, body.length() / 2, body));
  }

  private static byte[] record(int type, byte[] content) {
    return bytes(
        String.format("%02X0303%04X%s", type, content.length, HexFormat.of().formatHex(content)));
  }

  private static byte[] hello(String random, String... extensions) {
    return record(22, helloMessage(random, extensions));
  }

  private static byte[] helloMessage(String random, String... extensions) {
    String all = String.join("", extensions);
    String length = all.isEmpty() ? "" : String.format("%04X", all.length() / 2);
    return message(2, "0303" + random + "02AABB" + "1301" + "00" + length + all);
  }

  private void add(byte[]... records) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : records) {
      all.writeBytes(each);
    }
    answer.add(ByteBuffer.wrap(all.toByteArray()));
  }

  private void assertResumed(boolean expected) {
    assertThat(answer.isUnknown()).isFalse();
    assertThat(answer.isResumed()).isEqualTo(expected);
  }

  private void assertUnknown() {
    assertThat(answer.isUnknown()).isTrue();
    assertThat(answer.isResumed()).isFalse();
  }

  @Test
  void withTls13AHelloWithAPreSharedKeyResumes() {
    assertUnknown();
    add(hello(ANY, VERSION, KEY_SHARE, PRE_SHARED));
    assertResumed(true);
  }

  @Test
  void withTls13AHelloWithoutOneDoesNot() {
    add(hello(ANY, KEY_SHARE, VERSION), CHANGE);
    assertResumed(false);
  }

  @Test
  void aHelloThatIsTooShortIsForTheEngineToFindFaultWith() {
    add(record(22, message(2, "0303")));
    assertResumed(false);
  }

  @Test
  void aServerThatWantsAnotherHelloHasNotSaidYet() {
    add(hello(RETRY, VERSION, KEY_SHARE), CHANGE);
    assertUnknown();
    add(hello(ANY, PRE_SHARED, VERSION, KEY_SHARE));
    assertResumed(true);
  }

  @Test
  void withTls12ACertificateIsAFullHandshake() {
    add(hello(ANY, TICKET));
    assertUnknown();
    add(CERTIFICATE, KEY_EXCHANGE, DONE);
    assertResumed(false);
    assertThat(answer.asksForCertificate()).isFalse();
  }

  /** RFC 5246, section 7.4.4: behind its own. */
  @Test
  void withTls12AServerThatAsksForACertificateSaysSo() {
    add(hello(ANY, TICKET), CERTIFICATE, KEY_EXCHANGE);
    assertThat(answer.asksForCertificate()).isFalse();
    assertUnknown();
    add(CERTIFICATE_REQUEST, DONE);
    assertResumed(false);
    assertThat(answer.asksForCertificate()).isTrue();
  }

  @Test
  void withTls12TheEndOfTheHandshakeResumes() {
    add(hello(ANY));
    assertUnknown();
    add(CHANGE);
    assertResumed(true);
  }

  @Test
  void withTls12ANewTicketInPlaceOfACertificateResumes() {
    add(hello(ANY, TICKET), NEW_TICKET, CHANGE);
    assertResumed(true);
  }

  @Test
  void withTls12AnyOtherMessageIsAFullHandshake() {
    add(hello(ANY), DONE, NEW_TICKET, CHANGE);
    assertResumed(false);
  }

  /** Such as that the name is not known (RFC 6066, section 3). */
  @Test
  void warningsAreNoAnswer() {
    byte[] warning = record(21, bytes("0170"));
    add(warning, hello(ANY), warning);
    assertUnknown();
    add(CERTIFICATE, warning, DONE);
    assertResumed(false);
  }

  @Test
  void aHelloMayComeInAnyPieces() {
    byte[] hello = helloMessage(ANY, VERSION, PRE_SHARED);
    for (byte piece : hello) {
      assertUnknown();
      add(record(22, new byte[] {piece}));
    }
    assertResumed(true);
  }

  @Test
  void aHelloMayHaveTheNextMessageBehindIt() {
    byte[] hello = helloMessage(ANY);
    byte[] ticket = message(4, "000000000000");
    byte[] both = Arrays.copyOf(hello, hello.length + ticket.length);
    System.arraycopy(ticket, 0, both, hello.length, ticket.length);
    add(record(22, both));
    assertResumed(true);
  }

  @Test
  void whatIsNoHelloIsNotResumed() {
    for (byte[] wrong :
        List.of(
            record(22, message(2, "")),
            record(22, message(2, "0303" + ANY + "FF")),
            hello(ANY, "0029FFFF"),
            hello(ANY, "00"),
            new byte[] {22, 3, 3, 0, 9, 1},
            new byte[] {22})) {
      ServerAnswer other = new ServerAnswer();
      other.add(ByteBuffer.wrap(wrong));
      assertThat(other.isUnknown()).isFalse();
      assertThat(other.isResumed()).isFalse();
    }
  }

  @Test
  void aMessageWithoutAnEndIsNotKept() {
    byte[] content = new byte[1 << 14];
    content[0] = 2;
    content[1] = (byte) 0xFF;
    for (int i = 0; i < 100; i++) {
      add(record(22, content));
    }
    assertResumed(false);
  }
}
