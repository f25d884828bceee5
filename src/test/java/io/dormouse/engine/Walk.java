package io.dormouse.engine;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.lifecycle.AppState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One random walk of an engine: an app that does what it likes, and after each step a look whether
 * the promises hold. What peers and callbacks do is up to the kind of walk. The seed decides
 * everything.
 *
 * <p>The walk knows by itself what is wanted and how long a drain may last, from what it did. It
 * compares whenever the loop is idle: in between the engine has not been told yet.
 */
abstract class Walk {
  private static final int STEPS = 300;
  private static final int NAMES = 6;
  private static final long HARD_CLOSE = Rig.HARD_CLOSE.toNanos();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** Steps, of which the last are told when something is wrong. */
  private final Deque<String> steps = new ArrayDeque<>();

  final Random random;
  final Rig rig;
  final List<Walker> walkers = new ArrayList<>();
  private final List<Lease> leases = new ArrayList<>();
  private Walker witness; // one whose peer is always well

  private Long leftFront; // by the hooks; null while it is there

  // What the engine knows, at the last time the loop was idle.
  private boolean wasFront;
  private boolean wasInFront;
  private long frontSince;
  private int frontBegins;

  boolean ended;
  private final List<Settling> settlings = new ArrayList<>();
  private int drainsBegun;
  private final List<CompletableFuture<?>> futures = new ArrayList<>();

  /** A future of settled(), and when it is due unless something else begins to be closed. */
  private record Settling(CompletableFuture<SuspendReport> future, long due, int drainsBegun) {}

  Walk(Random random, Rig rig) {
    this.random = random;
    this.rig = rig;
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onStep(Step step) {
            walkers.stream()
                .filter(each -> each.connection.link().order() == step.order())
                .forEach(Walker::tookStep);
          }
        });
  }

  /** Begins with one connection that nothing bad happens to. */
  final void addWitness() {
    witness = register("witness", 100);
  }

  // ------------------------------------------------------------------- what a kind of walk plays

  /** Registers a connection. */
  abstract Walker newWalker(String name, int priority);

  /** Something happens to a connection. */
  abstract void playPeer(Walker walker);

  /** A connection's peer and callbacks change their ways. */
  abstract void changeBehavior(Walker walker);

  /** From now on everything works for everybody. */
  void behave() {
    walkers.forEach(Walker::behave);
  }

  /** Runs some of what waits elsewhere than on the loop. */
  void runSome() {
    switch (random.nextInt(5)) {
      case 0 -> rig.callbacks.runAny(random);
      case 1 -> rig.workers.runAny(random);
      case 2 -> rig.callbacks.runAll();
      case 3 -> rig.workers.runAll();
      default -> {
        note("run everything");
        rig.run();
      }
    }
  }

  /** How long a connection whose peer is up may take to open when the app comes to the front. */
  abstract Duration mostToOpen();

  /** How long the witness may take, with others before it. */
  abstract Duration mostForWitness();

  /** How long the witness may take to close in good order. */
  abstract Duration mostToClose();

  /** How many timers of the loop are no connection's, task's or limiter's. */
  int foreignTimers() {
    return 0;
  }

  /** Everything is well and open: what is sent now comes. */
  void exchange() {}

  /** More checks, at a moment at which the engine knows everything. */
  void lookMore(boolean front) {}

  // ------------------------------------------------------------------------------------- the run

  /** Returns every step that listeners heard of, as "FROM -> TO". */
  Set<String> stepsHeard() {
    Set<String> heard = new HashSet<>();
    for (Walker walker : walkers) {
      for (StateChange change : walker.log.changes()) {
        heard.add(change.from() + " -> " + change.to());
      }
    }
    return heard;
  }

  void run() {
    try {
      for (int i = 0; i < STEPS && !ended; i++) {
        step();
        look();
      }
      finish();
    } catch (Throwable e) {
      throw new AssertionError("after:\n  " + String.join("\n  ", steps), e);
    }
  }

  final void note(String step) {
    steps.add(step);
    if (steps.size() > 60) {
      steps.remove();
    }
  }

  // ------------------------------------------------------------------------------------ steps

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 12) {
      moveApp();
    } else if (dice < 30) {
      useConnection(anyWalker());
    } else if (dice < 36) {
      useTasks();
    } else if (dice < 56) {
      playPeer(anyWalker());
    } else if (dice < 64) {
      changeBehavior(anyWalker());
    } else if (dice < 76) {
      passTime();
    } else if (dice < 92) {
      runSome();
    } else if (dice < 94 && random.nextInt(4) == 0) {
      sleepAndWake();
    } else if (dice < 96 && random.nextInt(4) == 0) {
      comeBackWithPeersUp();
    } else if (dice == 99 && random.nextInt(20) == 0) {
      endAll();
    }
    noteDesired();
    if (random.nextInt(10) < 7) {
      rig.loop.run();
    }
  }

  private void moveApp() {
    switch (random.nextInt(3)) {
      case 0 -> {
        note("front");
        front();
      }
      case 1 -> {
        if (rig.app.now() == AppState.FOREGROUND) {
          note("settling");
          settling();
        }
      }
      default -> {
        note("back");
        back();
        if (random.nextBoolean()) {
          rig.loop.run();
          look();
          settlings.add(new Settling(rig.engine.settled(), now() + HARD_CLOSE, drainsBegun));
        }
      }
    }
  }

  private void settling() {
    rig.app.settling();
    leftFront = leftFront == null ? now() : leftFront;
  }

  private void front() {
    rig.app.front();
    leftFront = null;
    frontBegins++;
    noteDesired();
  }

  private void back() {
    boolean longDelay =
        rig.app.isSettling() && now() - leftFront > Rig.BUDGET.dividedBy(2).toNanos();
    rig.app.back();
    leftFront = leftFront == null || longDelay ? now() : leftFront;
    drainsBegun++;
    noteDesired();
  }

  /**
   * Until the engine hears of it all, it may act on any mix of what was so since it last knew
   * everything: it reads some of what the app wants at once, and is told of others in order.
   */
  final void noteDesired() {
    wasInFront |= isFront();
    for (Walker walker : walkers) {
      walker.noteDesired();
    }
  }

  private void useConnection(Walker walker) {
    ManagedConnection connection = walker.connection;
    switch (random.nextInt(9)) {
      case 0 -> {
        String name = "c" + random.nextInt(NAMES);
        if (rig.engine.find(name).isEmpty() && !ended) {
          note("register " + name);
          register(name, random.nextInt(3));
        }
      }
      case 1 -> {
        if (walker != witness && random.nextBoolean()) {
          note("close " + connection);
          close(walker);
        }
      }
      case 2 -> {
        if (walker != witness) {
          note("pause " + connection);
          pause(walker);
        }
      }
      case 3 -> {
        note("resume " + connection);
        walker.paused = false;
        connection.resume();
      }
      case 4 -> {
        note("retryNow " + connection);
        connection.retryNow();
      }
      case 5 -> {
        note("wait for " + connection + " and for the others");
        walker.waiting.add(connection.whenOpen());
        futures.add(rig.engine.resumed());
      }
      default -> {
        note("send " + connection);
        walker.sendSome();
      }
    }
  }

  final void close(Walker walker) {
    walker.closed = true;
    drainsBegun++;
    walker.connection.close();
  }

  final void pause(Walker walker) {
    walker.paused = true;
    drainsBegun++;
    walker.connection.pause();
  }

  private void useTasks() {
    if (leases.size() < 3 && random.nextBoolean()) {
      Walker any = anyWalker();
      Walker covered = random.nextInt(3) > 0 && !any.closed ? any : null;
      long limit = random.nextBoolean() ? 1L + random.nextInt(20) : -1;
      LongRunningTask task =
          rig.engine.startTask(
              "task",
              options -> {
                if (covered != null) {
                  options.covering(covered.connection);
                }
                if (limit > 0) {
                  options.atMost(Duration.ofSeconds(limit));
                }
              });
      note("start " + task + " covering " + task.covered() + " for " + limit + " s");
      leases.add(new Lease(task, covered, limit < 0 ? 0 : now() + limit * SECOND));
    } else if (!leases.isEmpty()) {
      Lease lease = leases.get(random.nextInt(leases.size()));
      note("end " + lease.task);
      drainsBegun++;
      if (random.nextBoolean()) {
        lease.task.close();
      } else {
        lease.task.revoke();
      }
      lease.endedAt = now();
    }
  }

  /** A task, what it covers (null for all), and when it ended. */
  private static final class Lease {
    final LongRunningTask task;
    final Walker covered;
    long endedAt;

    Lease(LongRunningTask task, Walker covered, long deadline) {
      this.task = task;
      this.covered = covered;
      this.endedAt = deadline;
    }

    boolean isLive() {
      return task.ending().isEmpty();
    }

    boolean covers(Walker walker) {
      return covered == null || covered == walker;
    }
  }

  private void passTime() {
    long nanos =
        switch (random.nextInt(6)) {
          case 0 -> 1 + random.nextInt(1_000);
          case 1, 2 -> Duration.ofMillis(1 + random.nextInt(500)).toNanos();
          case 3, 4 -> Duration.ofMillis(500 + random.nextInt(5_000)).toNanos();
          default -> Duration.ofSeconds(5 + random.nextInt(90)).toNanos();
        };
    rig.loop.run();
    look(); // the engine knows now what the walk did at this time
    note("pass " + Duration.ofNanos(nanos));
    rig.loop.advance(Duration.ofNanos(nanos));
    look();
  }

  // --------------------------------------------------------------------------- great promises

  /** Promises 1 to 4: to sleep within the budget whatever the peers do, and back with peers up. */
  private void sleepAndWake() {
    note("sleep and wake");
    front();
    rig.run();
    look();
    // A task that expires meanwhile begins another suspend, with a budget of its own.
    boolean alone = leases.stream().noneMatch(lease -> lease.isLive() && lease.endedAt != 0);
    back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.loop.run();
    look();
    rig.loop.advance(Rig.HARD_CLOSE);
    look();
    rig.run();
    look();
    if (alone) {
      checkAsleep(settled);
    }
    behave();
    if (alone && liveLeases() == 0) {
      front();
      rig.run();
      look();
      waitAndLook(mostToOpen());
      checkAllOpenAndExchange();
    }
  }

  private void checkAsleep(CompletableFuture<SuspendReport> settled) {
    if (!settled.isDone()) {
      throw new AssertionError("not settled within the budget");
    }
    SuspendReport report = settled.join();
    if (!report.withinBudget() || report.socketsLeft() != 0) {
      throw new AssertionError("a bad suspend: " + report);
    }
    for (Walker walker : walkers) {
      boolean kept = isWanted(walker) || walker.isLeavingByItself();
      walker.check(kept || walker.sockets() == 0, "a socket after the suspend");
    }
    boolean allGone = walkers.stream().noneMatch(Walker::isLeavingByItself);
    if (allGone && !rig.offenders().isEmpty()) {
      throw new AssertionError("offenders: " + rig.offenders());
    }
  }

  /** Promise 3 from wherever things are: within the time of what was under way, and not longer. */
  private void comeBackWithPeersUp() {
    note("come back with peers up");
    behave();
    waitAndLook(Duration.ofSeconds(2)); // until what they have said before has arrived
    settling();
    front();
    rig.run();
    look();
    waitAndLook(mostToOpen().plusSeconds(30));
    checkAllOpenAndExchange();
  }

  private void checkAllOpenAndExchange() {
    for (Walker walker : walkers) {
      boolean open = walker.connection.state() == ConnectionState.OPEN;
      walker.check(open || !isWanted(walker), "not open in the foreground with its peer up");
      walker.check(!open || areDone(walker.waiting), "open, but who waits for that is not told");
    }
    if (!areDone(futures)) {
      throw new AssertionError("all are open, but resumed() does not complete");
    }
    exchange();
    waitAndLook(Rig.MIN_UPTIME); // or what has happened till now counts against it
  }

  static boolean areDone(List<? extends CompletableFuture<?>> some) {
    return some.stream().allMatch(CompletableFuture::isDone);
  }

  final void waitAndLook(Duration time) {
    for (long seconds = time.toSeconds(); seconds > 0; seconds--) {
      rig.loop.advance(Duration.ofSeconds(1));
      look();
      rig.run();
      look();
    }
  }

  private void endAll() {
    rig.loop.run();
    look();
    ended = true;
    if (random.nextBoolean()) {
      note("terminate");
      rig.app.terminate();
    } else {
      note("close");
      rig.engine.close();
    }
  }

  /** Promise 10, and the outcome of every send. */
  private void finish() {
    if (!ended) {
      endAll();
    }
    rig.loop.run();
    rig.loop.advance(Rig.HARD_CLOSE);
    rig.run();
    if (!rig.loop.hasEnded()) {
      throw new AssertionError("the registry does not end");
    }
    rig.close();
    for (Settling settling : settlings) {
      if (!settling.future.isDone()) {
        throw new AssertionError("settled() never completed");
      }
    }
    if (!areDone(futures)) {
      throw new AssertionError("resumed() never completed");
    }
    walkers.forEach(Walker::checkAtTheEnd);
    for (Lease lease : leases) {
      if (lease.task.ending().isEmpty()) {
        throw new AssertionError("a task outlived the registry");
      }
    }
  }

  // ------------------------------------------------------------------------------ small promises

  final long now() {
    return rig.loop.nanoTime();
  }

  final boolean isWanted(Walker walker) {
    return !ended && !walker.closed && !walker.paused && (isFront() || isCovered(walker));
  }

  final boolean isFront() {
    return rig.app.now() == AppState.FOREGROUND;
  }

  final boolean isCovered(Walker walker) {
    for (Lease lease : leases) {
      if (lease.isLive() && lease.covers(walker)) {
        return true;
      }
    }
    return false;
  }

  final boolean wasInFront() {
    return wasInFront;
  }

  /** When the latest of the tasks that covered a connection ended; null if none did. */
  final Long latestEndOfATaskThatCovered(Walker walker) {
    Long latest = null;
    for (Lease lease : leases) {
      boolean ended = !lease.isLive() && lease.covers(walker);
      if (ended && (latest == null || lease.endedAt - latest > 0)) {
        latest = lease.endedAt;
      }
    }
    return latest;
  }

  final long liveLeases() {
    return leases.stream().filter(Lease::isLive).count();
  }

  /** Compares, if the engine knows all that was done. */
  final void look() {
    if (!rig.loop.thrown().isEmpty()) {
      throw new AssertionError("thrown on the loop", rig.loop.thrown().get(0));
    }
    if (!rig.complaints().isEmpty()) {
      throw new AssertionError(rig.complaints().toString());
    }
    if (ended || rig.loop.pendingTasks() > 0) {
      return;
    }
    boolean front = isFront();
    Long suspendedSince = null;
    if (!front && wasFront) {
      suspendedSince = leftFront;
    }
    if (front && (!wasFront || frontBegins > 0)) {
      frontSince = now();
    }
    frontBegins = 0;
    wasFront = front;
    boolean anyDraining = false;
    for (Walker walker : walkers) {
      walker.look(suspendedSince);
      anyDraining |= walker.connection.state() == ConnectionState.DRAINING;
    }
    wasInFront = front;
    for (Walker walker : walkers) {
      walker.forgetDesired();
    }
    lookAtTimers(front, anyDraining);
    lookAtPermits();
    lookAtWitness(front);
    lookAtSettlings();
    lookMore(front);
    leases.removeIf(lease -> !lease.isLive() && now() - lease.endedAt > 10 * SECOND);
  }

  /** Nothing polls: there are no timers but those of states, tasks and the connect limiter. */
  private void lookAtTimers(boolean front, boolean anyDraining) {
    int timers = rig.loop.pendingTimers() - foreignTimers();
    long limited = leases.stream().filter(lease -> lease.isLive() && lease.endedAt != 0).count();
    if (!front && liveLeases() == 0 && !anyDraining && timers > 0) {
      throw new AssertionError(timers + " timers in the background");
    }
    long most = limited + 1;
    for (Walker walker : walkers) {
      ConnectionState state = walker.connection.state();
      boolean still =
          state == ConnectionState.OPEN
              || state == ConnectionState.SUSPENDED
              || state == ConnectionState.FAILED
              || state == ConnectionState.CLOSED;
      most += still ? 0 : 1;
      most += state.mayHoldSocket() ? walker.timersOfWire() : 0;
    }
    if (timers > most) {
      throw new AssertionError(timers + " timers, of which at most " + most + " have a reason");
    }
  }

  /** Who waits for a permit waits for somebody who has it, or for its own app to catch up. */
  private void lookAtPermits() {
    int waiting = 0;
    int connecting = 0;
    for (Walker walker : walkers) {
      LinkState state = walker.connection.link().linkState();
      waiting += state instanceof LinkState.Queued && !walker.mayBeHeldBack() ? 1 : 0;
      boolean connects = state instanceof LinkState.Connecting;
      connecting += connects || state instanceof LinkState.Preparing ? 1 : 0;
    }
    int permits = rig.engine.environment().settings().maxConcurrentConnects();
    if (waiting > 0 && connecting < permits) {
      throw new AssertionError(waiting + " wait for a permit, and only " + connecting + " connect");
    }
  }

  /** Promise 8: one good connection among many bad ones. */
  private void lookAtWitness(boolean front) {
    ConnectionState state = witness.connection.state();
    boolean wanted = isWanted(witness);
    boolean waitedEnough = front && now() - frontSince > mostForWitness().toNanos();
    boolean closing =
        state == ConnectionState.DRAINING
            && witness.connection.snapshot().timeInState().compareTo(mostToClose()) < 0;
    if (!wanted && !closing && state != ConnectionState.SUSPENDED) {
      throw new AssertionError("the witness is not asleep but " + state);
    } else if (waitedEnough && state != ConnectionState.OPEN) {
      throw new AssertionError("the witness is not open but " + state);
    }
  }

  /** Promise 2: a suspend that nothing else joins settles within its budget. */
  private void lookAtSettlings() {
    if (rig.workers.size() > 0) {
      return; // its completion is on its way
    }
    settlings.removeIf(settling -> settling.future.isDone());
    for (Settling settling : settlings) {
      boolean alone = settling.drainsBegun == drainsBegun && liveLeases() == 0;
      if (alone && !rig.app.isSettling() && now() - settling.due >= 0) {
        throw new AssertionError("settled() does not complete");
      }
    }
  }

  // -------------------------------------------------------------------------------- connections

  private Walker register(String name, int priority) {
    Walker walker = newWalker(name, priority);
    walkers.add(walker);
    return walker;
  }

  final boolean isWitness(Walker walker) {
    return walker == witness;
  }

  private Walker anyWalker() {
    // Mostly one that is still of interest.
    Walker walker = walkers.get(random.nextInt(walkers.size()));
    for (int i = 0; i < 3 && walker.closed; i++) {
      walker = walkers.get(random.nextInt(walkers.size()));
    }
    return walker;
  }
}
