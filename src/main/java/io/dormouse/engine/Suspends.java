package io.dormouse.engine;

import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppState;
import io.dormouse.loop.Durations;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The suspends that are under way, who waits for them, and the latest report. Loop only, except for
 * what is marked otherwise.
 */
final class Suspends {
  /** How many connections a person is told of; of more than that only how many. */
  private static final int MOST_TOLD = 20;

  private final Reconciler reconciler;
  private final Links links;
  private final Wanted wanted;
  private final Duration budget;
  private final List<SuspendRound> rounds = new ArrayList<>();
  private final List<CompletableFuture<SuspendReport>> waiters = new ArrayList<>();

  /** Whether the app has left the front, and that is still held back. */
  private boolean settling;

  /** Made beforehand: what verifies must not be lost. */
  private final Consumer<SuspendRound> verify = this::verify;

  private volatile SuspendReport latest = Reports.NO_SUSPEND;

  Suspends(Reconciler reconciler, Links links, Wanted wanted, Duration budget) {
    this.reconciler = reconciler;
    this.links = links;
    this.wanted = wanted;
    this.budget = budget;
  }

  /** Returns the report of the latest suspend that is over. Any thread. */
  SuspendReport latest() {
    return latest;
  }

  /** Returns when what begins to be closed now is cut off, by the loop's clock. */
  long hardCloseNanos(long startNanos) {
    return new SuspendRound(startNanos, budget).hardCloseNanos();
  }

  // ------------------------------------------------------------------------------ the app's way

  /** Whether the app has left the front, and that is held back for a while. */
  void setSettling(boolean settling) {
    this.settling = settling;
  }

  /** Begins a suspend of all that are not wanted; they are told by the caller. */
  SuspendRound begin(long startNanos, AppState app) {
    SuspendRound round = new SuspendRound(startNanos, budget);
    long now = reconciler.loop().nanoTime();
    for (Link link : links.byPriority()) {
      Lease keeper = wanted.keeperOf(link.connection());
      ConnectionState state = link.linkState().state();
      if (keeper != null && wanted.isWanted(link.connection(), app)) {
        round.addKept(link, keeper.name(), now);
      } else if (state == ConnectionState.OPEN || state == ConnectionState.DRAINING) {
        round.expect(link);
      } else {
        round.add(link, Outcome.WAS_NOT_OPEN, now);
      }
    }
    rounds.add(round);
    return round;
  }

  // -------------------------------------------------------------------- what becomes of the links

  /** A connection came back before its close handshake had begun. */
  void onTurnedBack(Link link) {
    for (SuspendRound round : List.copyOf(rounds)) {
      if (round.expects(link)) {
        round.add(link, Outcome.STAYED_OPEN, reconciler.loop().nanoTime());
        verifyIfReady(round);
      }
    }
  }

  /** A generation ended. */
  void onSocketGone(Link link, Link.Drained drained) {
    for (SuspendRound round : List.copyOf(rounds)) {
      if (round.expects(link)) {
        round.addGone(link, drained, reconciler.loop().nanoTime());
        verifyIfReady(round);
      }
    }
  }

  /** In the next iteration of the loop, when what was closed has given its descriptor back. */
  void verifyIfReady(SuspendRound round) {
    if (round.isReadyToVerify()) {
      reconciler.tasks().executeSurely(verify, round);
    }
  }

  /** What a wire left open has gone, or there was no memory before. */
  void verifyAgain() {
    for (SuspendRound round : List.copyOf(rounds)) {
      if (round.isVerifying()) {
        verify(round);
      }
    }
  }

  /** It is over, unless a wire still closes what it holds, and the budget is not over. */
  private void verify(SuspendRound round) {
    long left = round.budgetEndNanos() - reconciler.loop().nanoTime();
    if (left <= 0 || !links.anyReleasing()) {
      finish(round);
    } else if (!round.hasTimer()) {
      round.endedBy(reconciler.loop().schedule(left, () -> finish(round)));
    }
  }

  /** The loop ends: what is under way is over. */
  void finishAll() {
    List.copyOf(rounds).forEach(this::finish);
    setSettling(false);
    check();
  }

  private void finish(SuspendRound round) {
    if (!rounds.contains(round)) {
      return;
    }
    int left = links.countSockets(link -> !isToBeAsleep(link) || isDraining(link));
    latest = round.report(left, reconciler.loop().nanoTime());
    rounds.remove(round);
    reconciler.onSuspended(latest);
    check();
  }

  /**
   * Whether it is not wanted, and has been told so. A task may have ended on another thread, of
   * which the loop hears next: what that had open is no offender yet.
   */
  private boolean isToBeAsleep(Link link) {
    return !reconciler.isWanted(link) && link.linkState().target() != LinkState.Target.OPEN;
  }

  private static boolean isDraining(Link link) {
    return link.linkState().state() == ConnectionState.DRAINING;
  }

  boolean isIdle() {
    return rounds.isEmpty();
  }

  // ------------------------------------------------------------------------------------- waiting

  /** Completes {@code waiter} when nothing is being closed any more, which may be now. */
  void await(CompletableFuture<SuspendReport> waiter) {
    waiters.add(waiter);
    check();
  }

  /** Returns what the waiters wait for, for a person. */
  List<String> unsettled() {
    List<String> reasons = allUnsettled();
    int untold = reasons.size() - MOST_TOLD;
    if (untold > 0) {
      reasons.subList(MOST_TOLD, reasons.size()).clear();
      reasons.add("and " + untold + " more");
    }
    return reasons;
  }

  private List<String> allUnsettled() {
    List<String> reasons = new ArrayList<>();
    if (settling) {
      reasons.add("the lifecycle has not said yet that the app is in the background");
    }
    for (Link link : links.all()) {
      LinkState linkState = link.linkState();
      String who = link.name() + " (" + linkState.state() + ")";
      if (linkState instanceof LinkState.Flushing flushing) {
        long queued = link.connection().queuedBytes();
        String what =
            queued > 0
                ? " finishes what was accepted, bytes queued: " + queued
                : " lets calls in flight finish, sockets open: " + link.openSockets();
        reasons.add(who + what + atMost(flushing.deadlineNanos()));
      } else if (linkState instanceof LinkState.Closing closing) {
        reasons.add(
            who + " waits for its peer to answer the close" + atMost(closing.deadlineNanos()));
      } else if (link.isReleasing()) {
        reasons.add(who + " still closes what its last generation held");
      }
    }
    if (reasons.isEmpty() && !isIdle()) {
      reasons.add("whether all is closed is still being checked");
    }
    return reasons;
  }

  /** How long that takes at most: what is left then is reset. */
  private String atMost(long deadlineNanos) {
    long left = Math.max(0, deadlineNanos - reconciler.loop().nanoTime());
    return ", for " + Durations.text(Duration.ofNanos(left)) + " more at most";
  }

  /** Completes the waiters if it is time. */
  void check() {
    if (!waiters.isEmpty() && !settling && isIdle() && !links.anyDraining()) {
      List<CompletableFuture<SuspendReport>> told = List.copyOf(waiters);
      waiters.clear();
      told.forEach(waiter -> waiter.complete(latest));
    }
  }
}
