package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.ManualLoop;
import io.dormouse.network.ForwardingNetwork;
import io.dormouse.network.Network;
import io.dormouse.network.Reach;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.ManualExecutor;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;

/** An engine on virtual time, with connections that the test plays. */
final class Rig implements AutoCloseable {
  static final Duration BUDGET = Duration.ofSeconds(4);

  /** When what is left is cut off: with 10% of the budget in hand. */
  static final Duration HARD_CLOSE = Duration.ofMillis(3_600);

  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  static final Duration PREPARE_TIMEOUT = Duration.ofSeconds(7);
  static final Duration MIN_UPTIME = Duration.ofSeconds(5);
  static final int SEND_QUEUE = 10_000;
  static final int UNREAD = 10_000;
  static final Duration NANO = Duration.ofNanos(1);

  final ManualLoop loop;
  final ScriptedLifecycle app = new ScriptedLifecycle();
  final ManualExecutor callbacks = new ManualExecutor();
  final ManualExecutor workers = new ManualExecutor();
  final List<FakeConnection> connections = new ArrayList<>();
  final Engine engine;

  /** How many timers of the loop are not the engine's. */
  IntSupplier foreignTimers = () -> 0;

  private final List<String> complaints = new ArrayList<>();
  private Consumer<FakeConnection> attemptListener = connection -> {};

  /** Jitter that always draws the middle. */
  Rig() {
    this(64, () -> 0.5, new ManualLoop(Long.MAX_VALUE - Duration.ofSeconds(9).toNanos()));
  }

  Rig(int maxConcurrentConnects, DoubleSupplier random, ManualLoop loop) {
    this(maxConcurrentConnects, loop, networkWith(random), Optional.empty());
  }

  /**
   * Creates one whose wires are real.
   *
   * @param blocking runs what may block; empty for {@link #workers}
   */
  Rig(int maxConcurrentConnects, ManualLoop loop, Network network, Optional<Executor> blocking) {
    this.loop = loop;
    EngineSettings settings =
        new EngineSettings(
            BUDGET,
            CLOSE_TIMEOUT,
            maxConcurrentConnects,
            MIN_UPTIME,
            SEND_QUEUE,
            UNREAD,
            RetryPolicy.standard(),
            Reach.standard());
    Callbacks runners =
        new Callbacks(loop, workers, blocking.orElse(workers), Optional.of(callbacks));
    engine = new Engine(new Environment(loop, network, runners, settings), app, loop::stop);
    app.whenCalled =
        () -> {
          if (loop.inLoop()) { // it may hold a lock while somebody waits for the loop
            complain("the app's lifecycle is called on the loop");
          }
        };
    engine.start();
  }

  private static Network networkWith(DoubleSupplier random) {
    return new ForwardingNetwork() {
      @Override
      public double random() {
        return random.getAsDouble();
      }
    };
  }

  // --------------------------------------------------------------------------------- connections

  FakeConnection prepared(String name, int priority, RetryPolicy policy) {
    FakeConnection connection =
        new FakeConnection(
            this,
            new LinkOptions(
                name,
                ConnectionKind.TCP,
                priority,
                CONNECT_TIMEOUT,
                PREPARE_TIMEOUT,
                policy,
                Reach.standard()));
    connections.add(connection);
    return connection;
  }

  FakeConnection prepared(String name) {
    return prepared(name, 0, RetryPolicy.standard());
  }

  /** Registers a connection whose wires do everything at once. */
  FakeConnection register(String name) {
    return register(prepared(name));
  }

  FakeConnection register(FakeConnection connection) {
    engine.register(connection);
    run();
    return connection;
  }

  /** Registers a connection whose wires do nothing by themselves but write what is sent. */
  FakeConnection registerSlow(String name) {
    return register(
        prepared(name)
            .answer(Step.CONNECT, Answer.LATER)
            .answer(Step.FLUSH, Answer.LATER)
            .answer(Step.SOFT_CLOSE, Answer.LATER));
  }

  LongRunningTask task(String name, FakeConnection... covered) {
    return task(name, options -> {}, covered);
  }

  LongRunningTask task(String name, Consumer<TaskOptions> more, FakeConnection... covered) {
    LongRunningTask task =
        engine.startTask(
            name,
            options -> {
              if (covered.length > 0) {
                options.covering(covered);
              }
              more.accept(options);
            });
    run();
    return task;
  }

  // ------------------------------------------------------------------------------------ the app

  void front() {
    app.front();
    run();
  }

  void back() {
    app.back();
    run();
  }

  void settling() {
    app.settling();
    run();
  }

  SuspendReport lastSuspend() {
    return value(engine.settled());
  }

  // ------------------------------------------------------------------------------------ running

  /** Runs everything that is due now, callbacks and workers included. */
  void run() {
    boolean more = true;
    while (more) {
      loop.run();
      boolean called = callbacks.runAll();
      boolean worked = workers.runAll();
      more = called || worked;
    }
  }

  void advance(Duration time) {
    run();
    loop.advance(time);
    run();
  }

  /** Plays something on the loop, and runs what follows from it. */
  void onLoop(Runnable action) {
    loop.execute(action);
    run();
  }

  /** The value of a future that must be complete by now. */
  <T> T value(CompletableFuture<T> future) {
    run();
    assertThat(future).isCompleted();
    return future.join();
  }

  Throwable failure(CompletableFuture<?> future) {
    run();
    assertThat(future).isCompletedExceptionally();
    return future.handle((value, failure) -> failure).join();
  }

  /** The names of connections with sockets that no task covers. */
  List<String> offenders() {
    return value(engine.findOpenAndNotCovered());
  }

  // ----------------------------------------------------------------------------------- checking

  void checkInLoop() {
    if (!loop.inLoop()) {
      complain("a wire was called outside the loop");
    }
  }

  void complain(String problem) {
    complaints.add(problem);
  }

  void onAttempt(Consumer<FakeConnection> listener) {
    attemptListener = listener;
  }

  void onAttempt(FakeConnection connection) {
    attemptListener.accept(connection);
  }

  List<String> complaints() {
    return complaints;
  }

  long openSockets() {
    return connections.stream().mapToLong(FakeConnection::liveWires).sum();
  }

  /** Checks that nothing is left that would run. */
  void assertIdle() {
    assertThat(loop.pendingTimers() - foreignTimers.getAsInt()).as("timers").isZero();
    assertThat(loop.pendingTasks()).as("tasks").isZero();
    assertThat(callbacks.size()).as("callbacks").isZero();
    assertThat(workers.size()).as("work").isZero();
  }

  /** Checks what holds at any time. */
  void assertSound() {
    assertThat(complaints).isEmpty();
    assertThat(loop.thrown()).isEmpty();
    for (FakeConnection connection : connections) {
      assertThat(connection.liveWires()).as(connection.name()).isLessThanOrEqualTo(1);
      assertThat(connection.log.changes()).isNotNull();
    }
  }

  /** Closes the engine and checks that nothing stays behind. */
  @Override
  public void close() {
    assertSound();
    engine.close();
    run();
    if (!loop.hasEnded()) {
      loop.advance(HARD_CLOSE);
      run();
    }
    assertThat(loop.hasEnded()).as("the engine has ended").isTrue();
    assertIdle();
    assertSound();
    assertThat(openSockets()).isZero();
    assertThat(engine.connections()).isEmpty();
    assertThat(engine.tasks()).isEmpty();
    assertThat(app.listeners()).isZero();
    assertThat(engine.settled()).isCompleted();
    assertThat(engine.resumed()).isCompleted();
  }

  /** Kinds of the reasons of a connection's steps, "-" for a step without. */
  static List<String> reasons(FakeConnection connection) {
    return connection.log.changes().stream()
        .map(StateChange::reason)
        .map(reason -> reason.map(CloseReason::kind).map(Enum::name).orElse("-"))
        .toList();
  }

  static CloseReason reason(CloseReason.Kind kind) {
    return CloseReason.of(kind);
  }
}
