package io.dormouse.engine;

import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.network.LookUps;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The room's front: what the registry, the handles and the rooms of kinds ask for. It has the
 * names, the tasks and the listeners; what follows from them for the connections is up to the
 * {@link Reconciler}, on the loop. Any thread.
 */
public final class Engine implements ConnectionHost {
  private final Environment environment;
  private final AtomicLong orders = new AtomicLong();
  private final Directory directory = new Directory();
  private final Wanted wanted = new Wanted(directory);
  private final CopyOnWriteArrayList<ConnectionListener> listeners = new CopyOnWriteArrayList<>();
  private final Reconciler reconciler;
  private final Tasks tasks;

  /**
   * Creates an engine; {@link #start()} lets it begin.
   *
   * @param onEnded runs on the loop when everything is closed, as the last
   */
  public Engine(Environment environment, AppLifecycle lifecycle, Runnable onEnded) {
    this.environment = environment;
    this.reconciler = new Reconciler(environment, lifecycle, directory, wanted, onEnded);
    this.tasks = new Tasks(reconciler, directory, wanted);
  }

  /**
   * Begins to follow the lifecycle, with its current state first. What the lifecycle throws is
   * thrown here; then nothing of the engine is left with it.
   */
  public void start() {
    reconciler.app().start();
  }

  // ---------------------------------------------------- what handles and rooms of kinds need

  /** Returns what the registry runs in. */
  public Environment environment() {
    return environment;
  }

  /** Returns the look-ups that connections share, which are for the loop only. */
  public LookUps lookUps() {
    return reconciler.lookUps();
  }

  Reconciler reconciler() {
    return reconciler;
  }

  long nextOrder() {
    return orders.getAndIncrement();
  }

  /**
   * Registers a connection, which then wakes if it is wanted.
   *
   * @throws IllegalArgumentException if its name is taken
   * @throws IllegalStateException if the registry is closed
   */
  public <C extends ManagedConnection> C register(C connection) {
    directory.add(connection, () -> reconciler.addSoon(connection.link()));
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

  /** Returns whether neither the connection nor its registry is closed. */
  boolean isRegistered(ManagedConnection connection) {
    return directory.contains(connection);
  }

  /** Closes one connection for good. */
  void closeConnection(ManagedConnection connection) {
    directory.remove(connection);
    reconciler.reconcileSoon(connection.link());
  }

  /** Those that hear of every connection. */
  List<ConnectionListener> listeners() {
    return listeners;
  }

  /** Has one more observer hear of everything from now on. */
  void addObserver(Observer observer) {
    reconciler.observers().add(observer);
  }

  // -------------------------------------------------------------------- the registry's own words

  /** Has a listener hear of every step of every connection from now on. */
  public void addListener(ConnectionListener listener) {
    listeners.addIfAbsent(Check.given("registry", "listener", listener));
  }

  /** Takes back {@link #addListener}. */
  public void removeListener(ConnectionListener listener) {
    listeners.remove(Check.given("registry", "listener", listener));
  }

  /** Has an observer hear of everything from now on, in order and on threads of the library. */
  public void addObserver(RegistryObserver observer) {
    Check.given("registry", "observer", observer);
    reconciler
        .observers()
        .add(new AppObserver(observer, environment.callbacks().completions("an observer")));
  }

  /** Takes back {@link #addObserver(RegistryObserver)}. */
  public void removeObserver(RegistryObserver observer) {
    Check.given("registry", "observer", observer);
    reconciler.observers().remove(observer);
  }

  /** Returns the registered connections, in order of registration. */
  public List<Connection> connections() {
    return List.copyOf(directory.all());
  }

  /** Returns the connection of this name. */
  public Optional<Connection> find(String name) {
    return directory.find(Check.given("registry", "name", name));
  }

  /** Returns the registry at this moment. */
  public RegistrySnapshot snapshot() {
    List<ConnectionSnapshot> snapshots = new ArrayList<>();
    for (Connection connection : connections()) {
      snapshots.add(connection.snapshot());
    }
    List<String> names = new ArrayList<>();
    for (LongRunningTask task : tasks()) {
      names.add(task.name());
    }
    return new Snapshots.OfRegistry(
        reconciler.app().state(), reconciler.isRegistryClosed(), snapshots, names);
  }

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

  /** Returns a future for when nothing is being closed any more, with the latest report. */
  public CompletableFuture<SuspendReport> settled() {
    return offTheLoop(reconciler.settled());
  }

  /**
   * The same, completed on the loop: for those only who wait for it and hang nothing on it. The app
   * gets {@link #settled()}.
   */
  public CompletableFuture<SuspendReport> settledOnLoop() {
    return reconciler.settled();
  }

  /** Returns a future for when the first attempt of each connection is over. */
  public CompletableFuture<ResumeReport> resumed() {
    return offTheLoop(reconciler.resumed());
  }

  /** What the app hangs on such a future may block, and callbacks may. Neither holds it up. */
  private <R> CompletableFuture<R> offTheLoop(CompletableFuture<R> future) {
    if (future.isDone()) {
      return CompletableFuture.completedFuture(future.join());
    }
    CompletableFuture<R> apps = new CompletableFuture<>();
    Executor reports = environment.callbacks().reports();
    Runnable tell =
        reconciler.tasks().untilDone(() -> reports.execute(() -> apps.complete(future.join())));
    CompletableFuture<Void> unused = future.thenRun(tell);
    return apps;
  }

  /**
   * Returns a future for the names of connections that hold a socket which no task covers. It is
   * completed on the loop; see {@link #settledOnLoop()}.
   */
  public CompletableFuture<List<String>> findOpenAndNotCovered() {
    return reconciler.findOpenAndNotCovered();
  }

  /**
   * Returns a future for all that hold a socket, with the task that covers each. It is completed on
   * the loop; see {@link #settledOnLoop()}.
   */
  public CompletableFuture<List<String>> findOpen() {
    return reconciler.findOpen();
  }

  /**
   * Returns a future for what {@link #settled()} waits for, and why. It is completed on the loop;
   * see {@link #settledOnLoop()}.
   */
  public CompletableFuture<List<String>> findUnsettled() {
    return reconciler.findUnsettled();
  }

  // ------------------------------------------------------------------------------- the end

  /** Closes all connections for good, within the budget, and then everything else. */
  public void close() {
    directory.close();
    reconciler.app().stop();
    reconciler.endSoon();
  }

  /**
   * The loop has ended, as it should or by itself; then nothing works any more, and everything says
   * so here and now. Called on the loop's thread, as the last.
   *
   * @param failure what ended it; null if nothing did
   */
  public void loopEnded(@Nullable Throwable failure) {
    if (reconciler.loopEnded(failure)) {
      environment.callbacks().blocking().execute(reconciler.app()::stop);
    }
  }
}
