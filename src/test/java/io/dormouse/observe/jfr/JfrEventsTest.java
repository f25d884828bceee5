package io.dormouse.observe.jfr;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.support.Await;
import io.dormouse.support.ClosedPort;
import io.dormouse.support.FourKinds;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recording of the JVM has of a registry. */
class JfrEventsTest {
  @TempDir Path folder;

  @Test
  void aRecordingHasAGenerationOfEachKindWithItsBytesAndItsReason() throws Exception {
    List<RecordedEvent> events =
        record(
            app -> {
              try (FourKinds kinds = new FourKinds(app.registry())) {
                app.foreground();
                kinds.awaitOpen();
                kinds.roundTrips("four");
                app.suspend();
                app.close();
              }
            });
    for (String kind : List.of("http", "tcp", "udp", "websocket")) {
      RecordedEvent generation = only(events, "Generation", "connection", kind);
      assertThat(generation.getString("kind")).isEqualToIgnoringCase(kind);
      assertThat(generation.getLong("generation")).isEqualTo(1);
      assertThat(generation.getBoolean("wasOpen")).isTrue();
      assertThat(generation.getString("reason")).isEqualTo("SUSPENDED");
      assertThat(generation.getDuration())
          .isGreaterThanOrEqualTo(generation.getDuration("untilOpen"));
      RecordedEvent attempt = only(events, "Attempt", "connection", kind);
      assertThat(attempt.getBoolean("succeeded")).isTrue();
      assertThat(attempt.getLong("generation")).isEqualTo(1);
      assertThat(attempt.getString("reason")).isNull();
      assertThat(attempt.getStartTime()).isBefore(generation.getEndTime());
    }
    RecordedEvent tcp = only(events, "Generation", "connection", "tcp");
    assertThat(tcp.getLong("bytesIn")).isEqualTo(4);
    assertThat(tcp.getLong("bytesOut")).isEqualTo(4);
    assertThat(tcp.getString("address")).contains("127.0.0.1:");
    assertThat(only(events, "Attempt", "connection", "tcp").getString("address"))
        .isEqualTo(tcp.getString("address"));
    assertThat(tcp.getDuration("untilOpen"))
        .isPositive()
        .isEqualTo(only(events, "Attempt", "connection", "tcp").getDuration("took"))
        .isLessThan(tcp.getDuration("lasted"));
  }

  @Test
  void eachLifeIsAnEventWithBytesOfItsOwn() throws Exception {
    List<RecordedEvent> events =
        record(
            app -> {
              try (FourKinds kinds = new FourKinds(app.registry())) {
                for (String word : List.of("first", "another")) {
                  app.foreground();
                  kinds.awaitOpen();
                  kinds.roundTrips(word);
                  app.suspend();
                }
                app.close();
              }
            });
    List<RecordedEvent> lives =
        events.stream().filter(event -> is(event, "Generation", "connection", "tcp")).toList();
    assertThat(lives).extracting(event -> event.getLong("generation")).containsExactly(1L, 2L);
    assertThat(lives).extracting(event -> event.getLong("bytesOut")).containsExactly(5L, 7L);
    List<RecordedEvent> suspends = events.stream().filter(e -> is(e, "Suspend")).toList();
    assertThat(suspends).hasSize(2);
    assertThat(suspends.get(1).getStartTime()).isAfterOrEqualTo(suspends.get(0).getEndTime());
  }

  /** The time in which it was being closed is part of its life. */
  @Test
  void aPeerThatReadsNothingLeavesBytesUnsentWhenItIsCutOff() throws Exception {
    int bytes = 16_000_000; // more than all buffers of the system
    List<RecordedEvent> events =
        record(
            options -> options.suspendBudget(Duration.ofMillis(300)).sendQueueLimit(2 * bytes),
            app -> {
              try (RawServer server = new RawServer()) {
                TcpConnection tcp =
                    app.registry().tcp("tcp").connectTo("127.0.0.1", server.port()).register();
                app.foreground();
                Await.get(tcp.whenOpen());
                CompletableFuture<Void> unused = tcp.send(new byte[bytes]);
                app.suspend();
                app.close();
              }
            });
    RecordedEvent suspend = events.stream().filter(e -> is(e, "Suspend")).findFirst().get();
    assertThat(suspend.getLong("aborted")).isEqualTo(1);
    assertThat(suspend.getLong("unsentMessages")).isEqualTo(1);
    assertThat(suspend.getLong("unsentBytes")).isEqualTo(bytes);
    assertThat(only(events, "Generation", "connection", "tcp").getDuration("lasted"))
        .isGreaterThan(suspend.getDuration("took").dividedBy(2));
  }

  /** What it is told may be long ago, on a busy machine. */
  @Test
  void bytesAreThoseOfTheLifeHoweverLateItIsTold() throws Exception {
    Path file = folder.resolve("late.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      try (Registries app = new Registries();
          FourKinds kinds = new FourKinds(app.registry())) {
        Late late = new Late(app.registry());
        JfrEvents.of(late);
        for (String word : List.of("first", "another")) {
          app.foreground();
          kinds.awaitOpen();
          kinds.roundTrips(word);
          app.suspend();
        }
        app.registry().close(); // after that nothing more is told
        late.tell();
      }
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> lives =
        ours(file).stream().filter(event -> is(event, "Generation", "connection", "tcp")).toList();
    assertThat(lives).extracting(event -> event.getLong("bytesOut")).containsExactly(5L, 7L);
    assertThat(lives).extracting(event -> event.getLong("bytesIn")).containsExactly(5L, 7L);
  }

  @Test
  void aFailedAttemptSaysWhy() throws Exception {
    List<RecordedEvent> events =
        record(
            app -> {
              try (ClosedPort closed = new ClosedPort()) {
                TcpConnection tcp =
                    app.registry()
                        .tcp("tcp")
                        .connectTo("127.0.0.1", closed.address().getPort())
                        .register();
                app.foreground();
                Await.until("it is told", () -> tcp.snapshot().generation() > 1);
                app.close();
              }
            });
    RecordedEvent attempt =
        events.stream().filter(e -> is(e, "Attempt", "connection", "tcp")).findFirst().get();
    assertThat(attempt.getBoolean("succeeded")).isFalse();
    assertThat(attempt.getString("reason")).isEqualTo("CONNECT_FAILED");
    assertThat(attempt.getString("detail")).startsWith("CONNECT_FAILED (");
    RecordedEvent generation =
        events.stream().filter(e -> is(e, "Generation", "connection", "tcp")).findFirst().get();
    assertThat(generation.getBoolean("wasOpen")).isFalse();
    assertThat(generation.getDuration("untilOpen")).isZero();
    assertThat(generation.getString("reason")).isEqualTo("CONNECT_FAILED");
    RecordedEvent resume = events.stream().filter(e -> is(e, "Resume")).findFirst().get();
    assertThat(resume.getLong("firstAttemptFailed")).isEqualTo(1);
    assertThat(resume.getLong("opened")).isZero();
  }

  @Test
  void suspendsResumesAndTasksSayWhatBecameOfHowMany() throws Exception {
    List<RecordedEvent> events =
        record(
            app -> {
              try (FourKinds kinds = new FourKinds(app.registry())) {
                app.foreground();
                kinds.awaitOpen();
                Await.get(app.registry().resumed());
                LongRunningTask task =
                    app.registry().startTask("upload", t -> t.covering(kinds.all().get(1)));
                app.suspend();
                task.close();
                Await.get(app.registry().settled());
                app.close();
              }
            });
    RecordedEvent resume = events.stream().filter(e -> is(e, "Resume")).findFirst().get();
    assertThat(resume.getLong("opened")).isEqualTo(4);
    assertThat(resume.getDuration("took")).isPositive();
    List<RecordedEvent> suspends = events.stream().filter(e -> is(e, "Suspend")).toList();
    assertThat(suspends.get(0).getLong("kept")).isEqualTo(1);
    assertThat(suspends.get(0).getLong("closedCleanly")).isEqualTo(3);
    assertThat(suspends.get(0).getBoolean("withinBudget")).isTrue();
    assertThat(suspends.get(0).getInt("socketsLeft")).isZero();
    assertThat(suspends.get(1).getLong("closedCleanly")).isEqualTo(1);
    assertThat(suspends.get(1).getLong("wasNotOpen")).isEqualTo(3);
    RecordedEvent task = only(events, "Task", "task", "upload");
    assertThat(task.getString("covers")).isEqualTo("tcp");
    assertThat(task.getString("ending")).isEqualTo("CLOSED");
    assertThat(task.getDuration()).isPositive();
    assertThat(only(events, "Generation", "connection", "tcp").getString("reason"))
        .isEqualTo("TASK_ENDED");
  }

  @Test
  void nothingIsWrittenAnyMoreAfterClose() throws Exception {
    Path file = folder.resolve("closed.jfr");
    try (Recording recording = new Recording();
        Registries app = new Registries()) {
      recording.start();
      JfrEvents.of(app.registry()).close();
      app.foreground();
      Await.get(app.registry().resumed());
      app.suspend();
      recording.stop();
      recording.dump(file);
    }
    assertThat(ours(file)).isEmpty();
  }

  /** What a test does with an app, whose registry it closes in the end: then all events are out. */
  private interface Story {
    void play(Registries app) throws Exception;
  }

  private List<RecordedEvent> record(Story story) throws Exception {
    return record(options -> options, story);
  }

  private List<RecordedEvent> record(UnaryOperator<ConnectionRegistry.Builder> options, Story story)
      throws Exception {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      recording.setMaxAge(Duration.ofHours(1));
      recording.start();
      try (Registries app = new Registries(options)) {
        JfrEvents.of(app.registry());
        story.play(app);
      }
      recording.stop();
      recording.dump(file);
    }
    return ours(file);
  }

  private static List<RecordedEvent> ours(Path file) throws Exception {
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("io.dormouse."))
        .sorted((a, b) -> a.getEndTime().compareTo(b.getEndTime()))
        .toList();
  }

  private static boolean is(RecordedEvent event, String type) {
    return event.getEventType().getName().equals("io.dormouse." + type);
  }

  private static boolean is(RecordedEvent event, String type, String field, String value) {
    return is(event, type) && value.equals(event.getString(field));
  }

  private static RecordedEvent only(
      List<RecordedEvent> events, String type, String field, String value) {
    List<RecordedEvent> found =
        events.stream().filter(event -> is(event, type, field, value)).toList();
    assertThat(found).as("%s %s", type, value).hasSize(1);
    return found.get(0);
  }
}
