package io.dormouse.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {
  private final App app = new App();
  private final WebSocketEchoServer echo = new WebSocketEchoServer();
  private final RawServer raw = new RawServer();
  private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    echo.close();
    raw.close();
    app.close();
  }

  private WebSocketConnection connect(int port) {
    WebSocketConnection chat =
        app.webSocket(port)
            .onText((ws, text) -> received.add(text))
            .onBinary((ws, data) -> received.add(data))
            .onPong((ws, data) -> received.add("pong " + UTF_8.decode(data)))
            .register();
    return chat;
  }

  private WebSocketConnection connectToEcho() {
    echo.start();
    WebSocketConnection chat = connect(echo.port());
    Await.get(chat.whenOpen());
    return chat;
  }

  private Object next() {
    try {
      return received.poll(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "grüße", "zzz \uD83D\uDC2D \uD834\uDD1E", "\u0000 zero"})
  void textComesBack(String text) {
    WebSocketConnection chat = connectToEcho();

    Await.get(chat.sendText(text));

    assertThat(next()).isEqualTo(text);
  }

  @Test
  void aLongTextComesBack() {
    WebSocketConnection chat = connectToEcho();
    String text = "\uD83D\uDC2D".repeat(1 << 18); // 1 MiB of UTF-8

    Await.get(chat.sendText(text));

    assertThat(next()).isEqualTo(text);
    assertThat(chat.snapshot().bytesOut()).isEqualTo(1 << 20);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 1 << 20})
  void binaryComesBack(int size) {
    WebSocketConnection chat = connectToEcho();
    byte[] bytes = new byte[size + 20];
    new Random(size).nextBytes(bytes);
    ByteBuffer data = ByteBuffer.wrap(bytes, 10, size); // a part in the middle

    Await.get(chat.sendBinary(data));

    assertThat(next()).isEqualTo(ByteBuffer.wrap(bytes, 10, size));
    assertThat(data.position()).isEqualTo(10);
    assertThat(data.remaining()).isEqualTo(size);
  }

  @Test
  void directAndReadOnlyBuffersAreSent() {
    WebSocketConnection chat = connectToEcho();
    ByteBuffer direct = ByteBuffer.allocateDirect(300);

    Await.get(chat.sendBinary(direct));
    Await.get(chat.sendBinary(direct.asReadOnlyBuffer()));
    Await.get(chat.sendBinary(new byte[300]));

    assertThat(next()).isEqualTo(direct);
    assertThat(next()).isEqualTo(direct);
    assertThat(next()).isEqualTo(direct);
  }

  @Test
  void tenThousandMessagesKeepTheirOrderAndEachHasOneOutcome() {
    WebSocketConnection chat = connectToEcho();
    AtomicInteger outcomes = new AtomicInteger();
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      CompletableFuture<Void> send = chat.sendText("message " + i);
      var unused = send.whenComplete((done, failure) -> outcomes.incrementAndGet());
      sends.add(send);
    }

    for (int i = 0; i < 10_000; i++) {
      assertThat(next()).isEqualTo("message " + i);
    }
    sends.forEach(Await::get);
    assertThat(outcomes).hasValue(10_000);
    assertThat(received).isEmpty();
  }

  @Test
  void sendsOfManyThreadsAllArriveInTheOrderOfEachThread() {
    WebSocketConnection chat = connectToEcho();
    int threads = 4;
    int each = 500;
    for (int t = 0; t < threads; t++) {
      int number = t;
      new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  var unused = chat.sendText(number + " " + i);
                }
              })
          .start();
    }

    int[] expected = new int[threads];
    for (int i = 0; i < threads * each; i++) {
      String[] parts = ((String) next()).split(" ", -1);
      int thread = Integer.parseInt(parts[0]);
      assertThat(parts[1]).isEqualTo(Integer.toString(expected[thread]++));
    }
  }

  @Test
  void fragmentsAreJoinedAndAPingInBetweenIsAnswered() {
    connect(raw.port());
    HandPeer peer = HandPeer.accept(raw);
    byte[] mouse = HandPeer.bytes("\uD83D\uDC2D"); // cut in the middle of the character

    peer.write(HandPeer.frame(false, HandPeer.TEXT, new byte[] {mouse[0], mouse[1]}));
    peer.ping("in between");
    peer.write(HandPeer.frame(false, HandPeer.CONTINUATION, new byte[0]));
    peer.write(HandPeer.frame(true, HandPeer.CONTINUATION, new byte[] {mouse[2], mouse[3]}));
    peer.write(HandPeer.frame(false, HandPeer.BINARY, new byte[] {1}));
    peer.write(HandPeer.frame(true, HandPeer.CONTINUATION, new byte[] {2}));

    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("in between");
    assertThat(next()).isEqualTo("\uD83D\uDC2D");
    assertThat(next()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
  }

  @Test
  void framesInSingleBytesAreUnderstood() {
    connect(raw.port());
    HandPeer peer = HandPeer.accept(raw);
    byte[] all =
        HandPeer.concat(
            HandPeer.frame(HandPeer.TEXT, "a".repeat(200)), HandPeer.frame(HandPeer.PING, "p"));

    for (byte one : all) {
      peer.write(new byte[] {one});
    }

    assertThat(next()).isEqualTo("a".repeat(200));
    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("p");
  }

  @Test
  void theAnswerToAPingComesToOnPong() {
    WebSocketConnection chat = connectToEcho();

    Await.get(chat.sendPing(ByteBuffer.wrap(HandPeer.bytes("are you there?"))));
    assertThat(next()).isEqualTo("pong are you there?");

    Await.get(chat.sendPing(ByteBuffer.wrap(HandPeer.bytes("x".repeat(125)))));
    assertThat(next()).isEqualTo("pong " + "x".repeat(125));
  }

  @Test
  void eachOfAFewPingsThatComeTogetherIsAnswered() {
    WebSocketConnection chat = app.webSocket(raw.port()).register();
    HandPeer peer = HandPeer.accept(raw);
    Await.get(chat.whenOpen());
    byte[] ping = HandPeer.frame(HandPeer.PING, "p");

    for (int round = 0; round < 10; round++) {
      peer.write(Collections.nCopies(20, ping).toArray(new byte[0][]));
      for (int i = 0; i < 20; i++) {
        assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("p");
      }
    }
  }

  @Test
  void aPingIsAnsweredWithItsDataAlsoWhileMuchIsQueued() throws Exception {
    WebSocketConnection chat = connect(raw.port());
    HandPeer peer = HandPeer.accept(raw);
    Await.get(chat.whenOpen());
    // More than the system takes while the peer does not read.
    CompletableFuture<Void> upload = chat.sendBinary(ByteBuffer.allocate(32 << 20));
    peer.awaitBytes();

    peer.ping("still there?");
    peer.text("after the ping");

    assertThat(next()).isEqualTo("after the ping");
    assertThat(upload).isNotDone();
    assertThat(peer.read(HandPeer.BINARY).payload()).hasSize(32 << 20);
    Await.get(upload);
    Await.get(chat.sendText("the end"));
    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("still there?");
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("the end");
  }

  @Test
  void anAnswerDoesNotOvertakeThePongOfAPingBeforeIt() {
    app.webSocket(raw.port())
        .onText(
            (ws, text) -> {
              var unused = ws.sendText(text);
            })
        .register();
    HandPeer peer = HandPeer.accept(raw);
    byte[] both =
        HandPeer.concat(
            HandPeer.frame(HandPeer.PING, "ping"), HandPeer.frame(HandPeer.TEXT, "text"));

    for (int i = 0; i < 200; i++) {
      peer.write(both);
      assertThat(peer.read().text()).isEqualTo("ping");
      assertThat(peer.read().text()).isEqualTo("text");
    }
  }

  @Test
  void receivedBuffersAreTheCallbacksOwn() {
    CountDownLatch both = new CountDownLatch(2);
    List<ByteBuffer> kept = Collections.synchronizedList(new ArrayList<>());
    app.webSocket(raw.port())
        .onBinary(
            (ws, data) -> {
              kept.add(data);
              both.countDown();
            })
        .register();
    HandPeer peer = HandPeer.accept(raw);

    peer.write(HandPeer.frame(true, HandPeer.BINARY, new byte[] {1, 1}));
    peer.write(HandPeer.frame(true, HandPeer.BINARY, new byte[] {2, 2}));
    Await.latch(both);

    assertThat(kept)
        .containsExactly(ByteBuffer.wrap(new byte[] {1, 1}), ByteBuffer.wrap(new byte[] {2, 2}));
    kept.get(0).put(0, (byte) 9); // writable, and nobody else's
    assertThat(kept.get(1).get(0)).isEqualTo((byte) 2);
  }

  @Test
  void aConnectionThatIsNotOpenRefusesToSend() {
    WebSocketConnection chat = connect(raw.port());

    assertThat(Await.failure(chat.sendText("too early")))
        .hasMessageStartingWith("chat: not open but ");
    HandPeer peer = HandPeer.accept(raw);
    Await.get(chat.whenOpen());
    chat.close();
    assertThat(peer.answerClose().code()).isEqualTo(1000); // and no message before it
    app.await(ConnectionState.CLOSED);
    assertThat(Await.failure(chat.sendText("too late"))).hasMessageContaining("CLOSED");
  }
}
