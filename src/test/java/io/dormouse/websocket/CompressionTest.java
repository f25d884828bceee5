package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** permessage-deflate on real sockets. */
class CompressionTest {
  private static final String AGREED = "Sec-WebSocket-Extensions: permessage-deflate";
  private static final String NO_TAKEOVER =
      AGREED + "; server_no_context_takeover; client_no_context_takeover";

  private final App app = new App();
  private final RawServer server = new RawServer();
  private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
  private final int heldBefore = Zlib.held();

  /** What the server's side inflates our messages with. */
  private final Told told = new Told();

  private final FrameReader inflating = new FrameReader(told, 1 << 30);

  @AfterEach
  void close() {
    inflating.end();
    server.close();
    app.close();
    Await.until("all is freed", () -> Zlib.held() == heldBefore);
  }

  private WebSocketBuilder chat(Compression compression) {
    return app.webSocket(server.port())
        .compression(compression)
        .onText((ws, text) -> received.add(text))
        .onBinary((ws, data) -> received.add(data));
  }

  private static Compression all() {
    return Compression.deflate().minimumSize(0);
  }

  private HandPeer accept(String extensions) {
    inflating.inflateWith(new Inflation(!extensions.contains("client_no_context_takeover"), null));
    return HandPeer.accept(server, extensions);
  }

  /** Returns a message of ours, inflated. */
  private String inflated(HandPeer.Frame frame) {
    if (!frame.isCompressed()) {
      return frame.text();
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(InflationTest.compressedFrame(true, HandPeer.TEXT, frame.payload()));
    try {
      while (bytes.hasRemaining()) {
        inflating.read(bytes);
      }
    } catch (FrameException e) {
      throw new AssertionError(e);
    }
    return told.events.remove(told.events.size() - 1).substring("text ".length());
  }

  // --------------------------------------------------------------------------------- negotiation

  @Test
  void itIsOfferedOnRequestOnly() {
    app.webSocket(server.port()).register();
    assertThat(HandPeer.next(server).headers("Sec-WebSocket-Extensions")).isEmpty();
  }

  @Test
  void theOfferIsInTheHandshake() {
    chat(Compression.deflate().withoutServerTakeover()).register();

    assertThat(HandPeer.next(server).header("Sec-WebSocket-Extensions"))
        .isEqualTo("permessage-deflate; server_no_context_takeover; client_max_window_bits");
  }

  @Test
  void aServerMayDecline() {
    WebSocketConnection chat = chat(all()).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    List<CompletableFuture<Void>> sends =
        List.of(chat.sendText("a"), chat.sendText("b".repeat(100_000)), chat.sendText("c"));

    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("a");
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("b".repeat(100_000));
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("c");
    sends.forEach(Await::get);
    peer.text("plain");
    assertThat(Await.next(received)).isEqualTo("plain");
    peer.write(new InflationTest.Sender(true).text("compressed"));
    assertThat(app.firstEnd().detail()).isEqualTo("a reserved bit is set");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "permessage-deflate; client_max_window_bits=16 | client_max_window_bits that is not",
        "permessage-deflate; foo | has a parameter that is unknown",
        "permessage-deflate, permessage-deflate | accepts permessage-deflate twice",
        "x-webkit-deflate-frame | an extension that was not offered",
      })
  void aWrongAnswerFailsTheConnectionWithASentence(String answer, String sentence) {
    chat(all()).register();
    HandPeer peer = HandPeer.accept(server, "Sec-WebSocket-Extensions: " + answer);

    CloseReason reason = app.firstEnd();

    assertThat(reason.kind()).isEqualTo(Kind.PROTOCOL_ERROR);
    assertThat(reason.detail()).contains(sentence);
    peer.awaitCut();
  }

  @Test
  void anAnswerThatWasNotAskedForFailsTheConnection() {
    app.webSocket(server.port()).register();
    HandPeer peer = HandPeer.accept(server, AGREED);

    assertThat(app.firstEnd().detail())
        .isEqualTo("the server chose a subprotocol or an extension that was not offered");
    peer.awaitCut();
  }

  // ------------------------------------------------------------------------------------ messages

  @ParameterizedTest
  @ValueSource(
      strings = {
        AGREED,
        NO_TAKEOVER,
        AGREED + "; client_max_window_bits=9",
        AGREED + "; client_max_window_bits=8; server_max_window_bits=8",
      })
  void messagesOfAllLengthsGoBothWays(String answer) {
    WebSocketConnection chat = chat(all()).register();
    HandPeer peer = accept(answer);
    InflationTest.Sender sender =
        new InflationTest.Sender(!answer.contains("server_no_context_takeover"));
    Await.get(chat.whenOpen());

    for (int round = 0; round < 3; round++) {
      for (int length : new int[] {0, 1, 20, 1_000, 20_000, 300_000}) {
        String text = "grüße \uD83D\uDC2D ".repeat(length / 9) + "x".repeat(length % 9);
        CompletableFuture<Void> send = chat.sendText(text);
        HandPeer.Frame frame = peer.readEither();
        assertThat(inflated(frame)).isEqualTo(text);
        assertThat(frame.isCompressed()).isEqualTo(!text.isEmpty());
        Await.get(send);

        peer.write(sender.text(text));
        assertThat(Await.next(received)).isEqualTo(text);
      }
    }
    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }

  @Test
  void shortMessagesAndPingsGoAsTheyAre() {
    WebSocketConnection chat = chat(Compression.deflate()).register();
    HandPeer peer = accept(AGREED);
    Await.get(chat.whenOpen());
    Object unused =
        List.of(
            chat.sendText("x".repeat(1_023)),
            chat.sendText("x".repeat(1_024)),
            chat.sendPing(ByteBuffer.allocate(10)),
            chat.sendBinary(new byte[2_000]));

    assertThat(peer.read(HandPeer.TEXT).payload()).hasSize(1_023);
    assertThat(inflated(peer.readEither())).hasSize(1_024);
    assertThat(peer.read(HandPeer.PING).payload()).hasSize(10);
    assertThat(inflated(peer.readEither())).isEqualTo("\0".repeat(2_000));
  }

  /** With context takeover what is compressed last must be written last. */
  @Test
  void messagesOfManySendersAreCompressedInTheOrderInWhichTheyAreWritten() throws Exception {
    WebSocketConnection chat = chat(Compression.deflate().minimumSize(30)).register();
    HandPeer peer = accept(AGREED);
    Await.get(chat.whenOpen());
    int senders = 6;
    int each = 200;
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int s = 0; s < senders; s++) {
      int sender = s;
      Thread thread =
          new Thread(
              () -> {
                Random random = new Random(sender);
                for (int i = 0; i < each; i++) {
                  int length = random.nextInt(10) == 0 ? 30_000 : random.nextInt(100);
                  String text = sender + " " + i + " " + "word ".repeat(length / 5);
                  CompletableFuture<Void> send = chat.sendText(text);
                  synchronized (sends) {
                    sends.add(send);
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }

    int[] next = new int[senders];
    int compressed = 0;
    for (int i = 0; i < senders * each; i++) {
      HandPeer.Frame frame = peer.readEither();
      compressed += frame.isCompressed() ? 1 : 0;
      String[] words = inflated(frame).split(" ", 3);
      assertThat(Integer.parseInt(words[1])).isEqualTo(next[Integer.parseInt(words[0])]++);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(compressed).isGreaterThan(senders * each / 2);
    assertThat(sends).hasSize(senders * each).allSatisfy(Await::get);
  }

  @Test
  void whatCallbacksAnswerIsCompressed() {
    app.webSocket(server.port())
        .compression(all())
        .onText(
            (ws, text) -> {
              Object unused = ws.sendText("echo " + text);
            })
        .register();
    HandPeer peer = accept(AGREED);
    InflationTest.Sender sender = new InflationTest.Sender(true);

    for (int i = 0; i < 100; i++) {
      peer.write(sender.text("message " + i));
    }

    for (int i = 0; i < 100; i++) {
      assertThat(inflated(peer.readEither())).isEqualTo("echo message " + i);
    }
  }

  // -------------------------------------------------------------------------------------- natives

  @Test
  void withoutTakeoverAnIdleConnectionHoldsNothing() {
    WebSocketConnection chat = chat(all()).register();
    HandPeer peer = accept(NO_TAKEOVER);
    Await.get(chat.whenOpen());
    for (int i = 0; i < 10; i++) {
      Await.get(chat.sendText("x".repeat(i * 5_000 + 10)));
      assertThat(inflated(peer.readEither())).hasSize(i * 5_000 + 10);
      peer.write(new InflationTest.Sender(false).text("answer"));
      assertThat(Await.next(received)).isEqualTo("answer");
    }
    Await.until("nothing is held", () -> Zlib.held() == heldBefore);
    assertThat(chat.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void eachGenerationFreesWhatItHeld() {
    WebSocketConnection chat = chat(all()).register();
    for (int generation = 1; generation <= 5; generation++) {
      HandPeer peer = HandPeer.accept(server, AGREED);
      Await.get(chat.whenOpen());
      Await.get(chat.sendText("hello"));
      assertThat(peer.readEither().isCompressed()).isTrue();
      peer.write(new InflationTest.Sender(true).text("answer"));
      assertThat(Await.next(received)).isEqualTo("answer");
      assertThat(Zlib.held()).isEqualTo(heldBefore + 2);
      if (generation % 2 == 0) {
        peer.reset();
        app.await(ConnectionState.WAITING);
      } else {
        CompletableFuture<SuspendReport> settled = CompletableFuture.supplyAsync(app::suspend);
        assertThat(peer.answerClose().code()).isEqualTo(1001);
        Await.get(settled);
        assertThat(Zlib.held()).isEqualTo(heldBefore);
        app.lifecycle.onForeground();
      }
    }
  }

  @Test
  void theEndInTheMiddleOfALongMessageFreesAll() {
    WebSocketConnection chat = chat(all()).register();
    byte[] random = new byte[6 << 20];
    new Random(1).nextBytes(random);
    for (int i = 0; i < 3; i++) {
      HandPeer peer = accept(AGREED);
      Await.get(chat.whenOpen());
      CompletableFuture<Void> send = chat.sendBinary(random);
      peer.write(new InflationTest.Sender(true).text("answer"));
      assertThat(Await.next(received)).isEqualTo("answer");
      peer.reset();
      assertThat(Await.failure(send)).isNotNull();
    }
    chat.close();
    Await.until("all is freed", () -> Zlib.held() == heldBefore);
  }

  // ------------------------------------------------------------------------------------- the end

  @Test
  void aSuspendWaitsForWhatIsBeingCompressed() {
    WebSocketConnection chat = chat(all()).register();
    HandPeer peer = accept(AGREED);
    Await.get(chat.whenOpen());
    String text = "word ".repeat(800_000);
    CompletableFuture<Void> send = chat.sendText(text);
    CompletableFuture<Void> behind = chat.sendText("behind");
    CompletableFuture<SuspendReport> settled = CompletableFuture.supplyAsync(app::suspend);

    assertThat(inflated(peer.readEither())).isEqualTo(text);
    assertThat(inflated(peer.readEither())).isEqualTo("behind");
    assertThat(peer.answerClose().code()).isEqualTo(1001);
    assertThat(Await.get(settled).find(App.NAME).orElseThrow().outcome().name())
        .isEqualTo("CLOSED_CLEANLY");
    Await.get(send);
    Await.get(behind);
  }

  @Test
  void aForegroundWhileAMessageIsBeingCompressedKeepsTheConnection() {
    WebSocketConnection chat = chat(all()).register();
    HandPeer peer = accept(AGREED);
    Await.get(chat.whenOpen());
    String text = "word ".repeat(800_000);
    CompletableFuture<Void> send = chat.sendText(text);
    app.lifecycle.onBackground();
    app.lifecycle.onForeground();

    assertThat(inflated(peer.readEither())).isEqualTo(text);
    Await.get(send);
    Await.get(chat.whenOpen());
    assertThat(chat.snapshot().generation()).isEqualTo(1);

    CompletableFuture<SuspendReport> settled = CompletableFuture.supplyAsync(app::suspend);
    assertThat(peer.answerClose().code()).isEqualTo(1001);
    assertThat(Await.get(settled).find(App.NAME).orElseThrow().outcome().name())
        .isEqualTo("CLOSED_CLEANLY");
  }

  @Test
  void anAnswerToWhatCameBeforeABrokenRuleGoesOutThoughItIsLong() {
    String answer = "answer ".repeat(200_000);
    app.webSocket(server.port())
        .compression(all())
        .onText(
            (ws, text) -> {
              Object unused = ws.sendText(answer);
            })
        .register();
    HandPeer peer = accept(AGREED);

    peer.write(new InflationTest.Sender(true).text("question"), new byte[] {(byte) 0x83, 0});

    assertThat(inflated(peer.readEither())).isEqualTo(answer);
    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1002);
  }

  // ---------------------------------------------------------------------------------- bad servers

  @Test
  void aBombEndsTheConnectionWith1009() {
    chat(all()).maxMessageSize(1 << 20).register();
    HandPeer peer = accept(AGREED);

    peer.write(new InflationTest.Sender(true).frame(HandPeer.BINARY, new byte[64 << 20]));

    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1009);
    peer.close();
    CloseReason reason = app.firstEnd();
    assertThat(reason.kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
    assertThat(reason.code()).hasValue(1009);
    assertThat(received).isEmpty();
  }

  @Test
  void corruptDataEndsTheConnectionWith1007() {
    chat(all()).register();
    HandPeer peer = accept(AGREED);

    peer.write(InflationTest.compressedFrame(true, HandPeer.TEXT, new byte[] {7}));

    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1007);
    peer.close();
    CloseReason reason = app.firstEnd();
    assertThat(reason.kind()).isEqualTo(Kind.PROTOCOL_ERROR);
    assertThat(reason.detail()).isEqualTo("compressed data is corrupt");
  }

  /** Some kilobytes on the wire are a gigabyte here: none of it is inflated before it is wanted. */
  @Test
  void aSlowAppStopsTheInflatingAndThenAllIsDeliveredInOrder() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger next = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    WebSocketConnection chat =
        app.webSocket(server.port())
            .compression(all())
            .onBinary(
                (ws, data) -> {
                  Await.hold(release);
                  if (data.getInt() != next.getAndIncrement() || data.remaining() != 99_996) {
                    wrong.incrementAndGet();
                  }
                })
            .register();
    HandPeer peer = accept(AGREED);
    InflationTest.Sender sender = new InflationTest.Sender(true);
    int messages = 1_000;
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      byte[] payload = new byte[100_000];
      ByteBuffer.wrap(payload).putInt(i);
      frames.add(sender.frame(HandPeer.BINARY, payload));
    }
    frames.add(HandPeer.frame(HandPeer.PING, "behind"));
    peer.write(HandPeer.concat(frames.toArray(new byte[0][])));

    Await.until("the first ones are there", () -> chat.snapshot().bytesIn() > 1 << 20);
    long[] last = {0, 0};
    Await.until(
        "no more is inflated",
        () -> {
          long now = chat.snapshot().bytesIn();
          last[1] = now == last[0] ? last[1] + 1 : 0;
          last[0] = now;
          return last[1] > 50;
        });
    assertThat(chat.snapshot().bytesIn()).isLessThan(2 << 20);

    release.countDown();
    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("behind");
    Await.until("all is delivered", () -> next.get() == messages);
    assertThat(wrong).hasValue(0);
    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }

  @Test
  void theServersCloseIsSeenBehindWhatIsInflatedInTurns() {
    chat(all()).register();
    HandPeer peer = accept(AGREED);
    InflationTest.Sender sender = new InflationTest.Sender(true);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      frames.add(sender.frame(HandPeer.BINARY, new byte[100_000]));
    }
    frames.add(HandPeer.closeFrame(4321));
    peer.write(HandPeer.concat(frames.toArray(new byte[0][])));

    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(4321);
    peer.close();
    assertThat(app.firstEnd().code()).hasValue(4321);
    Await.until("all was delivered", () -> received.size() == 20);
  }

  @Test
  void aSuspendWhileMuchIsStillToBeInflatedIsClean() {
    CountDownLatch release = new CountDownLatch(1);
    app.webSocket(server.port())
        .compression(all())
        .onBinary((ws, data) -> Await.hold(release))
        .register();
    HandPeer peer = accept(AGREED);
    InflationTest.Sender sender = new InflationTest.Sender(true);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      frames.add(sender.frame(HandPeer.BINARY, new byte[100_000]));
    }
    peer.write(HandPeer.concat(frames.toArray(new byte[0][])));
    CompletableFuture<SuspendReport> settled = CompletableFuture.supplyAsync(app::suspend);

    assertThat(peer.answerClose().code()).isEqualTo(1001);
    assertThat(Await.get(settled).find(App.NAME).orElseThrow().outcome().name())
        .isEqualTo("CLOSED_CLEANLY");
    release.countDown();
  }

  @Test
  void textOfTheServerIsCountedAsItIsDelivered() {
    WebSocketConnection chat = chat(all()).register();
    HandPeer peer = accept(AGREED);
    String text = "grüße ".repeat(1_000);

    peer.write(new InflationTest.Sender(true).text(text));

    assertThat(Await.next(received)).isEqualTo(text);
    assertThat(chat.snapshot().bytesIn()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
  }
}
