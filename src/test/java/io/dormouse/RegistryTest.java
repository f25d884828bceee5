package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.engine.Engine;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.Texts;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The registry's own words, on real sockets. */
class RegistryTest {
  private static final String LOOPBACK = "127.0.0.1";

  @Test
  void listsFindsAndDescribesItsConnections() {
    try (TcpEchoServer server = new TcpEchoServer();
        Registries app = new Registries()) {
      server.start();
      TcpConnection first =
          app.registry().tcp("first").connectTo(LOOPBACK, server.port()).register();
      TcpConnection second =
          app.registry().tcp("second").connectTo(LOOPBACK, server.port()).register();
      assertThat(app.registry().connections()).containsExactly(first, second);
      assertThat(app.registry().find("second").orElseThrow()).isSameAs(second);
      assertThat(app.registry().find("third")).isEmpty();
      assertThat(app.registry().snapshot().appState()).isEqualTo(AppState.UNKNOWN);
      app.foreground();
      Await.get(first.whenOpen());
      Await.get(second.whenOpen());
      LongRunningTask task = app.registry().startTask("sync");
      RegistrySnapshot snapshot = app.registry().snapshot();
      assertThat(snapshot.count(ConnectionState.OPEN)).isEqualTo(2);
      assertThat(snapshot.tasks()).containsExactly("sync");
      assertThat(snapshot.connections().get(0).kind()).isEqualTo(ConnectionKind.TCP);
      assertThat(snapshot.connections().get(0).generation()).isEqualTo(1);
      assertThat(app.registry().tasks()).containsExactly(task);
      task.close();
      assertThat(app.registry().tasks()).isEmpty();
      assertThat(first.toString()).isEqualTo("TCP first OPEN");
    }
  }

  /** Nothing of the library can end it, so its selector is closed by force. */
  @Test
  void aRegistryWhoseIoThreadFailsIsClosedAndSaysSoEverywhere() throws Exception {
    try (TcpEchoServer server = new TcpEchoServer();
        Registries app = new Registries()) {
      server.start();
      ConnectionRegistry registry = app.registry();
      TcpConnection open = registry.tcp("open").connectTo(LOOPBACK, server.port()).register();
      TcpConnection paused = registry.tcp("paused").connectTo(LOOPBACK, server.port()).register();
      paused.pause();
      app.foreground();
      Await.get(open.whenOpen());
      CompletableFuture<Void> never = paused.whenOpen();
      Engine engine = (Engine) valueOf(ConnectionRegistry.class, "engine", registry);
      Object loop = engine.environment().loop();
      Object channels = valueOf(SelectorLoop.class, "channels", loop);
      ((Selector) valueOf(channels.getClass(), "selector", channels)).close();
      assertThat(Await.failure(never)).isInstanceOf(NotOpenException.class);
      assertThat(open.state()).isEqualTo(ConnectionState.CLOSED);
      assertThat(open.snapshot().lastReason().orElseThrow().kind())
          .isEqualTo(CloseReason.Kind.INTERNAL_ERROR);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      assertThat(Await.failure(open.send(Texts.bytes("x")))).isInstanceOf(NotOpenException.class);
      assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
      Await.get(registry.settled());
      Await.get(registry.resumed());
      registry.assertQuiescent();
      assertThatThrownBy(() -> registry.tcp("new")).isInstanceOf(IllegalStateException.class);
    }
  }

  private static Object valueOf(Class<?> of, String field, Object object) throws Exception {
    Field found = of.getDeclaredField(field);
    found.setAccessible(true);
    return found.get(object);
  }

  @Test
  void assertQuiescentNamesTheOffenders() {
    try (TcpEchoServer server = new TcpEchoServer();
        Registries app = new Registries()) {
      server.start();
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      app.registry().assertQuiescent();
      app.foreground();
      Await.get(tcp.whenOpen());
      assertThatThrownBy(() -> app.registry().assertQuiescent())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("sockets are open: telemetry (OPEN)");
      app.suspend();
      app.registry().assertQuiescent();
    }
  }

  @Test
  void theHookReturnsAtOnceAndAwaitSettledWaits() {
    try (RawServer server = new RawServer();
        Registries app = new Registries(Duration.ofMillis(500))) {
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      app.foreground();
      Await.get(tcp.whenOpen());
      app.background(); // the peer will not answer our FIN
      assertThat(app.registry().awaitSettled(Duration.ofMillis(1))).isFalse();
      assertThat(app.registry().awaitSettled(Await.LIMIT)).isTrue();
      assertThat(OsSockets.connectedTo(server.port())).isZero();
    }
  }

  @Test
  void awaitSettledWaitsForASettlingBackgroundToo() {
    try (TcpEchoServer server = new TcpEchoServer()) {
      server.start();
      ManualAppLifecycle hooks = new ManualAppLifecycle();
      Duration delay = Duration.ofMillis(500); // far more than closing takes
      AppLifecycle lifecycle = hooks.settled(delay);
      try (ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
        TcpConnection tcp = registry.tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
        hooks.onForeground();
        Await.get(tcp.whenOpen());
        hooks.onBackground();
        hooks.onForeground(); // a rotation of the screen: nothing was touched
        assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
        assertThat(tcp.snapshot().generation()).isEqualTo(1);
        hooks.onBackground();
        assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
        assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
        assertThat(OsSockets.connectedTo(server.port())).isZero();
        SuspendReport report = Await.get(registry.settled());
        assertThat(report.took()).as("from the hook").isGreaterThan(delay.dividedBy(10));
        assertThat(report.withinBudget()).isTrue();
      }
    }
  }

  @Test
  void terminateClosesTheRegistryForGood() {
    try (TcpEchoServer server = new TcpEchoServer()) {
      server.start();
      ManualAppLifecycle hooks = new ManualAppLifecycle();
      List<String> before = OwnThreads.names();
      ConnectionRegistry registry = ConnectionRegistry.builder(hooks).build();
      TcpConnection tcp = registry.tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      hooks.onForeground();
      Await.get(tcp.whenOpen());
      hooks.onTerminate();
      Await.until("closed", () -> tcp.state() == ConnectionState.CLOSED);
      OwnThreads.awaitNoneBesides(before);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      assertThatThrownBy(() -> registry.tcp("another"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("another: the registry is closed; build a new one");
      registry.close();
    }
  }

  @Test
  void promise10CloseLeavesNoThreadSocketOrRegistration() {
    try (TcpEchoServer server = new TcpEchoServer()) {
      server.start();
      List<String> before = OwnThreads.names();
      ConnectionRegistry registry =
          ConnectionRegistry.builder(AppLifecycle.alwaysForeground()).build();
      TcpConnection tcp = registry.tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      LongRunningTask task = registry.startTask("upload");
      Await.get(tcp.whenOpen());
      registry.close();
      registry.close();
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      assertThat(registry.connections()).isEmpty();
      assertThat(registry.tasks()).isEmpty();
      assertThat(task.ending()).contains(LongRunningTask.Ending.REVOKED);
      assertThat(registry.settled()).isDone();
      assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
      registry.assertQuiescent();
      OwnThreads.awaitNoneBesides(before);
      tcp.pause();
      tcp.resume();
      tcp.retryNow();
      tcp.close();
    }
  }

  @Test
  void callbacksRunOnTheExecutorTheAppBrings() throws Exception {
    ExecutorService mainThread = Executors.newSingleThreadExecutor(r -> new Thread(r, "app-main"));
    LinkedBlockingQueue<String> threads = new LinkedBlockingQueue<>();
    try (TcpEchoServer server = new TcpEchoServer();
        Registries app = new Registries(options -> options.callbackExecutor(mainThread))) {
      server.start();
      CountDownLatch opened = new CountDownLatch(1);
      app.registry()
          .tcp("telemetry")
          .connectTo(LOOPBACK, server.port())
          .onStateChange((connection, change) -> threads.add(Thread.currentThread().getName()))
          .onOpen(connection -> opened.countDown())
          .register();
      app.foreground();
      Await.latch(opened);
      app.suspend();
    } finally {
      mainThread.shutdown();
    }
    assertThat(threads).isNotEmpty().containsOnly("app-main");
  }

  @Test
  void noCallbackRunsOnTheIoThreadWhateverTheExecutor() {
    LinkedBlockingQueue<String> threads = new LinkedBlockingQueue<>();
    try (TcpEchoServer server = new TcpEchoServer();
        Registries app = new Registries(options -> options.callbackExecutor(Runnable::run))) {
      server.start();
      app.registry()
          .tcp("telemetry")
          .connectTo(LOOPBACK, server.port())
          .onStateChange((connection, change) -> threads.add(Thread.currentThread().getName()))
          .register();
      app.foreground();
      Await.get(app.registry().resumed());
      app.suspend();
    }
    assertThat(threads).isNotEmpty().allMatch(name -> name.contains("-callback-"));
  }

  @Test
  void aTaskTellsBeforeItExpiresAndWhenItIsRevoked() {
    try (TcpEchoServer server = new TcpEchoServer();
        Registries app = new Registries()) {
      server.start();
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      CountDownLatch warned = new CountDownLatch(1);
      LongRunningTask expiring =
          app.registry()
              .startTask(
                  "upload",
                  task ->
                      task.covering(tcp)
                          .atMost(Duration.ofMillis(300))
                          .warnBefore(Duration.ofMillis(200))
                          .onExpiring(t -> warned.countDown()));
      assertThat(expiring.remaining().orElseThrow()).isPositive();
      Await.get(tcp.whenOpen());
      Await.latch(warned);
      Await.until("expired", () -> expiring.ending().isPresent());
      assertThat(expiring.ending()).contains(LongRunningTask.Ending.EXPIRED);
      assertThat(expiring.remaining()).contains(Duration.ZERO);
      assertThat(Await.get(app.registry().settled()).count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
      CountDownLatch revoked = new CountDownLatch(1);
      LongRunningTask task =
          app.registry().startTask("music", t -> t.onRevoked(r -> revoked.countDown()));
      task.revoke();
      task.close();
      Await.latch(revoked);
      assertThat(task.ending()).contains(LongRunningTask.Ending.REVOKED);
    }
  }

  @Test
  void badInputGetsAClearErrorAtTheCallAndNothingIsRegistered() {
    try (Registries app = new Registries()) {
      ConnectionRegistry registry = app.registry();
      Connection taken = registry.tcp("taken").connectTo("host", 1).register();
      Map<String, ThrowingCallable> mistakes = new TreeMap<>();
      mistakes.put(
          "taken: the name is taken; close that connection first or choose another name",
          () -> registry.tcp("taken").connectTo("host", 1).register());
      mistakes.put(
          "the name of a connection is blank; give one that tells it from others",
          () -> registry.tcp(" \t"));
      mistakes.put("the name of a connection has a line break", () -> registry.tcp("a\nb"));
      mistakes.put(
          "x: port must be from 1 to 65535, not 0", () -> registry.tcp("x").connectTo("host", 0));
      mistakes.put(
          "x: port must be from 1 to 65535, not 65536",
          () -> registry.tcp("x").connectTo("host", 65_536));
      mistakes.put(
          "x: the host has a port in it; give the host alone, such as telemetry.example.com,"
              + " 192.0.2.1 or 2001:db8::1, and the port apart from it",
          () -> registry.tcp("x").connectTo("127.0.0.1:9000", 9_000));
      mistakes.put(
          "x: bind needs an address of this system, such as 127.0.0.1, and not a name",
          () -> registry.tcp("x").bind(InetSocketAddress.createUnresolved("localhost", 0)));
      mistakes.put(
          "x: where to? connectTo(host, port) is missing", () -> registry.tcp("x").register());
      mistakes.put(
          "x: the connect timeout must be above zero and at most 365 days, not PT0S",
          () -> registry.tcp("x").connectTimeout(Duration.ZERO));
      mistakes.put(
          "x: the idle timeout must be above zero and at most 365 days, not PT-1S",
          () -> registry.tcp("x").idleTimeout(Duration.ofSeconds(-1)));
      mistakes.put(
          "x: linger must be from zero to 365 days, not PT-1S",
          () -> registry.tcp("x").linger(Duration.ofSeconds(-1)));
      mistakes.put(
          "x: sendBufferSize must be from 1 to 1073741824, not 0",
          () -> registry.tcp("x").sendBufferSize(0));
      mistakes.put(
          "x: receiveBufferSize must be from 1 to 1073741824, not -1",
          () -> registry.tcp("x").receiveBufferSize(-1));
      mistakes.put(
          "the name of a task is blank; give one that tells it from others",
          () -> registry.startTask(""));
      mistakes.put(
          "covering() without a connection; leave the call out to cover all",
          () -> registry.startTask("upload", task -> task.covering()));
      mistakes.put(
          "task: atMost must be above zero and at most 365 days, not PT0S",
          () -> registry.startTask("upload", task -> task.atMost(Duration.ZERO)));
      mistakes.put(
          "awaitSettled: timeout must be above zero and at most 365 days, not PT-1S",
          () -> registry.awaitSettled(Duration.ofSeconds(-1)));
      mistakes.put(
          "registry: the suspend budget must be above zero and at most 365 days, not PT0S",
          () ->
              ConnectionRegistry.builder(AppLifecycle.alwaysForeground())
                  .suspendBudget(Duration.ZERO));
      mistakes.put(
          "registry: maxConcurrentConnects must be from 1 to 2147483647, not 0",
          () ->
              ConnectionRegistry.builder(AppLifecycle.alwaysForeground()).maxConcurrentConnects(0));
      mistakes.forEach(
          (message, mistake) -> assertThatThrownBy(mistake).as(message).hasMessage(message));
      assertThat(registry.connections()).containsExactly(taken);
      assertThat(registry.tasks()).isEmpty();
    }
  }

  @Test
  void nullsAreRefusedAtTheCall() {
    try (Registries app = new Registries()) {
      ConnectionRegistry registry = app.registry();
      List<ThrowingCallable> nulls =
          List.of(
              () -> ConnectionRegistry.builder(null),
              () -> ConnectionRegistry.builder(AppLifecycle.alwaysForeground()).suspendBudget(null),
              () -> ConnectionRegistry.builder(AppLifecycle.alwaysForeground()).retryPolicy(null),
              () ->
                  ConnectionRegistry.builder(AppLifecycle.alwaysForeground())
                      .callbackExecutor(null),
              () -> registry.tcp(null),
              () -> registry.tcp("x").connectTo(null, 1),
              () -> registry.tcp("x").connectTo(null),
              () -> registry.tcp("x").onStateChange(null),
              () -> registry.tcp("x").retryPolicy(null),
              () -> registry.tcp("x").onData(null),
              () -> registry.tcp("x").onOpen(null),
              () -> registry.tcp("x").bind(null),
              () -> registry.tcp("x").connectTimeout(null),
              () -> registry.tcp("x").prepare(null, sender -> null),
              () -> registry.tcp("x").prepare(Duration.ofSeconds(1), null),
              () -> registry.find(null),
              () -> registry.startTask(null),
              () -> registry.startTask("x", null),
              () -> registry.awaitSettled(null));
      for (ThrowingCallable call : nulls) {
        assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
      }
      assertThat(registry.connections()).isEmpty();
    }
  }

  @Test
  void aTaskCanOnlyCoverWhatIsRegistered() {
    try (Registries app = new Registries()) {
      TcpConnection tcp = app.registry().tcp("telemetry").connectTo("host", 1).register();
      tcp.close();
      assertThatThrownBy(() -> app.registry().startTask("upload", task -> task.covering(tcp)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("upload: covers telemetry, which is not registered; register it first");
      assertThat(app.registry().tasks()).isEmpty();
    }
  }

  @Test
  void aNameIsFreeAgainAsSoonAsItsConnectionIsClosed() {
    try (Registries app = new Registries()) {
      TcpConnection old = app.registry().tcp("telemetry").connectTo("host", 1).register();
      old.close();
      TcpConnection fresh = app.registry().tcp("telemetry").connectTo("host", 1).register();
      assertThat(app.registry().find("telemetry").orElseThrow()).isSameAs(fresh);
    }
  }
}
