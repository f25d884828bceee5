package io.dormouse.observe.timeline;

import static io.dormouse.connection.ConnectionState.CLOSED;
import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.support.Await;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TimelineRecorderTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeRegistry registry = new FakeRegistry();

  @Test
  void eachStateHasItsTimeReasonAndAddress() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    Connection chat = FakeRegistry.connection("chat", SUSPENDED);
    registry.pass(SECOND);
    registry.step(chat, SUSPENDED, CONNECTING);
    registry.pass(SECOND);
    CloseReason refused = CloseReason.of(CloseReason.Kind.CONNECT_FAILED, "Connection refused");
    InetSocketAddress address = InetSocketAddress.createUnresolved("chat.example.com", 443);
    registry.step(chat, CONNECTING, WAITING, 1, refused, address);
    registry.pass(SECOND);

    Timeline timeline = recorder.timeline();

    assertThat(timeline.duration()).isEqualTo(Duration.ofSeconds(3));
    assertThat(timeline.dropped()).isZero();
    assertThat(timeline.rows())
        .containsExactly(
            new Row(
                "chat",
                "TCP",
                List.of(
                    new Span(Shade.CONNECTING, 1_000_000, 2_000_000, false, 1, "", ""),
                    new Span(
                        Shade.WAITING,
                        2_000_000,
                        3_000_000,
                        true,
                        1,
                        "CONNECT_FAILED (Connection refused)",
                        address.toString()))));
  }

  @Test
  void whoWasThereBeforeIsShownFromTheBeginning() {
    registry.connections.add(FakeRegistry.connection("old", OPEN));
    registry.tasks.add(new FakeRegistry.Task("upload"));

    TimelineRecorder recorder = TimelineRecorder.of(registry);
    registry.pass(SECOND);

    assertThat(recorder.timeline().rows())
        .extracting(row -> row.name() + " " + row.spans().get(0).state())
        .containsExactly("old OPEN", "upload TASK");
    assertThat(recorder.timeline().rows().get(0).spans())
        .containsExactly(new Span(Shade.OPEN, 0, 1_000_000, true, 0, "", ""));
  }

  /** On a busy machine all is told late; only steps say when they happened. */
  @Test
  void whatIsToldLateMakesNoStepLater() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    Connection chat = FakeRegistry.connection("chat", SUSPENDED);
    registry.pass(SECOND);
    registry.step(chat, SUSPENDED, OPEN);
    registry.pass(SECOND.multipliedBy(9));
    tell(RegistryObserver::onSuspending);
    tell(each -> each.onTaskStarted(new FakeRegistry.Task("upload")));
    registry.pass(SECOND.multipliedBy(-8)); // 2 s after the beginning
    registry.step(chat, OPEN, SUSPENDED);
    registry.pass(SECOND.multipliedBy(3));
    tell(RegistryObserver::onResuming);
    registry.pass(SECOND);

    Timeline timeline = recorder.timeline();

    assertThat(timeline.rows().get(0).spans())
        .extracting(span -> span.state() + " " + span.from() + " " + span.to())
        .containsExactly("OPEN 1000000 2000000", "SUSPENDED 2000000 6000000");
    assertThat(timeline.rows().get(1).spans().get(0).from()).isEqualTo(2_000_000);
    assertThat(timeline.away()).containsExactly(new Timeline.Away(2_000_000, 5_000_000));
  }

  @Test
  void whatIsHeardWhileItBeginsIsNotTakenDownTwice() {
    Connection quick = FakeRegistry.connection("quick", OPEN);
    registry.connections.add(quick);
    registry.connections.add(FakeRegistry.connection("over", CLOSED));
    FakeRegistry.Task upload = new FakeRegistry.Task("upload");
    registry.tasks.add(upload);
    registry.onObserver =
        () -> {
          registry.step(quick, SUSPENDED, OPEN);
          tell(observer -> observer.onTaskStarted(upload));
        };

    TimelineRecorder recorder = TimelineRecorder.of(registry);

    assertThat(recorder.timeline().rows())
        .extracting(row -> row.name() + " " + row.spans().size())
        .containsExactly("quick 1", "upload 1");
    assertThat(recorder.timeline().rows().get(0).spans().get(0).state()).isEqualTo(Shade.OPEN);
  }

  @Test
  void whatHappenedBeforeIsAtTheBeginning() {
    Connection chat = FakeRegistry.connection("chat", OPEN);
    registry.onObserver =
        () -> {
          registry.pass(SECOND.negated());
          registry.step(chat, SUSPENDED, OPEN);
          registry.pass(SECOND);
        };

    Timeline timeline = TimelineRecorder.of(registry).timeline();

    assertThat(timeline.rows().get(0).spans().get(0).from()).isZero();
  }

  /** The state is read when it begins, and the steps that led to it are heard of only then. */
  @Test
  void aStepOnItsWayComesBeforeTheStateThatItLedTo() {
    Connection old = FakeRegistry.connection("old", OPEN);
    registry.connections.add(old);
    TimelineRecorder recorder = TimelineRecorder.of(registry);

    registry.pass(SECOND);
    registry.step(old, CONNECTING, OPEN);

    assertThat(recorder.timeline().rows().get(0).spans())
        .extracting(Span::state)
        .containsExactly(Shade.CONNECTING, Shade.OPEN);
  }

  @Test
  void theBackgroundAndTasksHaveTheirTimes() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    FakeRegistry.Task upload = new FakeRegistry.Task("upload");
    tell(observer -> observer.onTaskStarted(upload));
    registry.pass(SECOND);
    tell(RegistryObserver::onSuspending);
    registry.pass(SECOND);
    upload.close();
    tell(observer -> observer.onTaskEnded(upload));
    tell(RegistryObserver::onSuspending);
    registry.pass(SECOND);
    tell(RegistryObserver::onResuming);
    registry.pass(SECOND);

    Timeline timeline = recorder.timeline();

    assertThat(timeline.away()).containsExactly(new Timeline.Away(1_000_000, 3_000_000));
    assertThat(timeline.rows().get(0).spans())
        .containsExactly(
            new Span(Shade.TASK, 0, 2_000_000, false, 0, "covers all connections; closed", ""));
  }

  @Test
  void tasksOfOneNameShareARowUnlessTheyAreLiveAtOnce() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    for (int i = 0; i < 3; i++) {
      FakeRegistry.Task upload = new FakeRegistry.Task("upload");
      tell(observer -> observer.onTaskStarted(upload));
      registry.pass(SECOND);
      upload.revoke();
      tell(observer -> observer.onTaskEnded(upload));
    }
    for (String name : List.of("upload", "upload", "sync")) {
      tell(observer -> observer.onTaskStarted(new FakeRegistry.Task(name)));
    }

    assertThat(recorder.timeline().rows())
        .extracting(row -> row.name() + " " + row.spans().size())
        .containsExactly("upload 4", "upload 1", "sync 1");
    assertThat(recorder.timeline()).hasToString("0 connections and 6 tasks in 3 s");
  }

  @Test
  void theTextHasALineForEachThingThatHappened() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    assertThat(recorder.timeline().toText()).isEmpty();
    Connection chat = FakeRegistry.connection("chat", SUSPENDED);
    registry.step(chat, SUSPENDED, CONNECTING);
    registry.pass(SECOND);
    recorder.note("user", "waits\nand waits");
    CloseReason refused = CloseReason.of(CloseReason.Kind.CONNECT_FAILED, "Connection refused");
    InetSocketAddress address = InetSocketAddress.createUnresolved("chat.example.com", 443);
    registry.step(chat, CONNECTING, WAITING, 1, refused, address);
    FakeRegistry.Task upload = new FakeRegistry.Task("upload");
    tell(observer -> observer.onTaskStarted(upload));
    tell(RegistryObserver::onSuspending);
    registry.pass(Duration.ofHours(10));
    upload.revoke();
    tell(observer -> observer.onTaskEnded(upload));
    tell(RegistryObserver::onResuming);
    registry.step(chat, WAITING, CONNECTING, 2, null, address);

    assertThat(recorder.timeline().toText())
        .isEqualTo(
            """
                   0.000 s  chat             -> CONNECTING
                   1.000 s  user             waits\uFFFDand waits
                   1.000 s  chat             CONNECTING -> WAITING %1$s, %2$s
                   1.000 s  upload           begins, covers all connections
                   1.000 s  app              is in the background
               36001.000 s  upload           ends: revoked
               36001.000 s  app              is in the foreground
               36001.000 s  chat             WAITING -> CONNECTING
            """
                .formatted(address, refused));
  }

  @Test
  void notesAreNoRowsAndTheOldestAreForgotten() {
    TimelineRecorder recorder = TimelineRecorder.of(registry, 2);
    for (int i = 0; i < 3; i++) {
      recorder.note("user", "note " + i);
    }
    Timeline timeline = recorder.timeline();
    assertThat(timeline.rows()).isEmpty();
    assertThat(timeline.toText())
        .startsWith("(without 1 step for want of room)\n")
        .doesNotContain("note 0")
        .contains("note 1", "note 2");
    for (int i = 0; i < 300; i++) {
      recorder.note("somebody " + i, "one of too many");
    }
    assertThat(recorder.timeline().dropped()).as("256 are known").isEqualTo(1 + 255 + 45);
    assertThat(recorder.timeline().toText())
        .contains("somebody 254")
        .doesNotContain("somebody 255");
  }

  @Test
  void theOldestStepsAreForgottenAndCounted() {
    TimelineRecorder recorder = TimelineRecorder.of(registry, 10);
    Connection chat = FakeRegistry.connection("chat", SUSPENDED);
    for (int i = 0; i < 50; i++) {
      registry.pass(SECOND);
      registry.step(chat, SUSPENDED, CONNECTING, i, null, null);
      registry.pass(SECOND);
      registry.step(chat, CONNECTING, SUSPENDED, i, null, null);
    }

    Timeline timeline = recorder.timeline();

    assertThat(timeline.dropped()).isEqualTo(90);
    assertThat(timeline.rows().get(0).spans())
        .hasSize(11)
        .last()
        .extracting(Span::state)
        .isEqualTo(Shade.SUSPENDED);
  }

  @Test
  void connectionsThatEndedMakeRoom() {
    TimelineRecorder recorder = TimelineRecorder.of(registry, 100_000);
    for (int i = 0; i < 1_000; i++) {
      Connection one = FakeRegistry.connection("short-" + i, SUSPENDED);
      registry.step(one, SUSPENDED, CONNECTING);
      registry.step(one, CONNECTING, CLOSED);
    }

    Timeline timeline = recorder.timeline();

    assertThat(timeline.rows()).hasSize(History.MOST_TRACKS);
    assertThat(timeline.rows().get(255).name()).isEqualTo("short-999");
    assertThat(timeline.dropped()).isEqualTo(2 * (1_000 - History.MOST_TRACKS));
  }

  @Test
  void moreLiveConnectionsThanThereIsRoomForAreCounted() {
    TimelineRecorder recorder = TimelineRecorder.of(registry, 100_000);
    for (int i = 0; i < 300; i++) {
      registry.step(FakeRegistry.connection("live-" + i, SUSPENDED), SUSPENDED, CONNECTING);
    }

    assertThat(recorder.timeline().rows()).hasSize(History.MOST_TRACKS);
    assertThat(recorder.timeline().dropped()).isEqualTo(300 - History.MOST_TRACKS);
  }

  @Test
  void longTextsAreShortened() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    Connection big = FakeRegistry.connection("x".repeat(100_000), SUSPENDED);
    CloseReason reason = CloseReason.of(CloseReason.Kind.PROTOCOL_ERROR, "y".repeat(100_000));
    registry.step(big, CONNECTING, WAITING, 1, reason, null);

    assertThat(recorder.timeline().toHtml("t").length()).isLessThan(40_000);
  }

  @Test
  void oneThatClosedIsOverAndItsNameMayComeAgain() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    for (int i = 0; i < 2; i++) {
      Connection chat = FakeRegistry.connection("chat", SUSPENDED);
      registry.step(chat, SUSPENDED, CONNECTING);
      registry.pass(SECOND);
      registry.step(chat, CONNECTING, CLOSED);
      registry.pass(SECOND);
    }

    List<Row> rows = recorder.timeline().rows();

    assertThat(rows).extracting(Row::name).containsExactly("chat", "chat");
    assertThat(rows.get(0).spans())
        .containsExactly(
            new Span(Shade.CONNECTING, 0, 1_000_000, false, 1, "", ""),
            new Span(Shade.CLOSED, 1_000_000, 1_000_000, false, 1, "", ""));
  }

  @Test
  void noTimeGoesBack() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    Connection chat = FakeRegistry.connection("chat", SUSPENDED);
    registry.pass(SECOND);
    registry.step(chat, SUSPENDED, CONNECTING);
    registry.pass(SECOND.negated()); // the clock goes back
    registry.step(chat, CONNECTING, SUSPENDED);
    registry.step(chat, SUSPENDED, CONNECTING);

    assertThat(recorder.timeline().rows().get(0).spans())
        .extracting(Span::from)
        .containsExactly(1_000_000L, 1_000_000L, 1_000_000L);
  }

  /** What is forgotten has been told already. */
  @Test
  void whatIsToldLateGoesNotBeforeWhatIsForgotten() {
    TimelineRecorder recorder = TimelineRecorder.of(registry, 1);
    Connection chat = FakeRegistry.connection("chat", SUSPENDED);
    registry.pass(SECOND.multipliedBy(5));
    tell(RegistryObserver::onSuspending);
    registry.pass(SECOND.multipliedBy(-3));
    registry.step(chat, SUSPENDED, CONNECTING); // before, and the other one is forgotten
    tell(RegistryObserver::onResuming);

    Timeline timeline = recorder.timeline();

    assertThat(timeline.away()).containsExactly(new Timeline.Away(5_000_000, 5_000_000));
    assertThat(timeline.duration()).isEqualTo(Duration.ofSeconds(5));
  }

  /** The longest that there is memory for, of the longest texts. */
  @Test
  void tenThousandStepsTakeTenMebibytesAtMost() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);
    Connection chat = FakeRegistry.connection("chat", SUSPENDED);
    InetSocketAddress address = InetSocketAddress.createUnresolved("\u00e9".repeat(250), 443);
    String detail = "\u4e2d".repeat(250);
    long before = usedMemory();
    for (int i = 0; i < 15_000; i++) {
      CloseReason reason = CloseReason.of(CloseReason.Kind.PROTOCOL_ERROR, detail);
      registry.step(chat, SUSPENDED, CONNECTING, i, reason, address);
      registry.step(chat, CONNECTING, SUSPENDED, i, reason, address);
    }

    assertThat(usedMemory() - before).isLessThan(12L << 20);
    assertThat(recorder.timeline().dropped()).isEqualTo(20_000);
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void manyThreadsMayTellAndAskAtOnce() throws Exception {
    TimelineRecorder recorder = TimelineRecorder.of(registry, 500);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Connection connection = FakeRegistry.connection("connection-" + i, SUSPENDED);
      all.add(
          threads.submit(
              () -> {
                for (int j = 0; j < 1_000; j++) {
                  registry.step(connection, SUSPENDED, CONNECTING);
                  registry.step(connection, CONNECTING, SUSPENDED);
                  assertThat(recorder.timeline().rows()).hasSizeBetween(1, 4);
                }
              }));
    }
    for (Future<?> each : all) {
      each.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    threads.shutdown();

    assertThat(recorder.timeline().dropped()).isEqualTo(8_000 - 500);
    assertThat(recorder.timeline().rows()).hasSize(4);
  }

  @Test
  void afterItsEndItHearsNothing() {
    TimelineRecorder recorder = TimelineRecorder.of(registry);

    recorder.close();
    recorder.close();

    assertThat(registry.observers).isEmpty();
  }

  @Test
  void boundsAreChecked() {
    assertThatThrownBy(() -> TimelineRecorder.of(registry, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mostSteps");
  }

  private void tell(Consumer<RegistryObserver> what) {
    registry.observers.forEach(what);
  }
}
