package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.SendQueueFullException;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A slow app and a slow peer cost no more memory than was configured. */
class WebSocketBoundsTest {
  private final RawServer server = new RawServer();
  private App app;

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  /** Waits until nothing has been added for a while; if the machine was slow that proves less. */
  private static void awaitStuck(AtomicLong written, int polls) {
    long[] last = {-1, 0};
    Await.until(
        "no more is taken",
        () -> {
          long now = written.get();
          last[1] = now == last[0] ? last[1] + 1 : 0;
          last[0] = now;
          return now > 0 && last[1] > polls;
        });
  }

  /** Has the peer write the same bytes again and again, on a thread of its own. */
  private static AtomicLong writeAll(HandPeer peer, int times, byte[] bytes) {
    AtomicLong written = new AtomicLong();
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; i < times; i++) {
                peer.write(bytes);
                written.addAndGet(bytes.length);
              }
            });
    writer.setDaemon(true);
    writer.start();
    return written;
  }

  @Test
  void aSlowCallbackStopsTheReadingAndThenAllIsDeliveredInOrder() {
    app = new App(builder -> builder.receiveBufferLimit(64 << 10));
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger next = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    WebSocketConnection chat =
        app.webSocket(server.port())
            .onBinary(
                (ws, data) -> {
                  Await.hold(release);
                  if (data.getInt() != next.getAndIncrement() || data.remaining() != 32_764) {
                    wrong.incrementAndGet();
                  }
                })
            .register();
    HandPeer peer = HandPeer.accept(server);
    int messages = 1_024; // of 32 KiB, so 32 MiB
    AtomicLong written = new AtomicLong();
    Thread writer =
        new Thread(
            () -> {
              byte[] payload = new byte[32 << 10];
              for (int i = 0; i < messages; i++) {
                ByteBuffer.wrap(payload).putInt(i);
                peer.write(HandPeer.frame(true, HandPeer.BINARY, payload));
                written.addAndGet(payload.length);
              }
            });
    writer.start();

    awaitStuck(written, 50);
    assertThat(written.get()).isLessThan(messages * (32L << 10));
    assertThat(chat.snapshot().bytesIn()).isLessThan(1 << 20);

    release.countDown();
    Await.until("all is delivered", () -> next.get() == messages);
    assertThat(wrong).hasValue(0);
    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }

  /** They have no bytes, but each costs memory until the app has taken it. */
  @Test
  void emptyMessagesStopTheReadingToo() {
    app = new App();
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger taken = new AtomicInteger();
    app.webSocket(server.port())
        .onText(
            (ws, text) -> {
              Await.hold(release);
              taken.incrementAndGet();
            })
        .register();
    HandPeer peer = HandPeer.accept(server);
    byte[] empty = new byte[64 << 10]; // 32,768 of them
    for (int i = 0; i < empty.length; i += 2) {
      empty[i] = (byte) 0x81;
    }
    int rounds = 20;
    AtomicLong answers = new AtomicLong(1);
    Thread reader =
        new Thread(
            () -> {
              for (int i = 0; i < rounds; i++) {
                peer.read(HandPeer.PONG);
                answers.incrementAndGet();
              }
            });
    reader.start();

    writeAll(peer, rounds, HandPeer.concat(empty, HandPeer.frame(HandPeer.PING, "")));

    awaitStuck(answers, 250);
    assertThat(answers.get()).as("how far it reads").isLessThan(rounds / 2);
    release.countDown();
    Await.until("all are taken", () -> taken.get() == rounds * 32_768);
    Await.until("all are read", () -> answers.get() == rounds + 1);
  }

  /** Fast callbacks beside a tiny limit: reading stops and goes on within one chunk of frames. */
  @Test
  void readingAlwaysGoesOnHoweverItIsInterleaved() {
    app = new App(builder -> builder.receiveBufferLimit(1));
    int messages = 50_000;
    AtomicInteger taken = new AtomicInteger();
    app.webSocket(server.port()).onText((ws, text) -> taken.incrementAndGet()).register();
    HandPeer peer = HandPeer.accept(server);

    byte[] three =
        HandPeer.concat(
            HandPeer.frame(HandPeer.TEXT, "a"),
            HandPeer.frame(HandPeer.TEXT, "b"),
            HandPeer.frame(HandPeer.TEXT, "c"),
            HandPeer.frame(HandPeer.TEXT, "d"));
    writeAll(peer, messages / 4, three);

    Await.until("all are taken", () -> taken.get() == messages);
  }

  @Test
  void aPeerThatPingsAndDoesNotReadGetsOnlySoManyAnswers() {
    app = new App();
    WebSocketConnection chat = app.webSocket(server.port()).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());
    // What the system takes is full, so that every answer has to wait.
    CompletableFuture<Void> upload = chat.sendBinary(ByteBuffer.allocate(32 << 20));
    peer.awaitBytes();
    byte[] ping = HandPeer.frame(HandPeer.PING, "p".repeat(125));
    int times = 100_000;
    for (int i = 0; i < times; i++) {
      peer.write(ping); // 12.7 MB, all of which is read
    }
    assertThat(upload).isNotDone();

    assertThat(peer.read(HandPeer.BINARY).payload()).hasSize(32 << 20);
    Await.get(upload);
    peer.ping("the last");
    int answers = 0;
    while (!peer.read(HandPeer.PONG).text().equals("the last")) {
      answers++;
    }
    assertThat(answers).isBetween(1, times / 5); // what is read at once has some 500
  }

  @Test
  void aFullSendQueueRefusesAndNothingOfThatIsSent() {
    app = new App(builder -> builder.sendQueueLimit(1 << 20));
    WebSocketConnection chat = app.webSocket(server.port()).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    CompletableFuture<Void> refused = null;
    for (int i = 0; i < 1_000 && refused == null; i++) {
      CompletableFuture<Void> send = chat.sendBinary(ByteBuffer.allocate(100_000).putInt(0, i));
      if (send.isCompletedExceptionally()) {
        refused = send;
      } else {
        sends.add(send);
      }
    }

    assertThat(Await.failure(refused))
        .isInstanceOf(SendQueueFullException.class)
        .hasMessageStartingWith("chat: send of 100000 bytes refused");
    for (int i = 0; i < sends.size(); i++) {
      assertThat(ByteBuffer.wrap(peer.read(HandPeer.BINARY).payload()).getInt()).isEqualTo(i);
    }
    sends.forEach(Await::get);
    Await.get(chat.sendText("there is room again"));
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("there is room again");
  }

  @Test
  void aMessageLargerThanTheQueueIsAcceptedWhileNothingWaits() {
    app = new App(builder -> builder.sendQueueLimit(10));
    WebSocketConnection chat = app.webSocket(server.port()).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    Await.get(chat.sendText("x".repeat(1_000)));

    assertThat(peer.read(HandPeer.TEXT).text()).hasSize(1_000);
  }
}
