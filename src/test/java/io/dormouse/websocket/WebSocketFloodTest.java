package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.Rounds;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many servers that send as fast as they can, read nothing and never answer our close frame. */
class WebSocketFloodTest {
  private static final int SERVERS = 30;

  /** What they send, again and again. */
  private enum Flood {
    PINGS(0x89, 0),
    EMPTY_FRAGMENTS(0x00, 0),
    TEXTS(0x81, 125);

    /** Whole ones, some 64 KiB. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes them
    private final byte[] frames;

    Flood(int firstByte, int payload) {
      int length = 2 + payload;
      frames = new byte[64 * 1024 / length * length];
      for (int i = 0; i < frames.length; i += length) {
        frames[i] = (byte) firstByte;
        frames[i + 1] = (byte) payload;
      }
    }

    /** A message begins that never ends, if its fragments are sent. */
    byte[] before() {
      return this == EMPTY_FRAGMENTS ? new byte[] {0x01, 0} : new byte[0];
    }
  }

  /** The time that a peer has for its answer is long over by then. */
  @ParameterizedTest
  @EnumSource
  void theyCostTheCloseTimeoutAndNotTheBudget(Flood flood) {
    Duration budget = Duration.ofSeconds(4);
    Rounds.untilInTime(
        "settled at half the budget",
        () -> suspendTook(flood, budget, Duration.ofMillis(200)) < budget.toMillis() / 2);
  }

  /** The hard close comes in time, however much there is to read. */
  @ParameterizedTest
  @EnumSource(names = {"PINGS", "TEXTS"}) // each takes a second of both cores
  void theyCostTheBudgetAndNotMore(Flood flood) {
    Duration budget = Duration.ofSeconds(1);
    Rounds.untilInTime(
        "settled within the budget",
        () -> suspendTook(flood, budget, budget.multipliedBy(2)) <= budget.toMillis());
  }

  /** Returns the milliseconds until all had gone; a big number if something was left. */
  private static long suspendTook(Flood flood, Duration budget, Duration closeTimeout) {
    try (RawServer server = new RawServer();
        App app =
            new App(
                settings ->
                    settings
                        .suspendBudget(budget)
                        .closeTimeout(closeTimeout)
                        .retryPolicy(ended -> Decision.giveUp()))) {
      CountDownLatch flooding = new CountDownLatch(SERVERS);
      for (int i = 0; i < SERVERS; i++) {
        WebSocketConnection chat =
            app.registry
                .webSocket("flooded " + i)
                .connectTo(App.url(server.port()))
                .noPings()
                .onText((ws, text) -> {})
                .register();
        HandPeer peer = HandPeer.accept(server);
        Await.get(chat.whenOpen());
        Thread player = new Thread(() -> play(peer, flood, flooding), "flood " + i);
        player.setDaemon(true);
        player.start();
      }
      Await.latch(flooding);
      SuspendReport report = app.suspend();
      long sockets = OsSockets.connectedTo(server.port());
      assertThat(report.connections()).hasSize(SERVERS);
      app.registry.assertQuiescent();
      boolean nothingIsLeft = report.socketsLeft() == 0 && sockets == 0;
      return nothingIsLeft ? report.took().toMillis() : Long.MAX_VALUE;
    }
  }

  /** Until the socket is reset. */
  private static void play(HandPeer peer, Flood flood, CountDownLatch flooding) {
    try {
      OutputStream out = peer.socket.getOutputStream();
      out.write(flood.before());
      for (int i = 0; ; i++) {
        out.write(flood.frames);
        if (i == 0) {
          flooding.countDown();
        }
      }
    } catch (IOException e) {
      assertThat(peer.socket.isConnected()).isTrue(); // it was, and is no more
    }
  }
}
