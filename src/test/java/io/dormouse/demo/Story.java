package io.dormouse.demo;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.servers.LocalServer;
import io.dormouse.task.LongRunningTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What happens to the app, and what its connections must do then. */
final class Story {
  private final App app;
  private final Witness witness;
  private final Notes notes;
  private final List<String> threadsBefore;

  /** The one that a task keeps open: always one socket, whoever serves it. */
  private final Talk kept;

  /** The one whose server dies: of a kind that notices, and the server is the demo's own. */
  private final Optional<Talk> bereaved;

  private LongRunningTask task;

  /**
   * Begins.
   *
   * @param threadsBefore the library's threads that were there before the app
   */
  Story(App app, Witness witness, Notes notes, List<String> threadsBefore) {
    this.app = app;
    this.witness = witness;
    this.notes = notes;
    this.threadsBefore = List.copyOf(threadsBefore);
    kept = app.talk(ConnectionKind.TCP);
    bereaved =
        List.of(kept, app.talk(ConnectionKind.WEBSOCKET)).stream()
            .filter(talk -> talk.endpoint().server().isPresent())
            .findFirst();
  }

  /** Returns the scenes. Each begins where the one before ended. */
  List<Scene> scenes() {
    int all = app.talks().size();
    String open = all + " open, all answer";
    String asleep = "all asleep, 0 sockets";
    String waiting = bereaved.map(talk -> talk.connection().name()).orElse("one");
    String noServer = bereaved.isPresent() ? "" : "no server to kill";
    return List.of(
        new Scene("foreground", open, this::foreground),
        new Scene("background", asleep, this::background),
        new Scene("foreground again", all + " open anew, all answer", this::foregroundAgain),
        new Scene(
            "background, task",
            kept.connection().name() + " alone stays",
            this::backgroundWithTask),
        new Scene("task ends", asleep, this::taskEnds),
        new Scene(
            "server dead",
            all - 1 + " open, " + waiting + " waits",
            noServer,
            this::foregroundWithoutServer),
        new Scene("server back", open, noServer, this::serverIsBack),
        new Scene("close", "0 sockets, 0 threads", this::close));
  }

  private String foreground() throws Exception {
    long began = System.nanoTime();
    app.lifecycle().onForeground();
    witness.allOpen(app.talks());
    notes.say("all " + app.talks().size() + " open in " + Format.time(Format.since(began)));
    witness.firstMessageSent();
    witness.trafficOn(app.talks());
    // HTTP decides by itself how many it needs.
    long atLeast =
        app.talks().stream()
            .filter(talk -> talk.connection().kind() != ConnectionKind.HTTP)
            .count();
    return app.talks().size() + " answer, " + witness.sockets(count -> count >= atLeast);
  }

  private String background() throws Exception {
    app.lifecycle().onBackground();
    return witness.allAsleep();
  }

  private String foregroundAgain() throws Exception {
    Map<Connection, Long> before = new HashMap<>();
    for (Talk talk : app.talks()) {
      before.put(talk.connection(), talk.connection().snapshot().generation());
    }
    String seen = foreground();
    for (Talk talk : app.talks()) {
      ConnectionSnapshot now = talk.connection().snapshot();
      witness.require(
          now.generation() > before.get(talk.connection()),
          now.name() + " is still generation " + now.generation());
    }
    return seen;
  }

  private String backgroundWithTask() throws Exception {
    String name = kept.connection().name();
    task =
        app.registry()
            .startTask(
                "tracking",
                options -> options.covering(kept.connection()).atMost(Duration.ofMinutes(3)));
    app.lifecycle().onBackground();
    SuspendReport report = witness.settled();
    witness.require(
        report.count(SuspendReport.Outcome.KEPT) == 1
            && report.find(name).flatMap(SuspendReport.Entry::keptBy).isPresent(),
        "not kept: " + report);
    app.registry().assertQuiescent();
    notes.say(name + " kept by the task " + task.name() + ", the others asleep");
    witness.trafficOn(List.of(kept));
    for (Talk talk : app.talks()) {
      witness.inState(talk, talk == kept ? ConnectionState.OPEN : ConnectionState.SUSPENDED);
    }
    return name + ", on " + witness.sockets(count -> count == 1);
  }

  private String taskEnds() throws Exception {
    task.close();
    return witness.allAsleep();
  }

  private String foregroundWithoutServer() throws Exception {
    Talk victim = bereaved.orElseThrow();
    String name = victim.connection().name();
    List<Talk> others = app.talks().stream().filter(talk -> talk != victim).toList();
    int attempts = 2;
    server().stop();
    app.lifecycle().onForeground();
    witness.allOpen(others);
    notes.say("the server of " + name + " is dead, all others are open");
    witness.trafficOn(others);
    witness.until(() -> victim.connection().snapshot().failures() >= attempts);
    ConnectionSnapshot now = victim.connection().snapshot();
    Optional<CloseReason.Kind> reason = now.lastReason().map(CloseReason::kind);
    witness.require(
        now.failures() >= attempts && reason.equals(Optional.of(CloseReason.Kind.CONNECT_FAILED)),
        Witness.describe(victim));
    notes.say(victim, now.failures() + " attempts failed, backing off");
    return others.size() + " open, " + name + " waits";
  }

  private String serverIsBack() throws Exception {
    Talk victim = bereaved.orElseThrow();
    long began = System.nanoTime();
    server().start();
    witness.allOpen(List.of(victim));
    String after = " after " + Format.time(Format.since(began));
    long generation = victim.connection().snapshot().generation();
    notes.say(victim.connection().name() + " open" + after + ", as generation " + generation);
    witness.trafficOn(app.talks());
    return app.talks().size() + " answer" + after;
  }

  private LocalServer server() {
    return bereaved.flatMap(talk -> talk.endpoint().server()).orElseThrow();
  }

  private String close() throws Exception {
    long began = System.nanoTime();
    app.close();
    notes.say("all closed in " + Format.time(Format.since(began)));
    for (Talk talk : app.talks()) {
      witness.inState(talk, ConnectionState.CLOSED);
    }
    // One that has nothing more to do takes a moment to end.
    witness.until(() -> threadsBefore.containsAll(OwnThreads.names()));
    List<String> threads = new ArrayList<>(OwnThreads.names());
    threads.removeAll(threadsBefore);
    witness.require(threads.isEmpty(), "threads left: " + threads);
    return witness.sockets(count -> count == 0) + ", 0 threads";
  }
}
