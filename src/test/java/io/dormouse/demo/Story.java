package io.dormouse.demo;

import static io.dormouse.demo.Expected.atLeast;
import static io.dormouse.demo.Expected.exactly;

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
  /** So many failed attempts show that a connection tries again. */
  private static final int ATTEMPTS = 2;

  private final App app;
  private final Witness witness;
  private final Notes notes;
  private final List<String> threadsBefore;

  /** The one that a task keeps open: always one socket, whoever serves it. */
  private final Talk kept;

  /** The one whose server dies: of a kind that notices, and the server is the demo's own. */
  private final Optional<Talk> restarted;

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
    kept = app.talk(Service.TELEMETRY);
    restarted =
        List.of(kept, app.talk(Service.CHAT)).stream()
            .filter(talk -> talk.endpoint().server().isPresent())
            .findFirst();
  }

  // ------------------------------------------------------------------------------ the scenes

  /** Returns the scenes. Each begins where the one before ended. */
  List<Scene> scenes() {
    List<Talk> talks = app.talks();
    int all = talks.size();
    // HTTP decides by itself how many it needs.
    Expected awake =
        atLeast(Witness.count(talks, talk -> !isOf(talk, ConnectionKind.HTTP)), "socket");
    List<Expected> open = and(awake, exactly(all, "open"), answers(talks));
    List<Expected> asleep = and(exactly(0, "socket"), exactly(all, "asleep"));
    String noServer = restarted.isPresent() ? "" : "no server to kill";
    return List.of(
        new Scene("foreground", open, this::foreground),
        new Scene("background", asleep, this::background),
        new Scene(
            "foreground again",
            and(awake, exactly(all, "open"), answers(talks), exactly(all, "anew"), resumed(talks)),
            this::foregroundAgain),
        new Scene(
            "background, task",
            and(
                exactly(1, "socket"),
                exactly(1, "kept"),
                exactly(all - 1, "asleep"),
                answers(List.of(kept))),
            this::backgroundWithTask),
        new Scene("task ends", asleep, this::taskEnds),
        new Scene(
            "server dead",
            List.of(exactly(all - 1, "open"), answers(others()), exactly(1, "waiting")),
            noServer,
            this::foregroundWithoutServer),
        new Scene(
            "server back",
            List.of(exactly(all, "open"), answers(talks)),
            noServer,
            this::serverIsBack),
        new Scene(
            "close",
            and(exactly(0, "socket"), exactly(all, "closed"), exactly(0, "thread")),
            this::close));
  }

  /** Adds how many sockets there must be, where the system tells. */
  private List<Expected> and(Expected sockets, Expected... others) {
    List<Expected> all = new ArrayList<>(List.of(others));
    if (witness.countsSockets()) {
      all.add(sockets);
    }
    return all;
  }

  /** How many answers there must be: not all servers of a user's own give one. */
  private static Expected answers(List<Talk> talks) {
    long least = Witness.count(talks, Talk::mustAnswer);
    return least == talks.size() ? exactly(least, "answer") : atLeast(least, "answer");
  }

  /** How many must go on with their TLS session of before: what a user's server does is its own. */
  private static Expected resumed(List<Talk> talks) {
    long secure = Witness.count(talks, talk -> talk.endpoint().target().service().isSecure());
    long least =
        Witness.count(
            talks,
            talk -> talk.endpoint().target().service().isSecure() && talk.endpoint().echoes());
    return new Expected("resumed", least, secure);
  }

  private List<Talk> others() {
    return app.talks().stream().filter(talk -> !Optional.of(talk).equals(restarted)).toList();
  }

  private static boolean isOf(Talk talk, ConnectionKind kind) {
    return talk.connection().kind() == kind;
  }

  // ------------------------------------------------------------------------- how they are played

  private void foreground(Counts seen) throws Exception {
    app.lifecycle().onForeground();
    witness.awaitOpen(app.talks());
    countOpen(seen);
    witness.countSockets(seen);
    witness.greetingSent();
  }

  private void countOpen(Counts seen) {
    long answers = witness.answers(app.talks());
    // After the traffic: one that opened and was closed again is not open.
    seen.put("open", Witness.count(app.talks(), ConnectionState.OPEN));
    seen.put("answer", answers);
  }

  private void background(Counts seen) throws Exception {
    app.lifecycle().onBackground();
    witness.awaitAsleep(seen);
  }

  private void foregroundAgain(Counts seen) throws Exception {
    Map<Connection, ConnectionSnapshot> before = new HashMap<>();
    for (Talk talk : app.talks()) {
      before.put(talk.connection(), talk.connection().snapshot());
    }
    app.lifecycle().onForeground();
    witness.awaitOpen(app.talks());
    countOpen(seen);
    seen.put(
        "anew",
        Witness.count(
            app.talks(),
            talk ->
                talk.connection().snapshot().generation()
                    > before.get(talk.connection()).generation()));
    seen.put(
        "resumed",
        Witness.count(
            app.talks(),
            talk ->
                talk.connection().snapshot().resumedHandshakes()
                    > before.get(talk.connection()).resumedHandshakes()));
    witness.countSockets(seen);
    witness.greetingSent();
  }

  private void backgroundWithTask(Counts seen) throws Exception {
    String name = kept.connection().name();
    task =
        app.registry()
            .startTask(
                "tracking",
                options -> options.covering(kept.connection()).atMost(Duration.ofMinutes(3)));
    app.lifecycle().onBackground();
    SuspendReport report = witness.settled();
    app.registry().assertQuiescent();
    report
        .find(name)
        .flatMap(SuspendReport.Entry::keptBy)
        .ifPresent(keeper -> notes.say(name + " kept by the task " + keeper));
    long answers = witness.answers(List.of(kept));
    seen.put("kept", Witness.count(app.talks(), talk -> isKept(talk, report)));
    seen.put("asleep", Witness.count(app.talks(), ConnectionState.SUSPENDED));
    seen.put("answer", answers);
    witness.countSockets(seen);
  }

  private static boolean isKept(Talk talk, SuspendReport report) {
    return talk.connection().state() == ConnectionState.OPEN
        && report.find(talk.connection().name()).flatMap(SuspendReport.Entry::keptBy).isPresent();
  }

  private void taskEnds(Counts seen) throws Exception {
    task.close();
    witness.awaitAsleep(seen);
  }

  private void foregroundWithoutServer(Counts seen) throws Exception {
    Talk talk = restarted.orElseThrow();
    server().stop();
    app.lifecycle().onForeground();
    notes.say("the server of " + talk.connection().name() + " is dead");
    witness.awaitOpen(others());
    long answers = witness.answers(others());
    witness.until(() -> isWaiting(talk), () -> Witness.describe(talk));
    notes.say(
        talk, Counts.text(talk.connection().snapshot().failures(), "attempts failed, backs off"));
    seen.put("open", Witness.count(app.talks(), ConnectionState.OPEN));
    seen.put("answer", answers);
    seen.put("waiting", Witness.count(app.talks(), Story::isWaiting));
  }

  /** Whether it tries again and again, since nobody is there. */
  private static boolean isWaiting(Talk talk) {
    ConnectionSnapshot now = talk.connection().snapshot();
    Optional<CloseReason.Kind> reason = now.lastReason().map(CloseReason::kind);
    return now.failures() >= ATTEMPTS
        && reason.equals(Optional.of(CloseReason.Kind.CONNECT_FAILED));
  }

  private void serverIsBack(Counts seen) throws Exception {
    Talk talk = restarted.orElseThrow();
    server().start();
    witness.awaitOpen(List.of(talk));
    long generation = talk.connection().snapshot().generation();
    notes.say(talk, "generation " + generation);
    countOpen(seen);
  }

  private LocalServer server() {
    return restarted.flatMap(talk -> talk.endpoint().server()).orElseThrow();
  }

  private void close(Counts seen) throws Exception {
    long began = System.nanoTime();
    app.close();
    notes.say("closed in " + Format.time(Format.since(began)));
    seen.put("closed", Witness.count(app.talks(), ConnectionState.CLOSED));
    // One that has nothing more to do takes a moment to end.
    witness.until(() -> threads().isEmpty(), () -> "threads are left: " + threads());
    List<String> threads = threads();
    threads.forEach(thread -> notes.say("  a thread is left: " + thread));
    seen.put("thread", threads.size());
    witness.countSockets(seen);
  }

  private List<String> threads() {
    List<String> threads = new ArrayList<>(OwnThreads.names());
    threads.removeAll(threadsBefore);
    return threads;
  }
}
