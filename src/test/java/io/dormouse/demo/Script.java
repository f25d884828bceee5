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
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What happens to the app, and what its connections must do then. */
final class Script {
  /**
   * A step to play.
   *
   * @param name what happens to the app
   * @param expected what the connections must do
   * @param obstacle why it can't be played; empty if it can
   * @param play plays it and returns what was seen, or throws what was seen instead
   */
  private record Scene(String name, String expected, String obstacle, Callable<String> play) {}

  /** What was seen was not what was expected. */
  private static final class Unexpected extends Exception {
    private static final long serialVersionUID = 1;

    Unexpected(String seen) {
      super(seen);
    }
  }

  private final App app;
  private final SocketCount sockets;
  private final Display display;
  private final Duration limit;
  private final List<String> threadsBefore;

  /** The one that a task keeps open: always one socket, whoever serves it. */
  private final Talk kept;

  /** The one whose server dies: of a kind that notices, and the server is the demo's own. */
  private final Optional<Talk> bereaved;

  private final List<Scene> scenes;
  private String heading = "";
  private LongRunningTask task;

  /**
   * Prepares the script.
   *
   * @param limit for each wait; only a failure reaches it
   * @param threadsBefore the library's threads that were there before the app
   */
  Script(
      App app, SocketCount sockets, Display display, Duration limit, List<String> threadsBefore) {
    this.app = app;
    this.sockets = sockets;
    this.display = display;
    this.limit = limit;
    this.threadsBefore = List.copyOf(threadsBefore);
    kept = app.talk(ConnectionKind.TCP);
    bereaved =
        List.of(kept, app.talk(ConnectionKind.WEBSOCKET)).stream()
            .filter(talk -> talk.endpoint().server().isPresent())
            .findFirst();
    scenes = scenes();
  }

  private List<Scene> scenes() {
    int all = app.talks().size();
    String keeps = kept.connection().name();
    String waits = bereaved.map(talk -> talk.connection().name()).orElse("one");
    String noServer = bereaved.isPresent() ? "" : "no server to kill";
    String open = all + " open, all answer";
    String asleep = "all asleep, 0 sockets";
    return List.of(
        new Scene("foreground", open, "", this::foreground),
        new Scene("background", asleep, "", this::background),
        new Scene("foreground again", all + " open anew, all answer", "", this::foregroundAgain),
        new Scene("background, task", keeps + " alone stays", "", this::backgroundWithTask),
        new Scene("task ends", asleep, "", this::taskEnds),
        new Scene(
            "server dead",
            all - 1 + " open, " + waits + " waits",
            noServer,
            this::foregroundWithoutServer),
        new Scene("server back", open, noServer, this::serverIsBack),
        new Scene("close", "0 sockets, 0 threads", "", this::close));
  }

  /** Plays the steps, up to the first that fails: the rest builds on it. */
  List<Step> play() {
    List<Step> steps = new ArrayList<>();
    boolean failed = false;
    for (Scene scene : scenes) {
      Step step = failed ? notReached(scene) : play(scene);
      failed |= step.outcome() == Step.Outcome.FAILED;
      steps.add(step);
    }
    return steps;
  }

  private static Step notReached(Scene scene) {
    return new Step(
        scene.name(), scene.expected(), "not reached", Step.Outcome.NOT_REACHED, Duration.ZERO);
  }

  private Step play(Scene scene) {
    display.begin(scene.name(), scene.expected());
    heading = scene.name();
    long began = System.nanoTime();
    Step.Outcome outcome = Step.Outcome.OK;
    String seen;
    try {
      if (scene.obstacle().isEmpty()) {
        seen = scene.play().call();
      } else {
        seen = scene.obstacle();
        outcome = Step.Outcome.SKIPPED;
        say("skipped: " + seen);
      }
    } catch (Exception e) {
      seen = tell(e);
      outcome = Step.Outcome.FAILED;
      say("FAILED: expected " + scene.expected() + ", seen " + seen);
    }
    Duration took = Format.since(began);
    display.end();
    return new Step(scene.name(), scene.expected(), seen, outcome, took);
  }

  // ------------------------------------------------------------------------------------ the steps

  private String foreground() throws Exception {
    long began = System.nanoTime();
    app.lifecycle().onForeground();
    awaitOpen(app.talks());
    say("all " + app.talks().size() + " open in " + Format.time(Format.since(began)));
    say(line(app.talk(ConnectionKind.WEBSOCKET), greeting()));
    exchange(app.talks());
    long atLeast = app.talks().stream().filter(talk -> !isHttp(talk)).count();
    // HTTP decides by itself how many it needs.
    return app.talks().size() + " answer, " + countSockets(count -> count >= atLeast);
  }

  private String background() throws Exception {
    app.lifecycle().onBackground();
    return asleep(awaitSettled());
  }

  private String foregroundAgain() throws Exception {
    Map<Connection, Long> before = new HashMap<>();
    for (Talk talk : app.talks()) {
      before.put(talk.connection(), talk.connection().snapshot().generation());
    }
    String seen = foreground();
    for (Talk talk : app.talks()) {
      ConnectionSnapshot now = talk.connection().snapshot();
      require(
          now.generation() > before.get(talk.connection()),
          now.name() + " is still generation " + now.generation());
    }
    return seen;
  }

  private String backgroundWithTask() throws Exception {
    task =
        app.registry()
            .startTask(
                "tracking",
                options -> options.covering(kept.connection()).atMost(Duration.ofMinutes(3)));
    app.lifecycle().onBackground();
    SuspendReport report = awaitSettled();
    String name = kept.connection().name();
    require(
        report.count(SuspendReport.Outcome.KEPT) == 1
            && report.find(name).flatMap(SuspendReport.Entry::keptBy).isPresent(),
        "kept: " + names(SuspendReport.Outcome.KEPT, report));
    say(name + " kept by the task " + task.name() + ", the others asleep");
    app.registry().assertQuiescent();
    exchange(List.of(kept));
    for (Talk talk : app.talks()) {
      requireState(talk, talk == kept ? ConnectionState.OPEN : ConnectionState.SUSPENDED);
    }
    return name + ", on " + countSockets(count -> count == 1);
  }

  private String taskEnds() throws Exception {
    task.close();
    return asleep(awaitSettled());
  }

  private String foregroundWithoutServer() throws Exception {
    Talk victim = bereaved.orElseThrow();
    String name = victim.connection().name();
    List<Talk> others = app.talks().stream().filter(talk -> talk != victim).toList();
    int attempts = 2;
    server(victim).stop();
    app.lifecycle().onForeground();
    awaitOpen(others);
    say("the server of " + name + " is dead, all others are open");
    exchange(others);
    await(() -> victim.connection().snapshot().failures() >= attempts);
    ConnectionSnapshot snapshot = victim.connection().snapshot();
    Optional<CloseReason.Kind> reason = snapshot.lastReason().map(CloseReason::kind);
    require(
        snapshot.failures() >= attempts
            && reason.equals(Optional.of(CloseReason.Kind.CONNECT_FAILED)),
        describe(victim));
    say(line(victim, snapshot.failures() + " attempts failed, backing off"));
    return others.size() + " open, " + name + " waits";
  }

  private String serverIsBack() throws Exception {
    Talk victim = bereaved.orElseThrow();
    long began = System.nanoTime();
    server(victim).start();
    awaitOpen(List.of(victim));
    String after = " after " + Format.time(Format.since(began));
    long attempt = victim.connection().snapshot().generation();
    say(victim.connection().name() + " open" + after + ", as generation " + attempt);
    exchange(app.talks());
    return app.talks().size() + " answer" + after;
  }

  private String close() throws Exception {
    long began = System.nanoTime();
    app.close();
    say("all closed in " + Format.time(Format.since(began)));
    for (Talk talk : app.talks()) {
      requireState(talk, ConnectionState.CLOSED);
    }
    // One that has nothing more to do takes a moment to end.
    await(() -> threadsBefore.containsAll(OwnThreads.names()));
    List<String> threads = new ArrayList<>(OwnThreads.names());
    threads.removeAll(threadsBefore);
    require(threads.isEmpty(), "threads left: " + threads);
    return countSockets(count -> count == 0) + ", 0 threads";
  }

  // ----------------------------------------------------------------------- what to see, and where

  /** Adds a line, under the step's name if it is its first. */
  private void say(String text) {
    display.line(String.format("%-17s %s", heading, text));
    heading = "";
  }

  private static String line(Talk talk, String text) {
    return String.format("  %-10s %s", talk.connection().name(), text);
  }

  private void exchange(List<Talk> talks) throws Exception {
    for (Talk talk : talks) {
      String name = talk.connection().name();
      try {
        say(line(talk, talk.exchange(limit)));
      } catch (Exception e) {
        throw unexpected("no traffic on " + name + ": " + tell(e) + "; " + describe(talk), e);
      }
    }
  }

  private String asleep(SuspendReport report) throws Exception {
    say("all asleep in " + Format.time(report.took()));
    app.registry().assertQuiescent();
    for (Talk talk : app.talks()) {
      requireState(talk, ConnectionState.SUSPENDED);
    }
    require(report.withinBudget(), "over the budget: " + Format.time(report.took()));
    return "all asleep, " + countSockets(count -> count == 0);
  }

  /** Counts the sockets, at this very moment: nobody gets time to close one yet. */
  private String countSockets(Predicate<Long> right) throws Exception {
    OptionalLong count = sockets.now();
    if (count.isEmpty()) {
      say("  sockets to the servers: not counted on this system");
      return "sockets not counted";
    }
    say("  sockets to the servers, counted by the system: " + count.getAsLong());
    String seen = Format.count(count.getAsLong(), "socket");
    require(right.test(count.getAsLong()), seen);
    return seen;
  }

  private static boolean isHttp(Talk talk) {
    return talk.connection().kind() == ConnectionKind.HTTP;
  }

  private static LocalServer server(Talk talk) {
    return talk.endpoint().server().orElseThrow();
  }

  private static String names(SuspendReport.Outcome outcome, SuspendReport report) {
    return report.connections().stream()
        .filter(entry -> entry.outcome() == outcome)
        .map(SuspendReport.Entry::name)
        .collect(Collectors.joining(", "));
  }

  private static String describe(Talk talk) {
    ConnectionSnapshot snapshot = talk.connection().snapshot();
    return snapshot.name()
        + " is "
        + snapshot.state()
        + snapshot.lastReason().map(reason -> ", last end " + reason).orElse("");
  }

  private static String tell(Exception problem) {
    Throwable cause =
        problem instanceof ExecutionException && problem.getCause() != null
            ? problem.getCause()
            : problem;
    return cause instanceof Unexpected ? cause.getMessage() : cause.toString();
  }

  // -------------------------------------------------------------------------- waits, with a limit

  private void awaitOpen(List<Talk> talks) throws Exception {
    CompletableFuture<?>[] open =
        talks.stream().map(talk -> talk.connection().whenOpen()).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(open).get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      String closed =
          talks.stream()
              .filter(talk -> talk.connection().state() != ConnectionState.OPEN)
              .map(Script::describe)
              .collect(Collectors.joining("; "));
      throw unexpected("after " + Format.time(limit) + ": " + closed, e);
    }
  }

  private String greeting() throws Exception {
    String greeting = app.greetings().poll(limit.toNanos(), TimeUnit.NANOSECONDS);
    require("first message sent".equals(greeting), "first message of the chat: " + greeting);
    return greeting;
  }

  private SuspendReport awaitSettled() throws Exception {
    try {
      return app.registry().settled().get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw unexpected("not settled after " + Format.time(limit), e);
    }
  }

  /** Waits for what nobody announces, or until the limit. */
  private void await(BooleanSupplier condition) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long began = System.nanoTime();
    while (!condition.getAsBoolean() && Format.since(began).compareTo(limit) < 0) {
      boolean unused = never.await(5, TimeUnit.MILLISECONDS);
    }
  }

  private static void requireState(Talk talk, ConnectionState state) throws Unexpected {
    require(talk.connection().state() == state, describe(talk));
  }

  private static void require(boolean condition, String otherwise) throws Unexpected {
    if (!condition) {
      throw new Unexpected(otherwise);
    }
  }

  private static Unexpected unexpected(String seen, Throwable cause) {
    Unexpected unexpected = new Unexpected(seen);
    unexpected.initCause(cause);
    return unexpected;
  }
}
