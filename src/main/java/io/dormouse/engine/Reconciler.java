package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.loop.Loop;
import io.dormouse.network.LookUps;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An event changes what is {@linkplain Wanted wanted}, and each connection for which that has
 * changed is told to wake or to sleep. Nothing else opens or closes a socket.
 *
 * <p>Loop only, except where a method says otherwise. No code of the app runs here: not its
 * callbacks, not its lifecycle, and no future that the app may have hung something on is completed
 * on the loop.
 */
final class Reconciler {
  /** How long one attempt holds its permit to connect. */
  private static final long PERMIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final CloseReason SUSPENDED = CloseReason.of(CloseReason.Kind.SUSPENDED);

  private final Environment environment;
  private final Loop loop;
  private final LoopTasks tasks;
  private final Directory directory;
  private final Wanted wanted;
  private final AppWatch app;
  private final Links links = new Links();

  /** Those that were registered and are not among the links yet. */
  private final Queue<Link> registered = new ConcurrentLinkedQueue<>();

  private final Observers observers = new Observers();
  private final Suspends suspends;
  private final Resumes resumes;
  private final ConnectLimiter connectLimiter;
  private final LookUps lookUps;
  private final Ending ending;

  /** Where the app is, as far as the loop has come. */
  private AppState knownState = AppState.UNKNOWN;

  /** What the app had said last when it was followed last; null before. */
  private AppWatch.@Nullable Place followed;

  private long foregroundSinceNanos;

  // Made beforehand: these must be done where there is no memory too.
  private final Runnable reconcileAll = this::reconcileAll;
  private final Runnable catchUp = this::catchUp;
  private final Consumer<Link> reconcile = this::reconcile;

  /**
   * Creates one that does not follow the app yet.
   *
   * @param onEnded runs on the loop when everything is closed, as the last
   */
  Reconciler(
      Environment environment,
      AppLifecycle lifecycle,
      Directory directory,
      Wanted wanted,
      Runnable onEnded) {
    this.environment = environment;
    this.loop = environment.loop();
    this.tasks = new LoopTasks(loop, this::lookAtAll);
    this.directory = directory;
    this.wanted = wanted;
    EngineSettings settings = environment.settings();
    this.app =
        new AppWatch(lifecycle, loop, settings.suspendBudget(), () -> tasks.executeSurely(catchUp));
    this.connectLimiter =
        new ConnectLimiter(
            loop,
            settings.maxConcurrentConnects(),
            PERMIT_NANOS,
            link -> isWantedNow(link.connection()));
    this.lookUps = new LookUps(loop, environment.network(), environment.callbacks().blocking());
    observers.add(new EventLog(settings.minUptime()));
    // Initializes classes while there is memory: one for which that fails is lost for good, and
    // then no retry policy can decide anything any more.
    RetryPolicy.Decision unused =
        RetryPolicy.standard().decide(RetryPolicy.Ended.of(SUSPENDED).withRandom(0));
    this.suspends = new Suspends(this, links, wanted, settings.suspendBudget());
    this.resumes = new Resumes(this, links);
    this.ending = new Ending(this, directory, links, wanted, suspends, resumes, onEnded);
  }

  /** Returns what the registry runs in. Any thread. */
  Environment environment() {
    return environment;
  }

  /** Returns the loop. Any thread. */
  Loop loop() {
    return loop;
  }

  /** Returns what hands tasks to the loop. Any thread. */
  LoopTasks tasks() {
    return tasks;
  }

  /** Returns what follows the app's lifecycle. Any thread. */
  AppWatch app() {
    return app;
  }

  /** Returns what is to be told of everything. It takes observers on any thread. */
  Observers observers() {
    return observers;
  }

  ConnectLimiter connectLimiter() {
    return connectLimiter;
  }

  /** Returns the look-ups that connections share. Any thread; they are for the loop only. */
  LookUps lookUps() {
    return lookUps;
  }

  // ---------------------------------------------------------------------------- what is wanted

  /** Returns whether the registry is closed, or the app has ended, at this moment. Any thread. */
  boolean isRegistryClosed() {
    return directory.isClosed() || app.state() == AppState.TERMINATED;
  }

  /**
   * Returns whether a connection is wanted at this very moment. Any thread. Whatever makes it so,
   * or no longer so, then hands a task to the loop, which comes to know of it a little later.
   */
  boolean isWantedNow(ManagedConnection connection) {
    return wanted.isWanted(connection, app.state());
  }

  /** The same, as far as the loop has come. */
  boolean isWanted(Link link) {
    return wanted.isWanted(link.connection(), knownState);
  }

  /** A connection is being registered. Any thread. */
  void addSoon(Link link) {
    registered.add(link);
    tasks.executeSurely(catchUp);
  }

  /** What is wanted has changed, maybe. Any thread. */
  void reconcileSoon() {
    tasks.executeSurely(reconcileAll);
  }

  /** It has for one connection. Any thread. */
  void reconcileSoon(Link link) {
    tasks.executeSurely(reconcile, link);
  }

  /** Tells each connection for which it has changed whether it is wanted. */
  private void reconcileAll() {
    for (Link link : links.byPriority()) {
      reconcile(link);
    }
    suspends.check();
  }

  private void reconcile(Link link) {
    if (!directory.contains(link.connection())) {
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

  /** Makes up for all that was not handed over, or left half done, for lack of memory. */
  private void lookAtAll() {
    catchUp();
    suspends.verifyAgain();
    reconcileAll();
    resumes.check();
  }

  /**
   * Takes note of what the app has done, though the task for that may be on its way still: what it
   * has registered, whether it has closed the registry, and where it is. In this order, so that
   * what was registered before a foreground belongs to its resume.
   */
  private void catchUp() {
    takeIn(reconcile);
    if (directory.isClosed()) {
      ending.begin();
    }
    follow();
  }

  /**
   * Takes in what was registered.
   *
   * @param then is done with each
   */
  void takeIn(Consumer<Link> then) {
    for (Link link = registered.peek(); link != null; link = registered.peek()) {
      links.add(link);
      registered.remove();
      then.accept(link);
    }
  }

  /** Returns when what begins to be closed now is cut off. */
  long budgetEndFromNow() {
    return suspends.hardCloseNanos(loop.nanoTime());
  }

  // ----------------------------------------------------------------------- suspend and resume

  /** Goes where the lifecycle is now; what it was in between does not matter any more. */
  private void follow() {
    AppWatch.Place place = app.place();
    boolean known = followed != null && followed.number() == place.number();
    if (known || ending.hasBegun()) {
      return;
    }
    followed = place;
    if (place.state() == AppState.TERMINATED) {
      ending.begin();
    } else if (place.state() != AppState.FOREGROUND) {
      suspend(place);
    } else {
      suspends.setSettling(place.settling());
      if (!place.settling() || !isForeground()) {
        resume();
      } else {
        reconcileAll(); // it may have been away and back since the last time
      }
    }
  }

  private void suspend(AppWatch.Place place) {
    boolean wasForeground = isForeground();
    knownState = place.state();
    if (wasForeground) {
      suspends.setSettling(false);
      resumes.callOff();
      Long since = place.leavingSinceNanos();
      putToSleep(since == null ? loop.nanoTime() : since, SUSPENDED);
    }
  }

  private void putToSleep(long startNanos, CloseReason reason) {
    observers.onSuspending();
    SuspendRound round = suspends.begin(startNanos, knownState);
    for (Link link : links.byPriority()) {
      // What the round waits for has to go, also if another thread has just started a task that
      // covers it: the look that comes with its start brings it back.
      if (!isWanted(link) || round.expects(link)) {
        link.on(new Event.Sleep(reason, round.hardCloseNanos()));
      }
    }
    suspends.verifyIfReady(round);
  }

  /** Comes back; also if it was never away, since a foreground is the time to try again at once. */
  private void resume() {
    boolean wasAway = !isForeground();
    knownState = AppState.FOREGROUND;
    foregroundSinceNanos = loop.nanoTime();
    observers.onResuming();
    resumes.begin(foregroundSinceNanos, wasAway);
    suspends.check();
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

  // ------------------------------------------------------------------ what becomes of the links

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
    suspends.verifyAgain();
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

  // ------------------------------------------------------------------------ who waits for what

  /**
   * Returns a future for when nothing is being closed any more. Any thread. It is completed on the
   * loop.
   */
  CompletableFuture<SuspendReport> settled() {
    return ask(suspends::await, suspends::latest);
  }

  /**
   * Returns a future for when the first attempt of each connection is over. Any thread. It is
   * completed on the loop.
   */
  CompletableFuture<ResumeReport> resumed() {
    return ask(resumes::await, resumes::latest);
  }

  /**
   * Returns a future for the connections that hold a socket which no task covers, each as "name
   * (STATE)". Any thread. It is completed on the loop.
   */
  CompletableFuture<List<String>> findOpenAndNotCovered() {
    return ask(future -> future.complete(openAndNotCovered()), ending::leftBehind);
  }

  /**
   * Returns a future for all connections that hold a socket, each as "name (STATE)", with the task
   * that covers it. Any thread. It is completed on the loop.
   */
  CompletableFuture<List<String>> findOpen() {
    return ask(future -> future.complete(open()), ending::leftBehind);
  }

  /** Returns a future for what is still being closed, and why. Any thread; as the one before. */
  CompletableFuture<List<String>> findUnsettled() {
    return ask(future -> future.complete(suspends.unsettled()), List::of);
  }

  private List<String> open() {
    List<String> found = new ArrayList<>(links.withSockets(link -> keeperOf(link) != null));
    for (LongRunningTask task : wanted.tasks()) {
      for (String kept : links.withSockets(link -> keeperOf(link) != task)) {
        found.add(kept + ", kept open by the task " + task.name());
      }
    }
    return found;
  }

  private @Nullable Lease keeperOf(Link link) {
    return wanted.keeperOf(link.connection());
  }

  /** The answer is of the state that the app had when it was asked for, or of the end. */
  private <R> CompletableFuture<R> ask(
      Consumer<CompletableFuture<R>> onLoop, Supplier<R> afterTheEnd) {
    CompletableFuture<R> future = new CompletableFuture<>();
    if (!tasks.executeUntilDone(
        () -> {
          catchUp();
          onLoop.accept(future);
        })) {
      future.complete(afterTheEnd.get());
    }
    return future;
  }

  List<String> openAndNotCovered() {
    return links.withSockets(link -> isWanted(link) && wanted.keeperOf(link.connection()) != null);
  }

  // ------------------------------------------------------------------------------- the end

  /** Begins the end; the directory is closed. Any thread. */
  void endSoon() {
    tasks.executeSurely(catchUp);
  }

  /**
   * The loop has ended.
   *
   * @param failure what ended it; null if nothing did
   * @return whether it came too early
   */
  boolean loopEnded(@Nullable Throwable failure) {
    return ending.loopEnded(failure);
  }
}
