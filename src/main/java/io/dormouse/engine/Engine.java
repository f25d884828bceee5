package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.loop.Loop;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reconciler: an event changes what is {@linkplain Wanted wanted}, and each connection for
 * which that has changed is told to wake or to sleep. Nothing else opens or closes a socket.
 *
 * <p>Public methods are for any thread; the rest is for the loop, except where a method says
 * otherwise. No code of the app runs here: not its callbacks, not its lifecycle, and no future that
 * the app may have hung something on is completed on the loop.
 */
public final class Engine implements ConnectionHost {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.registry");

  /** How long one attempt holds its permit to connect. */
  private static final long PERMIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final CloseReason SUSPENDED = CloseReason.of(CloseReason.Kind.SUSPENDED);

  private final Environment environment;
  private final Loop loop;

  // For any thread.
  private final AtomicLong orders = new AtomicLong();
  private final Directory directory = new Directory();
  private final Wanted wanted = new Wanted(directory);
  private final AppWatch app;
  private final Tasks tasks = new Tasks(this, directory, wanted);
  private final ReportFutures futures;
  private final CopyOnWriteArrayList<ConnectionListener> listeners = new CopyOnWriteArrayList<>();

  // Loop only.
  private final Links links = new Links();
  private final Observers observers = new Observers();
  private final Suspends suspends;
  private final Resumes resumes;
  private final ConnectLimiter connectLimiter;
  private AppState knownState = AppState.UNKNOWN; // where the app is, as far as the loop has come
  private long foregroundSinceNanos;
  private final Ending ending;

  // Made beforehand: these must be done where there is no memory too.
  private final Runnable reconcile = madeUpFor(this::reconcileAll);
  private final Runnable follow = madeUpFor(this::follow);
  private final Runnable close = madeUpFor(this::beginEnding);
  private final Loop.Signal reconciling;
  private final Loop.Signal following;
  private final Loop.Signal closing;

  /**
   * Creates an engine; {@link #start()} lets it begin.
   *
   * @param onEnded runs on the loop when everything is closed, as the last
   */
  public Engine(Environment environment, AppLifecycle lifecycle, Runnable onEnded) {
    this.environment = environment;
    this.loop = environment.loop();
    this.reconciling = loop.signal(this::reconcileAll);
    this.following = loop.signal(follow);
    this.closing = loop.signal(close);
    this.app = new AppWatch(lifecycle, loop, () -> execute(follow, following));
    EngineSettings settings = environment.settings();
    this.connectLimiter =
        new ConnectLimiter(
            loop,
            settings.maxConcurrentConnects(),
            PERMIT_NANOS,
            link -> isWanted(link.connection()));
    observers.add(new EventLog(settings.minUptime()));
    // Initializes classes while there is memory: one for which that fails is lost for good, and
    // then no retry policy can decide anything any more.
    RetryPolicy.Decision unused =
        RetryPolicy.standard().decide(RetryPolicy.Ended.of(SUSPENDED).withRandom(0));
    this.suspends = new Suspends(this, links, wanted, settings.suspendBudget());
    this.resumes = new Resumes(this, links);
    this.futures = new ReportFutures(this, suspends, resumes);
    this.ending = new Ending(this, links, wanted, suspends, resumes, onEnded);
  }

  /**
   * Begins to follow the lifecycle, with its current state first. What the lifecycle throws is
   * thrown here; then nothing of the engine is left with it.
   */
  public void start() {
    app.start();
  }

  // ------------------------------------------------------------------- what rooms of kinds need

  /** Returns what the registry runs in. */
  public Environment environment() {
    return environment;
  }

  Loop loop() {
    return loop;
  }

  Directory directory() {
    return directory;
  }

  ConnectLimiter connectLimiter() {
    return connectLimiter;
  }

  double random() {
    return environment.network().random();
  }

  long nextOrder() {
    return orders.getAndIncrement();
  }

  /** Runs a task on the loop; returns false if that has ended. Any thread. */
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
   * The same for what must not be lost where there is no memory. Any thread.
   *
   * @param task made beforehand
   * @param instead does at least as much, a little later
   */
  private void execute(Runnable task, Loop.Signal instead) {
    try {
      execute(task);
    } catch (OutOfMemoryError e) {
      instead.raise();
    }
  }

  /**
   * Registers a connection, which then wakes if it is wanted.
   *
   * @throws IllegalArgumentException if its name is taken
   * @throws IllegalStateException if the registry is closed
   */
  public <C extends ManagedConnection> C register(C connection) {
    directory.add(connection, () -> loop.execute(() -> add(connection.link())));
    return connection;
  }

  /**
   * Returns the engine that a builder gets as its host: no exported signature may name the engine,
   * and a builder is made by another room than its own.
   *
   * @param method the registry's, which makes such a builder
   * @param name the connection's
   * @throws IllegalArgumentException if the host is no engine: an app has made the builder
   * @throws IllegalStateException if the registry is closed
   */
  public static Engine of(ConnectionHost host, String method, String name) {
    if (host instanceof Engine engine) {
      engine.checkOpen(name);
      return engine;
    }
    throw new IllegalArgumentException(
        name + ": a builder can't be made by itself; it comes from ConnectionRegistry." + method);
  }

  /**
   * Checks that the registry is open.
   *
   * @param who begins the error's message
   * @throws IllegalStateException if it is closed
   */
  public void checkOpen(String who) {
    directory.checkOpen(who);
  }

  private void add(Link link) {
    links.add(link);
    reconcile(link);
  }

  // ---------------------------------------------------------------------------- what is wanted

  /** Returns whether neither the connection nor its registry is closed. Any thread. */
  boolean isRegistered(ManagedConnection connection) {
    return directory.contains(connection);
  }

  /**
   * Returns whether a connection is wanted at this very moment. Any thread. Whatever makes it so,
   * or no longer so, then hands a task to the loop, which comes to know of it a little later.
   */
  boolean isWanted(ManagedConnection connection) {
    return wanted.isWanted(connection, app.place().state());
  }

  /** The same, as far as the loop has come. */
  boolean isWanted(Link link) {
    return wanted.isWanted(link.connection(), knownState);
  }

  /** Any thread. */
  void reconcileSoon() {
    execute(reconcile, reconciling);
  }

  /** Tells each connection for which it has changed whether it is wanted. */
  private void reconcileAll() {
    for (Link link : links.byPriority()) {
      reconcile(link);
    }
    suspends.check();
  }

  /** What the task has no memory for, a look at each connection makes up for. */
  private Runnable madeUpFor(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (OutOfMemoryError e) {
        reconciling.raise();
      }
    };
  }

  private void reconcile(Link link) {
    if (!isRegistered(link.connection())) {
      ending.close(link); // it may not have been told yet
      return;
    }
    LinkState.Target target = link.linkState().target();
    boolean isWanted = isWanted(link);
    if (isWanted && target == LinkState.Target.SUSPENDED) {
      link.on(Event.WAKE);
    } else if (isWanted) {
      link.connection().lookAgain();
    } else if (target == LinkState.Target.OPEN) {
      CloseReason reason =
          link.connection().isPaused() ? CloseReason.of(CloseReason.Kind.PAUSED_BY_APP) : SUSPENDED;
      link.on(new Event.Sleep(reason, budgetEndFromNow()));
    }
  }

  /** Returns when what begins to be closed now is cut off. */
  long budgetEndFromNow() {
    return suspends.hardCloseNanos(loop.nanoTime());
  }

  private boolean isForeground() {
    return knownState == AppState.FOREGROUND;
  }

  /** Returns how long the app has been in front. */
  Duration sinceForeground() {
    return isForeground()
        ? Duration.ofNanos(Math.max(0, loop.nanoTime() - foregroundSinceNanos))
        : Duration.ofDays(365);
  }

  /**
   * What the network or the system took while the app was away was taken since it was away. That is
   * often found out only when it is back, since a frozen process reads nothing.
   */
  CloseReason attribute(Link link, CloseReason reason) {
    boolean lost =
        reason.kind() == CloseReason.Kind.NETWORK_LOST
            || reason.kind() == CloseReason.Kind.PEER_RESET;
    boolean away = !isForeground() || resumes.isUnheardSince(link, loop.nanoTime());
    if (!lost || !away) {
      return reason;
    }
    CloseReason.Kind kind = CloseReason.Kind.KILLED_WHILE_BACKGROUND;
    return reason
        .cause()
        .map(cause -> CloseReason.of(kind, reason.detail(), cause))
        .orElseGet(() -> CloseReason.of(kind, reason.detail()));
  }

  // ----------------------------------------------------------------------- suspend and resume

  /** Goes where the lifecycle is now; what it was in between does not matter any more. */
  private void follow() {
    if (ending.hasBegun()) {
      return;
    }
    AppWatch.Place place = app.place();
    if (place.state() == AppState.TERMINATED) {
      ending.begin();
    } else if (place.state() != AppState.FOREGROUND) {
      suspend(place);
    } else {
      if (!place.settling() || !isForeground()) {
        resume();
      }
      if (place.settling()) {
        suspends.settling();
      }
      reconcileAll(); // it may have been away and back since the last time
    }
  }

  private void suspend(AppWatch.Place place) {
    boolean wasForeground = isForeground();
    knownState = place.state();
    if (wasForeground) {
      suspends.notSettling();
      resumes.callOff();
      Long leftFront = place.leftFrontNanos();
      putToSleep(leftFront == null ? loop.nanoTime() : leftFront, SUSPENDED);
    }
  }

  private void putToSleep(long startNanos, CloseReason reason) {
    observers.onSuspending();
    SuspendRound round = suspends.begin(startNanos, knownState);
    for (Link link : links.byPriority()) {
      if (!isWanted(link)) {
        link.on(new Event.Sleep(reason, round.hardCloseNanos()));
      }
    }
    suspends.verifyIfReady(round);
  }

  /** Comes back; also if it was never away, since a foreground is the time to try again at once. */
  private void resume() {
    boolean wasAway = !isForeground();
    knownState = AppState.FOREGROUND;
    suspends.notSettling();
    foregroundSinceNanos = loop.nanoTime();
    observers.onResuming();
    resumes.begin(foregroundSinceNanos, wasAway);
    suspends.check();
  }

  /** A connection came back before its close handshake had begun. */
  void onTurnedBack(Link link) {
    suspends.onTurnedBack(link);
  }

  /** A generation ended. */
  void onSocketGone(Link link, Link.Drained drained) {
    suspends.onSocketGone(link, drained);
  }

  /** What a wire left open has gone. */
  void onReleased() {
    suspends.onReleased();
  }

  /** A connection is in a new state. */
  void onState(Link link, LinkState linkState) {
    resumes.onState(link, linkState);
    if (linkState.state() == ConnectionState.CLOSED) {
      links.remove(link);
      ending.checkOver();
    }
    suspends.check(); // one that was draining may be connecting again
  }

  /** A suspend is over. */
  void onSuspended(SuspendReport report) {
    observers.onSuspended(report, report.socketsLeft() > 0 ? openAndNotCovered() : List.of());
    ending.checkOver();
  }

  /** What is to be told of everything. */
  Observer observer() {
    return observers;
  }

  /** Has one more observer hear of everything from now on. Any thread. */
  void addObserver(Observer observer) {
    observers.add(observer);
  }

  // -------------------------------------------------------------------- the registry's own words

  /** Has a listener hear of every step of every connection from now on. */
  public void addListener(ConnectionListener listener) {
    listeners.addIfAbsent(Objects.requireNonNull(listener, "listener"));
  }

  /** Takes back {@link #addListener}. */
  public void removeListener(ConnectionListener listener) {
    listeners.remove(Objects.requireNonNull(listener, "listener"));
  }

  /** Those that hear of every connection. */
  List<ConnectionListener> listeners() {
    return listeners;
  }

  /** Returns the registered connections, in order of registration. */
  public List<Connection> connections() {
    return List.copyOf(directory.all());
  }

  /** Returns the connection of this name. */
  public Optional<Connection> find(String name) {
    return directory.find(Objects.requireNonNull(name, "name"));
  }

  /** Returns the registry at this moment. */
  public RegistrySnapshot snapshot() {
    List<ConnectionSnapshot> snapshots = new ArrayList<>();
    for (Connection connection : connections()) {
      snapshots.add(connection.snapshot());
    }
    List<String> tasks = new ArrayList<>();
    for (LongRunningTask task : tasks()) {
      tasks.add(task.name());
    }
    return new Snapshots.OfRegistry(app.place().state(), snapshots, tasks);
  }

  /**
   * Returns a future for when nothing is being closed any more, with the latest report. It is
   * completed on the loop, so it is for those only who wait for it and hang nothing on it: the app
   * gets {@link #settled()}.
   */
  public CompletableFuture<SuspendReport> settledOnLoop() {
    return futures.settledOnLoop();
  }

  /** Returns a future for when nothing is being closed any more, with the latest report. */
  public CompletableFuture<SuspendReport> settled() {
    return futures.settled();
  }

  /** Returns a future for when the first attempt of each connection is over. */
  public CompletableFuture<ResumeReport> resumed() {
    return futures.resumed();
  }

  /**
   * Returns a future for the names of connections that hold a socket which no task covers. It is
   * completed on the loop; see {@link #settledOnLoop()}.
   */
  public CompletableFuture<List<String>> findOpenAndNotCovered() {
    CompletableFuture<List<String>> future = new CompletableFuture<>();
    if (!execute(() -> future.complete(openAndNotCovered()))) {
      future.complete(ending.leftBehind());
    }
    return future;
  }

  /** Returns those that hold a socket which no task covers, as "name (STATE)". Loop only. */
  List<String> openAndNotCovered() {
    return links.withSockets(link -> isWanted(link) && wanted.keeperOf(link.connection()) != null);
  }

  // --------------------------------------------------------------------------------- tasks

  /**
   * Starts a long-running task.
   *
   * @param tell says what it covers and how long it may last; called before this returns
   * @throws IllegalArgumentException if it covers a connection that is not registered here
   * @throws IllegalStateException if the registry is closed
   */
  public LongRunningTask startTask(String name, Consumer<? super TaskOptions> tell) {
    return tasks.start(name, tell);
  }

  /** Returns the live tasks, in order of their start. */
  public List<LongRunningTask> tasks() {
    return wanted.tasks();
  }

  void onTaskStarted(Lease lease) {
    observers.onTaskStarted(lease);
    reconcileAll();
  }

  void onTaskEnded(Lease lease) {
    observers.onTaskEnded(lease);
    if (!ending.hasBegun() && !isForeground()) {
      putToSleep(loop.nanoTime(), CloseReason.of(CloseReason.Kind.TASK_ENDED, lease.name()));
    }
  }

  // ------------------------------------------------------------------------------- the end

  /** Closes one connection for good. Any thread. */
  void closeConnection(ManagedConnection connection) {
    directory.remove(connection);
    try {
      execute(() -> ending.close(connection.link()));
    } catch (OutOfMemoryError e) {
      reconciling.raise();
    }
  }

  /** Closes all connections for good, within the budget, and then everything else. */
  public void close() {
    directory.close();
    app.stop();
    execute(close, closing);
  }

  private void beginEnding() {
    ending.begin();
  }

  /**
   * The loop has ended, as it should or by itself; then nothing works any more, and everything says
   * so here and now. Called on the loop's thread, as the last.
   *
   * @param failure what ended it; null if nothing did
   */
  public void loopEnded(@Nullable Throwable failure) {
    if (ending.loopEnded(failure)) {
      environment.callbacks().blocking().execute(app::stop);
    }
  }
}
