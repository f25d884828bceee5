package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages over real sockets. */
@SuppressWarnings("FutureReturnValueIgnored") // what is not sent is missed by the peer
class TcpMessageTest {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Framing<String> LINES = Framing.lines(100);

  private final RawServer server = new RawServer();
  private final StateLog log = new StateLog();
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  @AfterEach
  void end() {
    server.close();
  }

  private TcpBuilder builder(Registries app) {
    return app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).onStateChange(log);
  }

  private TcpConnection openWithLines(Registries app) {
    return open(app, builder(app).onMessage(LINES, (tcp, line) -> lines.add(line)));
  }

  private static TcpConnection open(Registries app, TcpBuilder builder) {
    TcpConnection tcp = builder.register();
    app.foreground();
    Await.get(tcp.whenOpen());
    return tcp;
  }

  private static void write(Socket peer, String text) throws IOException {
    peer.getOutputStream().write(text.getBytes(UTF_8));
  }

  private CloseReason end(Socket peer) throws IOException {
    peer.getInputStream().readAllBytes();
    peer.close();
    return log.await(ConnectionState.WAITING).reason().orElseThrow();
  }

  @Test
  void messagesComeWholeAndTheirAnswersGoOut() throws Exception {
    try (Registries app = new Registries()) {
      open(
          app,
          builder(app).onMessage(LINES, (tcp, line) -> tcp.send(LINES.encode("you said " + line))));
      Socket peer = server.next();
      write(peer, "one\ntw");
      BufferedReader in = new BufferedReader(new InputStreamReader(peer.getInputStream(), UTF_8));
      assertThat(in.readLine()).isEqualTo("you said one");
      write(peer, "o\r\n");
      assertThat(in.readLine()).isEqualTo("you said two");
      peer.close();
    }
  }

  @Test
  void whatASocketLeavesIncompleteIsNotContinuedByTheNext() throws Exception {
    try (Registries app = new Registries()) {
      openWithLines(app);
      Socket first = server.next();
      write(first, "one\nhalf a li");
      assertThat(Texts.next(lines)).isEqualTo("one");
      first.close();
      Socket second = server.next();
      write(second, "ne\ntwo\n");
      assertThat(Texts.next(lines)).isEqualTo("ne");
      assertThat(Texts.next(lines)).isEqualTo("two");
      server.close(); // or the app would wait for the peer's FIN
    }
  }

  @Test
  void aMessageOverTheBoundEndsTheGenerationAfterTheAnswersToThoseBefore() throws Exception {
    try (Registries app = new Registries()) {
      open(
          app,
          builder(app)
              .onMessage(
                  LINES,
                  (tcp, line) -> {
                    lines.add(line);
                    var unused = tcp.send(LINES.encode("ok " + line));
                  }));
      Socket peer = server.next();
      write(peer, "one\n" + "x".repeat(101) + "\nthree\n");
      assertThat(new String(peer.getInputStream().readAllBytes(), UTF_8)).isEqualTo("ok one\n");
      peer.close();
      CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(reason).hasToString("LIMIT_EXCEEDED (a message of more than 100 bytes)");
      assertThat(lines).containsExactly("one");
      server.close(); // or the app would wait for the FIN of the peer of its next socket
    }
  }

  @Test
  void aDecoderThatThrowsEndsTheGenerationAndSaysSo() throws Exception {
    Framing<String> broken =
        Framing.decodedBy(
            () ->
                bytes -> {
                  throw new NumberFormatException("s3cret");
                },
            100);
    try (Registries app = new Registries()) {
      open(app, builder(app).onMessage(broken, (tcp, line) -> lines.add(line)));
      Socket peer = server.next();
      write(peer, "x");
      CloseReason reason = end(peer);
      assertThat(reason)
          .hasToString("PROTOCOL_ERROR (the decoder threw java.lang.NumberFormatException)");
      assertThat(reason.cause().orElseThrow()).hasMessage("s3cret");
      server.close(); // or the app would wait for the FIN of the peer of its next socket
    }
  }

  /** The peer may go on sending, and never end: it has the close timeout. */
  @Test
  void aPeerThatFloodsOverTheBoundIsCutOff() throws Exception {
    try (Registries app = new Registries(options -> options.closeTimeout(Duration.ofMillis(100)))) {
      openWithLines(app);
      Socket peer = server.next();
      byte[] flood = new byte[64 * 1024];
      assertThatThrownBy(
              () -> {
                while (true) {
                  peer.getOutputStream().write(flood);
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(log.await(ConnectionState.WAITING).reason().orElseThrow().kind())
          .isEqualTo(Kind.LIMIT_EXCEEDED);
    }
  }

  @Test
  void aHalfClosedPeersLastMessageIsAnsweredAndItsIncompleteOneDropped() throws Exception {
    try (Registries app = new Registries()) {
      open(app, builder(app).onMessage(LINES, (tcp, line) -> tcp.send(LINES.encode("to " + line))));
      Socket peer = server.next();
      write(peer, "request\nhalf");
      peer.shutdownOutput();
      assertThat(new String(peer.getInputStream().readAllBytes(), UTF_8)).isEqualTo("to request\n");
      assertThat(end(peer).kind()).isEqualTo(Kind.PEER_CLOSED);
    }
  }

  @Test
  void aDecoderMayTakeThePeersEndForTheEndOfTheMessage() throws Exception {
    MessageDecoder<String> untilTheEnd =
        new MessageDecoder<>() {
          @Override
          public String decode(ByteBuffer bytes) {
            return null;
          }

          @Override
          public String decodeLast(ByteBuffer bytes) {
            return Texts.text(bytes);
          }
        };
    Framing<String> whole = Framing.decodedBy(() -> untilTheEnd, 1_000);
    try (Registries app = new Registries()) {
      open(app, builder(app).onMessage(whole, (tcp, text) -> tcp.send("got " + text)));
      Socket peer = server.next();
      write(peer, "all of ");
      write(peer, "it");
      peer.shutdownOutput();
      assertThat(new String(peer.getInputStream().readAllBytes(), UTF_8))
          .isEqualTo("got all of it");
    }
  }

  @Test
  void theOpeningsReplyComesAsAMessageAndNothingBehindItIsLost() throws Exception {
    CompletableFuture<Void> welcomed = new CompletableFuture<>();
    try (Registries app = new Registries()) {
      TcpConnection tcp =
          builder(app)
              .onMessage(
                  LINES,
                  (it, line) -> {
                    if (line.equals("welcome")) {
                      welcomed.complete(null);
                    } else {
                      lines.add(line);
                    }
                  })
              .prepare(
                  Duration.ofSeconds(20),
                  opening ->
                      opening
                          .send(LINES.encode("sign in"))
                          .thenCompose(sent -> welcomed)
                          .thenCompose(done -> opening.send("subscribe\n")))
              .register();
      app.foreground();
      Socket peer = server.next();
      BufferedReader in = new BufferedReader(new InputStreamReader(peer.getInputStream(), UTF_8));
      assertThat(in.readLine()).isEqualTo("sign in");
      assertThat(tcp.state()).isEqualTo(ConnectionState.PREPARING);
      write(peer, "news\nwelcome\nmore ne");
      assertThat(in.readLine()).isEqualTo("subscribe");
      Await.get(tcp.whenOpen());
      write(peer, "ws\n");
      assertThat(Texts.next(lines)).isEqualTo("news");
      assertThat(Texts.next(lines)).isEqualTo("more news");
      peer.close();
    }
  }

  /** Of a message longer than what the app may leave unread, too: the decoder takes its pieces. */
  @Test
  void readingStopsWhileTheAppIsBehindAndGoesOnWithoutLoss() throws Exception {
    int unread = 128 * 1024;
    int length = 512 * 1024;
    int count = 32;
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicLong taken = new AtomicLong();
    Framing<ByteBuffer> framing = Framing.lengthPrefixed(4, length);
    try (Registries app = new Registries(options -> options.receiveBufferLimit(unread))) {
      TcpConnection tcp =
          open(
              app,
              builder(app)
                  .receiveBufferSize(32 * 1024)
                  .onMessage(
                      framing,
                      (it, message) -> {
                        entered.countDown();
                        Await.hold(release);
                        assertThat(message.remaining()).isEqualTo(length);
                        assertThat(message.getLong()).isEqualTo(taken.getAndIncrement());
                      }));
      Socket peer = server.next();
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < count; i++) {
                  ByteBuffer message = ByteBuffer.allocate(4 + length).putInt(length).putLong(4, i);
                  try {
                    peer.getOutputStream().write(message.array());
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                }
              },
              task -> new Thread(task, "peer").start());
      Await.latch(entered); // so the first message is complete, which took several stops
      assertThat(tcp.snapshot().bytesIn()).isGreaterThanOrEqualTo(length);
      assertThat(tcp.snapshot().bytesIn()).isLessThanOrEqualTo(length + unread + 128 * 1024);
      release.countDown();
      Await.get(sending);
      Await.until("all have come", () -> taken.get() == count);
      peer.close();
    }
  }

  @Test
  void bytesOrMessagesButNotBoth() {
    try (Registries app = new Registries()) {
      TcpBuilder bytes = builder(app).onData((tcp, data) -> {});
      assertThatThrownBy(() -> bytes.onMessage(LINES, (tcp, line) -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("telemetry: ");
      TcpBuilder messages = builder(app).onMessage(LINES, (tcp, line) -> {});
      assertThatThrownBy(() -> messages.onData((tcp, data) -> {}))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void arraysAndTextsAreSentAsTheyAre() throws Exception {
    try (Registries app = new Registries()) {
      TcpConnection tcp = open(app, builder(app));
      Socket peer = server.next();
      Await.get(tcp.send(new byte[] {'a', 'b'}));
      Await.get(tcp.send("größer"));
      assertThat(peer.getInputStream().readNBytes(10)).asString(UTF_8).isEqualTo("abgrößer");
      peer.close();
    }
  }

  @Test
  void aConnectionKnowsWhereItIsToGo() {
    try (Registries app = new Registries()) {
      TcpConnection tcp = app.registry().tcp("named").connectTo("h.example", 9).register();
      assertThat(tcp.target()).contains(InetSocketAddress.createUnresolved("h.example", 9));
      TcpConnection asked =
          app.registry()
              .tcp("asked")
              .connectTo(
                  () -> new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
              .register();
      assertThat(asked.target()).isEmpty();
    }
  }
}
