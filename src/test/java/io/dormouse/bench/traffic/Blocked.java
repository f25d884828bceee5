package io.dormouse.bench.traffic;

import io.dormouse.ConnectionRegistry;
import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import io.dormouse.connection.Connection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.SuspendReport;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What one connection notices while callbacks, suppliers and look-ups of others are blocked, as
 * many of each, and what waiting for {@code settled()} does: milliseconds. Wants a process with
 * {@link HungNames}.
 */
public final class Blocked implements Contender {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int TRIPS = 300;

  /** What is measured. */
  enum What {
    /** By how much the 99th percentile of round trips exceeds that of an idle registry. */
    ROUND_TRIPS,
    /** From when the last connection holds no socket to when {@code settled()} is known. */
    SETTLED
  }

  private final What what;
  private final int each;
  private final Setting setting;
  private final CountDownLatch never = new CountDownLatch(1);
  private final AtomicInteger hanging = new AtomicInteger();
  private final Side idle;
  private final Side besides;

  /** Words: what, the protocol, and how many of each are blocked. */
  public Blocked(Setting setting) throws Exception {
    this.setting = setting;
    what = What.valueOf(setting.word(0));
    Echoes.Protocol protocol = Echoes.Protocol.valueOf(setting.word(1));
    each = setting.number(2);
    idle = new Side(protocol, protocol.port(setting));
    besides = new Side(protocol, protocol.port(setting));
    idle.open();
    besides.open();
    block(besides.registry);
  }

  private void block(ConnectionRegistry registry) throws Exception {
    int port = setting.ports().tcpEcho();
    for (int i = 0; i < each; i++) {
      registry
          .tcp("blocked callback " + i)
          .connectTo("127.0.0.1", port)
          .onOpen(tcp -> hang())
          .register();
      registry
          .tcp("blocked supplier " + i)
          .connectTo(
              () -> {
                hang();
                return InetSocketAddress.createUnresolved("127.0.0.1", port);
              })
          .register();
      registry.tcp("blocked look-up " + i).connectTo("host-" + i + ".invalid", port).register();
    }
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (hanging.get() < 2 * each || lookUps() < each) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(hanging + " hang and " + lookUps() + " look-ups");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** What the JDK's look-up is called: up to 17, and since 18. */
  private static final Set<String> LOOK_UPS = Set.of("lookupAllHostAddr", "lookupByName");

  /** Counts threads that are inside of the JDK's look-up. */
  private static long lookUps() {
    return Thread.getAllStackTraces().values().stream()
        .filter(
            stack ->
                Arrays.stream(stack).anyMatch(frame -> LOOK_UPS.contains(frame.getMethodName())))
        .count();
  }

  /** Like code that takes no interrupt for an answer. */
  private void hang() {
    hanging.incrementAndGet();
    while (true) {
      try {
        never.await();
        return;
      } catch (InterruptedException e) {
        // goes on
      }
    }
  }

  @Override
  public Round play() throws Exception {
    if (what == What.SETTLED) {
      return new Round(besides.settle(), 0);
    }
    double alone = idle.percentile();
    return new Round(Math.max(0, besides.percentile() - alone), 0);
  }

  @Override
  public void close() throws IOException {
    never.countDown();
    idle.registry.close();
    besides.registry.close();
  }

  /** A registry with a connection to the echo. */
  private static final class Side {
    private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    private final ConnectionRegistry registry =
        ConnectionRegistry.builder(lifecycle).maxConcurrentConnects(1_000).build();
    private final BlockingQueue<Boolean> answers = new LinkedBlockingQueue<>();
    private final Connection connection;
    private final Supplier<CompletableFuture<Void>> send;

    Side(Echoes.Protocol protocol, int port) {
      ByteBuffer message = ByteBuffer.allocate(1);
      if (protocol == Echoes.Protocol.TCP) {
        TcpConnection tcp =
            registry
                .tcp("talks")
                .connectTo("127.0.0.1", port)
                .onData((it, bytes) -> answers.add(true))
                .register();
        connection = tcp;
        send = () -> tcp.send(message.duplicate());
      } else {
        WebSocketConnection webSocket =
            registry
                .webSocket("talks")
                .connectTo("ws://127.0.0.1:" + port + "/")
                .onBinary((it, data) -> answers.add(true))
                .register();
        connection = webSocket;
        send = () -> webSocket.sendBinary(message.duplicate());
      }
    }

    void open() throws Exception {
      lifecycle.onForeground();
      connection.whenOpen().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the 99th percentile of round trips. */
    double percentile() throws Exception {
      double[] trips = new double[TRIPS];
      for (int i = 0; i < TRIPS; i++) {
        long begun = System.nanoTime();
        CompletableFuture<Void> unused = send.get();
        if (answers.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS) == null) {
          throw new TimeoutException("no answer");
        }
        trips[i] = (System.nanoTime() - begun) / 1e6;
      }
      Arrays.sort(trips);
      return trips[TRIPS * 99 / 100];
    }

    /** Returns how much later than the last connection's end it is known, and comes back. */
    double settle() throws Exception {
      long begun = System.nanoTime();
      lifecycle.onBackground();
      SuspendReport report = registry.settled().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      double known = (System.nanoTime() - begun) / 1e6;
      open();
      return known - report.took().toNanos() / 1e6;
    }
  }
}
