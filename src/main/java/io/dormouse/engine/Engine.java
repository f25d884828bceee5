package io.dormouse.engine;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.loop.Loop;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reconciler: an event changes what is wanted, and each connection whose wish has changed is
 * told to wake or to sleep. It also keeps together what belongs to all of them: the suspend in its
 * budget, the resume in its order, the tasks and the end.
 *
 * <p>Wanted is: open registry, and connection neither closed nor paused by the app, and
 * (foreground, or a live task covers it). A new kind of exemption is one more term in {@link
 * #isWanted}.
 *
 * <p>Public methods are for any thread; the rest is for the loop.
 */
public final class Engine implements ConnectionHost {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.registry");

  /** How long a connect attempt keeps others from beginning theirs. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Comparator<Link<?>> BY_PRIORITY =
      (a, b) -> Integer.compare(b.priority(), a.priority());

  private final Loop loop;
  private final AppLifecycle lifecycle;
  private final EngineSettings settings;
  private final Callbacks callbacks;
  private final DoubleSupplier random;
  private final Runnable onEnded;
  private final Turnstile turnstile;
  private final LifecycleListener hooks = new Hooks();
  private final AtomicLong orders = new AtomicLong();
  private final Executor completions;

  // For any thread.
  private final Map<String, ManagedConnection<?>> names =
      new LinkedHashMap<>(); // guarded by itself
  private boolean closed; // guarded by names
  private final CopyOnWriteArrayList<Lease> leases = new CopyOnWriteArrayList<>();

  // Written on the loop, read by any thread.
  private volatile SuspendReport lastSuspend = SuspendReport.none();
  private volatile ResumeReport lastResume = ResumeReport.none();

  // Loop only.
  private final Map<Long, Link<?>> links = new TreeMap<>(); // by order of registration
  private boolean foreground;
  private long foregroundSinceNanos;
  private @Nullable Long leftFrontNanos;
  private boolean ending;
  private boolean ended;
  private final List<SuspendRound> suspends = new ArrayList<>();
  private @Nullable ResumeRound resume;
  private final List<CompletableFuture<SuspendReport>> settledWaiters = new ArrayList<>();
  private final List<CompletableFuture<ResumeReport>> resumedWaiters = new ArrayList<>();

  /**
   * Creates an engine; {@link #start()} lets it begin.
   *
   * @param callbacks runs the app's code
   * @param random numbers from 0 inclusive to 1 exclusive, for jitter
   * @param onEnded runs on the loop when everything is closed, as the last
   */
  public Engine(
      Loop loop,
      AppLifecycle lifecycle,
      EngineSettings settings,
      Callbacks callbacks,
      DoubleSupplier random,
      Runnable onEnded) {
    this.loop = loop;
    this.lifecycle = lifecycle;
    this.settings = settings;
    this.callbacks = callbacks;
    this.random = random;
    this.onEnded = onEnded;
    this.turnstile = new Turnstile(loop, settings.connectingAtOnce(), PATIENCE_NANOS);
    this.completions = callbacks.completions("registry");
  }

  /** Begins to follow the lifecycle, with its current state first. */
  public void start() {
    lifecycle.addListener(hooks);
    execute(this::follow);
  }

  // ------------------------------------------------------------------- what rooms of kinds need

  /** Returns the loop. */
  public Loop loop() {
    return loop;
  }

  /** Returns where the app's code runs. */
  public Callbacks callbacks() {
    return callbacks;
  }

  /** Returns what holds for all connections. */
  public EngineSettings settings() {
    return settings;
  }

  Turnstile turnstile() {
    return turnstile;
  }

  double random() {
    return random.getAsDouble();
  }

  long nextOrder() {
    return orders.getAndIncrement();
  }

  /** Runs a task on the loop; returns false if that has ended. */
  boolean execute(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      log.debug("the registry has ended, nothing is left to do", e);
      return false;
    }
  }

  /**
   * Registers a connection, which then wakes if it is wanted.
   *
   * @throws IllegalArgumentException if its name is taken
   * @throws IllegalStateException if the registry is closed
   */
  public <C extends ManagedConnection<?>> C register(C connection) {
    String name = connection.name();
    synchronized (names) {
      checkOpen(name);
      if (names.putIfAbsent(name, connection) != null) {
        throw new IllegalArgumentException(
            name + ": the name is taken; close that connection first or choose another name");
      }
      loop.execute(() -> add(connection.link()));
    }
    return connection;
  }

  /**
   * Checks that the registry is open.
   *
   * @param who begins the error's message
   * @throws IllegalStateException if it is closed
   */
  public void checkOpen(String who) {
    synchronized (names) {
      if (closed) {
        throw new IllegalStateException(who + ": the registry is closed; build a new one");
      }
    }
  }

  private void add(Link<?> link) {
    links.put(link.order(), link);
    if (ending) { // the app's end overtook the registration
      link.on(new Event.Close(budgetEndFromNow()));
    } else {
      reconcile(link, CloseReason.of(CloseReason.Kind.SUSPENDED));
    }
  }

  // ---------------------------------------------------------------------------- what is wanted

  /** Returns whether neither the connection nor its registry is closed. Any thread. */
  boolean isRegistered(ManagedConnection<?> connection) {
    synchronized (names) {
      return names.get(connection.name()) == connection;
    }
  }

  /** Returns whether a connection is wanted at this very moment. Any thread. */
  boolean isWanted(ManagedConnection<?> connection) {
    return isRegistered(connection)
        && !connection.isPaused()
        && lifecycle.state() != AppState.TERMINATED
        && (lifecycle.state() == AppState.FOREGROUND || coveringTask(connection.name()) != null);
  }

  /** The same, as the loop has come to know it. */
  private boolean isWanted(Link<?> link) {
    return !ending
        && !link.connection().isPaused()
        && link.life().goal() != Life.Goal.GONE
        && (foreground || coveringTask(link.name()) != null);
  }

  private @Nullable Lease coveringTask(String connectionName) {
    for (Lease lease : leases) {
      if (lease.covers(connectionName)) {
        return lease;
      }
    }
    return null;
  }

  void reconcileSoon() {
    execute(() -> reconcileAll(CloseReason.of(CloseReason.Kind.SUSPENDED)));
  }

  /** Tells each connection whose wish has changed. */
  private void reconcileAll(CloseReason whyNot) {
    for (Link<?> link : byPriority()) {
      reconcile(link, whyNot);
    }
    checkSettled();
  }

  private void reconcile(Link<?> link, CloseReason whyNot) {
    Life.Goal goal = link.life().goal();
    boolean wanted = isWanted(link);
    if (wanted && goal == Life.Goal.ASLEEP) {
      link.on(Event.WAKE);
    } else if (!wanted && goal == Life.Goal.AWAKE) {
      CloseReason reason =
          link.connection().isPaused() ? CloseReason.of(CloseReason.Kind.PAUSED_BY_APP) : whyNot;
      link.on(new Event.Sleep(reason, budgetEndFromNow()));
    }
  }

  private List<Link<?>> byPriority() {
    List<Link<?>> sorted = new ArrayList<>(links.values());
    sorted.sort(BY_PRIORITY); // stable: within a priority they stay in order of registration
    return sorted;
  }

  private SuspendRound newRound(long startNanos) {
    return new SuspendRound(startNanos, settings.suspendBudget());
  }

  private long budgetEndFromNow() {
    return newRound(loop.nanoTime()).hardCloseNanos();
  }

  /** Returns how long the app has been in front. */
  Duration sinceForeground() {
    return foreground
        ? Duration.ofNanos(Math.max(0, loop.nanoTime() - foregroundSinceNanos))
        : Duration.ofDays(365);
  }

  /** What the network or the system took while the app was away was taken since it was away. */
  CloseReason attribute(CloseReason reason) {
    boolean lost =
        reason.kind() == CloseReason.Kind.NETWORK_LOST
            || reason.kind() == CloseReason.Kind.PEER_RESET;
    if (foreground || !lost) {
      return reason;
    }
    CloseReason.Kind kind = CloseReason.Kind.KILLED_WHILE_BACKGROUND;
    return reason
        .cause()
        .map(cause -> CloseReason.of(kind, reason.detail(), cause))
        .orElseGet(() -> CloseReason.of(kind, reason.detail()));
  }

  // ----------------------------------------------------------------------- suspend and resume

  private final class Hooks implements LifecycleListener {
    @Override
    public void onForeground() {
      execute(Engine.this::follow);
    }

    @Override
    public void onBackground() {
      execute(Engine.this::follow);
    }

    @Override
    public void onSettling() {
      execute(Engine.this::follow);
    }

    @Override
    public void onTerminate() {
      execute(Engine.this::follow);
    }
  }

  /** Goes where the lifecycle is now; what it was in between does not matter any more. */
  private void follow() {
    AppState state = lifecycle.state();
    if (ending) {
      return;
    } else if (state == AppState.TERMINATED) {
      log.info("the app is ending, and so is the registry");
      beginToEnd();
    } else if (state != AppState.FOREGROUND) {
      suspend();
    } else {
      boolean settling = lifecycle.isSettling();
      if (!settling || !foreground) {
        resume();
      }
      if (settling && leftFrontNanos == null) {
        leftFrontNanos = loop.nanoTime();
      }
    }
  }

  private void suspend() {
    if (!foreground) {
      return;
    }
    long now = loop.nanoTime();
    long leftFront = leftFrontNanos == null ? now : leftFrontNanos;
    foreground = false;
    leftFrontNanos = null;
    callOffResume();
    putToSleep(leftFront, CloseReason.of(CloseReason.Kind.SUSPENDED));
  }

  private void putToSleep(long startNanos, CloseReason reason) {
    SuspendRound round = newRound(startNanos);
    List<Link<?>> all = byPriority();
    for (Link<?> link : all) {
      Lease keeper = isWanted(link) ? coveringTask(link.name()) : null;
      if (keeper != null) {
        round.addKept(link, keeper.name(), loop.nanoTime());
      } else if (link.life().state() == ConnectionState.OPEN
          || link.life().state() == ConnectionState.DRAINING) {
        round.expect(link);
      } else {
        round.add(link, Outcome.WAS_NOT_OPEN, loop.nanoTime());
      }
    }
    suspends.add(round);
    for (Link<?> link : all) {
      if (!isWanted(link)) {
        link.on(new Event.Sleep(reason, round.hardCloseNanos()));
      }
    }
    verifyIfReady(round);
  }

  /** Comes back; also if it was never away, since a foreground is the time to try again at once. */
  private void resume() {
    foreground = true;
    leftFrontNanos = null;
    foregroundSinceNanos = loop.nanoTime();
    ResumeRound round = new ResumeRound(foregroundSinceNanos);
    resume = round; // who waits for an earlier one waits for this one
    List<Link<?>> wanted = new ArrayList<>();
    for (Link<?> link : byPriority()) {
      if (isWanted(link)) {
        wanted.add(link);
        if (isStillOpen(link.life())) {
          round.addOpen(link, loop.nanoTime());
        } else {
          round.expect(link);
        }
      }
    }
    for (Link<?> link : wanted) {
      link.on(Event.WAKE);
    }
    finishResumeIfOver();
    checkSettled();
  }

  private static boolean isStillOpen(Life life) {
    return life instanceof Life.Open || life instanceof Life.Flushing;
  }

  /** A connection came back before its goodbye. */
  void onTurnedBack(Link<?> link) {
    for (SuspendRound round : List.copyOf(suspends)) {
      if (round.expects(link)) {
        round.add(link, Outcome.STAYED_OPEN, loop.nanoTime());
        verifyIfReady(round);
      }
    }
  }

  /** A generation ended. */
  void onSocketGone(Link<?> link, Link.Drained drained) {
    for (SuspendRound round : List.copyOf(suspends)) {
      if (round.expects(link)) {
        round.addGone(link, drained, loop.nanoTime());
        verifyIfReady(round);
      }
    }
  }

  /** A connection is in a new state. */
  void onLife(Link<?> link, Life life) {
    if (resume != null) {
      resume.onLife(link, life, loop.nanoTime());
      finishResumeIfOver();
    }
    if (life.goal() == Life.Goal.GONE && !life.hasWire()) {
      links.remove(link.order());
      endIfDone();
    }
    if (!life.hasWire()) {
      checkSettled();
    }
  }

  /** In the next round of the loop, when what was closed has given its file descriptor back. */
  private void verifyIfReady(SuspendRound round) {
    if (round.isReadyToVerify()) {
      execute(() -> finishSuspend(round));
    }
  }

  private void finishSuspend(SuspendRound round) {
    int left = 0;
    for (Link<?> link : links.values()) {
      if (!isWanted(link) && link.life().state() != ConnectionState.DRAINING) {
        left += link.openSockets();
      }
    }
    lastSuspend = round.report(left, loop.nanoTime());
    suspends.remove(round);
    if (left > 0) {
      log.error("{} sockets are still open after the suspend: {}", left, openAndNotCovered());
    } else {
      log.info("suspended {} in {}", lastSuspend.connections().size(), lastSuspend.took());
    }
    checkSettled();
    endIfDone();
  }

  private void checkSettled() {
    if (settledWaiters.isEmpty() || !isSettled()) {
      return;
    }
    SuspendReport report = lastSuspend;
    for (CompletableFuture<SuspendReport> waiter : settledWaiters) {
      completions.execute(() -> waiter.complete(report));
    }
    settledWaiters.clear();
  }

  private boolean isSettled() {
    boolean leaving = leftFrontNanos != null || !suspends.isEmpty();
    return !leaving
        && links.values().stream()
            .noneMatch(link -> link.life().state() == ConnectionState.DRAINING);
  }

  /** What is not wanted any more does not come back; the rest is still waited for. */
  private void callOffResume() {
    if (resume == null) {
      return;
    }
    for (Link<?> link : links.values()) {
      if (!isWanted(link)) {
        resume.onLife(link, Machine.initial(), loop.nanoTime());
      }
    }
    finishResumeIfOver();
  }

  private void finishResumeIfOver() {
    if (resume == null || !resume.isOver()) {
      return;
    }
    ResumeReport report = resume.report(loop.nanoTime());
    resume = null;
    lastResume = report;
    for (CompletableFuture<ResumeReport> waiter : resumedWaiters) {
      completions.execute(() -> waiter.complete(report));
    }
    resumedWaiters.clear();
  }

  // -------------------------------------------------------------------- the registry's own words

  /** Returns the registered connections, in order of registration. */
  public List<Connection> connections() {
    synchronized (names) {
      return List.copyOf(names.values());
    }
  }

  /** Returns the connection of this name. */
  public Optional<Connection> find(String name) {
    Objects.requireNonNull(name, "name");
    synchronized (names) {
      return Optional.ofNullable(names.get(name));
    }
  }

  /** Returns the registry at this moment. */
  public RegistrySnapshot snapshot() {
    List<ConnectionSnapshot> snapshots = new ArrayList<>();
    for (Connection connection : connections()) {
      snapshots.add(connection.snapshot());
    }
    List<String> tasks = new ArrayList<>();
    for (Lease lease : leases) {
      tasks.add(lease.name());
    }
    return new RegistrySnapshot(lifecycle.state(), snapshots, tasks);
  }

  /** Returns a future for when nothing is being closed any more, with the latest report. */
  public CompletableFuture<SuspendReport> settled() {
    CompletableFuture<SuspendReport> future = new CompletableFuture<>();
    boolean asked =
        execute(
            () -> {
              settledWaiters.add(future);
              checkSettled();
            });
    if (!asked) {
      future.complete(lastSuspend);
    }
    return future;
  }

  /** Returns a future for when the first attempt of each connection is over. */
  public CompletableFuture<ResumeReport> resumed() {
    CompletableFuture<ResumeReport> future = new CompletableFuture<>();
    boolean asked =
        execute(
            () -> {
              if (resume == null) {
                ResumeReport report = lastResume;
                completions.execute(() -> future.complete(report));
              } else {
                resumedWaiters.add(future);
              }
            });
    if (!asked) {
      future.complete(lastResume);
    }
    return future;
  }

  /** Returns a future for the names of connections that hold a socket which no task covers. */
  public CompletableFuture<List<String>> findOpenAndNotCovered() {
    CompletableFuture<List<String>> future = new CompletableFuture<>();
    if (!execute(() -> future.complete(openAndNotCovered()))) {
      future.complete(List.of());
    }
    return future;
  }

  private List<String> openAndNotCovered() {
    List<String> offenders = new ArrayList<>();
    for (Link<?> link : links.values()) {
      boolean kept = isWanted(link) && coveringTask(link.name()) != null;
      if (!kept && link.openSockets() > 0) {
        offenders.add(link.name() + " (" + link.life().state() + ")");
      }
    }
    return offenders;
  }

  // --------------------------------------------------------------------------------- tasks

  /**
   * Starts a long-running task.
   *
   * @throws IllegalArgumentException if it covers a connection that is not registered
   * @throws IllegalStateException if the registry is closed
   */
  public LongRunningTask startTask(String name, TaskOptions options) {
    Lease lease = new Lease(this, name, options);
    synchronized (names) {
      checkOpen(name);
      for (String connection : options.covered()) {
        if (!names.containsKey(connection)) {
          throw new IllegalArgumentException(
              name + ": covers " + connection + ", which is not registered; register it first");
        }
      }
      leases.add(lease);
      loop.execute(
          () -> {
            lease.begin();
            reconcileAll(CloseReason.of(CloseReason.Kind.SUSPENDED));
          });
    }
    return lease;
  }

  /** Returns the live tasks, in order of their start. */
  public List<LongRunningTask> tasks() {
    return List.copyOf(leases);
  }

  /** Any thread. */
  void onTaskEnded(Lease lease) {
    leases.remove(lease);
    execute(
        () -> {
          lease.stopClock();
          log.info("{}", lease);
          if (!ending && !foreground) {
            CloseReason reason = CloseReason.of(CloseReason.Kind.TASK_ENDED, lease.name());
            putToSleep(loop.nanoTime(), reason);
          }
        });
  }

  // ------------------------------------------------------------------------------- the end

  /** Closes one connection for good. Any thread. */
  void closeConnection(ManagedConnection<?> connection) {
    synchronized (names) {
      names.remove(connection.name(), connection);
    }
    execute(
        () -> {
          Link<?> link = connection.link();
          link.on(new Event.Close(budgetEndFromNow()));
        });
  }

  /** Closes all connections for good, within the budget, and then everything else. */
  public void close() {
    synchronized (names) {
      closed = true;
    }
    execute(this::beginToEnd);
  }

  private void beginToEnd() {
    if (ending) {
      return;
    }
    synchronized (names) {
      closed = true;
      names.clear();
    }
    ending = true;
    lifecycle.removeListener(hooks);
    for (Lease lease : leases) {
      lease.end(LongRunningTask.Ending.REVOKED);
    }
    long deadline = budgetEndFromNow();
    for (Link<?> link : byPriority()) {
      link.on(new Event.Close(deadline));
    }
    callOffResume();
    endIfDone();
  }

  private void endIfDone() {
    if (ending && !ended && links.isEmpty() && suspends.isEmpty()) {
      ended = true;
      leftFrontNanos = null;
      checkSettled();
      // Once more round, so that what was closed last has given its file descriptor back.
      execute(onEnded);
    }
  }
}
