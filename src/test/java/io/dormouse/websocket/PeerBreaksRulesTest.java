package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server sends what it must not, or too much of it. */
class PeerBreaksRulesTest {
  private final App app = new App();
  private final RawServer server = new RawServer();
  private final List<String> texts = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  private HandPeer connect() {
    app.webSocket(server.port()).onText((ws, text) -> texts.add(text)).register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    return peer;
  }

  // ---------------------------------------------------------------------------- against the rules

  @ParameterizedTest
  @CsvSource({
    "83 00, 1002, reserved opcode",
    "8b 00, 1002, reserved control opcode",
    "c1 01 61, 1002, RSV1 without an extension",
    "91 01 61, 1002, RSV3",
    "89 7e 00 7e, 1002, ping of 126 bytes",
    "09 00, 1002, ping in fragments",
    "08 00, 1002, close in fragments",
    "80 00, 1002, continuation of nothing",
    "00 00, 1002, continuation of nothing that goes on",
    "01 00 01 00, 1002, beginning in the middle",
    "01 00 81 00, 1002, message in the middle",
    "88 02 03 ed, 1002, close code 1005",
    "88 02 03 ee, 1002, close code 1006",
    "88 02 03 f7, 1002, close code 1015",
    "88 02 00 01, 1002, close code 1",
    "88 02 ff ff, 1002, close code 65535",
    "88 01 03, 1002, close code of one byte",
    "88 03 03 e8 ff, 1007, close reason that is not UTF-8",
    "81 82 01 02 03 04 69 6b, 1002, a masked frame",
    "81 7e 00 02 68 69, 1002, a length that is not in its shortest form",
    "81 7f 00 00 00 00 00 00 00 02 68 69, 1002, a length that is not in its shortest form",
    "81 64 61 c3 28, 1007, bad UTF-8 in a frame that goes on",
    "81 02 c3 28, 1007, bad UTF-8",
    "81 01 c3, 1007, UTF-8 that ends in a character",
    "81 03 ed a0 80, 1007, a surrogate",
    "01 01 c3 80 01 28, 1007, bad UTF-8 over two fragments",
  })
  void aFrameAgainstTheRulesEndsTheConnection(String hex, int code, String what) {
    HandPeer peer = connect();
    String[] digits = hex.split(" ", -1);
    byte[] bytes = new byte[digits.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(digits[i], 16);
    }

    peer.write(bytes);

    assertThat(peer.read(HandPeer.CLOSE).code()).as(what).isEqualTo(code);
    peer.readEnd();
    peer.close();
    CloseReason reason = app.reasonOf(ConnectionState.WAITING);
    assertThat(reason.kind()).as(what).isEqualTo(Kind.PROTOCOL_ERROR);
    assertThat(reason.code()).as(what).hasValue(code);
    assertThat(texts).isEmpty();
    HandPeer.accept(server);
    app.steps.await(ConnectionState.OPEN, 2);
  }

  /** They come in one packet or in two: that must make no difference. */
  @Test
  void whatWasGoodBeforeAFrameAgainstTheRulesIsDeliveredAndAnswered() {
    HandPeer peer = connect();

    peer.write(
        HandPeer.frame(HandPeer.TEXT, "good"),
        HandPeer.frame(HandPeer.PING, "too"),
        new byte[] {(byte) 0x83, 0});

    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("too");
    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1002);
    peer.close();
    app.await(ConnectionState.WAITING);
    assertThat(texts).containsExactly("good");
  }

  /** It has ended its side, and may still read. */
  @Test
  void aPeerThatHangsUpBehindAFrameAgainstTheRulesHearsOfItToo() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    app.webSocket(server.port())
        .onText(
            (ws, text) -> {
              Await.hold(release);
              var unused = ws.sendText("re: " + text);
            })
        .register();
    HandPeer peer = HandPeer.accept(server);

    peer.write(HandPeer.frame(HandPeer.TEXT, "good"), new byte[] {(byte) 0x83, 0});
    peer.socket.shutdownOutput();
    Await.until("its end is here", () -> OsSockets.count(this::isHalfClosed) == 1);
    release.countDown();

    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("re: good");
    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1002);
    peer.readEnd();
    assertThat(app.firstEnd().kind()).isEqualTo(Kind.PROTOCOL_ERROR);
  }

  private boolean isHalfClosed(OsSockets.OsSocket socket) {
    return socket.remotePort() == server.port() && socket.state() == 8; // Linux's CLOSE_WAIT
  }

  @Test
  void aFrameAgainstTheRulesAfterOurCloseFrameEndsTheConnectionToo() {
    HandPeer peer = connect();

    app.lifecycle.onBackground();
    peer.read(HandPeer.CLOSE);
    peer.write(new byte[] {(byte) 0x83, 0});

    Await.get(app.registry.settled());
    assertThat(OsSockets.connectedTo(server.port())).isZero();
    peer.readEnd(); // and no second close frame
  }

  // ------------------------------------------------------------------------------------ too long

  private HandPeer connectWithLimit(int bytes) {
    app.webSocket(server.port())
        .maxMessageSize(bytes)
        .onText((ws, text) -> texts.add(text))
        .register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    return peer;
  }

  private void assertTooLong(HandPeer peer) {
    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1009);
    peer.close();
    CloseReason reason = app.reasonOf(ConnectionState.WAITING);
    assertThat(reason).hasToString("LIMIT_EXCEEDED 1009 (message too long)");
  }

  @Test
  void aMessageOfTheLimitIsDelivered() {
    HandPeer peer = connectWithLimit(1_000);

    peer.text("a".repeat(1_000));
    peer.write(HandPeer.frame(false, HandPeer.TEXT, new byte[500]));
    peer.write(HandPeer.frame(true, HandPeer.CONTINUATION, new byte[500]));
    peer.text("b".repeat(1_000));

    Await.until("all three", () -> texts.size() == 3);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_001, 65_536, Integer.MAX_VALUE, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE})
  void aLengthAboveTheLimitIsNotWaitedFor(long length) {
    HandPeer peer = connectWithLimit(1_000);

    peer.write(HandPeer.head(true, HandPeer.TEXT, length < 0 ? Long.MAX_VALUE : length));

    assertTooLong(peer);
  }

  @Test
  void fragmentsAreCountedTogether() {
    HandPeer peer = connectWithLimit(1_000);

    peer.write(HandPeer.frame(false, HandPeer.TEXT, new byte[500]));
    peer.write(HandPeer.frame(false, HandPeer.CONTINUATION, new byte[500]));
    peer.write(HandPeer.frame(false, HandPeer.CONTINUATION, new byte[1]));

    assertTooLong(peer);
  }

  /** They cost nothing but the time to read them, and others have their turns in between. */
  @Test
  void emptyFragmentsAreAllowedHoweverMany() {
    HandPeer peer = connectWithLimit(1_000);

    peer.write(HandPeer.frame(false, HandPeer.TEXT, HandPeer.bytes("after ")));
    for (int i = 0; i < 3; i++) {
      peer.write(new byte[2 * 65_536]); // empty continuations
    }
    peer.write(HandPeer.frame(HandPeer.CONTINUATION, "all"));

    Await.until("the message", () -> texts.contains("after all"));
  }

  /** What its fragments cost counts, not how many there are. */
  @Test
  void fourMebibytesInFragmentsOf64BytesAreAMessage() {
    HandPeer peer = connectWithLimit(16 << 20);
    byte[] fragment = HandPeer.frame(false, HandPeer.CONTINUATION, HandPeer.bytes("x".repeat(64)));
    byte[][] thousand = new byte[1_024][];
    Arrays.fill(thousand, fragment);

    peer.write(HandPeer.frame(false, HandPeer.TEXT, new byte[0]));
    for (int i = 0; i < 64; i++) {
      peer.write(thousand);
    }
    peer.write(HandPeer.frame(HandPeer.CONTINUATION, ""));

    Await.until("the message", () -> texts.size() == 1);
    assertThat(texts.get(0)).hasSize(4 << 20);
  }
}
