package io.dormouse.observe.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.ClosedPort;
import io.dormouse.support.FourKinds;
import io.dormouse.support.Registries;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the meters say while a registry goes to sleep and wakes. */
class RegistryMetricsTest {
  private static final List<String> KINDS = List.of("http", "tcp", "udp", "websocket");

  private final MockClock clock = new MockClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);

  @Test
  void connectionsAreCountedByStateAndKind() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      new RegistryMetrics(app.registry()).bindTo(meters);
      assertThat(kinds.all()).hasSize(4);
      KINDS.forEach(kind -> assertThat(connections(kind, "suspended")).isEqualTo(1));
      app.foreground();
      kinds.awaitOpen();
      KINDS.forEach(kind -> assertThat(connections(kind, "open")).isEqualTo(1));
      KINDS.forEach(kind -> assertThat(connections(kind, "suspended")).isZero());
      try (LongRunningTask task = app.registry().startTask("task")) {
        assertThat(task.ending()).isEmpty();
        assertThat(meters.get("dormouse.tasks").gauge().value()).isEqualTo(1);
      }
      assertThat(meters.get("dormouse.tasks").gauge().value()).isZero();
      app.suspend();
      KINDS.forEach(kind -> assertThat(connections(kind, "suspended")).isEqualTo(1));
    }
  }

  @Test
  void whatIsReadTogetherComesFromOneLook() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      new RegistryMetrics(app.registry()).bindTo(meters);
      assertThat(connections("tcp", "suspended")).isEqualTo(1);
      app.foreground();
      kinds.awaitOpen();
      assertThat(gauge("tcp", "suspended")).isEqualTo(1); // the clock has not gone on
      assertThat(connections("tcp", "suspended")).isZero();
    }
  }

  @Test
  void bytesOfClosedConnectionsStayCounted() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      new RegistryMetrics(app.registry()).bindTo(meters);
      app.foreground();
      kinds.awaitOpen();
      kinds.roundTrips("seven..");
      for (String kind : List.of("tcp", "udp", "websocket")) {
        assertThat(bytes("dormouse.sent", kind)).isEqualTo(7);
        assertThat(bytes("dormouse.received", kind)).isEqualTo(7);
      }
      kinds.all().forEach(Connection::close);
      Await.until("it is told", () -> ends("tcp", "closed_by_app") == 1);
      assertThat(bytes("dormouse.sent", "tcp")).isEqualTo(7);
      TcpConnection again =
          app.registry().tcp("tcp").connectTo("127.0.0.1", kinds.tcpPort()).register();
      Await.get(again.whenOpen());
      Await.get(again.send(new byte[5]));
      Await.until("it is told", () -> bytes("dormouse.sent", "tcp") == 12);
    }
  }

  @Test
  void bytesOfAConnectionThatNobodyEverReadAreCounted() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      new RegistryMetrics(app.registry()).bindTo(meters);
      app.foreground();
      kinds.awaitOpen();
      kinds.roundTrips("seven..");
      kinds.all().forEach(Connection::close);
      Await.until("it is told", () -> bytes("dormouse.sent", "tcp") == 7);
      Await.until("it is told", () -> ends("tcp", "closed_by_app") == 1);
      assertThat(bytes("dormouse.sent", "tcp")).isEqualTo(7);
    }
  }

  @Test
  void refusedAndQueuedSendsAreSeen() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      new RegistryMetrics(app.registry()).bindTo(meters);
      TcpConnection tcp = (TcpConnection) kinds.all().get(1);
      assertThat(tcp.send(new byte[1])).isCompletedExceptionally(); // asleep
      clock.add(1, TimeUnit.SECONDS);
      assertThat(meters.get("dormouse.sends.refused").tag("kind", "tcp").functionCounter().count())
          .isEqualTo(1);
      assertThat(meters.get("dormouse.queued").tag("kind", "tcp").gauge().value()).isZero();
      assertThat(meters.get("dormouse.queued").tag("kind", "tcp").gauge().getId().getBaseUnit())
          .isEqualTo("bytes");
      tcp.close();
      Await.until("it is closed", () -> tcp.state() == ConnectionState.CLOSED);
      app.registry().close(); // after that nothing more is told
      clock.add(1, TimeUnit.SECONDS);
      assertThat(meters.get("dormouse.sends.refused").tag("kind", "tcp").functionCounter().count())
          .isEqualTo(1);
    }
  }

  @Test
  void readyAndQuietAreTimed() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      new RegistryMetrics(app.registry()).bindTo(meters);
      for (int round = 1; round <= 2; round++) {
        app.foreground();
        kinds.awaitOpen();
        app.suspend();
      }
      Await.until("it is told", () -> count("dormouse.quiet", "within.budget", "true") == 2);
      for (String kind : KINDS) {
        Await.until("it is told", () -> count("dormouse.ready", "kind", kind) == 2);
        assertThat(
                meters
                    .get("dormouse.ready")
                    .tag("kind", kind)
                    .timer()
                    .totalTime(TimeUnit.NANOSECONDS))
            .isPositive();
        assertThat(
                meters
                    .get("dormouse.connect")
                    .tags("kind", kind, "outcome", "opened")
                    .timer()
                    .count())
            .isEqualTo(2);
        assertThat(ends(kind, "suspended")).isEqualTo(2);
      }
    }
  }

  @Test
  void failuresAreCountedByReason() throws Exception {
    try (Registries app = new Registries();
        ClosedPort closed = new ClosedPort()) {
      new RegistryMetrics(app.registry(), Tags.of("app", "chat")).bindTo(meters);
      app.registry().tcp("tcp").connectTo("127.0.0.1", closed.address().getPort()).register();
      app.foreground();
      Await.until("it is told", () -> ends("tcp", "connect_failed") >= 2);
      assertThat(
              meters
                  .get("dormouse.connect")
                  .tags("kind", "tcp", "outcome", "ended", "app", "chat")
                  .timer()
                  .count())
          .isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void closeRemovesTheMetersAndTheObserver() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      RegistryMetrics metrics = new RegistryMetrics(app.registry());
      metrics.bindTo(meters);
      app.foreground();
      kinds.awaitOpen();
      app.suspend();
      Await.until("it is told", () -> count("dormouse.quiet", "within.budget", "true") == 1);
      metrics.close();
      assertThat(meters.getMeters()).isEmpty();
      app.foreground();
      kinds.awaitOpen();
      app.suspend();
      metrics.close();
    }
    assertThat(meters.getMeters()).isEmpty();
  }

  /** A look may find in the list what is closed, and has been told to be. */
  @Test
  void aClosedConnectionThatIsListedStillIsNotCountedTwice() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      Heard heard = new Heard(app.registry());
      new RegistryMetrics(heard).bindTo(meters);
      app.foreground();
      kinds.awaitOpen();
      kinds.roundTrips("seven..");
      Connection tcp = kinds.all().get(1);
      tcp.close();
      Await.until("it is told", () -> ends("tcp", "closed_by_app") == 1);
      heard.listStill(tcp);
      assertThat(bytes("dormouse.sent", "tcp")).isEqualTo(7);
      assertThat(bytes("dormouse.sent", "tcp")).isEqualTo(7);
    }
  }

  @Test
  void aSuspendThatIsTooSlowAndAConnectionThatStayedOpenAreToldApart() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      Heard heard = new Heard(app.registry());
      new RegistryMetrics(heard).bindTo(meters);
      app.foreground();
      kinds.awaitOpen();
      try (LongRunningTask task = app.registry().startTask("task")) {
        assertThat(task.ending()).isEmpty();
        app.suspend();
        app.foreground(); // all have stayed open
        Await.get(app.registry().resumed());
        SuspendReport report = app.suspend();
        heard.observer().onSuspended(slow(report));
      }
      Await.until("it is told", () -> count("dormouse.quiet", "within.budget", "true") == 3);
      assertThat(count("dormouse.quiet", "within.budget", "false")).isEqualTo(1);
      Await.until("the end is told", () -> ends("tcp", "task_ended") == 1);
      assertThat(count("dormouse.ready", "kind", "tcp")).isEqualTo(1);
    }
  }

  private static SuspendReport slow(SuspendReport report) {
    return (SuspendReport)
        Proxy.newProxyInstance(
            SuspendReport.class.getClassLoader(),
            new Class<?>[] {SuspendReport.class},
            (proxy, method, args) ->
                method.getName().equals("withinBudget") ? false : method.invoke(report, args));
  }

  @Test
  void whatIsToldLateBringsNoMeterBack() {
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      Heard heard = new Heard(app.registry());
      RegistryMetrics metrics = new RegistryMetrics(heard);
      metrics.bindTo(meters);
      app.foreground();
      kinds.awaitOpen();
      SuspendReport report = app.suspend();
      metrics.close();
      assertThat(heard.removed()).isTrue();
      heard.observer().onSuspended(report); // it was on its way
      assertThat(meters.getMeters()).isEmpty();
    }
  }

  @Test
  void metersOfTwoRegistriesNeedTagsThatTellThemApart() {
    try (Registries first = new Registries();
        Registries second = new Registries();
        LongRunningTask task = first.registry().startTask("task")) {
      assertThat(task.ending()).isEmpty();
      RegistryMetrics ofFirst = new RegistryMetrics(first.registry());
      RegistryMetrics ofSecond = new RegistryMetrics(second.registry());
      ofFirst.bindTo(meters);
      assertThatThrownBy(() -> ofSecond.bindTo(meters)).isInstanceOf(IllegalStateException.class);
      ofSecond.close();
      assertThat(meters.get("dormouse.tasks").gauge().value()).isEqualTo(1);
      ofFirst.close();
      assertThat(meters.getMeters()).isEmpty();
      ofSecond.bindTo(meters);
      ofFirst.close(); // the second time
      assertThat(meters.get("dormouse.tasks").gauge().value()).isZero();
      new RegistryMetrics(first.registry(), Tags.of("registry", "first")).bindTo(meters);
      assertThat(meters.get("dormouse.tasks").tag("registry", "first").gauge().value())
          .isEqualTo(1);
      ofSecond.close();
      assertThat(meters.get("dormouse.tasks").tag("registry", "first").gauge().value())
          .isEqualTo(1);
    }
  }

  private double connections(String kind, String state) {
    clock.add(1, TimeUnit.SECONDS);
    return gauge(kind, state);
  }

  private double gauge(String kind, String state) {
    return meters.get("dormouse.connections").tags("kind", kind, "state", state).gauge().value();
  }

  private double bytes(String name, String kind) {
    clock.add(1, TimeUnit.SECONDS);
    return meters.get(name).tag("kind", kind).functionCounter().count();
  }

  private double ends(String kind, String reason) {
    return meters.find("dormouse.ends").tags("kind", kind, "reason", reason).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private long count(String name, String tag, String value) {
    return meters.find(name).tag(tag, value).timers().stream().mapToLong(Timer::count).sum();
  }
}
